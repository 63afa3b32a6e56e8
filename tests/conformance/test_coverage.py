"""Every requirement of the reference is proven by a check or listed with a reason, and the page says which."""

from __future__ import annotations

import re

from bpp.conformance.checklist import CHECKS
from tests.support.conformance_page import NOT_PROVEN, conformance_page, proofs
from tests.support.sources import ROOT

SOURCE = re.compile(
    r"assertion ([1-9]|[1-5][0-9]|60)|protocol [0-7](\.\d{1,2})?|security \d(\.\d{1,2})?|network \d(\.\d{1,2})?|ADR \d+|specification \S.*"
)


def test_every_requirement_is_proven_by_a_check_or_listed_with_a_reason() -> None:
    assert {one for one, checks in proofs().items() if not checks} - NOT_PROVEN.keys() == set()


def test_what_is_listed_as_not_proven_is_proven_by_nothing() -> None:
    assert {one for one, checks in proofs().items() if checks} & NOT_PROVEN.keys() == set()
    assert all(len(reason.split()) >= 3 for reason in NOT_PROVEN.values())


def test_sources_are_written_so_that_they_can_be_counted() -> None:
    assert {source for one in CHECKS for source in one.sources if not SOURCE.fullmatch(source)} == set()
    assert [one.name for one in CHECKS if not one.sources] == []


def test_a_requirement_is_a_sentence() -> None:
    assert [one.title for one in CHECKS if one.title.endswith(".") or len(one.title.split()) < 3] == []


def test_the_page_of_checks_is_what_the_tables_say() -> None:
    assert (ROOT / "docs" / "conformance.md").read_text(encoding="utf-8") == conformance_page()
