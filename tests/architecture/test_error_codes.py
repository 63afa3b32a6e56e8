"""Every published code that a seller app may send is sent by us and asserted by a test, or is listed with a reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

import pytest

from beckn_schemas.ack import NOT_SENT
from bpp.inbound.error_table import error_classes
from tests.support.error_codes import SELLERS, codes_page
from tests.support.sources import ROOT, Source, python_sources

OVER_THE_WIRE = "tests/flows/"
SPOKEN_BY_OTHERS = {"nacked", "nack"}
SENT = sorted({one.code for one in error_classes()})


def asserted(source: Source) -> set[str]:
    """The texts that a test file expects: not those it denies, nor those it has a peer say."""
    tree = source.tree
    ignored: set[int] = set()
    for node in ast.walk(tree):
        denied = isinstance(node, ast.Compare) and all(isinstance(op, ast.NotEq | ast.NotIn) for op in node.ops)
        said = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in SPOKEN_BY_OTHERS
        if denied or said:
            ignored |= {id(inner) for inner in ast.walk(node)}
    return set(_texts(tree, ignored))


@cache
def expected_over_the_wire() -> frozenset[str]:
    """Every text that a flow test expects."""
    tests = [one for one in python_sources("tests") if one.path.startswith(OVER_THE_WIRE)]
    return frozenset().union(*map(asserted, tests))


def _texts(tree: ast.AST, ignored: set[int]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in ignored:
            yield node.value


def test_every_code_of_a_seller_app_is_either_sent_or_listed_with_a_reason() -> None:
    assert sorted([*SENT, *NOT_SENT]) == sorted(SELLERS)


@pytest.mark.parametrize("code", NOT_SENT)
def test_a_code_that_is_never_sent_has_a_reason_in_words(code: str) -> None:
    assert len(NOT_SENT[code].split()) >= 5


@pytest.mark.parametrize("code", SENT)
def test_a_code_that_is_sent_is_asserted_by_a_test_over_the_wire(code: str) -> None:
    assert code in expected_over_the_wire()


def test_the_page_of_error_codes_is_what_the_tables_say() -> None:
    assert (ROOT / "docs" / "error-codes.md").read_text(encoding="utf-8") == codes_page()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('assert refused.error_code == "30002"', True),
        ('ROWS = [("select", "30002")]', True),
        ('assert refused.error_code != "30002"', False),
        ('buyer.script("on_status", nacked("30002"))', False),
    ],
)
def test_a_code_counts_as_asserted_only_where_it_is_expected_of_us(text: str, found: bool) -> None:
    assert ("30002" in asserted(Source(path="tests/flows/test_sample.py", text=text))) is found
