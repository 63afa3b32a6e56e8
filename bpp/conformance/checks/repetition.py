"""Messages that come twice, late, ahead of time or out of order. Source: assertions 5, 28, 36 and 52; network 5."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.checks.refusing import (
    Probe,
    is_refused,
    probe_check,
    refused,
    refused_or_silent,
    reply_to,
    said,
)
from bpp.conformance.path import at
from bpp.conformance.record import Flow, Record
from bpp.conformance.select import probes

REPEATED = ("select_repeated", "confirm_repeated", "cancel_repeated")
CONFLICTING: tuple[Probe, ...] = (
    Probe("same_ids_other_body", "The same ids with another body are refused", ("network 5", "security 1.9")),
    Probe("older_same_ids", "An older message under the ids of one that was taken is refused", ("network 5",)),
)
UNTIMELY: tuple[Probe, ...] = (
    Probe("late", "A message whose ttl has passed is refused or dropped", ("network 5",), Severity.WARNING),
    Probe("ahead", "A message from an hour ahead is refused or dropped", ("network 5",), Severity.WARNING),
)
EARLY: tuple[Probe, ...] = (
    Probe("init_without_select", "An init without its select is refused, or answered by an error", ("assertion 28",)),
    Probe("confirm_without_init", "A confirm without its init is refused, or answered by an error", ("network 5",)),
    Probe("status_of_no_order", "A status of an unknown order is refused, or answered by an error", ("assertion 36",)),
    Probe("cancel_before_confirm", "A cancel before the confirm is refused, or answered by an error", ("network 5",)),
)
CONFLICT_CODES = frozenset({"30000", "30022"})
_SHOWN = ("status", "quote.price.value", "fulfillments[0].state.descriptor.code")


def _acked_again(subject: Subject) -> Iterator[Fault]:
    if not reply_to(subject).acked:
        yield Fault("reply", "ACK, as the first time", said(reply_to(subject)))


def _same_answer(subject: Subject) -> Iterator[Fault | NotRun]:
    """A seller need not answer a repetition again; what it says must be what it said."""
    request = subject.message
    wanted = (f"on_{request.action}", request.transaction_id, request.message_id)
    answers = [one for one in subject.flow.callbacks if (one.action, one.transaction_id, one.message_id) == wanted]
    if not answers:
        yield NotRun(f"nothing answered {request.name}")
        return
    first = answers[0]
    for one in answers[1:]:
        if _meaning(one) != _meaning(first):
            yield Fault("message", f"the same as in {first.name}", "another", record=one)


def _meaning(record: Record) -> tuple[object, object]:
    return record.document.get("message"), record.document.get("error")


def _no_second_effect(subject: Subject) -> Iterator[Fault | NotRun]:
    told = subject.flow.before(subject.message, "on_cancel")
    if told is None:
        yield NotRun("the order was not cancelled before")
        return
    for path in _SHOWN:
        if at(subject.message.order, path) != at(told.order, path):
            expected = f"as in {told.name}: {at(told.order, path)}"
            yield Fault(f"message.order.{path}", expected, at(subject.message.order, path))


def _status_after_repetition(flow: Flow) -> Iterator[Subject]:
    for one in flow.callbacks:
        if one.action == "on_status" and any(
            other.probe in REPEATED and other.number < one.number for other in flow.requests
        ):
            yield Subject(flow, one)


def _conflict_code(subject: Subject) -> Iterator[Fault]:
    if (code := reply_to(subject).error_code) not in CONFLICT_CODES:
        yield Fault("reply.error.code", " or ".join(sorted(CONFLICT_CODES)), code)


def _refused_or_error(subject: Subject) -> Iterator[Fault]:
    reply = reply_to(subject)
    if refused(reply):
        return
    answers = subject.flow.answers_to(subject.message)
    if not reply.acked or not answers:
        yield Fault("reply", "NACK, or a callback with an error", f"{said(reply)}, and no callback")
    for one in answers:
        if not one.error_code:
            yield Fault("error", "an error", "none", record=one)


CHECKS: tuple[Check, ...] = (
    Check(
        name="repetition_acked",
        title="A message that comes again is acknowledged again",
        sources=("assertion 5", "network 5", "security 1.9"),
        of=probes(*REPEATED),
        needs="repeated message",
        judge=_acked_again,
    ),
    Check(
        name="repetition_answer",
        title="What answers a message that came again says what it said the first time",
        sources=("assertion 5", "network 5"),
        of=probes(*REPEATED),
        needs="repeated message",
        judge=_same_answer,
    ),
    Check(
        name="repetition_effect",
        title="A message that comes again changes nothing",
        sources=("assertion 5", "assertion 52", "network 5"),
        of=_status_after_repetition,
        needs="status after repeated messages",
        judge=_no_second_effect,
    ),
    *(probe_check(one, is_refused, "refuses") for one in CONFLICTING),
    Check(
        name="conflict_code",
        title="The same ids with another body are refused with 30000 or 30022",
        sources=("network 5", "security 1.9"),
        of=lambda flow: (one for one in probes(*(probe.name for probe in CONFLICTING))(flow) if refused(reply_to(one))),
        needs="refused message under ids that were taken",
        judge=_conflict_code,
        severity=Severity.WARNING,
    ),
    *(probe_check(one, refused_or_silent, "refuses") for one in UNTIMELY),
    *(probe_check(one, _refused_or_error, "refuses") for one in EARLY),
)
