"""No sequence of events breaks a promise: buyers, providers, workers, timers and deliveries in any order.

A machine of hypothesis runs the real code on a real database. ``BPP_MACHINE_EXAMPLES`` and ``BPP_MACHINE_STEPS`` make
the run longer and, with ``BPP_MACHINE_SEED``, another one each time.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test

from bpp.core.command import Paid
from bpp.orders.states import Actor, Event, Stage
from bpp.storage.ports import CallbackState
from tests.machine.buyer import (
    DEALS,
    DINNERS,
    ELSEWHERE,
    HERE,
    NEAR,
    PAYING,
    SAVINGS,
    Deal,
    confirmation,
    initialisation,
    selection,
    start_after,
    stop,
    wanted,
    words_of,
)
from tests.machine.seller import TTLS, quotation
from tests.machine.watched import Watched, all_done, at_the_door, has_orders, has_quotations

ITEMS = st.sampled_from(("TAP", "TAP", "PAINT", "CLEAN", "DEEP", "FIT", "WIRE", *DINNERS))
SAVED = st.lists(st.sampled_from(SAVINGS), max_size=2, unique=True)
KINDS = st.sampled_from(("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"))
ASKED = KINDS | st.just("PRE-FULFILLMENT by BPP")
WHICH = st.integers(0, len(DEALS) - 1)
PLACES = st.integers(0, 12)
AHEAD = st.sampled_from((0, 0, 0, -20, 30, 55))
TICKS = st.sampled_from(
    (
        {"microseconds": 300},
        {"milliseconds": 1},
        {"seconds": 1},
        {"seconds": 26},
        {"minutes": 3},
        {"minutes": 6},
        {"minutes": 11},
        {"minutes": 31},
        {"hours": 1},
        {"hours": 5},
        {"days": 1},
        {"days": 8},
    )
)
NEXT = {
    Stage.PENDING: Event.ASSIGN,
    Stage.ASSIGNED: Event.DEPART,
    Stage.EN_ROUTE: Event.ARRIVE,
    Stage.ARRIVED: Event.START,
    Stage.STARTED: Event.COMPLETE,
}
STRANGER = st.sampled_from((0, 0, 0, 0, 1, 2))
BOOKINGS = st.tuples(
    ITEMS, st.integers(1, 3), PLACES, ASKED, st.sampled_from(("paid", "unpaid", "first paid", "same id")), SAVED
)
Booking = tuple[str, int, int, str, str, list[str]]


class AnySequence(Watched):
    """Anybody does anything, in any order; after each step every promise holds."""

    # Buyers.

    @initialize(bookings=st.lists(BOOKINGS, min_size=1, max_size=3))
    def first_bookings(self, bookings: list[Booking]) -> None:
        for booking in bookings:
            self.book(0, booking)

    @rule(which=WHICH, booking=BOOKINGS)
    def book(self, which: int, booking: Booking) -> None:
        """A whole booking, as far as it goes."""
        deal = self.free(which)
        name, count, place, kind, how, savings = booking
        where = stop(HERE, start_after(self.town.clock(), place))
        self.say("select", deal, {"order": selection(wanted(name, count), where, kind, savings=savings)})
        self.say_init(deal, kind, None, 0)
        self.say_confirm(deal, deal.order_id, how, "", 0, 0)

    @rule(
        which=WHICH,
        items=st.lists(st.tuples(ITEMS, st.sampled_from((1, 1, 2, 3, 12, 1000))), min_size=1, max_size=3),
        place=PLACES,
        off=st.sampled_from((0, 0, 0, 15, -120, 30, 600_000)),
        length=st.sampled_from((60, 60, 45, 180, 700, 2000)),
        gps=st.sampled_from((HERE, NEAR, ELSEWHERE)),
        kind=ASKED,
        provider=st.sampled_from(("", "", "", "P2", "P9")),
        phone=st.booleans(),
        savings=SAVED,
        ahead=AHEAD,
    )
    def select(self, **drawn: Any) -> None:
        start = start_after(self.town.clock(), drawn["place"], drawn["off"])
        where = stop(drawn["gps"], start, drawn["length"], phone=drawn["phone"])
        items = [one for name, count in drawn["items"] for one in wanted(name, count)]
        content = selection(items, where, drawn["kind"], drawn["provider"], drawn["savings"])
        self.say("select", DEALS[drawn["which"]], {"order": content}, drawn["ahead"])

    @rule(which=WHICH, kind=st.none() | ASKED, gps=st.sampled_from((None, None, NEAR, ELSEWHERE)), ahead=AHEAD)
    def init(self, which: int, kind: str | None, gps: str | None, ahead: float) -> None:
        self.say_init(DEALS[which], kind, gps, ahead)

    def say_init(self, deal: Deal, kind: str | None, gps: str | None, ahead: float) -> None:
        told = self.town.last_answer(deal.bap_id, deal.transaction_id, "on_select", "on_init")
        self.say("init", deal, {"order": initialisation(told, kind, gps)}, ahead)

    @rule(
        which=WHICH,
        named=st.none() | WHICH,
        how=st.sampled_from(PAYING),
        total=st.sampled_from(("", "", "", "1.00")),
        ahead=AHEAD,
        made=st.sampled_from((0, 0, 50, -3600, 200)),
    )
    def confirm(self, which: int, named: int | None, how: str, total: str, ahead: float, made: float) -> None:
        deal = DEALS[which]
        order_id = deal.order_id if named is None else DEALS[named].order_id
        self.say_confirm(deal, order_id, how, total, ahead, made)

    def say_confirm(self, deal: Deal, order_id: str, how: str, total: str, ahead: float, made: float) -> None:
        told = self.town.last_answer(deal.bap_id, deal.transaction_id, "on_init")
        known = self.theirs(deal)
        created_at = (self.town.clock() + timedelta(seconds=made)).isoformat()
        content = confirmation(told, order_id, how, total, created_at)
        self.say("confirm", deal, {"order": content}, ahead)
        order = self.theirs(deal)
        if order is not None and known is None:
            assert told is not None
            assert order.visit.assignee is not None
            assert told["quote"]["price"]["value"] == str(order.quotes[0].total), "another price than on_init's"
            assert len(told["quote"]["breakup"]) == len(order.quotes[0].lines)
            assert [one["type"] for one in told["payments"]] == [one.type for one in order.payments]
            assert [one["params"]["amount"] for one in told["payments"]] == [str(one.amount) for one in order.payments]

    @precondition(has_orders)
    @rule(
        action=st.sampled_from(("status", "track", "support")),
        which=WHICH,
        stranger=STRANGER,
        ahead=st.sampled_from((0, 0, -20, 55, -90, 70)),
    )
    def ask(self, action: str, which: int, stranger: int, ahead: float) -> None:
        order = self.order(which)
        content = {"support": {"ref_id": order.order_id}} if action == "support" else {"order_id": order.order_id}
        self.say(action, self.deal_of(order, stranger), content, ahead)

    @precondition(has_orders)
    @rule(which=WHICH, stranger=STRANGER, reason=st.sampled_from(("012", "", "anything")), ahead=AHEAD)
    def cancel(self, which: int, stranger: int, reason: str, ahead: float) -> None:
        order = self.live(which)
        content = {"order_id": order.order_id, **({"cancellation_reason_id": reason} if reason else {})}
        self.say("cancel", self.deal_of(order, stranger), content, ahead)

    @precondition(all_done)
    @rule(
        which=WHICH,
        category=st.sampled_from(("Item", "Order", "Fulfillment", "Provider", "Agent", "Support")),
        value=st.sampled_from(("5", "1", "0", "6", "good")),
    )
    def rate(self, which: int, category: str, value: str) -> None:
        order = self.live(which, Stage.COMPLETED)
        deal = self.deal_of(order)
        subject = {
            "Item": order.items[0].item_id,
            "Fulfillment": order.visit.id,
            "Order": deal.order_id,
            "Provider": order.seller.provider_id,
        }.get(category, "W1")
        self.say("rating", deal, {"ratings": [{"rating_category": category, "id": subject, "value": value}]})

    @precondition(has_orders)
    @rule(
        which=WHICH,
        aims=st.lists(st.sampled_from(("fulfillments", "payments", "quote")), min_size=1, max_size=3, unique=True),
        place=PLACES,
        off=st.sampled_from((0, 0, 0, 15, -120)),
        visit=st.sampled_from(("", "first", "last", "odd")),
        how=st.sampled_from(PAYING),
        status=st.sampled_from(("", "", "", "REJECTED", "Declined")),
        quoted=st.sampled_from(("", "", "first", "last", "odd")),
        ahead=AHEAD,
    )
    def update(self, **drawn: Any) -> None:
        order = self.live(drawn["which"])
        deal = self.deal_of(order)
        told = self.town.last_answer(deal.bap_id, deal.transaction_id, "on_confirm", "on_status", "on_update") or {}
        visits = [one["id"] for one in told.get("fulfillments", [])] or ["none"]
        fulfillment_id = {"first": visits[0], "last": visits[-1], "odd": "F-odd", "": None}[drawn["visit"]]
        start = start_after(self.town.clock(), drawn["place"], drawn["off"])
        content: dict[str, Any] = {
            "id": deal.order_id,
            "fulfillments": [{"id": fulfillment_id, "stops": [stop(HERE, start)]}],
            "payments": words_of(told.get("payments", []), drawn["how"]),
        }
        waiting = [one.id for one in order.open_proposals]
        if drawn["quoted"] and waiting:
            content["quote"] = {"id": {"first": waiting[0], "last": waiting[-1], "odd": "Q-odd"}[drawn["quoted"]]}
        if drawn["status"]:
            content["status"] = drawn["status"]
        self.say("update", deal, {"update_target": drawn["aims"], "order": content}, drawn["ahead"])

    @rule(which=WHICH, changed=st.booleans())
    def say_again(self, which: int, changed: bool) -> None:
        """A message once more: the same, or another under its id."""
        deal = DEALS[which]
        if deal not in self.last:
            return
        action, payload = self.last[deal]
        if changed:
            payload = {**payload, "context": {**payload["context"], "ttl": "PT31S"}}
        self.send(action, deal, payload)

    # The seller's side.

    @precondition(has_orders)
    @rule(which=WHICH, steps=st.integers(1, 5))
    def go_on(self, which: int, steps: int) -> None:
        """What comes next for an order, and next."""
        self.advance(self.live(which).ref, steps)

    def advance(self, ref: str, steps: int) -> None:
        for _ in range(steps):
            order = self.before.orders[ref]
            if not order.accepted and order.cancellation is None:
                self.do(order, Event.ACCEPT)
            elif (event := NEXT.get(order.visit.stage)) is not None:
                self.do(order, event, otp=self.town.otp(order) if event is Event.START else "")

    @precondition(has_orders)
    @rule(which=WHICH, event=st.sampled_from([one for one in Event if one not in {Event.REQUOTE, Event.EXPIRE_QUOTE}]))
    def any_event(self, which: int, event: Event) -> None:
        self.do(self.order(which), event, reason="011" if event in {Event.CANCEL, Event.DECLINE} else "")

    @precondition(has_orders)
    @rule(which=WHICH)
    def cancel_for_the_buyer(self, which: int) -> None:
        self.do(self.live(which), Event.CANCEL, Actor.BUYER, reason="012")

    @precondition(at_the_door)
    @rule(which=WHICH, otp=st.sampled_from(("0x0", "0x0", "")))
    def start_without_the_otp(self, which: int, otp: str) -> None:
        self.do(self.live(which, Stage.ARRIVED), Event.START, otp=otp, override="" if otp else "known to us")

    @precondition(has_orders)
    @rule(which=WHICH, worker=st.sampled_from(("", "W1", "W2", "W3")))
    def assign(self, which: int, worker: str) -> None:
        order = self.live(which, Stage.ASSIGNED)
        if not worker or (worker == "W3") is (order.seller.provider_id == "P2"):
            self.do(order, Event.ASSIGN, worker_id=worker)

    @precondition(has_orders)
    @rule(which=WHICH, steps=st.integers(0, 2), reassign=st.sampled_from((True, True, True, False)))
    def drop_out(self, which: int, steps: int, reassign: bool) -> None:
        """The worker of a visit, perhaps on the way or at the door, cannot do it."""
        ref = self.live(which, Stage.ASSIGNED).ref
        self.advance(ref, steps)
        self.do(self.before.orders[ref], Event.REASSIGN if reassign else Event.UNASSIGN, reason="ill")

    @precondition(has_orders)
    @rule(which=WHICH, minutes=st.sampled_from((0, 19, 20, 25, 45)))
    def come_late(self, which: int, minutes: int) -> None:
        """The slot of a visit begins, and its worker has not set off."""
        order = self.live(which, Stage.ASSIGNED)
        late = order.visit.slot.start + timedelta(minutes=minutes) - self.town.clock()
        if order.visit.stage is Stage.ASSIGNED and timedelta() < late < timedelta(days=2):
            self.tick({"seconds": late.total_seconds()}, fire=True)

    @precondition(has_orders)
    @rule(which=WHICH, place=PLACES, off=st.sampled_from((0, 0, 15)), buyer=st.booleans(), last=st.booleans())
    def reschedule(self, which: int, place: int, off: int, buyer: bool, last: bool) -> None:
        order, actor = self.live(which, Stage.ASSIGNED), Actor.BUYER if buyer else Actor.SELLER
        start = start_after(self.town.clock(), place, off)
        visit_id = order.fulfillments[-1].id if last else ""
        self.do(order, Event.RESCHEDULE, actor, start=start, fulfillment_id=visit_id)

    @precondition(has_orders)
    @rule(
        which=WHICH,
        prices=st.lists(st.tuples(st.integers(1, 99_999), st.integers(1, 3)), min_size=1, max_size=2),
        minutes=st.sampled_from((0, 0, 60, 150, 800)),
        place=st.none() | PLACES,
        ttl=st.sampled_from(TTLS),
        kinds=st.lists(KINDS, max_size=3),
        right=st.sampled_from((True, True, True, False)),
    )
    def requote(self, **drawn: Any) -> None:
        place = drawn["place"]
        start = start_after(self.town.clock(), place) if place is not None else None
        quoted = quotation(drawn["prices"], drawn["kinds"], drawn["ttl"], drawn["minutes"], start, right=drawn["right"])
        self.do(self.live(drawn["which"]), Event.REQUOTE, quotation=quoted)

    @precondition(has_orders)
    @rule(
        which=WHICH,
        prices=st.lists(st.tuples(st.integers(1, 99_999), st.integers(1, 3)), min_size=1, max_size=2),
        minutes=st.sampled_from((0, 90)),
        steps=st.integers(0, 5),
    )
    def quote_and_take(self, which: int, prices: list[tuple[int, int]], minutes: int, steps: int) -> None:
        """More work is quoted for, taken and gone about."""
        ref = self.live(which).ref
        self.do(self.before.orders[ref], Event.REQUOTE, quotation=quotation(prices, [], TTLS[1], minutes, None))
        if self.before.orders[ref].open_proposals:
            self.do(self.before.orders[ref], Event.ACCEPT_QUOTE)
            self.advance(ref, steps)

    @precondition(has_quotations)
    @rule(which=WHICH, yes=st.booleans(), named=st.sampled_from(("", "first", "odd")))
    def answer_quote(self, which: int, yes: bool, named: str) -> None:
        orders = [one for one in self.before.orders.values() if one.open_proposals]
        order = orders[which % len(orders)]
        proposal_id = {"": "", "odd": "Q-odd", "first": order.open_proposals[0].id}[named]
        self.do(order, Event.ACCEPT_QUOTE if yes else Event.REJECT_QUOTE, proposal_id=proposal_id)

    @precondition(has_orders)
    @rule(which=WHICH, place=st.integers(0, 3))
    def receive_money(self, which: int, place: int) -> None:
        order = self.live(which)
        one = order.payments[place % len(order.payments)]
        paid = Paid(id=one.id, type="", status="PAID", amount=None, transaction_id="CASH-1")
        self.do(order, Event.PAY, paid=(paid,))

    @precondition(has_orders)
    @rule(which=WHICH)
    def locate(self, which: int) -> None:
        """The worker's telephone tells where it is."""
        self.town.locate(self.live(which, Stage.EN_ROUTE).ref)
        self.look()

    # Time and deliveries.

    @rule(step=TICKS, fire=st.booleans())
    def tick(self, step: dict[str, float], fire: bool) -> None:
        self.town.clock.tick(**step)
        self.look()
        if fire:
            self.fire_timers()

    @rule()
    def claim_timers(self) -> None:
        """They are claimed in one transaction and done in another: much may happen in between."""
        self.claimed += self.town.claim_timers()

    @rule()
    def fire_timers(self) -> None:
        for timer in [*self.claimed, *self.town.claim_timers()]:
            self.town.fire(timer)
            self.look()
        self.claimed = []

    @rule(limit=st.integers(1, 5), state=st.sampled_from(("delivered", "delivered", "pending", "refused", "given_up")))
    def deliver(self, limit: int, state: CallbackState) -> None:
        lanes: dict[int, str] = {}
        firsts: dict[str, int] = {}
        for row, _ in self.town.callbacks(0):
            lanes[row.seq] = row.lane
            if row.state == "pending":
                firsts.setdefault(row.lane, row.seq)
        for callback in self.town.claim(limit):
            assert firsts[lanes[callback.seq]] == callback.seq, "one has overtaken another"
            self.town.settle(callback, state)
            self.look()


class AtOnce(AnySequence):
    """The same where on_confirm does not wait for a provider's word."""

    at_once = True


def profile(examples: int) -> settings:
    """The same examples in every run, unless a longer run is asked for."""
    long = os.environ.get("BPP_MACHINE_EXAMPLES")
    return settings(
        deadline=None,
        database=None,
        derandomize=long is None,
        max_examples=int(long or examples),
        stateful_step_count=int(os.environ.get("BPP_MACHINE_STEPS", "35")),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


@pytest.mark.parametrize(("machine", "examples"), [(AnySequence, 25), (AtOnce, 8)])
def test_no_sequence_of_events_breaks_a_promise(template: Path, machine: type[AnySequence], examples: int) -> None:
    machine.template = template
    chosen = os.environ.get("BPP_MACHINE_SEED")
    run_state_machine_as_test(seed(int(chosen))(machine) if chosen else machine, settings=profile(examples))
