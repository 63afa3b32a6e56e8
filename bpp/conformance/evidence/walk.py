"""The files of a folder: in a fixed order, bounded, without following links."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

LARGEST_FILE = 16 << 20
"""Bytes of a file that are read: a message that is longer passes no network."""
MOST_FILES = 20_000
"""Files that are looked at; ONDC's largest repositories of such folders hold about ten thousand messages."""
MOST_BYTES = 512 << 20
"""Bytes that are read in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of a folder is read."""

    file: int = LARGEST_FILE
    files: int = MOST_FILES
    total: int = MOST_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A file by its path under the folder; ``why_not`` says why it cannot be read, and is empty where it can."""

    path: PurePosixPath
    why_not: str = ""


def files_under(folder: Path, limits: Limits) -> Iterator[Seen]:
    """The files, by name; hidden ones and what lies in hidden folders are left out. Raises ``OSError``."""
    count = total = 0
    for root, folders, names in os.walk(folder, onerror=_refuse):
        links = sorted(one for one in folders if (Path(root) / one).is_symlink())
        folders[:] = sorted(one for one in folders if one not in links and not _hidden(one))
        for name in sorted([*names, *links]):
            if _hidden(name):
                continue
            path = Path(root) / name
            place = PurePosixPath(path.relative_to(folder).as_posix())
            count += 1
            if count > limits.files:
                yield Seen(path=place, why_not=f"it and all after it: the folder holds more than {limits.files} files")
                return
            status = path.lstat()
            why_not = _why_not(status, limits)
            total += 0 if why_not else status.st_size
            if total > limits.total:
                yield Seen(path=place, why_not=f"it and all after it: the folder holds more than {limits.total} bytes")
                return
            yield Seen(path=place, why_not=why_not)


def seen_file(path: Path, limits: Limits) -> Seen:
    """A file that was named itself, under its folder."""
    return Seen(path=PurePosixPath(path.name), why_not=_why_not(path.lstat(), limits))


def content(folder: Path, place: PurePosixPath, limit: int = LARGEST_FILE) -> bytes:
    """At most ``limit`` bytes of a file, which is no link even if it became one meanwhile. Raises ``OSError``."""
    handle = os.open(folder / place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    with os.fdopen(handle, "rb") as file:
        return file.read(limit)


def _why_not(status: os.stat_result, limits: Limits) -> str:
    if stat.S_ISLNK(status.st_mode):
        return "a link, which is not followed"
    if not stat.S_ISREG(status.st_mode):
        return "no regular file"
    return f"larger than {limits.file} bytes" if status.st_size > limits.file else ""


def _hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX"))


def _refuse(problem: OSError) -> None:
    raise problem
