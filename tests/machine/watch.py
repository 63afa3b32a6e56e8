"""What must be true after every step, whatever was done: of the database now, and of now against before."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from bpp.core.otp import WAITED_FOR
from bpp.core.reassign import ESCALATE
from bpp.ledger.model import balances
from bpp.ledger.standing import standing
from bpp.orders.model import Fulfillment, Order, Payment
from bpp.orders.proposals import shown, taken
from bpp.orders.states import HOME_SERVICE, TERMINAL, Actor, Event, Stage, order_status
from bpp.storage.ports import OrderEvent
from catalog.availability import CELL, KOLKATA
from catalog.money import ZERO, Money, total
from tests.machine.town import GRACE, RULES, Stored

TABLE = {
    (rule.source.value, rule.event.value, actor.value): rule.target for rule in HOME_SERVICE for actor in rule.actors
}
CHOICES = {"DINER", "DAL", "ROTI", "SALAD"}
BEGUN = {Stage.EN_ROUTE, Stage.ARRIVED, Stage.STARTED}
NEVER = ("ref", "channel", "order_id", "seller", "terms", "finder_fee", "billing", "created_at", "confirm_message_id")


def check(before: Stored, now: Stored) -> None:
    """Everything that is promised of orders, their money, their times and the workers' time."""
    assert before.orders.keys() <= now.orders.keys(), "an order is gone"
    for ref, order in now.orders.items():
        fresh = now.events[ref][len(before.events.get(ref, ())) :]
        if ref in before.orders:
            _check_changes(before.orders[ref], order, fresh)
        else:
            assert [one.target for one in fresh] == [order.visit.stage]
            assert order.visit.stage in {Stage.PENDING, Stage.ASSIGNED}
        _check_stages(before.orders.get(ref), order, now.events[ref], fresh)
        _check_quotes(order)
        _check_money(order)
        _check_order(order, now)
        _check_books(order, now)
    _check_time_of_workers(now)


def _check_stages(
    before: Order | None, order: Order, events: Iterable[OrderEvent], fresh: tuple[OrderEvent, ...]
) -> None:
    """Each visit moved along rows of the table, event by event; and stands where its events led it."""
    stages = {one.id: one.stage for one in before.fulfillments} if before else {}
    first = order.fulfillments[0].id
    for number, one in enumerate(fresh):
        if before is None and number == 0:
            stages[first] = Stage(one.target)
            continue
        # A visit of a quotation stands in the order from the moment it was taken.
        stages.setdefault(one.fulfillment_id, Stage.ASSIGNED)
        assert stages[one.fulfillment_id] == one.source
        failed = one.event == Event.START and one.source == one.target and "OTP" in one.detail.get("reason", "")
        if one.event == ESCALATE:
            assert one.source == one.target == Stage.ASSIGNED
            continue
        assert failed or TABLE.get((one.source, one.event, one.actor)) == one.target, f"no row for {one}"
        stages[one.fulfillment_id] = Stage(one.target)
    ended = {Event.CANCEL.value, Event.DECLINE.value} & {one.event for one in fresh}
    for visit in order.fulfillments:
        led = stages.get(visit.id, Stage.ASSIGNED)
        if ended and led not in TERMINAL:
            assert (led.value, Event.CANCEL.value, Actor.SYSTEM.value) in TABLE
            led = Stage.CANCELLED
        assert visit.stage is led, f"{visit.id} is {visit.stage}, its events led to {led}"
    assert all(one.at <= other.at for one, other in pairwise(events))


def _check_changes(before: Order, now: Order, fresh: tuple[OrderEvent, ...]) -> None:
    """What was once said of an order is not unsaid."""
    for name in NEVER:
        assert getattr(before, name) == getattr(now, name), f"{name} has changed"
    for name in ("quotes", "items"):
        old, new = getattr(before, name), getattr(now, name)
        assert new[: len(old)] == old, f"{name} of the past have changed"
    for old_visit, visit in zip(before.fulfillments, now.fulfillments, strict=False):
        assert old_visit.id == visit.id
        assert old_visit.stage not in TERMINAL or old_visit == visit, "a visit that is over has changed"
    assert len(before.fulfillments) <= len(now.fulfillments)
    cancelled = now.cancellation is not None
    assert len(before.payments) <= len(now.payments)
    for old_payment, payment in zip(before.payments, now.payments, strict=False):
        _check_payment(old_payment, payment, cancelled=cancelled)
    for old_proposal, proposal in zip(before.proposals, now.proposals, strict=False):
        assert replace(proposal, state="open") == replace(old_proposal, state="open")
        assert old_proposal.state in {"open", proposal.state}, "a quotation that was closed is another now"
    assert len(before.proposals) <= len(now.proposals)
    assert not (before.accepted and not now.accepted)
    assert before.cancellation in {None, now.cancellation}
    same = _told(before) == _told(now)
    assert same or now.updated_at > before.updated_at, "changed without a later updated_at"
    assert not same or {one.event for one in fresh} <= {Event.ASK_QUOTE.value, ESCALATE}
    assert before.version <= now.version


