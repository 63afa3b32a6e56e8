"""Order numbers and telephone numbers as people say them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.orders.numbers import order_number, read_number
from bpp.orders.phones import normalised

seeds = st.text(max_size=40)


@given(seeds)
def test_a_number_is_nine_digits_in_three_groups_and_reads_back(seed):
    number = order_number(seed)

    assert [len(group) for group in number.split("-")] == [3, 3, 3]
    assert number[0] != "0"
    assert read_number(number) == number
    assert read_number(number.replace("-", "")) == number
    assert read_number(" ".join(number.replace("-", "").translate({48 + n: 0x966 + n for n in range(10)}))) == number


@settings(max_examples=30)
@given(seeds)
def test_a_wrong_digit_and_two_swapped_neighbours_are_always_found_out(seed):
    digits = order_number(seed).replace("-", "")
    for place in range(9):
        for wrong in "0123456789":
            if wrong != digits[place]:
                assert read_number(digits[:place] + wrong + digits[place + 1 :]) is None
    for place in range(8):
        if digits[place] != digits[place + 1]:
            assert read_number(digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]) is None


@pytest.mark.parametrize("text", ["", "O-1", "12345678", "1234567890", "12345678x", "१२३"])
def test_what_is_no_number_of_ours_is_none(text):
    assert read_number(text) is None


def test_numbers_of_many_orders_seldom_meet():
    assert len({order_number(str(seed)) for seed in range(5000)}) > 4990


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("9811122333", "9811122333"),
        ("+91 98111-22333", "9811122333"),
        ("+91 (0) 98111 22333", "9811122333"),
        ("00919811122333", "9811122333"),
        ("09811122333", "9811122333"),
        ("0522-2345678", "5222345678"),
        ("९८१११२२३३३", "9811122333"),
        ("155330", "155330"),
        ("+1 202 555 0100", "12025550100"),
        ("9111122333", "9111122333"),
        ("none", ""),
        ("", ""),
    ],
)
def test_a_telephone_number_has_one_form(written, kept):
    assert normalised(written) == kept


@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+91", "0", "91", "+91 ", "0091-"]))
def test_the_prefixes_of_india_make_no_difference(number, prefix):
    assert normalised(prefix + number) == number
    assert normalised(normalised(prefix + number)) == number
