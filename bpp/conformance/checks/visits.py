"""Status and the states of visits. Source: protocol 1.7; assertions 36 to 39."""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import (
    CANCELLED,
    COMPLETED,
    PENDING,
    WAY,
    history,
    order_before,
    refusal,
    state,
    status,
    stops,
    visit_states,
    visits,
)
from bpp.conformance.select import MADE, answered, callbacks, probes, whole_flow
from bpp.sandbox.exchange import part

OK = 200


def _status_of_now(subject: Subject) -> Iterator[Fault | NotRun]:
    before = order_before(subject.flow, subject.request) if subject.request else None
    if before is None:
        yield NotRun("the order was not shown before the status")
        return
    known = visit_states(before)
    for path, visit in visits(subject.message):
        expected = known.get(str(visit["id"]))
        if expected != "" and state(visit) != expected:
            found = f"{state(visit)} of {visit['id']}"
            yield Fault(f"{path}.state.descriptor.code", f"{expected}, as {before.name} told", found)


def _stranger_refused(subject: Subject) -> Iterator[Fault]:
    shown = [one for one in subject.flow.answers_to(subject.message) if one.order.get("fulfillments")]
    if shown:
        yield Fault("message.order", "no order that is not the buyer app's own", "an order", shown[0])
    elif refusal(subject.flow, subject.message) is None:
        yield Fault("reply", "NACK, or on_status with error 30018", "neither")


def _in_order(subject: Subject) -> Iterator[Fault | NotRun]:
    told = history(subject)
    if not told:
        yield NotRun("the order was not shown before")
        return
    before: dict[str, str] = {}
    for one in told:
        before |= {key: now for key, now in visit_states(one).items() if now in (*WAY, CANCELLED)}
    for path, visit in visits(subject.message):
        now, old = state(visit), before.get(str(visit["id"]))
        if now not in (*WAY, CANCELLED):
            yield NotRun(f"{now or 'nothing'} is no state of a visit: a matter of the check shape_enum")
        elif now not in _next(old):
            yield Fault(f"{path}.state.descriptor.code", f"{' or '.join(_next(old))}, after {old or 'nothing'}", now)


def _next(old: str | None) -> tuple[str, ...]:
    """The states in which a visit may be shown after another; a new one waits to be begun."""
    if old is None:
        return (PENDING,)
    if old in (COMPLETED, CANCELLED):
        return (old,)
    place = WAY.index(old)
    return (*WAY[place : place + 2], CANCELLED)


def _departure_kept(subject: Subject) -> Iterator[Fault | NotRun]:
    first: dict[str, str] = {}
    for one in reversed(history(subject)):
        first |= {
            str(visit["id"]): stop["time"]["timestamp"]
            for _, stop, visit in stops(one, "start")
            if "timestamp" in part(stop, "time")
        }
    if not first:
        yield NotRun("no departure was told before")
    for path, stop, visit in stops(subject.message, "start"):
        now, expected = part(stop, "time").get("timestamp"), first.get(str(visit["id"]))
        if expected and now and parse_timestamp(now) != parse_timestamp(expected):
            yield Fault(f"{path}.time.timestamp", f"{expected}, as before", now)


def _invoice(subject: Subject) -> Iterator[Fault | NotRun]:
    papers = subject.message.order.get("documents")
    if not papers:
        yield NotRun("the order shows no document")
        return
    if not str(papers[0].get("url", "")).startswith(("http://", "https://")):
        yield Fault("message.order.documents[0].url", "an address that a browser opens", papers[0].get("url"))
    if str(papers[0].get("label", "")).casefold() != "invoice":
        yield Fault("message.order.documents[0].label", "INVOICE", papers[0].get("label"))


def _invoice_opens(subject: Subject) -> Iterator[Fault | NotRun]:
    fetched = [one.value for one in subject.flow.notes if one.kind == "fetched"]
    if not fetched:
        yield NotRun("no invoice was opened")
    for one in fetched:
        if one["status"] != OK:
            yield Fault("message.order.documents[0].url", "HTTP 200", f"{one['status']} of {one['url']}")


CHECKS: tuple[Check, ...] = (
    Check(
        name="status_of_now",
        title="A status is answered with the states that were told last",
        sources=("assertion 36", "protocol 1.7"),
        of=answered("on_status", where=lambda one: not one.error_code),
        needs="on_status that answers",
        judge=_status_of_now,
    ),
    Check(
        name="unknown_order_refused",
        title="A status of an order that does not exist is refused",
        sources=("assertion 36",),
        of=probes("unknown_order"),
        needs="status of an unknown order",
        judge=_stranger_refused,
    ),
    Check(
        name="foreign_order_refused",
        title="A status of another buyer app's order is refused, and shows nothing of it",
        sources=("assertion 36",),
        of=probes("foreign_order"),
        needs="status of another buyer app's order",
        judge=_stranger_refused,
    ),
    Check(
        name="states_in_order",
        title="A visit goes from Pending to In-Transit, At-Location and Completed, and is told of each",
        sources=("assertion 37", "protocol 1.7", "protocol 2", "protocol 4.14"),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_in_order,
    ),
    Check(
        name="departure_kept",
        title="When the worker set off is never told otherwise",
        sources=("assertion 38", "protocol 1.7"),
        of=callbacks(*MADE[1:]),
        needs="callback that shows an order again",
        judge=_departure_kept,
    ),
    Check(
        name="invoice_document",
        title="A completed order's first document is the invoice, at an address that a browser opens",
        sources=("assertion 39", "protocol 1.7", "specification on_status message.order.documents"),
        of=callbacks("on_status", where=lambda one: status(one) == COMPLETED),
        needs="on_status of a completed order",
        judge=_invoice,
    ),
    Check(
        name="invoice_opens",
        title="The address of the invoice answers 200",
        sources=("assertion 39",),
        of=whole_flow,
        needs="flow",
        judge=_invoice_opens,
    ),
)
