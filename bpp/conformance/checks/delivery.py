"""How callbacks are delivered: again where they were not taken, beside a slow buyer app, in order.

Source: assertion 58; network 5, retries and ordering.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus

from beckn_schemas.base import parse_timestamp
from bpp.conformance.check import Check, Fault, NotRun, Select, Severity, Subject
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Flow, Record, Reply
from bpp.conformance.select import probes, whole_flow

_TRY_AGAIN_NACKS = frozenset({"23001", "31001"})
_TRY_AGAIN_STATUSES = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})
_TIMES = ("context.timestamp", "message.order.updated_at")


def _failed(reply: Reply | None) -> bool:
    """No answer, or one that says later."""
    return reply is None or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR or reply.status in _TRY_AGAIN_STATUSES


def _asked_again(reply: Reply | None) -> bool:
    """A NACK that says: internal error, please retry."""
    return reply is not None and reply.status == HTTPStatus.OK and reply.error_code in _TRY_AGAIN_NACKS


def _refused(reply: Reply | None) -> bool:
    """A NACK for good, of a callback whose signature held."""
    return reply is not None and not (_failed(reply) or _asked_again(reply) or reply.acked or _spelt(reply))


def _spelt(reply: Reply | None) -> bool:
    """An ACK in another spelling than the specification's."""
    if reply is None or reply.status != HTTPStatus.OK:
        return False
    wrapped = at(reply.document, "sync.message.ack.status") == "ACK"
    return wrapped or (reply.acked and set(reply.document) != {"message"})


def _given(fits: Callable[[Reply | None], bool]) -> Select:
    """Callbacks that the buyer app answered so; a folder does not tell its answers."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.callbacks if flow.live else ():
            if fits(one.reply) and not one.problem:
                yield Subject(flow, one)

    return select


def _in_words(reply: Reply | None) -> str:
    return f"HTTP {reply.status} {reply.error_code}".strip() if reply else "a lost connection"


def _retried(subject: Subject) -> Iterator[Fault]:
    if not subject.flow.repeated(subject.message):
        expected = f"the same message again after {_in_words(subject.message.reply)}"
        yield Fault("time", expected, "nothing came")


def _unchanged(subject: Subject) -> Iterator[Fault | NotRun]:
    again = subject.flow.repeated(subject.message)
    if not again:
        yield NotRun(f"{subject.message.name} was not sent again")
    for one in again:
        if one.document != subject.message.document:
            yield Fault("message", f"the same as in {subject.message.name}", "another", record=one)


def _left(subject: Subject) -> Iterator[Fault]:
    for one in subject.flow.repeated(subject.message):
        yield Fault("time", f"nothing more after {_in_words(subject.message.reply)}", f"{one.name} came")


def _beside(subject: Subject) -> Iterator[Fault]:
    answers = subject.flow.answers_to(subject.message)
    waited = (answers[0].elapsed or 0.0) - (subject.message.elapsed or 0.0) if answers else None
    if waited is None or waited > subject.flow.budget:
        found = "nothing came" if waited is None else f"after {waited:.1f} s"
        yield Fault("time", "its callback, while another transaction's is unanswered", found)


def _in_order(subject: Subject) -> Iterator[Fault | NotRun]:
    """By arrival: a folder has no order but that of its timestamps."""
    if not subject.flow.live:
        yield NotRun("the order of arrival is not recorded")
        return
    for _, records in subject.flow.transactions():
        seen: set[str] = set()
        before: Record | None = None
        for one in records:
            if one.sent or subject.flow.request_of(one) is not None or one.message_id in seen:
                continue
            seen.add(one.message_id)
            if before is not None:
                yield from _not_earlier(one, before)
            before = one


def _not_earlier(one: Record, before: Record) -> Iterator[Fault]:
    for path in _TIMES:
        said, told = at(before.document, path), at(one.document, path)
        if ABSENT not in (said, told) and parse_timestamp(told) < parse_timestamp(said):
            yield Fault(path, f"not before that of {before.name}: {said}", told, record=one)


def _told_twice(flow: Flow) -> Iterator[Subject]:
    """A flow with several callbacks that nobody asked for."""
    if sum(flow.request_of(one) is None for one in flow.callbacks) > 1:
        yield from whole_flow(flow)


CHECKS: tuple[Check, ...] = (
    Check(
        name="retried_after_failure",
        title="A callback that met 5xx, 408, 429 or a lost connection is sent again under its message_id",
        sources=("assertion 58", "network 5"),
        of=_given(_failed),
        needs="callback that was not taken",
        judge=_retried,
    ),
    Check(
        name="retried_after_nack",
        title="A callback that met NACK 23001 or 31001 is sent again under its message_id",
        sources=("assertion 58", "network 5"),
        of=_given(_asked_again),
        needs="callback that met a NACK which asks for it again",
        judge=_retried,
    ),
    Check(
        name="retried_unchanged",
        title="A callback that is sent again is the same",
        sources=("assertion 58", "network 5"),
        of=_given(lambda reply: _failed(reply) or _asked_again(reply)),
        needs="callback that was not taken",
        judge=_unchanged,
    ),
    Check(
        name="refusal_respected",
        title="A callback that was refused for good is not sent again",
        sources=("network 5",),
        of=_given(_refused),
        needs="callback that was refused",
        judge=_left,
        severity=Severity.WARNING,
    ),
    Check(
        name="ack_spellings",
        title="An ACK wrapped in sync, or with more keys, is understood: the callback is not sent again",
        sources=("protocol 7",),
        of=_given(_spelt),
        needs="callback that met an oddly spelt ACK",
        judge=_left,
        severity=Severity.WARNING,
    ),
    Check(
        name="slow_buyer",
        title="A buyer app that is slow in one transaction holds up no other",
        sources=("assertion 58",),
        of=probes("beside_slow"),
        needs="search beside an unanswered callback",
        judge=_beside,
    ),
    Check(
        name="news_in_order",
        title="Callbacks that nobody asked for come in the order of what they tell",
        sources=("network 5", "assertion 37"),
        of=_told_twice,
        needs="flow with several unsolicited callbacks",
        judge=_in_order,
    ),
)
