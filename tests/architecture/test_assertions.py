"""Every black-box assertion of the protocol reference is cited by a flow test that shows it, or listed with a reason.

A citation is a comment of a test: the numbers, and after them the decisions and the named sources that it shows, too::

    # 41, decision 14
    # 27, 42; protocol 6

So a number that stands first in a citation is an assertion, and everything else is called by its name.
"""

from __future__ import annotations

import io
import re
import tokenize
from ast import AsyncFunctionDef, FunctionDef
from collections.abc import Iterator, Mapping

import pytest

from tests.support.sources import Source, python_sources

ASSERTIONS = range(1, 61)
LATER: Mapping[int, str] = {56: "grievances come later", 57: "settlement comes later"}

LISTED = re.compile(r"# \d{1,5}(?:[,;]|$)")
CITATION = re.compile(r"# (?P<numbers>\d{1,2}(?:, \d{1,2})*)(?:, decisions? \d+(?: and \d+)*)?(?:; [A-Za-z].*)?")


def comments(source: Source) -> dict[int, str]:
    """The comments of a file by their lines."""
    tokens = tokenize.generate_tokens(io.StringIO(source.text).readline)
    return {one.start[0]: one.string for one in tokens if one.type == tokenize.COMMENT}


def functions(source: Source) -> Iterator[tuple[str, range]]:
    """The test functions of a file with their lines: decorators and the comments just above them are theirs."""
    noted = comments(source)
    lines = source.text.splitlines()
    for node in source.tree.body:
        if isinstance(node, FunctionDef | AsyncFunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            while first - 1 in noted and lines[first - 2].startswith("#"):
                first -= 1
            yield node.name, range(first, (node.end_lineno or node.lineno) + 1)


def cited(source: Source) -> set[int]:
    """The numbers that the tests of a file cite."""
    noted = comments(source)
    found = [CITATION.fullmatch(noted[line]) for _, lines in functions(source) for line in lines if line in noted]
    return {int(number) for one in found if one for number in one["numbers"].split(", ")}


def misread(source: Source) -> list[str]:
    """Comments that begin like a list of numbers and are no citation of assertions."""
    return [
        f"{source.path}:{line} {text}"
        for line, text in comments(source).items()
        if LISTED.match(text)
        and not (
            (one := CITATION.fullmatch(text)) and all(int(part) in ASSERTIONS for part in one["numbers"].split(", "))
        )
    ]


FLOWS = python_sources("tests/flows")


def test_every_assertion_is_cited_by_a_flow_test_or_listed_with_a_reason() -> None:
    shown = {number for source in FLOWS for number in cited(source)}

    assert set(ASSERTIONS) - shown - LATER.keys() == set()


def test_what_is_listed_for_later_is_not_shown_yet() -> None:
    assert LATER.keys() & {number for source in FLOWS for number in cited(source)} == set()
    assert all(LATER.values())


def test_a_number_in_a_comment_of_a_flow_means_an_assertion() -> None:
    assert [one for source in FLOWS for one in misread(source)] == []


def written(text: str) -> Source:
    return Source(path="tests/flows/test_x.py", text=text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("# 8\n@decorated\nasync def test_a() -> None: ...\n", {8}),
        ("async def test_a() -> None:  # 36, 43\n    ...\n", {36, 43}),
        ("async def test_a(\n    one: int,\n) -> None:  # 4, decision 7\n    ...\n", {4}),
        ("def test_a() -> None:\n    found = 1  # 18; protocol 4, row 7\n", {18}),
        ("# 5, decisions 4 and 6\ndef test_a() -> None: ...\n", {5}),
        ("# decision 6\ndef test_a() -> None: ...\n", set()),
        ("# 299.00, at 0, 10 and 20 per cent\ndef test_a() -> None: ...\n", set()),
        ("# 8\n\n\ndef test_a() -> None: ...\n", set()),
        ("# 8\ndef helper() -> None: ...\n", set()),
        ('TEXT = "# 8"\n\n\ndef test_a() -> None: ...\n', set()),
    ],
)
def test_a_citation_is_a_list_of_numbers_at_a_test(text: str, numbers: set[int]) -> None:
    assert cited(written(text)) == numbers


@pytest.mark.parametrize("comment", ["# 27; 6", "# 40009, 12", "# 61", "# 0", "# 4, Decision", "# 42; 1.5", "# 3, 4,"])
def test_a_number_without_its_source_is_found(comment: str) -> None:
    assert misread(written(f"{comment}\n")) == [f"tests/flows/test_x.py:1 {comment}"]


@pytest.mark.parametrize(
    "comment", ["# 27; protocol 6", "# 29, decision 11", "# 60 + 2 x 45 minutes", "# 574.00: below"]
)
def test_a_named_source_and_a_number_of_something_else_are_left_alone(comment: str) -> None:
    assert misread(written(f"{comment}\n")) == []
