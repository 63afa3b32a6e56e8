"""Further quotations and the buyer's word on them. Source: protocol 1.9, 2, 4.14; assertions 47 and 48."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import (
    CANCELLED,
    PENDING,
    history,
    lines,
    order_before,
    payments,
    price,
    shown_before,
    status,
    target,
)
from bpp.conformance.record import Flow, Record, last
from bpp.conformance.select import orders, unsolicited

PAID = "paid"
MONEY = "payments"


def quotations(flow: Flow) -> Iterator[Subject]:
    """The on_update that nobody asked for and that show a higher price than before; a lower one is a refund."""
    for subject in unsolicited("on_update")(flow):
        before = shown_before(subject)
        if before is not None and price(before) < price(subject.message):
            yield subject


def words(flow: Flow) -> Iterator[Subject]:
    """The updates of the payments: the buyer's word on a quotation. Probes are words, too."""
    for one in flow.requests:
        if one.action == "update" and MONEY in target(one):
            yield Subject(flow, one)


def _pending(subject: Subject) -> Iterator[Fault]:
    if status(subject.message) != PENDING:
        yield Fault("message.order.status", "PENDING, until the buyer says yes or no", subject.message.order["status"])


def _lines_kept(subject: Subject) -> Iterator[Fault]:
    before = shown_before(subject)
    now = lines(subject.message)
    for one in lines(before) if before else ():
        if not any((new.kind, new.item_id) == (one.kind, one.item_id) and new.amount >= one.amount for new in now):
            expected = f"the line {one.kind} of {one.item_id} with {one.amount}, as before"
            yield Fault("message.order.quote.breakup", expected, "none")


def _payments_new(subject: Subject) -> Iterator[Fault]:
    before = shown_before(subject)
    old = len(payments(before)) if before else 0
    now = payments(subject.message)
    if len(now) <= old:
        yield Fault("message.order.payments", "a payment of its own for what is quoted", f"{len(now)} payments")
    for place, (_, paid, *_) in enumerate(now[old:], old):
        if paid != "not-paid":
            yield Fault(f"message.order.payments[{place}].status", "NOT-PAID", paid)


def _items_new(subject: Subject) -> Iterator[Fault | NotRun]:
    before = shown_before(subject)
    old = {one["id"] for one in before.order["items"]} if before else set()
    items = subject.message.order["items"]
    found = [(place, one) for place, one in enumerate(items) if one["id"] not in old]
    if {one.item_id for one in lines(subject.message)} - {str(one["id"]) for one in items}:
        yield NotRun("a line is of no item of the order: a matter of the check line_item")
    elif not found:
        yield Fault("message.order.items", "an item for what is quoted", "those of before")
    for place, one in found:
        for key in ("fulfillment_ids", "payment_ids"):
            if not one.get(key):
                yield Fault(f"message.order.items[{place}].{key}", "the ids of its visit and of its payments", "none")


def _answered(subject: Subject) -> Iterator[Fault | NotRun]:
    answers = [one for one in subject.flow.answers_to(subject.message) if not one.error_code]
    if not answers:
        yield NotRun("no on_update answers it")
    for one in answers:
        if status(one) == PENDING:
            yield Fault("message.order.status", "no longer PENDING", one.order.get("status"), one)


def _later(subject: Subject) -> tuple[Record, ...]:
    """The callbacks that show an update's order after it."""
    request = subject.message
    named = (str(request.context.get("bap_id", "")), str(request.order["id"]))
    for told in orders(subject.flow):
        if (str(told[0].context.get("bap_id", "")), str(told[0].order["id"])) == named:
            return tuple(one for one in told if one.number > request.number)
    return ()


def _refuses(request: Record) -> bool:
    return status(request) == CANCELLED


def _taken(subject: Subject) -> Iterator[Fault | NotRun]:
    request = subject.message
    paid = [(place, one) for place, one in enumerate(payments(request)) if one[1] == PAID and one[3]]
    before = order_before(subject.flow, request)
    told = [one for one in _later(subject) if not one.error_code]
    if _refuses(request) or not paid or before is None or not told:
        yield NotRun("the buyer paid for no quotation, or the order was not shown after it")
        return
    for one in told:
        shown = payments(one)
        for place, wanted in paid:
            if shown[place : place + 1] != [wanted]:
                found = " ".join(map(str, shown[place])) if place < len(shown) else "no such payment"
                yield Fault(f"message.order.payments[{place}]", " ".join(map(str, wanted)), found, one)


def _refused(subject: Subject) -> Iterator[Fault | NotRun]:
    request = subject.message
    waiting = order_before(subject.flow, request)
    told = [one for one in subject.flow.answers_to(request) if not one.error_code]
    if not _refuses(request) or waiting is None or not told:
        yield NotRun("the buyer refused no quotation, or nothing answers it")
        return
    original = last(one for one in history(Subject(subject.flow, waiting)) if status(one) != PENDING)
    if original is None:
        yield NotRun("the order was not shown before the quotation")
        return
    for one in told:
        for key, old, now in (
            ("quote.price.value", price(original), price(one)),
            ("payments", payments(original), payments(one)),
            ("items", _ids(original), _ids(one)),
        ):
            if old != now:
                yield Fault(f"message.order.{key}", f"as before the quotation: {old}", now, one)


def _ids(record: Record) -> list[str]:
    return [str(one["id"]) for one in record.order["items"]]


_QUOTATION = "on_update with a further quotation"
_WORD = "update of the payments"

CHECKS: tuple[Check, ...] = (
    Check(
        name="quotation_pending",
        title="While a further quotation waits for the buyer's word, the order is PENDING",
        sources=("assertion 47", "protocol 1.9", "protocol 2"),
        of=quotations,
        needs=_QUOTATION,
        judge=_pending,
    ),
    Check(
        name="quotation_keeps_lines",
        title="A further quotation shows what was agreed beside what is new",
        sources=("assertion 47", "protocol 1.9"),
        of=quotations,
        needs=_QUOTATION,
        judge=_lines_kept,
    ),
    Check(
        name="quotation_payments",
        title="A further quotation is paid by payments of its own, which are NOT-PAID",
        sources=("assertion 47", "protocol 1.9"),
        of=quotations,
        needs=_QUOTATION,
        judge=_payments_new,
    ),
    Check(
        name="quotation_items",
        title="What is quoted further is an item of its own, with its visit and its payments",
        sources=("assertion 47", "protocol 1.9", "protocol 4.14"),
        of=quotations,
        needs=_QUOTATION,
        judge=_items_new,
    ),
    Check(
        name="quotation_answered",
        title="The buyer's word on a quotation is answered, and the order is PENDING no more",
        sources=("assertion 48", "protocol 1.9", "protocol 2"),
        of=words,
        needs=_WORD,
        judge=_answered,
    ),
    Check(
        name="quotation_taken",
        title="What the buyer paid for a quotation is PAID from then on, with its transaction_id",
        sources=("assertion 48", "protocol 1.9"),
        of=words,
        needs=_WORD,
        judge=_taken,
    ),
    Check(
        name="quotation_refused",
        title="After a quotation that the buyer refuses, scope, price and payments are what they were",
        sources=("assertion 48", "protocol 1.9"),
        of=words,
        needs=_WORD,
        judge=_refused,
    ),
)
