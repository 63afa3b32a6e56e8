"""A file that is followed: each good state comes into force, nothing else does, and trouble is told once."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import ClassVar

import pytest
from structlog.testing import capture_logs

from bpp.followed import FollowedFile


class TheirFile(type(Path())):  # type: ignore[misc]  # the class of this system's paths
    """A file that only its owner, somebody else, may read while it is ``REFUSED``. (The tests may run as root.)"""

    REFUSED: ClassVar[set[str]] = set()

    def read_bytes(self) -> bytes:
        if str(self) in self.REFUSED:
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        data: bytes = super().read_bytes()
        return data


def read(data: bytes) -> str:
    if data == b"bad":
        raise ValueError("bad")
    return data.decode()


@pytest.mark.parametrize("until_then", [None, "settings"])
def test_a_file_that_may_not_be_read_is_read_once_its_rights_are_mended(tmp_path, until_then):
    path = TheirFile(tmp_path / "file")
    if until_then is None:
        path.write_text("settings")
    followed = FollowedFile(path, read, name="a_file", until_then=until_then)

    TheirFile.REFUSED.add(str(path))
    path.write_text("new state")
    with capture_logs() as logs:
        assert [followed.state() for _ in range(3)] == ["settings"] * 3
    assert [(one["event"], one["problem"]) for one in logs] == [("file_unreadable", "Permission denied")]

    TheirFile.REFUSED.discard(str(path))  # as chown does: neither time nor size of the file tells
    assert followed.state() == "new state"


def test_until_there_is_a_file_nothing_is_told(tmp_path):
    with capture_logs() as logs:
        followed = FollowedFile(tmp_path / "file", read, name="a_file", until_then="settings")
        assert (followed.state(), followed.version()) == ("settings", 1)
    assert logs == []

    (tmp_path / "file").write_text("new state")
    assert (followed.state(), followed.version()) == ("new state", 2)


def test_what_is_not_accepted_or_has_vanished_leaves_the_last_good_state_and_is_told_once(tmp_path):
    path = tmp_path / "file"
    path.write_text("good")
    followed = FollowedFile(path, read, name="a_file")

    with capture_logs() as logs:
        path.write_text("bad")
        assert [followed.state(), followed.state()] == ["good"] * 2
        path.unlink()
        assert [followed.state(), followed.state()] == ["good"] * 2
    assert [one["event"] for one in logs] == ["file_refused", "file_unreadable"]
    assert followed.version() == 1
