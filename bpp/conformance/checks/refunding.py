"""What a cancellation costs and gives back. Source: protocol 1.8, 2, 4.19, 4.30; assertions 50, 52, 53."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.cancelling import BY_BUYER, CANCELLATIONS, NEEDS_BY_BUYER, NEEDS_CANCELLATION
from bpp.conformance.checks.ordered import money
from bpp.conformance.checks.reading import (
    CANCELLED,
    COMPLETED,
    PENDING,
    Line,
    agreed,
    history,
    lines,
    order_before,
    payments,
    price,
    state,
    status,
    term_state,
    visits,
)
from bpp.conformance.record import Record, last
from bpp.conformance.select import MADE, callbacks
from bpp.sandbox.exchange import Json

PAISA = Decimal("0.01")


def _fee_of_term(subject: Subject) -> Iterator[Fault | NotRun]:
    before = order_before(subject.flow, subject.request) if subject.request else None
    first = agreed(subject.flow, subject.message.transaction_id)
    if before is None or first is None or COMPLETED in [state(visit) for _, visit in visits(before)]:
        yield NotRun("the order was not shown before, or a part of it was carried out")
        return
    terms = first.order.get("cancellation_terms")
    if not terms:
        yield NotRun("no cancellation terms were agreed")
        return
    now = state([visit for _, visit in visits(before)][-1])
    total = price(_settled(subject) or before)
    fees = {min(_fee(term, total), total) for term in terms if term_state(term) == now} or {Decimal(0)}
    if price(subject.message) not in fees:
        expected = f"{' or '.join(f'{one:.2f}' for one in sorted(fees))}: the fee of the terms for {now}"
        yield Fault("message.order.quote.price.value", expected, str(price(subject.message)))


def _settled(subject: Subject) -> Record | None:
    """The order as it was last shown without a quotation that waits, and before it was given up."""
    return last(one for one in history(subject) if status(one) not in {PENDING, CANCELLED})


def _fee(term: Json, total: Decimal) -> Decimal:
    fee = term["cancellation_fee"]
    if "percentage" in fee:
        return (total * money(str(fee["percentage"]).rstrip("%")) / 100).quantize(PAISA, ROUND_HALF_UP)
    return money(fee["amount"]["value"] if isinstance(fee["amount"], dict) else fee["amount"])


def _lines_of_refund(subject: Subject) -> Iterator[Fault | NotRun]:
    before = _settled(subject)
    if before is None:
        yield NotRun("the order was not shown before")
        return
    now = lines(subject.message)
    if all(not one.amount for one in now):
        return
    for one in lines(before):
        if one.amount and one not in now:
            yield Fault(
                "message.order.quote.breakup", f"{_words(one)}, as before, beside the refunds", "another, or none"
            )
    refunded = sum((one.amount for one in now if one.kind == "refund"), Decimal(0))
    charged = sum((one.amount for one in now if one.kind == "misc" and one not in lines(before)), Decimal(0))
    if price(before) + charged + refunded != price(subject.message):
        expected = f"refunds that leave {price(subject.message)} of {price(before)}"
        yield Fault("message.order.quote.breakup", expected, f"refunds of {refunded}, charges of {charged}")


def _words(line: Line) -> str:
    return f"{line.kind} {line.item_id} {line.amount}"


def _payments_stay(subject: Subject) -> Iterator[Fault | NotRun]:
    before = _settled(subject)
    if before is None:
        yield NotRun("the order was not shown before")
        return
    now = payments(subject.message)
    paid = [(place, one) for place, one in enumerate(payments(before)) if one[1] == "paid"]
    if not paid:
        yield NotRun("nothing was paid before")
    for place, one in paid:
        if now[place : place + 1] != [one]:
            found = now[place] if place < len(now) else ("no such payment",)
            yield Fault(f"message.order.payments[{place}]", " ".join(map(str, one)), " ".join(map(str, found)))


def _once(subject: Subject) -> Iterator[Fault | NotRun]:
    first = next((one for one in history(subject) if one.action == "on_cancel"), None)
    if first is None or "quote" not in subject.message.order:
        yield NotRun("the order was not cancelled before")
    elif lines(first) != lines(subject.message):
        yield Fault("message.order.quote", f"what {first.name} gave back and no more", str(price(subject.message)))


CHECKS: tuple[Check, ...] = (
    Check(
        name="cancel_fee",
        title="A buyer who cancels pays the fee of the terms for the state at that time",
        sources=("assertion 50", "protocol 1.8", "protocol 2"),
        of=BY_BUYER,
        needs=NEEDS_BY_BUYER,
        judge=_fee_of_term,
    ),
    Check(
        name="refund_lines",
        title="A cancelled order shows its lines and what is refunded of them, or nothing but zeros",
        sources=("assertion 50", "assertion 53", "protocol 1.8", "protocol 4.30"),
        of=CANCELLATIONS,
        needs=NEEDS_CANCELLATION,
        judge=_lines_of_refund,
    ),
    Check(
        name="cancel_keeps_payments",
        title="What was paid stays PAID with its amount when the order is cancelled",
        sources=("assertion 50", "protocol 1.8", "protocol 2"),
        of=CANCELLATIONS,
        needs=NEEDS_CANCELLATION,
        judge=_payments_stay,
    ),
    Check(
        name="refund_once",
        title="What was refunded is refunded once",
        sources=("assertion 52",),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_once,
    ),
)
