"""Cancellation by either side. Source: protocol 1.8, 2, 4.28, 4.29, 4.31; assertions 49 to 53."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import (
    CANCELLED,
    COMPLETED,
    agreed,
    given_up,
    history,
    order_before,
    refusal,
    shown_before,
    state,
    status,
    term_state,
    visits,
)
from bpp.conformance.select import MADE, answered, callbacks, probes
from bpp.sandbox.exchange import part

SELLER, CONSUMER = ("PRODUCER", "PROVIDER"), ("CONSUMER",)
OVER = ("50001", "50008")
NO_REASON = "30012"


def _visits_cancelled(subject: Subject) -> Iterator[Fault]:
    before = shown_before(subject)
    done = {str(visit["id"]) for _, visit in visits(before) if state(visit) == COMPLETED} if before else set()
    for path, visit in visits(subject.message):
        if state(visit) != CANCELLED and str(visit["id"]) not in done:
            yield Fault(f"{path}.state.descriptor.code", "Cancelled", state(visit))


def _cancelled_by(subject: Subject) -> Iterator[Fault | NotRun]:
    """Who asked is not known where no request is recorded, nor where one was answered under another id."""
    asked = subject.request is not None or subject.flow.before(subject.message, "cancel") is not None
    allowed = CONSUMER if asked else SELLER if subject.flow.complete else (*CONSUMER, *SELLER)
    found = part(subject.message.order, "cancellation").get("cancelled_by")
    if found is None:
        yield NotRun("it does not say who cancelled")
    elif found not in allowed:
        yield Fault("message.order.cancellation.cancelled_by", " or ".join(allowed), found)


def _reason_told(subject: Subject) -> Iterator[Fault | NotRun]:
    sent = subject.request.message.get("cancellation_reason_id") if subject.request else None
    found = part(part(part(subject.message.order, "cancellation"), "reason"), "descriptor").get("code")
    if not sent or found is None:
        yield NotRun("the cancel names no reason, or its answer none")
    elif found != sent:
        yield Fault("message.order.cancellation.reason.descriptor.code", f"{sent}, as in cancel", found)


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
        term.get("reason_required") for term in first.order.get("cancellation_terms", ()) if term_state(term) == now
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


def _nothing_after(subject: Subject) -> Iterator[Fault | NotRun]:
    if not any(one.action == "on_cancel" for one in history(subject)):
        yield NotRun("the order was not cancelled before")
    elif status(subject.message) != CANCELLED:
        yield Fault("message.order.status", "CANCELLED, as it was told before", subject.message.order.get("status"))


CANCELLATIONS = callbacks("on_cancel", where=given_up)
BY_BUYER = answered("on_cancel", where=given_up)
NEEDS_CANCELLATION = "on_cancel of an order that is cancelled"
NEEDS_BY_BUYER = "on_cancel that answers"

CHECKS: tuple[Check, ...] = (
    Check(
        name="visits_cancelled",
        title="Every visit of a cancelled order that was not completed is Cancelled",
        sources=("assertion 49", "protocol 1.8"),
        of=CANCELLATIONS,
        needs=NEEDS_CANCELLATION,
        judge=_visits_cancelled,
    ),
    Check(
        name="cancelled_by",
        title="A cancellation says who cancelled: CONSUMER, or PRODUCER or PROVIDER where nobody asked",
        sources=("assertion 49", "assertion 53", "protocol 1.8", "protocol 4.29", "protocol 4.31"),
        of=CANCELLATIONS,
        needs=NEEDS_CANCELLATION,
        judge=_cancelled_by,
    ),
    Check(
        name="cancel_reason_told",
        title="A cancellation names the reason that the buyer app sent",
        sources=("assertion 49", "protocol 1.8"),
        of=BY_BUYER,
        needs=NEEDS_BY_BUYER,
        judge=_reason_told,
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
        name="nothing_after_cancel",
        title="After a cancellation nothing tells another state of the order",
        sources=("assertion 53", "assertion 52"),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_nothing_after,
    ),
)
