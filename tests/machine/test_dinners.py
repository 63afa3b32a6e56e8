"""A dinner made to a customer's choice, with offers taken off its price: all promises hold whatever becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from bpp.orders.model import Order
from bpp.orders.states import Actor, Event, Stage
from catalog.money import ZERO, Money, total
from tests.machine.seller import TTLS, quotation
from tests.machine.test_any_sequence import AnySequence

DINNER = "COOK AT NOON"
NOON, NEXT_NOON = 20, 29
"""Starts in two and in three days, of the nine of a day."""
FATES = ("quoted", "quoted as a visit", "moved", "refused")


@pytest.fixture
def town(template: Path) -> Iterator[AnySequence]:
    AnySequence.template = template
    machine = AnySequence()
    yield machine
    machine.teardown()


def dinner(town: AnySequence, kind: str, savings: list[str]) -> Order:
    """An order of a dinner at noon of a day to come."""
    town.book(0, (DINNER, 1, NOON, kind, "paid", savings))
    (order,) = town.before.orders.values()
    return order


def befall(town: AnySequence, ref: str, fate: str) -> None:
    """What may become of an order before anybody set off."""
    order = town.before.orders[ref]
    if fate == "moved":
        town.reschedule(which=0, place=NEXT_NOON, off=0, buyer=True, last=False)
        return
    minutes = 120 if fate == "quoted as a visit" else 0
    town.do(order, Event.REQUOTE, quotation=quotation([(33_333, 2)], [], TTLS[1], minutes, None))
    town.do(town.before.orders[ref], Event.REJECT_QUOTE if fate == "refused" else Event.ACCEPT_QUOTE)


def saved(order: Order) -> Money:
    return total(line.amount for line in order.quote.lines if line.kind == "discount")


@pytest.mark.parametrize("kind", ["PRE-FULFILLMENT", "ON-FULFILLMENT"])
@pytest.mark.parametrize(
    ("savings", "off"),
    [([], "-70.20"), (["ON-DEMAND"], "-150.01"), (["FREE-SALAD"], "-99.37"), (["FREE-SALAD", "ON-DEMAND"], "-183.34")],
    ids=["by itself", "on demand", "a salad", "both"],
)
def test_an_offer_is_taken_off_what_is_chosen(town: AnySequence, kind: str, savings: list[str], off: str) -> None:
    order = dinner(town, kind, savings)

    assert str(saved(order)) == off
    assert {one.item_id for one in order.items} == {"COOK", "DINER", "DAL", "SALAD"}


@pytest.mark.parametrize("savings", [[], ["FREE-SALAD", "ON-DEMAND"]], ids=["by itself", "on demand"])
@pytest.mark.parametrize("fates", list(permutations(FATES, 2)), ids=" then ".join)
@pytest.mark.parametrize("end", ["buyer", "seller", "done", "half"])
def test_choices_and_offers_stay_with_the_order_to_its_end(
    town: AnySequence, savings: list[str], fates: tuple[str, str], end: str
) -> None:
    booked = dinner(town, "PRE-FULFILLMENT", savings)
    for fate in fates:
        befall(town, booked.ref, fate)
    if end == "half":  # the dinner is made, what follows it is given up
        town.advance(booked.ref, 4)
    if end == "done":
        town.advance(booked.ref, 12)
    elif town.before.orders[booked.ref].visit.stage is not Stage.COMPLETED:
        actor = Actor.SELLER if end == "seller" else Actor.BUYER
        town.do(town.before.orders[booked.ref], Event.CANCEL, actor, reason="012")

    order = town.before.orders[booked.ref]
    assert saved(order) == saved(booked) < ZERO
    assert order.items[: len(booked.items)] == booked.items
    assert (order.cancellation is None) is all(one.stage is Stage.COMPLETED for one in order.fulfillments)
