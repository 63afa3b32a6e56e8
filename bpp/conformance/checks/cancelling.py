"""Cancellation by either side. Source: protocol 1.8, 2, 4.28 to 4.31; assertions 49 to 53."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import (
    CANCELLED,
    COMPLETED,
    PENDING,
    WAY,
    Line,
    agreed,
    history,
    lines,
    money,
    order_before,
    payments,
    price,
    refusal,
    shown_before,
    state,
    status,
    visits,
    word,
)
from bpp.conformance.record import Record, last
from bpp.conformance.select import MADE, answered, callbacks, probes, unsolicited
from bpp.sandbox.exchange import Json, part

SELLER, BUYER = ("PRODUCER", "PROVIDER"), ("CONSUMER",)
PAISA = Decimal("0.01")
OVER = ("50001", "50008")
NO_REASON = "30012"


def _done(one: Record) -> bool:
    return not one.error_code and status(one) == CANCELLED


def _visits_cancelled(subject: Subject) -> Iterator[Fault]:
    before = shown_before(subject)
    done = {str(visit["id"]) for _, visit in visits(before) if state(visit) == COMPLETED} if before else set()
    for path, visit in visits(subject.message):
        if state(visit) != CANCELLED and str(visit["id"]) not in done:
            yield Fault(f"{path}.state.descriptor.code", "Cancelled", state(visit))


def _cancelled_by(subject: Subject) -> Iterator[Fault]:
    allowed = BUYER if subject.request is not None else SELLER
    found = part(subject.message.order, "cancellation").get("cancelled_by")
    if found not in allowed:
        yield Fault("message.order.cancellation.cancelled_by", " or ".join(allowed), found)


def _reason_told(subject: Subject) -> Iterator[Fault | NotRun]:
    sent = subject.request.message.get("cancellation_reason_id") if subject.request else None
    if not sent:
        yield NotRun("the cancel names no reason")
        return
    found = part(part(part(subject.message.order, "cancellation"), "reason"), "descriptor").get("code")
    if found != sent:
        yield Fault("message.order.cancellation.reason.descriptor.code", f"{sent}, as in cancel", found)


def _seller_reason(subject: Subject) -> Iterator[Fault]:
    found = part(part(part(subject.message.order, "cancellation"), "reason"), "descriptor").get("code")
    if not found:
        yield Fault("message.order.cancellation.reason.descriptor.code", "why the seller cancelled", found)


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
    fees = {min(_fee(term, total), total) for term in terms if _state_of(term) == now} or {Decimal(0)}
    if price(subject.message) not in fees:
        expected = f"{' or '.join(f'{one:.2f}' for one in sorted(fees))}: the fee of the terms for {now}"
        yield Fault("message.order.quote.price.value", expected, str(price(subject.message)))


def _settled(subject: Subject) -> Record | None:
    """The order as it was last shown without a quotation that waits."""
    return last(one for one in history(subject) if status(one) != PENDING)


def _state_of(term: Json) -> str:
    return word(part(part(term, "fulfillment_state"), "descriptor").get("code", ""))


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
    for place, one in enumerate(payments(before)):
        if one[1] == "paid" and now[place : place + 1] != [one]:
            found = now[place] if place < len(now) else ("no such payment",)
            yield Fault(f"message.order.payments[{place}]", " ".join(map(str, one)), " ".join(map(str, found)))


def _reason_accepted(subject: Subject) -> Iterator[Fault]:
    code = refusal(subject.flow, subject.message)
    if code is not None or not subject.flow.answers_to(subject.message):
        sent = subject.message.message.get("cancellation_reason_id")
        yield Fault("message.cancellation_reason_id", f"{sent} is accepted", code or "no on_cancel")


def _reason_wanted(subject: Subject) -> Iterator[Fault | NotRun]:
    before = order_before(subject.flow, subject.message)
    first = agreed(subject.flow, subject.message.transaction_id)
    if before is None or first is None:
        yield NotRun("the order was not shown before")
        return
    now = state([visit for _, visit in visits(before)][-1])
    wanted = [
        term.get("reason_required") for term in first.order.get("cancellation_terms", ()) if _state_of(term) == now
    ]
    if not wanted or not all(str(one).casefold() == "true" for one in wanted):
        yield NotRun("the terms want no reason in this state")
        return
    code = refusal(subject.flow, subject.message)
    if code != NO_REASON:
        yield Fault("error.code", f"{NO_REASON}: the terms want a reason", code or "no refusal")


def _over(subject: Subject) -> Iterator[Fault]:
    request = subject.message
    nacked = request.reply is not None and not request.reply.acked
    code = refusal(subject.flow, request)
    if not nacked and code not in OVER:
        yield Fault("error.code", f"NACK, or {' or '.join(OVER)}", code or "no refusal")


def _once(subject: Subject) -> Iterator[Fault | NotRun]:
    first = next((one for one in history(subject) if one.action == "on_cancel"), None)
    if first is None or "quote" not in subject.message.order:
        yield NotRun("the order was not cancelled before")
    elif lines(first) != lines(subject.message):
        yield Fault("message.order.quote", f"what {first.name} gave back and no more", str(price(subject.message)))


def _nothing_after(subject: Subject) -> Iterator[Fault | NotRun]:
    if not any(one.action == "on_cancel" for one in history(subject)):
        yield NotRun("the order was not cancelled before")
    elif status(subject.message) != CANCELLED:
        yield Fault("message.order.status", "CANCELLED, as it was told before", subject.message.order.get("status"))


def _order_named(subject: Subject) -> Iterator[Fault]:
    request = subject.request
    asked = str(request.message.get("order_id") or request.order.get("id")) if request else ""
    if subject.message.order.get("id") != asked:
        yield Fault(
            "message.order.id", f"{asked}, as in {request.action if request else ''}", subject.message.order.get("id")
        )


def _term_states(subject: Subject) -> Iterator[Fault | NotRun]:
    found = list(_terms(subject.message))
    if not found:
        yield NotRun("no cancellation terms are shown")
    for path, term in found:
        if _state_of(term) not in (*WAY, CANCELLED):
            code = part(part(term, "fulfillment_state"), "descriptor").get("code")
            yield Fault(f"{path}.fulfillment_state.descriptor.code", "a state that a visit can have", code)


def _terms(record: Record) -> Iterator[tuple[str, Json]]:
    """The cancellation terms of an order, or of the items of a catalog, with their paths."""
    holders = [("message.order", record.order)]
    for place, provider in enumerate(part(record.message, "catalog").get("providers", ())):
        for number, item in enumerate(provider.get("items", ())):
            holders.append((f"message.catalog.providers[{place}].items[{number}]", item))
    for path, holder in holders:
        for place, term in enumerate(holder.get("cancellation_terms", ())):
            yield f"{path}.cancellation_terms[{place}]", term


_CANCELLED = callbacks("on_cancel", where=_done)
_BY_BUYER = answered("on_cancel", where=_done)
_NEEDS = "on_cancel of an order that is cancelled"
_NEEDS_BUYER = "on_cancel that answers"

CHECKS: tuple[Check, ...] = (
    Check(
        name="term_states",
        title="Cancellation terms name states that a visit can have",
        sources=("protocol 4.19", "protocol 7"),
        of=callbacks("on_search", "on_init", "on_confirm"),
        needs="callback with cancellation terms",
        judge=_term_states,
    ),
    Check(
        name="order_named",
        title="A question about an order is answered with that order's id",
        sources=("assertion 36", "protocol 4.28"),
        of=answered("on_status", "on_update", "on_cancel", where=lambda one: bool(one.order)),
        needs="callback that answers a status, update or cancel",
        judge=_order_named,
    ),
    Check(
        name="visits_cancelled",
        title="Every visit of a cancelled order that was not completed is Cancelled",
        sources=("assertion 49", "protocol 1.8"),
        of=_CANCELLED,
        needs=_NEEDS,
        judge=_visits_cancelled,
    ),
    Check(
        name="cancelled_by",
        title="A cancellation says who cancelled: CONSUMER, or PRODUCER or PROVIDER where nobody asked",
        sources=("assertion 49", "assertion 53", "protocol 1.8", "protocol 4.29", "protocol 4.31"),
        of=_CANCELLED,
        needs=_NEEDS,
        judge=_cancelled_by,
    ),
    Check(
        name="cancel_reason_told",
        title="A cancellation names the reason that the buyer app sent",
        sources=("assertion 49", "protocol 1.8"),
        of=_BY_BUYER,
        needs=_NEEDS_BUYER,
        judge=_reason_told,
    ),
    Check(
        name="cancel_fee",
        title="A buyer who cancels pays the fee of the terms for the state at that time",
        sources=("assertion 50", "protocol 1.8", "protocol 2"),
        of=_BY_BUYER,
        needs=_NEEDS_BUYER,
        judge=_fee_of_term,
    ),
    Check(
        name="refund_lines",
        title="A cancelled order shows its lines and what is refunded of them, or nothing but zeros",
        sources=("assertion 50", "assertion 53", "protocol 1.8", "protocol 4.30"),
        of=_CANCELLED,
        needs=_NEEDS,
        judge=_lines_of_refund,
    ),
    Check(
        name="cancel_keeps_payments",
        title="What was paid stays PAID with its amount when the order is cancelled",
        sources=("assertion 50", "protocol 1.8", "protocol 2"),
        of=_CANCELLED,
        needs=_NEEDS,
        judge=_payments_stay,
    ),
    Check(
        name="cancel_reason_accepted",
        title="Any reason id that is in use cancels an order",
        sources=("assertion 51", "protocol 1.8", "protocol 4.28"),
        of=probes("cancel_reason"),
        needs="cancel with one of the reasons that are in use",
        judge=_reason_accepted,
    ),
    Check(
        name="cancel_reason_wanted",
        title="A cancel without a reason is refused with 30012 where the terms want one",
        sources=("assertion 51", "protocol 1.8"),
        of=probes("cancel_without_reason"),
        needs="cancel without a reason",
        judge=_reason_wanted,
    ),
    Check(
        name="cancel_over_refused",
        title="An order that is completed or cancelled cannot be cancelled",
        sources=("assertion 52",),
        of=probes("cancel_completed", "cancel_again"),
        needs="cancel of an order that is over",
        judge=_over,
    ),
    Check(
        name="refund_once",
        title="What was refunded is refunded once",
        sources=("assertion 52",),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_once,
    ),
    Check(
        name="seller_cancel_reason",
        title="A seller's cancellation names a reason",
        sources=("protocol 1.8",),
        of=unsolicited("on_cancel"),
        needs="on_cancel that nobody asked for",
        judge=_seller_reason,
    ),
    Check(
        name="nothing_after_cancel",
        title="After a cancellation nothing tells another state of the order",
        sources=("assertion 53", "assertion 52"),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_nothing_after,
    ),
)
