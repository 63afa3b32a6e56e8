"""Rescheduling, and the times that it frees and takes. Source: protocol 1.9; assertions 44 to 46."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from beckn_schemas.base import parse_timestamp
from beckn_schemas.invariants_base import entries, instant
from beckn_schemas.strict_catalog import tag_code
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.ordered import money
from bpp.conformance.checks.reading import (
    CANCELLED,
    PENDING,
    Line,
    lines,
    order_before,
    payments,
    price,
    refusal,
    shown_before,
    slots,
    state,
    status,
    stops,
    target,
    visit_states,
    word,
)
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import MADE, answered, callbacks, orders, probes
from bpp.sandbox.exchange import Json, part

TIME = "fulfillments"


def moves(flow: Flow) -> Iterator[Subject]:
    """The on_update that answer an update of the time without an error."""
    for subject in answered("on_update", where=lambda one: not one.error_code)(flow):
        if subject.request is not None and TIME in target(subject.request):
            yield subject


def _wanted(request: Record) -> datetime:
    """The start that an update asks for: its first end stop's that is labelled ``selected``, else its first."""
    ends = [part(stop, "time") for _, stop, _ in stops(request, "end") if part(stop, "time").get("range")]
    chosen = next((one for one in ends if one.get("label") == "selected"), ends[0])
    return parse_timestamp(chosen["range"]["start"])


def _moved(subject: Subject) -> Iterator[Fault]:
    if subject.request is None:
        return
    wanted, callback = _wanted(subject.request), subject.message
    ends = [(path, stop, visit) for path, stop, visit in stops(callback, "end") if _begins(stop) == wanted]
    if not ends:
        found = ", ".join(str(one["time"]["range"]["start"]) for _, one, _ in stops(callback, "end"))
        yield Fault("message.order.fulfillments", f"a visit at {wanted.isoformat()}", found)
    for path, stop, visit in ends:
        if stop["time"].get("label") != "confirmed":
            yield Fault(f"{path}.time.label", "confirmed", stop["time"].get("label"))
        if state(visit) != PENDING:
            yield Fault(f"{path.partition('.stops')[0]}.state.descriptor.code", "Pending", state(visit))
    before = order_before(subject.flow, subject.request)
    if status(callback) not in ("accepted", status(before) if before else ""):
        yield Fault("message.order.status", "ACCEPTED", callback.order.get("status"))


def _begins(stop: Json) -> datetime:
    return parse_timestamp(stop["time"]["range"]["start"])


def _moved_ahead(subject: Subject) -> Iterator[Fault]:
    now = instant(subject.message.context["timestamp"])
    for path, stop, visit in stops(subject.message, "end"):
        if state(visit) == PENDING and stop["time"].get("label") == "confirmed" and _begins(stop) <= now:
            begins = stop["time"]["range"]["start"]
            yield Fault(f"{path}.time.range.start", "90001 and the time as it was: this one is past", begins)


def _rest_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    before = order_before(subject.flow, subject.request) if subject.request else None
    if before is None:
        yield NotRun("the order was not shown before")
        return
    now = subject.message
    old_lines, new_lines = lines(before), lines(now)
    for one in old_lines:
        if one not in new_lines:
            yield Fault("message.order.quote.breakup", f"the line {_words(one)}, as before", "another, or none")
    for place, paid in enumerate(payments(before)):
        if payments(now)[place : place + 1] != [paid]:
            found = now.order["payments"][place : place + 1]
            yield Fault(f"message.order.payments[{place}]", " ".join(map(str, paid)), found)
    for place, item in enumerate(before.order["items"]):
        same = [one for one in now.order["items"] if one["id"] == item["id"] and one["quantity"] == item["quantity"]]
        if not same:
            yield Fault(f"message.order.items[{place}]", f"{item['id']} {item['quantity']}", now.order["items"])
    if visit_states(before).keys() != visit_states(now).keys():
        yield Fault("message.order.fulfillments", f"visits {[*visit_states(before)]}", [*visit_states(now)])


def _words(line: Line) -> str:
    return f"{line.kind} {line.item_id} {line.amount}"


def _fee_charged(subject: Subject) -> Iterator[Fault | NotRun]:
    request = subject.request
    before = order_before(subject.flow, request) if request else None
    fee = _reschedule_fee(subject.flow, before) if before else None
    if before is None or fee is None:
        yield NotRun("the catalog with the terms of rescheduling is not recorded")
        return
    now = subject.message
    charged = price(now) - price(before)
    if charged != fee:
        yield Fault(
            "message.order.quote.price.value", f"{price(before) + fee}: the fee of the terms is {fee}", str(price(now))
        )
    elif fee and not any(one.kind == "misc" and one.amount == fee for one in lines(now)):
        yield Fault("message.order.quote.breakup", f"a line of type misc with {fee}", "none")
    if fee and ("not-paid", fee) not in [(paid, due) for _, paid, due, _ in payments(now)[len(payments(before)) :]]:
        yield Fault("message.order.payments", f"another payment of {fee}, NOT-PAID", "none")


def _reschedule_fee(flow: Flow, order: Record) -> Decimal | None:
    """The fee of the ordered item's reschedule terms while a visit is Pending; None where no catalog shows it."""
    for found in flow.callbacks:
        for item in _offered(found, order):
            for group in item.get("tags", ()):
                said = entries(group) if tag_code(group) == "reschedule_terms" else {}
                if word(said.get("fulfillment_state", "")) == PENDING:
                    return money(said["reschedule_fee"])
    return None


