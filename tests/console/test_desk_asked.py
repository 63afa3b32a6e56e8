"""What is typed into the box of the call desk is taken for what it is, however it is said."""

from __future__ import annotations

import pytest

from bpp.console.desk.asked import LOOK_UPS, Kind, asked
from bpp.orders.numbers import order_number

NUMBER = order_number("a seed")
DIGITS = NUMBER.replace("-", "")
WRONG = f"{(int(DIGITS[0]) % 9) + 1}{DIGITS[1:]}"
TRANSACTION = "8f6b1c9e-53f0-4d57-9a5e-0c2f0a1b2c3d"


@pytest.mark.parametrize(
    ("typed", "kind", "text", "pincode"),
    [
        ("", Kind.NOTHING, "", ""),
        ("   ", Kind.NOTHING, "", ""),
        (NUMBER, Kind.NUMBER, NUMBER, ""),
        (f" {NUMBER.replace('-', ' ')} ", Kind.NUMBER, NUMBER.replace("-", " "), ""),
        (WRONG, Kind.MISHEARD, WRONG, ""),
        ("98765 43210", Kind.PHONE, "98765 43210", ""),
        ("+91 98765-43210", Kind.PHONE, "+91 98765-43210", ""),
        ("९८७६५४३२१०", Kind.PHONE, "९८७६५४३२१०", ""),
        ("226010", Kind.PINCODE, "", "226010"),
        ("२२६ ०१०", Kind.PINCODE, "", "226010"),
        ("98765", Kind.CODE, "98765", ""),
        ("026010", Kind.CODE, "026010", ""),
        ("1234567890123456", Kind.CODE, "1234567890123456", ""),
        (TRANSACTION, Kind.CODE, TRANSACTION, ""),
        ("O-1", Kind.CODE, "O-1", ""),
        ("नल ठीक करना", Kind.WORDS, "नल ठीक करना", ""),
        ("nal theek karna 226010", Kind.WORDS, "nal theek karna", "226010"),
        ("226 010 नल  ठीक", Kind.WORDS, "नल ठीक", "226010"),
        ("नल ठीक २२६०१०", Kind.WORDS, "नल ठीक", "226010"),
        ("fan repair 12345678", Kind.WORDS, "fan repair 12345678", ""),
        ("2 bhk cleaning", Kind.WORDS, "2 bhk cleaning", ""),
    ],
)
def test_each_text_is_taken_for_what_it_is(typed, kind, text, pincode):
    found = asked(typed)

    assert (found.kind, found.text, found.pincode) == (kind, text, pincode)


@pytest.mark.parametrize(
    ("typed", "field", "pincode"),
    [
        ("nal theek", "226010", "226010"),
        ("nal theek 221001", "226010", "221001"),
        ("221001", "226010", "221001"),
        ("nal theek", "२२६ ०१०", "226010"),
        ("nal theek", "2260", ""),
        ("nal theek", "026010", ""),
        ("nal theek", "here", ""),
    ],
)
def test_a_pincode_in_the_box_counts_before_the_field_beside_it_and_half_a_one_not_at_all(typed, field, pincode):
    assert asked(typed, field).pincode == pincode


def test_only_words_and_ids_that_could_be_words_are_looked_for_among_services():
    assert [one for one in ("nal", "2bhk", "98765", NUMBER, "9876543210", "") if asked(one).by_words] == ["nal", "2bhk"]


def test_every_kind_says_by_what_orders_are_looked_for():
    assert set(LOOK_UPS) == set(Kind)
