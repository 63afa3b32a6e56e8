"""Rate lists and the linter at the command line."""

from __future__ import annotations

import csv
import shutil

import pytest

from catalog.load import DEMO
from tests.support.seeded import seeded_sqlite

TAP = "सेवा,काम,दर\nप्लम्बर,नल टपक रहा,150\n"


@pytest.fixture
def sqlite_url(tmp_path):
    """A database that is seeded already."""
    return seeded_sqlite(tmp_path)


@pytest.fixture
def seeded(bpp):
    return bpp


def test_a_list_goes_out_and_comes_back_unchanged(seeded, tmp_path):
    for name, language in (("r.xlsx", "hi"), ("r.csv", "en")):
        file = str(tmp_path / name)
        assert seeded("catalog", "export", file, "--provider", "P-GOMTI", "--language", language).status == 0

        said = seeded("catalog", "import", file, "--provider", "P-GOMTI", "--json")

        assert said.status == 0
        assert set(said.json["counts"]) == {"unchanged"}


def test_a_dry_run_says_row_by_row_what_would_be_published_and_stores_nothing(seeded, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text(TAP)
    arguments = ("catalog", "import", str(file), "--provider", "P-GOMTI")

    dry = seeded(*arguments, "--dry-run")
    real = seeded(*arguments)
    again = seeded(*arguments)

    assert (dry.status, real.status, again.status) == (0, 0, 0)
    assert "SRV11-1047" in dry.out
    assert "1 new; 1 offerings would be stored" in dry.out
    assert "1 new; 1 offerings stored" in real.out
    assert "1 unchanged; 0 offerings stored" in again.out


def test_a_refused_row_ends_the_import_with_1_unless_the_rest_is_asked_for(seeded, tmp_path):
    file = tmp_path / "rates.csv"
    file.write_text(TAP + "प्लम्बर,यूनिकॉर्न,99\n")
    arguments = ("catalog", "import", str(file), "--provider", "P-GOMTI")

    refused = seeded(*arguments)
    taken = seeded(*arguments, "--skip-faulty")

    assert refused.status == 1
    assert "यूनिकॉर्न" in refused.err
    assert "0 offerings stored" in refused.err
    assert taken.status == 0
    assert "1 offerings stored" in taken.out


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("import", "{file}"), 2),
        (("import", "{file}", "--provider", "P-NOBODY"), 1),
        (("import", "{bad}", "--provider", "P-GOMTI"), 1),
        (("import", "nothing.csv", "--provider", "P-GOMTI"), 2),
        (("export", "rates.doc", "--provider", "P-GOMTI"), 2),
        (("export", "{out}", "--provider", "P-NOBODY"), 1),
        (("lint",), 2),
        (("lint", "{folder}", "--database"), 2),
        (("lint", "{folder}"), 1),
    ],
)
def test_what_cannot_be_done_is_said_and_leaves_nothing(seeded, tmp_path, arguments, status):
    places = {name: tmp_path / name for name in ("file", "bad", "out", "folder")}
    places["out"] = tmp_path / "out.csv"
    places["file"].write_text(TAP)
    places["bad"].write_text("a,b\n")
    places["folder"].mkdir()

    said = seeded("catalog", *(one.format(**places) for one in arguments))

    assert said.status == status
    assert said.err
    assert not places["out"].exists()


def test_the_columns_of_a_rate_list_are_described_in_both_languages(bpp):
    said = bpp("catalog", "schema", "--rate-list", "--json")

    found = {one["column"]: one for one in said.json["columns"]}
    assert (found["price"]["english"], found["price"]["hindi"]) == ("Rate", "दर")
    assert all(one["example"] and one["example_hindi"] and one["about_hindi"] for one in found.values())


def test_the_linter_finds_what_would_be_refused_in_a_folder_and_in_the_database(seeded, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(DEMO, folder)
    lines = (folder / "skills.csv").read_text().splitlines(keepends=True)
    (folder / "skills.csv").write_text("".join(line for line in lines if "SM-PLB" not in line))

    found = seeded("catalog", "lint", str(folder), "--provider", "P-GOMTI", "--json")
    clean = seeded("catalog", "lint", "--database", "--provider", "P-GOMTI")
    strict = seeded("catalog", "lint", "--database", "--provider", "P-AMIN", "--strict")

    assert found.status == 1
    assert {one["kind"] for one in found.json["findings"]} == {"no_worker"}
    assert clean.status == 0
    assert (strict.status, "SRV11-*" in strict.err) == (1, True)


def test_the_linter_finds_workers_who_cannot_sign_in_since_they_share_a_telephone(seeded, tmp_path):
    folder = tmp_path / "catalog"
    shutil.copytree(DEMO, folder)
    rows = list(csv.DictReader((folder / "workers.csv").read_text(encoding="utf-8").splitlines()))
    mine = [one for one in rows if one["provider_id"] == "P-GOMTI"]
    mine[1]["phone"] = f"+91 {mine[0]['phone']}"
    with (folder / "workers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)

    found = seeded("catalog", "lint", str(folder), "--provider", "P-GOMTI", "--json")

    (told,) = [one for one in found.json["findings"] if one["kind"] == "telephone_of_several"]
    assert told["text"].endswith(f"{mine[0]['id']}, {mine[1]['id']}")
    assert mine[0]["phone"] not in str(found.json)
