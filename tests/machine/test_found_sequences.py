"""Sequences that once broke a promise, each as short as it was found: all promises are looked at after every step."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from bpp.core.command import Paid
from bpp.orders.states import Event, Stage
from tests.machine.buyer import DEALS
from tests.machine.seller import TTLS, quotation
from tests.machine.test_any_sequence import AnySequence

IN_ADVANCE, ON_SITE, AFTERWARDS = "PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"
FIVE_MINUTES, SIX_HOURS, NINE_DAYS = TTLS


@pytest.fixture
def town(template: Path) -> Iterator[AnySequence]:
    AnySequence.template = template
    machine = AnySequence()
    yield machine
    machine.teardown()


def booked(town: AnySequence, item: str = "TAP", kind: str = IN_ADVANCE, how: str = "paid", place: int = 8) -> str:
    town.book(0, (item, 1, place, kind, how, []))
    (order,) = town.before.orders.values()
    return order.ref


def quoted(town: AnySequence, ref: str, ttl: tuple[timedelta, str] = SIX_HOURS, minutes: int = 0) -> str:
    offer = quotation([(20_000, 1)], [], ttl, minutes, None)
    town.do(town.before.orders[ref], Event.REQUOTE, quotation=offer)
    return town.before.orders[ref].open_proposals[-1].id


@pytest.mark.parametrize("kind", [ON_SITE, AFTERWARDS])
def test_what_we_collect_is_not_paid_by_a_confirm_that_says_so(town: AnySequence, kind: str) -> None:
    ref = booked(town, kind=kind, how="paid")

    assert [one.status for one in town.before.orders[ref].payments] == ["NOT-PAID"]


def test_one_id_for_two_payments_of_a_confirm_is_not_taken(town: AnySequence) -> None:
    ref = booked(town, "PAINT", how="same id")

    payments = town.before.orders[ref].payments
    assert [(one.type, one.status) for one in payments] == [(IN_ADVANCE, "PAID"), (ON_SITE, "NOT-PAID")]
    assert len({one.id for one in payments}) == 2


def test_money_on_site_does_not_come_in_before_the_visit_is_over(town: AnySequence) -> None:
    ref = booked(town, kind=ON_SITE)
    order = town.before.orders[ref]
    paid = Paid(id=order.payments[0].id, type="", status="PAID", amount=None, transaction_id="CASH-1")

    town.do(order, Event.PAY, paid=(paid,))

    assert town.before.orders[ref].payments == order.payments


def test_a_confirm_once_more_while_a_quotation_waits_is_refused(town: AnySequence) -> None:
    quoted(town, booked(town))

    town.say_confirm(DEALS[0], "O1", "paid", "", 0, 0)

    assert [row.action for row, _ in town.town.callbacks(0)].count("on_confirm") == 1


def test_a_quotation_that_lapsed_is_closed_by_nobody_but_the_system(town: AnySequence) -> None:
    ref = booked(town)
    quoted(town, ref, FIVE_MINUTES)
    town.tick({"minutes": 6}, fire=False)

    town.answer_quote(0, yes=True, named="")

    assert [one.state for one in town.before.orders[ref].proposals] == ["expired"]


def test_a_timer_claimed_for_a_quotation_that_was_answered_does_not_end_the_timer_of_another(town: AnySequence) -> None:
    ref = booked(town)
    first = quoted(town, ref, FIVE_MINUTES)
    other = quoted(town, ref, NINE_DAYS)
    town.tick({"minutes": 6}, fire=False)
    town.claim_timers()
    town.do(town.before.orders[ref], Event.REJECT_QUOTE, proposal_id=first)

    town.fire_timers()

    assert [one.id for one in town.before.orders[ref].open_proposals] == [other]
    town.tick({"days": 10}, fire=True)
    assert town.before.orders[ref].open_proposals == ()


def test_a_quoted_visit_over_more_than_a_day_keeps_its_time_when_another_worker_goes(town: AnySequence) -> None:
    ref = booked(town, place=0)
    quoted(town, ref, minutes=800)
    town.answer_quote(0, yes=True, named="")
    town.go_on(0, 4)
    visit = town.before.orders[ref].visit
    assert visit.stage is Stage.ASSIGNED
    assert visit.assignee is not None

    town.assign(0, "W2" if visit.assignee.worker_id == "W1" else "W1")

    assert town.before.orders[ref].visit.assignee != visit.assignee


@pytest.mark.parametrize("worker", ["W1", "W2"])
def test_a_range_over_more_than_a_day_keeps_its_time_whoever_goes(town: AnySequence, worker: str) -> None:
    town.select(
        which=0,
        items=[("TAP", 1)],
        place=8,
        off=0,
        length=700,
        gps="26.846708,80.946159",
        kind=IN_ADVANCE,
        provider="",
        phone=True,
        savings=[],
        ahead=0,
    )
    town.init(0, None, None, 0)
    town.confirm(0, None, "paid", "", 0, 0)

    town.assign(0, worker)


def test_no_token_is_told_at_the_very_end_of_its_time(town: AnySequence) -> None:
    booked(town)
    town.tick({"microseconds": 400}, fire=False)
    town.go_on(0, 2)
    town.tick({"minutes": 4, "seconds": 59, "microseconds": 999_700}, fire=False)

    town.ask("status", 0, 0, 0)
