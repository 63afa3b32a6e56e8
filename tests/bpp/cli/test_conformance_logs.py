"""``bpp conformance --logs``: a folder of recorded messages is judged from the command line."""

from __future__ import annotations

from bpp.conformance.evidence.walk import LARGEST_FILE
from bpp.conformance.evidence.write import write_evidence
from bpp.sandbox.identities import BUYER, write_registry
from tests.conformance.evidence_samples import booking


def test_a_sealed_folder_is_judged_and_a_file_too_many_is_told(bpp, tmp_path):
    registry = tmp_path / "registry.json"
    write_registry(registry)
    entity = write_evidence(tmp_path / "evidence", "seller.example", [booking("service_completion")], BUYER)

    untouched = bpp("conformance", "--logs", str(tmp_path / "evidence"), "--registry", str(registry))
    (entity / "more.json").write_text("{}")
    touched = bpp("conformance", "--logs", str(tmp_path / "evidence"), "--registry", str(registry))

    assert "evidence_" not in untouched.out
    assert "evidence_complete" in touched.out
    assert touched.status == 1


def test_a_folder_or_file_without_messages_proves_nothing(bpp, tmp_path):
    (tmp_path / "notes.txt").write_text("nothing was said")

    for place in (tmp_path, tmp_path / "notes.txt"):
        said = bpp("conformance", "--logs", str(place))
        assert (said.status, said.out) == (2, "")
        assert f"no message was found in {place}" in said.err


def test_a_file_that_is_too_long_is_not_read_in_part(bpp, tmp_path):
    with (tmp_path / "log.json").open("wb") as file:
        file.truncate(LARGEST_FILE + 1)
    (tmp_path / "link.json").symlink_to("log.json")

    for name in ("log.json", "link.json"):
        said = bpp("conformance", "--logs", str(tmp_path / name))
        assert (said.status, said.out) == (2, "")
        assert "not read: log.json: larger than 16777216 bytes" in said.err


def test_what_says_how_to_play_makes_no_sense_where_nothing_is_played(bpp, tmp_path):
    for more in (("--flows", "core"), ("--plan", "p.toml"), ("--evidence", "e"), ("--target", "http://127.0.0.1:9")):
        said = bpp("conformance", "--logs", str(tmp_path), *more)

        assert said.status == 2
        assert "--logs plays nothing" in said.err


def test_a_folder_that_is_not_there_and_a_registry_that_is_none_are_misuse(bpp, tmp_path):
    (tmp_path / "registry.json").write_text("[{}]")

    assert bpp("conformance", "--logs", str(tmp_path / "nowhere")).status == 2
    assert bpp("conformance", "--logs", str(tmp_path), "--registry", str(tmp_path / "registry.json")).status == 2


def test_a_broken_file_is_told_with_its_line_and_column(bpp, tmp_path):
    (tmp_path / "on_select.json").write_text('{"context": {"action": "on_select"},\n "message": {')

    said = bpp("conformance", "--logs", str(tmp_path))

    assert "readable_json" in said.out
    assert "on_select.json line 2 column 14" in said.out
    assert said.status == 1
