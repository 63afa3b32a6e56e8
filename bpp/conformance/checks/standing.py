"""What stays as it was agreed while an order is carried out. Source: protocol 1.0, 1.7, 2; assertions 42 and 43."""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.ordered import money
from bpp.conformance.checks.reading import COMPLETED, agreed, history, payments, shown_before, status
from bpp.conformance.record import Record, last
from bpp.conformance.select import MADE, ORDERED, callbacks
from bpp.sandbox.exchange import Json, part

ON_SITE, IN_ADVANCE = "ON-FULFILLMENT", "PRE-FULFILLMENT"
PAID = "paid"


def _types_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    callback = subject.message
    first = subject.flow.before(callback, "on_init")
    if first is None:
        yield NotRun("there was no on_init before it")
        return
    for place, ((old, *_), (now, *_)) in enumerate(zip(payments(first), payments(callback), strict=False)):
        if old != now:
            yield Fault(f"message.order.payments[{place}].type", f"{old}, as in on_init", now)


def _on_site_paid(subject: Subject) -> Iterator[Fault | NotRun]:
    found = [(place, paid) for place, (type_, paid, *_) in enumerate(payments(subject.message)) if type_ == ON_SITE]
    if not found:
        yield NotRun("nothing is paid on site")
    for place, paid in found:
        if paid != PAID:
            yield Fault(f"message.order.payments[{place}].status", "PAID, since the order is completed", paid)


def _advance_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    first = agreed(subject.flow, subject.message.transaction_id)
    paid = [
        (place, one)
        for place, one in enumerate(payments(first) if first else [])
        if one[0] == IN_ADVANCE and one[1] == PAID
    ]
    if not paid:
        yield NotRun("nothing was paid in advance")
        return
    now = payments(subject.message)
    for place, one in paid:
        if place >= len(now) or now[place] != one:
            found = now[place] if place < len(now) else "no such payment"
            yield Fault(f"message.order.payments[{place}]", f"{_words(one)}, as in on_confirm", _words(found))


def _words(payment: object) -> str:
    return " ".join(map(str, payment)) if isinstance(payment, tuple) else str(payment)


def _reference(subject: Subject) -> Record | None:
    """The order as it was shown before, unless it was changed meanwhile on purpose."""
    told = history(subject)
    changed = last(one for one in told if one.action in ("on_update", "on_cancel"))
    unchanged = [one for one in told if changed is None or one.number >= changed.number]
    return unchanged[0] if unchanged else None


def _billing_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    init = subject.flow.before(subject.message, "init")
    first = part(init.order, "billing") if init else {}
    now = part(subject.message.order, "billing")
    if not first or not now:
        yield NotRun("billing is not shown in both")
        return
    for key, said in first.items():
        if now.get(key) != said:
            yield Fault(f"message.order.billing.{key}", f"{said}, as in init", now.get(key))


def _scope_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    before = _reference(subject)
    if before is None:
        yield NotRun("the order was not shown before")
        return
    for key, read in (("items", _items), ("quote", _quote)):
        old, now = read(before.order), read(subject.message.order)
        if old != now:
            yield Fault(f"message.order.{key}", f"what {before.name} shows: {old}", now)


def _items(order: Json) -> list[tuple[str, int]]:
    return [(str(one["id"]), int(one["quantity"]["selected"]["count"])) for one in order["items"]]


def _quote(order: Json) -> list[tuple[str, str]]:
    quote = order["quote"]
    shown = [("total", quote["price"]["value"]), *((one["title"], one["price"]["value"]) for one in quote["breakup"])]
    return [(str(title), f"{money(value):.2f}") for title, value in shown]


def _created_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    before, now = shown_before(subject), subject.message.order.get("created_at")
    if before is None or now is None or "created_at" not in before.order:
        yield NotRun("created_at is not shown twice")
    elif parse_timestamp(now) != parse_timestamp(before.order["created_at"]):
        yield Fault("message.order.created_at", f"{before.order['created_at']}, as before", now)


def _updated_later(subject: Subject) -> Iterator[Fault | NotRun]:
    callback, now = subject.message, subject.message.order.get("updated_at")
    known = [one for one in history(subject) if "updated_at" in one.order and one.message_id != callback.message_id]
    if now is None or not known:
        yield NotRun("updated_at is not shown twice")
        return
    before = max(known, key=lambda one: parse_timestamp(one.order["updated_at"]))
    old, new = parse_timestamp(before.order["updated_at"]), parse_timestamp(now)
    if new < old or (new == old and subject.request is None):
        yield Fault("message.order.updated_at", f"later than {before.order['updated_at']} of {before.name}", now)


_AGAIN = callbacks(*MADE[1:], where=lambda one: not one.error_code)
_STATUS = callbacks("on_status", where=lambda one: not one.error_code)
_NEEDS_AGAIN = "callback that shows an order again"

CHECKS: tuple[Check, ...] = (
    Check(
        name="payment_types_kept",
        title="How each part is paid never changes after on_init",
        sources=("assertion 42", "protocol 2"),
        of=callbacks(*ORDERED[2:]),
        needs="callback that shows a made order",
        judge=_types_kept,
    ),
    Check(
        name="payment_on_site_paid",
        title="What is paid on site is PAID when the order is completed",
        sources=("assertion 42", "protocol 2"),
        of=callbacks("on_status", where=lambda one: status(one) == COMPLETED),
        needs="on_status of a completed order",
        judge=_on_site_paid,
    ),
    Check(
        name="advance_kept",
        title="What was paid in advance stays paid, with its amount and transaction_id",
        sources=("assertion 42", "assertion 47", "protocol 2"),
        of=callbacks("on_status", "on_update", where=lambda one: not one.error_code),
        needs="on_status or on_update without error",
        judge=_advance_kept,
    ),
    Check(
        name="billing_kept",
        title="Billing is what init said",
        sources=("assertion 43", "protocol 4.21"),
        of=_STATUS,
        needs="on_status",
        judge=_billing_kept,
    ),
    Check(
        name="scope_kept",
        title="Items and quote stay the same from on_status to on_status while nobody changes the order",
        sources=("assertion 43", "protocol 1.7"),
        of=_STATUS,
        needs="on_status",
        judge=_scope_kept,
    ),
    Check(
        name="created_at_kept",
        title="When the order was made never changes",
        sources=("assertion 43", "protocol 4.23"),
        of=_AGAIN,
        needs=_NEEDS_AGAIN,
        judge=_created_kept,
    ),
    Check(
        name="updated_at_increases",
        title="Whatever is told of an order unasked has a later updated_at than all before",
        sources=("assertion 43", "protocol 1.0", "protocol 4.23"),
        of=_AGAIN,
        needs=_NEEDS_AGAIN,
        judge=_updated_later,
    ),
)