def _offered(found: Record, order: Record) -> Iterator[Json]:
    """The items of a catalog that an order is of."""
    ordered = {one["id"] for one in order.order["items"]}
    for provider in part(found.message, "catalog").get("providers", ()):
        if provider["id"] == order.order["provider"]["id"]:
            yield from (item for item in provider["items"] if item["id"] in ordered)


def _move_refused(subject: Subject) -> Iterator[Fault]:
    codes = ("50002", "90001") if subject.message.probe == "move_too_late" else ("90001",)
    code = refusal(subject.flow, subject.message)
    if code not in codes:
        yield Fault("error.code", " or ".join(codes), code or "no refusal")


def _slot_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    callback, request, before = subject.message, subject.request, shown_before(subject)
    if before is None:
        yield NotRun("the order was not shown before")
        return
    asked = request is not None and TIME in target(request)
    if callback.action == "on_update" and not callback.error_code and (asked or request is None):
        yield NotRun("it changes the time")
        return
    known = slots(before)
    for path, stop, visit in stops(callback, "end"):
        old = known.get(str(visit["id"]))
        if old is not None and stop["time"].get("label") != "rejected" and _begins(stop) != old:
            yield Fault(
                f"{path}.time.range.start", f"{old.isoformat()}, as {before.name} shows", stop["time"]["range"]["start"]
            )


def _freed(subject: Subject) -> Iterator[Fault | NotRun]:
    given_up = list(_given_up(subject))
    if not given_up:
        yield NotRun("no time was given up before")
    for order, start in given_up:
        listed = [_times(item) for item in _offered(subject.message, order)]
        known = [times for times in listed if times and min(times) < start]  # a notice may be wanted of later ones
        if not known:
            yield NotRun("what was ordered is not on offer here, or only later")
        elif not any(start in times for times in listed):
            yield Fault("message.catalog.providers", f"{start.isoformat()}, which is free again", "not offered")


def _given_up(subject: Subject) -> Iterator[tuple[Record, datetime]]:
    """Orders of the flow with the times that they held before this message and hold no more."""
    held = {start for _, now in _held(subject) for start in now.values()}
    for told, _ in _held(subject):
        known = {start for one in told for start in slots(one).values()}
        yield from (
            (told[-1], start) for start in known - held if start > instant(subject.message.context["timestamp"])
        )


def _held(subject: Subject) -> Iterator[tuple[tuple[Record, ...], dict[str, datetime]]]:
    """How each order was shown before this message, and the times that it holds now."""
    for records in orders(subject.flow):
        told = tuple(one for one in records if one.number < subject.message.number and not one.error_code)
        if told:
            states = visit_states(told[-1])
            yield told, {key: start for key, start in slots(told[-1]).items() if states[key] != CANCELLED}


def _times(item: Json) -> set[datetime]:
    return {parse_timestamp(one) for one in item["time"]["schedule"]["times"]}


def _taken(subject: Subject) -> Iterator[Fault | NotRun]:
    held = [(told[-1], start) for told, now in _held(subject) for start in now.values()]
    if not held or not subject.flow.live:
        yield NotRun("how many can be served at once is not known, or nothing was booked before")
        return
    for order, start in held:
        offered = list(_offered(subject.message, order))
        if not offered:
            yield NotRun("what was ordered is not on offer here")
        elif any(start in _times(item) for item in offered):
            yield Fault("message.catalog.providers", f"no {start.isoformat()}, which is taken", "offered")


CHECKS: tuple[Check, ...] = (
    Check(
        name="moved_as_wanted",
        title="A visit that is moved is confirmed at the new time, Pending, the order ACCEPTED",
        sources=("assertion 44", "protocol 1.9"),
        of=moves,
        needs="on_update that answers an update of the time",
        judge=_moved,
    ),
    Check(
        name="moved_ahead",
        title="A visit is not moved to a time that is past",
        sources=("assertion 45", "protocol 1.3"),
        of=moves,
        needs="on_update that answers an update of the time",
        judge=_moved_ahead,
    ),
    Check(
        name="move_keeps_the_rest",
        title="Moving a visit changes neither items nor payments nor lines, whatever the buyer app's copy says",
        sources=("assertion 44", "assertion 46", "protocol 1.9"),
        of=moves,
        needs="on_update that answers an update of the time",
        judge=_rest_kept,
    ),
    Check(
        name="reschedule_fee",
        title="Moving a visit costs the fee of the terms: a line of type misc and a payment that is NOT-PAID",
        sources=("assertion 45", "protocol 1.9", "protocol 2"),
        of=moves,
        needs="on_update that answers an update of the time",
        judge=_fee_charged,
    ),
    Check(
        name="move_refused",
        title="A time that cannot be had, or a move outside the terms, is refused with 90001 or 50002",
        sources=("assertion 45",),
        of=probes("move_never_offered", "move_to_taken", "move_too_late"),
        needs="update to a time that cannot be had",
        judge=_move_refused,
    ),
    Check(
        name="slot_kept",
        title="The time of a visit changes by an update of the time alone",
        sources=("assertion 45", "assertion 46"),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_slot_kept,
    ),
    Check(
        name="time_free_again",
        title="A time that was given up is offered again",
        sources=("assertion 44", "assertion 49"),
        of=callbacks("on_search"),
        needs="on_search",
        judge=_freed,
    ),
    Check(
        name="time_taken",
        title="A time that is taken is not offered where only one visit at a time can be booked",
        sources=("assertion 44",),
        of=callbacks("on_search"),
        needs="on_search",
        judge=_taken,
        scenarios=frozenset({"freed_times"}),
    ),
)
