"""Reasons: a code of the side's own table is told as it is; words are kept and told by a code."""

from __future__ import annotations

import pytest

from bpp.orders.reasons import CONFIRM_FAILED, IN_WORDS, NO_REASON, NOT_ANSWERED, REASONS, REJECTED, told


@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_a_code_of_ones_own_table_is_told_and_nothing_is_noted(side):
    codes = [code for by, code in REASONS if by == side]

    assert len(codes) >= 7
    assert [told(side, code) for code in codes] == [(code, "") for code in codes]


@pytest.mark.parametrize("text", ["worker fell ill", "कारीगर बीमार है", "0", "cancel", "998", ""])
@pytest.mark.parametrize("side", ["seller", "buyer"])
def test_anything_else_is_words(side, text):
    assert told(side, text) == (IN_WORDS[side], text)


def test_a_code_of_the_other_side_is_words():
    assert told("seller", "001") == (REJECTED, "001")
    assert told("buyer", "016") == (NO_REASON, "016")


def test_each_code_we_give_by_ourselves_stands_in_the_table():
    assert {("seller", REJECTED), ("seller", NOT_ANSWERED), ("buyer", NO_REASON)} <= REASONS.keys()
    assert ("system", CONFIRM_FAILED) in REASONS
    assert all(one.text for one in REASONS.values())