def _told(order: Order) -> Order:
    """An order without what nobody is told by its ``updated_at``."""
    visits = tuple(replace(one, whereabouts=None) for one in order.fulfillments)
    return replace(order, version=0, acknowledged=False, fulfillments=visits)


def _check_payment(before: Payment, now: Payment, *, cancelled: bool) -> None:
    assert (before.id, before.type, before.collected_by) == (now.id, now.type, now.collected_by)
    assert before.fulfillment_id == now.fulfillment_id
    if before.status == "PAID":
        assert before == now, "what was paid has changed"
    if before.amount != now.amount:
        assert cancelled
        assert now.amount < before.amount


def _check_quotes(order: Order) -> None:
    """Nothing leaves a quote: a later one has the lines before it, choices and discounts among them, and adds."""
    for before, now in pairwise(order.quotes):
        assert now.lines[: len(before.lines)] == before.lines, "a line of a quote has changed or is gone"
        assert not any(line.kind == "discount" for line in now.lines[len(before.lines) :])
    items = {one.item_id: one for one in order.items}
    first = order.quotes[0]
    assert first.total >= ZERO
    assert {line.item_id for line in first.lines} <= items.keys()
    for quote in (order.quote, shown(order).quote):
        saved = [line for line in quote.lines if line.kind == "discount"]
        assert saved == [line for line in first.lines if line.kind == "discount"], "a discount came or went"
        assert all(line.amount < ZERO and line.offer_id for line in saved)
        assert {line.kind for line in quote.lines if line.item_id in CHOICES} <= {
            *("customization", "tax", "discount", "refund", "misc")
        }
    for one in order.items:
        if one.item_id in CHOICES:
            assert one.fulfillment_id == items["COOK"].fulfillment_id, "a choice has left its service"


def _check_money(order: Order) -> None:
    """What the quote says is owed is what the payments add up to."""
    paid = total(one.amount for one in order.payments if one.status == "PAID")
    due = total(one.amount for one in order.payments if one.status != "PAID")
    assert all(one.amount >= ZERO for one in order.payments)
    assert all((one.status == "PAID") is bool(one.transaction_id) for one in order.payments)
    gone = order.cancellation
    visits = {one.id: one for one in order.fulfillments}
    for payment in order.payments:
        over = visits[payment.fulfillment_id or order.fulfillments[0].id].stage is Stage.COMPLETED
        if payment.type == "ON-FULFILLMENT" and (gone is None or over):
            assert (payment.status == "PAID") is over, "what the worker collects is paid when that visit is done"
    if gone is None:
        assert paid + due == order.quote.total
        assert owed(shown(order)) == shown(order).quote.total
        for one in order.open_proposals:
            assert owed(taken(order, one)) == taken(order, one).quote.total
        return
    assert paid - gone.refund + due == order.quote.total
    assert min(gone.refund, gone.fee, gone.penalty, order.quote.total) >= ZERO
    before = order.quotes[-2].total
    assert max(gone.fee, gone.penalty) <= before
    assert order.quote.total <= before
    done = {
        item.item_id for visit in order.fulfillments if visit.stage is Stage.COMPLETED for item in order.of_visit(visit)
    }
    kept = total(line.amount for line in order.quotes[-2].lines if line.item_id in done)
    assert order.quote.total == kept + gone.fee
    if gone.cancelled_by == "SELLER":
        assert gone.fee == ZERO


def owed(order: Order) -> Money:
    """The sum of the payments."""
    return total(one.amount for one in order.payments)


def _check_books(order: Order, now: Stored) -> None:
    """The books say of each part of an order what its state says, and balance."""
    wanted = {part: dict(balances(lines)) for part, lines in standing(order).items()}
    assert order.rates is not None
    assert now.books.get(order.ref, {}) == wanted, "the books are not what the order stands for"
    assert all(total(lines.values()) == ZERO for lines in wanted.values())


