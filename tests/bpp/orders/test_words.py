"""Orders in words: every state and every step has both languages, and times are said as people say them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bpp.core.find import Lack
from bpp.orders.cancellation import Cancellation
from bpp.orders.states import BUYER, HOME_SERVICE, SYSTEM, Stage
from bpp.orders.words import (
    ANY_WORKER,
    CANCELLED_BY,
    NOTHING,
    PAYING,
    STATES,
    STEPS,
    WORKERS,
    Words,
    confirmation,
    priced,
    state,
    when,
    who,
)
from catalog.money import ZERO
from catalog.services import SERVICES
from tests.support.order_builders import an_order

DEVANAGARI = range(0x900, 0x980)


def test_every_stage_step_reason_and_payment_has_words():
    assert set(STATES) == set(Stage)
    assert set(STEPS) == {rule.event for rule in HOME_SERVICE if rule.actors not in (SYSTEM, BUYER)}
    assert set(NOTHING) == {one.value for one in Lack}
    assert set(WORKERS) <= set(SERVICES)
    assert set(PAYING) == {"PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"}


def test_each_text_is_in_its_own_language():
    for words in (*STATES.values(), *STEPS.values(), *NOTHING.values(), *WORKERS.values(), *CANCELLED_BY.values()):
        assert words.en.isascii()
        assert any(ord(one) in DEVANAGARI for one in words.hi), words


@pytest.mark.parametrize(
    ("moment", "en", "hi"),
    [
        (datetime(2026, 11, 23, 3, 30, tzinfo=UTC), "23 November, 9:00 am", "23 नवंबर, सुबह 9:00 बजे"),
        (datetime(2026, 11, 23, 6, 30, tzinfo=UTC), "23 November, 12:00 pm", "23 नवंबर, दोपहर 12:00 बजे"),
        (datetime(2026, 1, 31, 12, 15, tzinfo=UTC), "31 January, 5:45 pm", "31 जनवरी, शाम 5:45 बजे"),
        (datetime(2026, 5, 31, 19, 0, tzinfo=UTC), "1 June, 12:30 am", "1 जून, रात 12:30 बजे"),
        (datetime(2026, 3, 8, 16, 0, tzinfo=UTC), "8 March, 9:30 pm", "8 मार्च, रात 9:30 बजे"),
    ],
)
def test_a_moment_is_said_in_kolkata_as_people_say_it(moment, en, hi):
    assert when(moment) == Words(en, hi)


def test_who_comes_has_the_name_of_the_trade_and_of_none_where_several_come():
    item = an_order().items[0]

    assert who((replace(item, service_id="SM-PLB"),)).hi == "प्लंबर"
    assert who((replace(item, service_id="SM-DOG"),)) == ANY_WORKER
    assert who((replace(item, service_id="SM-PLB"), replace(item, service_id="SM-ELC"))) == ANY_WORKER


def test_an_order_that_waits_or_was_cancelled_says_so_whatever_its_visit():
    order = an_order()
    gone = Cancellation(cancelled_by="SELLER", reason="016", fee=ZERO)

    assert "accept" in state(replace(order, accepted=False)).en
    assert state(replace(order, cancellation=gone)) == CANCELLED_BY["SELLER"]


def test_what_is_paid_already_is_not_asked_for_again_and_nothing_due_is_said():
    order = an_order()
    (payment,) = order.payments

    assert "paid" in confirmation(replace(order, payments=(replace(payment, status="PAID"),)), "155330", {}).en
    assert "nothing to pay" in confirmation(replace(order, payments=(replace(payment, amount=ZERO),)), "155330", {}).en


def test_a_name_that_is_known_in_hindi_is_said_so_and_any_other_as_it_is():
    order = an_order()
    (item,) = order.items
    order = replace(order, items=(replace(item, name="Fan", count=2), replace(item, name="Tap", count=1)))
    seller = order.seller.name

    said = confirmation(order, "155330", {"Fan": "पंखा", seller: "गोमती"})

    assert f"Fan x 2, Tap, by {seller}," in said.en
    assert "पंखा x 2, Tap, गोमती की ओर से" in said.hi
    assert priced(order.items, seller, ZERO, {}).hi.startswith(f"Fan x 2, Tap, {seller} की ओर से")
