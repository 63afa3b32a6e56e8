"""What is said of payments, and what of it counts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpp.core.command import Paid
from bpp.core.pay import claimed, matched
from bpp.errors import OrderInvalid
from bpp.orders.model import Payment
from catalog.money import Money

ADVANCE = Payment(id="P1", type="PRE-FULFILLMENT", collected_by="BAP", amount=Money.parse("500.00"), status="NOT-PAID")
ON_SITE = replace(ADVANCE, id="P2", type="ON-FULFILLMENT", collected_by="BPP", amount=Money.parse("1000.00"))
OURS = replace(ADVANCE, id="P3", collected_by="BPP")
"""In advance, too, but by a link of ours."""


def said(payment_id: str = "P1", **changes) -> Paid:
    paid = Paid(id=payment_id, type="", status="PAID", amount=None, transaction_id="UPI-1")
    return replace(paid, **changes)


@pytest.mark.parametrize(
    ("ids", "expected"),
    [
        (["P1", "P2"], [0, 1]),
        (["P2", "P1"], [1, 0]),
        (["P2"], [None, 0]),
        (["theirs-1", "theirs-2"], [0, 1]),  # as many as there are: by place
        (["P1", "theirs-2"], [0, 1]),
        (["theirs-1", "P1"], [1, None]),  # the second place is taken by the first's own id
        (["theirs-1"], [None, None]),
        (["theirs-1", "theirs-2", "theirs-3"], [None, None]),
        (["", ""], [0, 1]),
        ([], [None, None]),
    ],
)
def test_a_payment_is_found_by_its_id_else_by_its_place_among_as_many(ids, expected):
    told = [said(one) for one in ids]

    found = matched((ADVANCE, ON_SITE), told)

    assert [index if word is not None else None for index, word in found] == expected
    assert [word for _, word in found] == [None if index is None else told[index] for index in expected]


def test_the_index_of_a_payment_nobody_spoke_of_is_its_own():
    assert matched((ADVANCE, ON_SITE), [said("P2")])[0] == (0, None)


def test_what_the_buyer_app_collects_is_paid_by_its_word():
    assert claimed((ADVANCE, ON_SITE), [said("P1")]) == (
        replace(ADVANCE, status="PAID", transaction_id="UPI-1"),
        ON_SITE,
    )


@pytest.mark.parametrize("other", [ON_SITE, OURS])
def test_what_we_or_the_worker_collect_is_not_paid_by_the_buyer_apps_word(other):
    assert claimed((other,), [said(other.id)]) == (other,)


def test_what_is_paid_stays_as_it_was_told_first():
    paid = replace(ADVANCE, status="PAID", transaction_id="UPI-0")

    assert claimed((paid,), [said(transaction_id="UPI-9")]) == (paid,)
    assert claimed((paid,), [said(status="NOT-PAID", transaction_id="")]) == (paid,)


@pytest.mark.parametrize("told", [[], [said(status="NOT-PAID", transaction_id="")], [said("theirs"), said("others")]])
def test_what_nobody_says_is_paid_is_not(told):
    assert claimed((ADVANCE,), told) == (ADVANCE,)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"transaction_id": ""}, "message.order.payments[1].params.transaction_id"),
        ({"amount": Money.parse("499.99")}, "message.order.payments[1].params.amount"),
        ({"type": "ON-FULFILLMENT"}, "message.order.payments[1].type"),
    ],
)
def test_a_contradiction_is_refused_at_the_place_where_it_stands(changes, path):
    with pytest.raises(OrderInvalid) as refused:
        claimed((ADVANCE, ON_SITE), [said("P2", status="NOT-PAID"), said("P1", **changes)])

    assert refused.value.path == path


def test_the_same_amount_and_type_said_again_are_no_contradiction():
    told = said(amount=Money.parse("500.00"), type="PRE-FULFILLMENT")

    assert claimed((ADVANCE,), [told])[0].status == "PAID"
