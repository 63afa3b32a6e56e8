"""Records of decisions: numbered without gaps or doubles, dated, and in one form."""

from __future__ import annotations

import re

import pytest

from tests.support.sources import ROOT

NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
TITLE = re.compile(r"# (\d{4})\. \S.*")
DATE = re.compile(r"^Date: \d{4}-\d{2}-\d{2}$", re.MULTILINE)
STATUS = re.compile(r"^Status: (?:proposed|accepted|superseded by \d{4})$", re.MULTILINE)
SECTIONS = ["Context", "Decision", "Consequences"]

FOLDER = ROOT / "docs" / "adr"


def misnumbered(names: list[str]) -> list[str]:
    """Names out of form, and numbers that occur twice or leave a gap."""
    matches = {name: NAME.fullmatch(name) for name in names}
    problems = [f"{name}: expected NNNN-words.md" for name, match in matches.items() if match is None]
    numbers = sorted(int(match[1]) for match in matches.values() if match)
    if numbers != list(range(1, len(numbers) + 1)):
        problems.append(f"numbers {numbers}: expected each of 1 to {len(numbers)} once")
    return problems


def malformed(name: str, text: str) -> list[str]:
    """What a record lacks: its number in the title, date, status, the three sections in order."""
    title = TITLE.match(text)
    problems = [] if title and name.startswith(title[1]) else ["title"]
    problems += [what for what, form in (("date", DATE), ("status", STATUS)) if not form.search(text)]
    if re.findall(r"^## (.+)$", text, re.MULTILINE) != SECTIONS:
        problems.append("sections")
    return problems


def test_records_are_numbered_once_and_without_gaps():
    names = [path.name for path in FOLDER.iterdir()]

    assert len(names) >= 7
    assert misnumbered(names) == []


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.md")))
def test_a_record_has_the_common_form(name):
    assert malformed(name, (FOLDER / name).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "names",
    [["0001-a.md", "0001-b.md"], ["0001-a.md", "0003-b.md"], ["0002-a.md"], ["0001-a.md", "notes.md"], ["1-a.md"]],
)
def test_a_double_number_a_gap_and_a_stray_file_are_found(names):
    assert misnumbered(names)


GOOD = "# 0001. A choice\n\nDate: 2026-11-21\nStatus: accepted\n\n## Context\n\n## Decision\n\n## Consequences\n"


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        (GOOD, []),
        (GOOD.replace("0001", "0002"), ["title"]),
        (GOOD.replace("2026-11-21", "today"), ["date"]),
        (GOOD.replace("accepted", "maybe"), ["status"]),
        (GOOD.replace("## Decision\n", ""), ["sections"]),
        (GOOD.replace("accepted", "superseded by 0004"), []),
    ],
)
def test_a_record_out_of_form_is_found(text, problems):
    assert malformed("0001-a-choice.md", text) == problems