def _check_order(order: Order, now: Stored) -> None:
    """Status, columns, token and timers follow from the order."""
    row = now.columns[order.ref]
    cancelled = order.cancellation is not None
    status = order_status(
        [one.stage for one in order.fulfillments],
        accepted=order.accepted,
        cancelled=cancelled,
        quoted=any(one.state == "open" for one in order.proposals),
    )
    assert (row.order_status, row.state) == (status, order.visit.stage)
    assert row.total_paise == order.quote.total.paise
    assert (row.slot_start, row.updated_at) == (order.visit.slot.start, order.updated_at)
    assert not cancelled or all(one.stage in TERMINAL for one in order.fulfillments)
    assert not cancelled or not order.open_proposals
    assert cancelled or not any(one.stage is Stage.CANCELLED for one in order.fulfillments)
    under_way = [one for one in order.fulfillments if one.stage in BEGUN]
    assert under_way in ([], [order.visit])
    deadlines = [
        max(one.slot.start, one.sent_at or one.slot.start) + GRACE
        for one in order.fulfillments
        if one.stage is Stage.ASSIGNED and order.accepted
    ]
    to_come = [one for one in deadlines if one > now.now]
    if to_come:
        assert now.timers["late", order.ref].due_at == min(to_come), "no timer looks for who is late"
    for visit in order.fulfillments:
        team = {one.worker_id for one in (visit.assignee, *visit.crew) if one}
        assert bool(team) is (visit.stage is not Stage.PENDING) or visit.stage is Stage.CANCELLED
        assert not team & set(visit.dropped), "who dropped out was sent again"
        assert (visit.otp is not None) is (visit.stage is Stage.ARRIVED)
        assert visit.whereabouts is None or visit.stage is Stage.EN_ROUTE
        times = [at for at in (visit.departed_at, visit.started_at, visit.completed_at) if at]
        assert visit.stage in TERMINAL or visit.departed_at is None or visit.stage in BEGUN
        assert visit.completed_at is None or visit.departed_at is None or visit.departed_at < visit.completed_at
        assert visit.stage is not Stage.COMPLETED or len(times) == 3
    otp = order.visit.otp
    if otp is not None:
        waiting = now.timers.get(("otp", order.ref))
        of_no_use = otp.tries >= RULES.otp_attempts or now.now - order.visit.slot.end > WAITED_FOR
        if waiting is None:
            assert of_no_use, "no timer renews the token"
            assert now.now >= otp.valid_to
        else:
            assert (waiting.serial, waiting.due_at) == (otp.serial, otp.valid_to)
    assert order.accepted or cancelled or ("acceptance", order.ref) in now.timers
    if order.open_proposals:
        ends = min(one.valid_until for one in order.open_proposals)
        assert ("quote", order.ref) in now.timers, "no timer ends the open quotations"
        assert now.timers["quote", order.ref].due_at == ends


def _check_time_of_workers(now: Stored) -> None:
    """Every visit that is booked has exactly its cells, and what is held otherwise is a draft's or a quotation's."""
    booked: dict[str, set[tuple[str, datetime]]] = defaultdict(set)
    held: dict[str, set[tuple[str, datetime]]] = defaultdict(set)
    for cell in now.cells:
        (booked if cell.expires_at is None else held)[cell.ref].add((cell.worker_id, cell.cell))
    sold = {
        order.slot_ref(visit): visit
        for order in now.orders.values()
        for visit in order.fulfillments
        if visit.stage not in {Stage.CANCELLED, Stage.PENDING}  # who lost its workers has nobody's time
    }
    assert booked.keys() == sold.keys(), "booked is not what was sold"
    for ref, visit in sold.items():
        assert is_time_of(visit, booked[ref]), f"{ref} has not exactly its own time"
    offers = {
        one.visit.id: one for order in now.orders.values() for one in order.open_proposals if one.visit is not None
    }
    assert held.keys() <= {one.ref for one in now.drafts} | offers.keys(), "something is held for nobody"
    for ref, offer in offers.items():
        assert offer.visit is not None
        if offer.valid_until > now.now:
            assert held[ref] == set(cells_of(offer.visit)), f"{ref} was offered and is not held"


def is_time_of(visit: Fulfillment, booked: Collection[tuple[str, datetime]]) -> bool:
    """Whether these are the cells that a visit needs. Whoever is sent when its slot has begun has as many, from then on."""
    own, later = set(cells_of(visit)), visit.sent_at is not None and visit.sent_at > visit.slot.start + CELL
    return booked == own or (later and len(booked) == len(own))


def cells_of(visit: Fulfillment) -> Iterable[tuple[str, datetime]]:
    """The cells of a visit: every working quarter of an hour of its slot, for each of its workers."""
    assert visit.assignee is not None
    team = [visit.assignee.worker_id, *(one.worker_id for one in visit.crew)]
    assert len(set(team)) == len(team)
    steps = range((visit.slot.end - visit.slot.start) // CELL)
    moments = [visit.slot.start + step * CELL for step in steps]
    working = [one for one in moments if 9 <= one.astimezone(KOLKATA).hour < 18]
    assert working
    assert working[0] == visit.slot.start
    assert working[-1] + CELL == visit.slot.end
    return [(worker, cell) for worker in team for cell in working]


def check_message(body: Mapping[str, Any], order: Order | None) -> None:
    """The order that a callback without an error shows is the one that stands in the database."""
    said = body["message"].get("order")
    if said is None or order is None:
        return
    whole = shown(order)
    assert said["id"] == order.order_id
    assert said["status"].upper() == order.status
    assert said["quote"]["price"]["value"] == str(whole.quote.total)
    assert [one["id"] for one in said["fulfillments"]] == [one.id for one in whole.fulfillments]
    assert [one["id"] for one in said["items"]] == [one.item_id for one in whole.items]
    amounts = [(one["id"], one["params"]["amount"], one.get("status")) for one in said["payments"]]
    assert amounts == [(one.id, str(one.amount), one.status) for one in whole.payments]
