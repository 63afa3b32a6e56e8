from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.domains.dialect import CANONICAL, ORDER_STATUSES, Dialect

HEX = Dialect(category_form="hex")


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SRV11-1009", "SRV11-1009"),
        ("SRV11-1010", "SRV11-100A"),
        ("SRV11-1011", "SRV11-100B"),
        ("SRV11-1030", "SRV11-101E"),
        ("SRV11-1016", "SRV11-1010"),
        ("SRV11-*", "SRV11-*"),
    ],
)
def test_a_category_is_spelled_in_the_peers_form_and_read_back(ours, theirs):
    assert HEX.spell_category(ours) == theirs
    assert HEX.read_category(theirs) == ours
    assert CANONICAL.spell_category(ours) == ours


@pytest.mark.parametrize("dialect", [CANONICAL, HEX])
def test_a_suffix_with_letters_is_hexadecimal_from_anybody(dialect):
    assert dialect.read_category("SRV11-101E") == "SRV11-1030"
    assert dialect.read_category(" srv11-101e ") == "SRV11-1030"


@pytest.mark.parametrize("code", ["RET10-1034", "", "fan", "SRV11-0ABC", "SRV11-FFFF", "SRV11-10"])
def test_what_is_no_category_code_stays_as_it_is(code):
    assert CANONICAL.read_category(code) == code
    assert HEX.spell_category(code) == code


def test_the_placeholder_of_an_example_is_the_wildcard():
    assert CANONICAL.read_category("SRV11-xxxx") == "SRV11-*"


@given(st.integers(min_value=1000, max_value=9999))
def test_spelling_and_reading_are_inverse_in_every_form(row):
    code = f"SRV10-{row}"
    assert HEX.read_category(HEX.spell_category(code)) == code
    assert LETTERS.read_category(LETTERS.spell_category(code)) == code
    assert CANONICAL.read_category(CANONICAL.spell_category(code)) == code


LETTERS = Dialect(hex_letters=True)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("SRV11-1030", "SRV11-101E"), ("SRV11-1010", "SRV11-100A"), ("SRV11-1016", "SRV11-1016"), ("SRV11-*", "SRV11-*")],
)
def test_letters_are_spelled_where_only_they_are_hexadecimal(ours, theirs):
    assert LETTERS.spell_category(ours) == theirs


def test_digits_alone_stay_decimal_where_only_letters_are_hexadecimal():
    assert LETTERS.read_category("SRV11-1010") == "SRV11-1010"
    assert HEX.read_category("SRV11-1010") == "SRV11-1016"


def test_every_status_has_both_spellings():
    title = Dialect(status_case="title")
    assert title.spell_status("IN-PROGRESS") == "In-progress"
    assert {title.spell_status(status).upper() for status in ORDER_STATUSES} == set(ORDER_STATUSES)


def test_a_status_that_does_not_exist_is_not_spelled():
    with pytest.raises(ValueError, match="not an order status"):
        CANONICAL.spell_status("ACTIVE")
