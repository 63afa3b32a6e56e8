"""Synchronous answers, and how callbacks are sent. Source: assertions 1, 2 and 58; protocol 1.0 and 7; network 5."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import get_args

from beckn_schemas.ack import ERROR_CODES, ErrorType
from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks.issue_parts import owes_nothing
from bpp.conformance.record import Flow, Record, Reply
from bpp.conformance.select import callbacks

JSON = "application/json"
TYPES = frozenset(get_args(ErrorType))
SELLERS_CODES = {"50009"} | {
    code for code, one in ERROR_CODES.items() if one.source in {"Seller App", "Grievances", "Settlement"}
}
"""What a seller app may answer; 50009 stands in the specification's own on_select_nack.json."""
PLEASE_RETRY = "31001"


def _asked(flow: Flow) -> Iterator[Record]:
    """Requests that the seller itself answered at once: a gateway acknowledges a search in its own name."""
    gateways = tuple(str(one.value) for one in flow.notes if one.kind == "gateway")
    for one in flow.requests:
        if one.reply is not None and not (one.url or "").startswith(gateways or ("\n",)):
            yield one


def _ordinary(flow: Flow) -> Iterator[Subject]:
    """Answered requests that try nothing."""
    yield from (Subject(flow, one) for one in _asked(flow) if not one.probe)


def _acknowledged(flow: Flow) -> Iterator[Subject]:
    yield from (Subject(flow, one) for one in _asked(flow) if _reply(one).acked)


def _refused(flow: Flow) -> Iterator[Subject]:
    yield from (Subject(flow, one) for one in _asked(flow) if _reply(one).ack_status == "NACK")


def _all(flow: Flow) -> Iterator[Subject]:
    yield from (Subject(flow, one) for one in _asked(flow))


def _reply(record: Record) -> Reply:
    if record.reply is None:
        raise ValueError("no synchronous answer is recorded")
    return record.reply


def _acked(subject: Subject) -> Iterator[Fault]:
    reply = _reply(subject.message)
    if not reply.acked:
        found = f"HTTP {reply.status} {reply.ack_status} {reply.error_code}".strip()
        yield Fault("reply", "HTTP 200 with message.ack.status ACK", found)


def _ack_shape(subject: Subject) -> Iterator[Fault]:
    error = _reply(subject.message).document.get("error")
    if error:
        yield Fault("reply.error", "no error beside an ACK", error)


def _ack_first(subject: Subject) -> Iterator[Fault | NotRun]:
    answers = subject.flow.answers_to(subject.message)
    acked = _reply(subject.message).elapsed
    arrived = answers[0].elapsed if answers else None
    if acked is None or arrived is None:
        yield NotRun("no callback with its time followed")
    elif arrived < acked:
        yield Fault("time", "the ACK before its callback", f"{answers[0].name} came {acked - arrived:.3f} s before it")


def _answered(subject: Subject) -> Iterator[Fault]:
    """A search may be met with silence; a closing, or a callback of the buyer app's, owes an ACK alone."""
    request = subject.message
    if request.action != "search" and not owes_nothing(request) and not subject.flow.answers_to(request):
        yield Fault("time", f"an on_{subject.message.action}, be it with an error", "nothing came")


def _no_callback(subject: Subject) -> Iterator[Fault]:
    """The same ids may have been taken with another body; then what comes answers that one."""
    for one in subject.flow.answers_to(subject.message):
        if subject.flow.request_of(one) is subject.message:
            yield Fault("time", "no callback after a NACK", f"{one.name} came")


def _nack_code(subject: Subject) -> Iterator[Fault]:
    code = _reply(subject.message).error_code
    if code not in SELLERS_CODES:
        yield Fault("reply.error.code", "a published code of a seller app", code)


def _nack_type(subject: Subject) -> Iterator[Fault]:
    found = _reply(subject.message).document["error"].get("type")
    if found not in TYPES:
        yield Fault("reply.error.type", f"one of {', '.join(sorted(TYPES))}", found)


def _nack_message(subject: Subject) -> Iterator[Fault]:
    found = _reply(subject.message).document["error"].get("message")
    if not found:
        yield Fault("reply.error.message", "what is wrong, in words", found)


def _no_failure(subject: Subject) -> Iterator[Fault]:
    reply = _reply(subject.message)
    asks_for_time = reply.status == HTTPStatus.SERVICE_UNAVAILABLE and reply.error_code == PLEASE_RETRY
    if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not asks_for_time:
        yield Fault("reply", "ACK or NACK", f"HTTP {reply.status}")


def _content_type(subject: Subject) -> Iterator[Fault | NotRun]:
    if subject.message.headers is None:
        yield NotRun("the headers are not recorded")
    elif (found := subject.message.headers.get("Content-Type")) != JSON:
        yield Fault("headers.Content-Type", JSON, found)


CHECKS: tuple[Check, ...] = (
    Check(
        name="ack_status",
        title="Every valid request is answered at once with HTTP 200 and ACK",
        sources=("assertion 1", "protocol 1.0"),
        of=_ordinary,
        needs="ordinary request with its synchronous answer",
        judge=_acked,
    ),
    Check(
        name="ack_shape",
        title="An ACK has no error beside it",
        sources=("protocol 1.0",),
        of=_acknowledged,
        needs="acknowledged request",
        judge=_ack_shape,
    ),
    Check(
        name="ack_first",
        title="The ACK comes before the callback",
        sources=("assertion 1", "network 5"),
        of=_acknowledged,
        needs="acknowledged request",
        judge=_ack_first,
    ),
    Check(
        name="ack_answered",
        title="What was acknowledged is answered: never ACK and then silence",
        sources=("network 5",),
        of=lambda flow: (one for one in _ordinary(flow) if _reply(one.message).acked),
        needs="acknowledged ordinary request",
        judge=_answered,
    ),
    Check(
        name="nack_silence",
        title="What was refused brings no callback",
        sources=("assertion 1", "network 5"),
        of=_refused,
        needs="refused request",
        judge=_no_callback,
    ),
    Check(
        name="nack_code",
        title="A NACK has a published error code of a seller app",
        sources=("assertion 1", "protocol 1.0", "security 1.7"),
        of=_refused,
        needs="refused request",
        judge=_nack_code,
    ),
    Check(
        name="nack_type",
        title="A NACK says its type of error",
        sources=("protocol 1.0", "security 1.7"),
        of=_refused,
        needs="refused request",
        judge=_nack_type,
        severity=Severity.WARNING,
    ),
    Check(
        name="nack_message",
        title="A NACK says in words what is wrong",
        sources=("protocol 1.0",),
        of=_refused,
        needs="refused request",
        judge=_nack_message,
        severity=Severity.WARNING,
    ),
    Check(
        name="no_failure",
        title="No request makes the seller app fail",
        sources=("assertion 1", "assertion 28", "network 5"),
        of=_all,
        needs="request with its synchronous answer",
        judge=_no_failure,
    ),
    Check(
        name="content_type",
        title="Callbacks say Content-Type application/json, and nothing else there",
        sources=("protocol 7",),
        of=callbacks(),
        needs="callback",
        judge=_content_type,
        severity=Severity.WARNING,
    ),
)
