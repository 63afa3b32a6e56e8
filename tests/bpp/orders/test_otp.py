"""The one-time password: derived, four digits, another one for each serial, visit, order and secret."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.otp import DIGITS, document_key, matches, next_serial, token

SECRET = b"a secret of the tests"
texts = st.text(alphabet=st.characters(exclude_characters="\n", exclude_categories=["Cs"]), max_size=40)


@given(st.binary(), texts, texts, st.integers(0, 10**6))
def test_a_token_is_four_decimal_digits_and_always_the_same(secret, ref, visit, serial):
    one = token(secret, ref, visit, serial)

    assert re.fullmatch(r"[0-9]{4}", one)
    assert len(one) == DIGITS
    assert one == token(secret, ref, visit, serial)


def test_tokens_use_the_whole_range_and_keep_their_leading_zeros():
    seen = Counter(token(SECRET, f"order-{n}", "F1", 1) for n in range(20_000))

    assert len(seen) > 8_000  # 10,000 x (1 - e^-2) = 8,647 are expected
    assert max(seen.values()) < 20
    assert any(one.startswith("00") for one in seen)


@pytest.mark.parametrize(
    "other",
    [
        lambda n: token(SECRET, f"order-{n}", "F1", 2),
        lambda n: token(SECRET, f"order-{n}", "F2", 1),
        lambda n: token(SECRET, f"order-{n + 1}", "F1", 1),
        lambda n: token(b"another secret", f"order-{n}", "F1", 1),
    ],
    ids=["serial", "visit", "order", "secret"],
)
def test_another_serial_visit_order_or_secret_has_the_same_token_only_by_chance(other):
    equal = sum(token(SECRET, f"order-{n}", "F1", 1) == other(n) for n in range(5_000))

    assert equal < 10  # one in ten thousand each: half a case is expected


def test_the_parts_of_a_token_do_not_run_into_each_other():
    pairs = [((f"{n}", "1"), (f"{n}1", "")) for n in range(2_000)]

    assert sum(token(SECRET, *one, 1) == token(SECRET, *other, 1) for one, other in pairs) < 10


@pytest.mark.parametrize(
    ("given_text", "right"),
    [
        ("0123", True),
        (" 0123\n", True),  # typed by hand
        ("123", False),
        ("01234", False),
        ("0124", False),
        ("", False),
        ("٠١٢٣", False),
        ("0123\x00", False),
    ],
)
def test_only_the_token_itself_matches(given_text, right):
    assert matches("0123", given_text) is right


def test_the_address_of_the_documents_is_unguessable_and_no_token():
    key = document_key(SECRET, "order-1")

    assert re.fullmatch(r"[0-9a-f]{32}", key)
    assert key == document_key(SECRET, "order-1")
    assert len({key, document_key(SECRET, "order-2"), document_key(b"another secret", "order-1")}) == 3


def test_the_next_serial_has_another_token_even_where_the_next_number_has_the_same():
    def same(serial):
        return token(SECRET, "R1", "F1", serial) == token(SECRET, "R1", "F1", serial + 1)

    twin = next(serial for serial in range(1, 10**6) if same(serial))

    assert next_serial(SECRET, "R1", "F1", twin) > twin + 1
    assert next_serial(SECRET, "R1", "F1", twin - 1) == twin
    for serial in range(200):
        assert token(SECRET, "R1", "F1", next_serial(SECRET, "R1", "F1", serial)) != token(SECRET, "R1", "F1", serial)
