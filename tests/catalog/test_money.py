"""Amounts: exact to the paisa, read strictly, written in one way."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.money import ZERO, Money, total

MOST = 10**14 - 1  # twelve digits of rupees, the longest amount that is read
amounts = st.integers(-MOST, MOST).map(Money)


@given(amounts)
def test_what_was_written_is_read_as_the_same_amount(amount):
    assert Money.parse(str(amount)) == amount


@given(amounts)
def test_an_amount_is_written_with_two_decimals_and_zero_has_no_sign(amount):
    text = str(amount)

    assert text != "-0.00"
    assert Decimal(text) * 100 == amount.paise
    assert len(text.partition(".")[2]) == 2


@pytest.mark.parametrize(
    ("text", "paise"),
    [
        ("499", 49900),
        ("499.5", 49950),
        ("499.00", 49900),
        ("0.01", 1),
        ("-0.01", -1),
        ("-0.00", 0),
        ("-0", 0),
        ("007", 700),
        ("1.230000", 123),
        ("999999999999.99", MOST),
    ],
)
def test_a_decimal_string_is_read(text, paise):
    assert Money.parse(text) == Money(paise)
    assert str(Money.parse(text)) != "-0.00"


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1\n", "1,000", "1e3", "1E+2", ".5", "5.", "+1", "--1", "NaN", "Infinity", "0x10", "१००", "₹1"],
)
def test_what_is_no_plain_decimal_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


@pytest.mark.parametrize("text", ["1.001", "0.005", "-0.009"])
def test_parts_of_a_paisa_are_refused_and_not_rounded(text):
    with pytest.raises(ValueError, match="finer than a paisa"):
        Money.parse(text)


@pytest.mark.parametrize("text", ["1000000000000", "0.0000001"])
def test_an_amount_of_more_digits_than_anybody_needs_is_refused(text):
    with pytest.raises(ValueError, match="not an amount"):
        Money.parse(text)


@given(amounts, amounts, st.integers(0, 1000))
def test_arithmetic_is_that_of_whole_paise(one, other, count):
    assert (one + other) - other == one
    assert one + -one == ZERO
    assert one * count == total([one] * count)
    assert (one < other) is (one.paise < other.paise)


def test_the_sum_of_no_amounts_is_zero():
    assert total([]) == ZERO == Money(0)


@pytest.mark.parametrize(
    ("paise", "factor", "expected"),
    [(1, "0.5", 1), (3, "0.5", 2), (1, "0.49", 0), (-1, "0.5", -1), (100, "0.333", 33), (100, "1", 100), (7, "0", 0)],
)
def test_a_factor_rounds_half_away_from_zero(paise, factor, expected):
    assert Money(paise).times(Decimal(factor)) == Money(expected)


@given(st.integers(0, MOST), st.integers(0, 10_000))
def test_a_percentage_is_never_more_than_half_a_paisa_off(paise, hundredths):
    rate = Decimal(hundredths) / 100
    share = Money(paise).percent(rate)

    assert abs(share.paise * 10_000 - paise * hundredths) <= 5_000
    assert ZERO <= share <= Money(paise)
