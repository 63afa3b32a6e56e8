"""The table of codes is the published one, with words for people in both languages."""

from __future__ import annotations

from typing import get_args

import pytest

from bpp.settlement.codes import CAUSES, CODES, Remedy, remedy_of
from bpp.settlement.model import Cause

PUBLISHED = {"503", *(str(code) for code in range(70000, 70031))}


def test_every_published_code_is_there_and_no_other():
    assert set(CODES) == PUBLISHED


@pytest.mark.parametrize("words", [*(one.words for one in CODES.values()), *CAUSES.values()], ids=lambda one: one.en)
def test_everything_has_words_in_english_and_hindi(words):
    assert words.en.endswith(".")
    assert words.hi.endswith("।")
    assert any("\u0900" <= letter <= "\u097f" for letter in words.hi)


def test_every_cause_of_a_difference_has_words():
    assert set(CAUSES) == set(get_args(Cause))


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("70021", Remedy.REFILE),
        ("70022", Remedy.RECONCILE),
        ("70023", Remedy.RECONCILE),
        ("70024", Remedy.RECONCILE),
        ("70003", Remedy.PEOPLE),
        ("01", Remedy.PEOPLE),
        ("", Remedy.PEOPLE),
    ],
)
def test_what_helps_against_a_code(code, remedy):
    assert remedy_of(code) is remedy
