"""`docs/contradictions.md` has a row for each contradiction, and each row names what shows our reading."""

from __future__ import annotations

import ast
import re

import pytest

from tests.support.sources import ROOT, python_sources

PAGE = ROOT / "docs" / "contradictions.md"
ROW = re.compile(
    r"^\| (?P<number>\d+) \| (?P<what>[^|]+) \| (?P<reading>[^|]+) \| `(?P<shown>[^`|]+)` \|$", re.MULTILINE
)


def rows(text: str) -> list[re.Match[str]]:
    """The rows of the table that are in form."""
    return list(ROW.finditer(text))


def missing(shown: list[str], tests: set[str], records: set[str]) -> list[str]:
    """What is named and is neither a test nor a record of a decision."""
    return [one for one in shown if one not in tests | records]


def names_of_tests() -> set[str]:
    """Every test function of the repository."""
    return {
        node.name
        for source in python_sources("tests")
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    }


def test_the_table_has_the_forty_contradictions_in_order() -> None:
    assert [int(one["number"]) for one in rows(PAGE.read_text(encoding="utf-8"))] == list(range(1, 41))


def test_each_reading_is_shown_by_a_test_or_a_record_that_exists() -> None:
    shown = [one["shown"] for one in rows(PAGE.read_text(encoding="utf-8"))]
    records = {path.relative_to(ROOT).as_posix() for path in (ROOT / "docs" / "adr").glob("*.md")}

    assert missing(shown, names_of_tests(), records) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("| 1 | a | b | `test_x` |", ["test_x"]),
        ("| 1 | a | b | `docs/adr/0001-x.md` |", ["docs/adr/0001-x.md"]),
        ("| 1 | a | b | test_x |", []),
        ("| 1 | a | b | |", []),
    ],
)
def test_a_row_counts_only_where_it_names_what_shows_it(text: str, found: list[str]) -> None:
    assert [one["shown"] for one in rows(text)] == found


def test_a_name_that_nothing_bears_is_found() -> None:
    assert missing(["test_a", "test_b", "docs/adr/1.md"], {"test_a"}, {"docs/adr/1.md"}) == ["test_b"]
