"""Questions about an order; rating, tracking, support. Source: protocol 1.10; assertions 36, 54 and 55."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.checks.reading import order_before, refusal, visits
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import answered, probes, requests
from bpp.sandbox.exchange import part

STATUSES = ("active", "inactive")
NOT_TRACKED = "40005"


def tracks(flow: Flow) -> Iterator[Subject]:
    """Every track: it may be refused, and is a probe therefore."""
    yield from (Subject(flow, one) for one in flow.requests if one.action == "track")


def _answers(subject: Subject) -> Iterator[Fault | NotRun | Record]:
    """What answers a request; what is wrong where nothing does."""
    answers = subject.flow.answers_to(subject.message)
    code = refusal(subject.flow, subject.message)
    if code is not None:
        yield Fault("error.code", "no error", code)
    elif not answers and not subject.flow.live:
        yield NotRun("the answer is not recorded")
    elif not answers:
        yield Fault("reply", f"an on_{subject.message.action} with the message_id of the request", "none")
    else:
        yield from answers


def _rated(subject: Subject) -> Iterator[Fault | NotRun]:
    for one in _answers(subject):
        if not isinstance(one, Record):
            yield one
        elif not isinstance(one.document.get("message"), dict):
            yield Fault("message", "an object", one.document.get("message"), one)


def _refused_with(code: str, subject: Subject) -> Iterator[Fault]:
    found = refusal(subject.flow, subject.message)
    if found != code:
        yield Fault("error.code", code, found or "no refusal")


def _value_refused(subject: Subject) -> Iterator[Fault]:
    yield from _refused_with("30015", subject)


def _category_refused(subject: Subject) -> Iterator[Fault]:
    yield from _refused_with("50003", subject)


def _tracked(subject: Subject) -> Iterator[Fault | NotRun]:
    if refusal(subject.flow, subject.message) == NOT_TRACKED:
        return
    order = order_before(subject.flow, subject.message)
    followed = order is not None and any(visit.get("tracking") is True for _, visit in visits(order))
    for one in _answers(subject):
        if not isinstance(one, Record):
            yield one
            continue
        found = part(one.message, "tracking").get("status")
        if found not in STATUSES or (found == "active" and not followed):
            expected = " or ".join(STATUSES) if followed else "inactive, as tracking is false"
            yield Fault("message.tracking.status", expected, found, one)


def _supported(subject: Subject) -> Iterator[Fault | NotRun]:
    asked = part(subject.message.message, "support").get("ref_id")
    for one in _answers(subject):
        if not isinstance(one, Record):
            yield one
            continue
        told = part(one.message, "support")
        if told.get("ref_id") != asked:
            yield Fault("message.support.ref_id", f"{asked}, as in support", told.get("ref_id"), one)
        for key in ("phone", "email"):
            if not told.get(key):
                yield Fault(f"message.support.{key}", "how help is reached", told.get(key, "none"), one)


def _order_named(subject: Subject) -> Iterator[Fault]:
    request = subject.request
    asked = str(request.message.get("order_id") or request.order.get("id")) if request else ""
    if subject.message.order.get("id") != asked:
        yield Fault(
            "message.order.id", f"{asked}, as in {request.action if request else ''}", subject.message.order.get("id")
        )


CHECKS: tuple[Check, ...] = (
    Check(
        name="order_named",
        title="A question about an order is answered with that order's id",
        sources=("assertion 36", "protocol 4.28"),
        of=answered("on_status", "on_update", "on_cancel", where=lambda one: bool(one.order)),
        needs="callback that answers a status, update or cancel",
        judge=_order_named,
    ),
    Check(
        name="rating_answered",
        title="A rating of a completed order is answered, in either spelling of its category",
        sources=("assertion 54", "protocol 1.10", "protocol 4.38"),
        of=requests("rating"),
        needs="rating",
        judge=_rated,
    ),
    Check(
        name="rating_value_refused",
        title="A rating of 6 is refused with 30015",
        sources=("assertion 54",),
        of=probes("rating_value_6"),
        needs="rating of 6",
        judge=_value_refused,
    ),
    Check(
        name="rating_category_refused",
        title="A rating of something that is not rated is refused with 50003",
        sources=("assertion 54",),
        of=probes("rating_of_weather"),
        needs="rating of a category that there is not",
        judge=_category_refused,
    ),
    Check(
        name="track_answered",
        title="A track is answered with status active or inactive, inactive where tracking is false, or with 40005",
        sources=("assertion 55", "protocol 1.10"),
        of=tracks,
        needs="track",
        judge=_tracked,
    ),
    Check(
        name="support_answered",
        title="A support is answered with its ref_id, a telephone number and an e-mail address",
        sources=("assertion 55", "protocol 1.10"),
        of=requests("support"),
        needs="support",
        judge=_supported,
    ),
)
