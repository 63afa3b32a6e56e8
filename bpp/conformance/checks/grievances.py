"""Grievances in either version: that they are answered, in which context, and by which callback.

Source: network 1.1, 1.2 and 1.8; assertion 56; protocol 1.11.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from beckn_schemas.context import DEFAULT_TTL
from beckn_schemas.igm_context import ECHOED
from bpp.conformance.check import Check, Fault, NotRun, Said, Select, Subject
from bpp.conformance.checks.issue_parts import (
    SAID,
    TOLD,
    check,
    closing,
    first_said,
    issue_id,
    told,
    version,
)
from bpp.conformance.checks.refusing import reply_to, said
from bpp.conformance.record import Flow, Record

NEWS: Final[Mapping[str, str]] = {"1.0.0": "on_issue_status", "2.0.0": "on_issue"}
"""By which callback a seller app tells news (network 1.8)."""
_ADDRESSES = frozenset({"bap_uri", "bpp_uri"})
_COMPLAINT = "complaint that the seller took (not served otherwise)"


def taken(*actions: str, closings: bool = False) -> Select:
    """Requests of these actions that a seller who serves them took: others are not served here."""

    def select(flow: Flow) -> Iterator[Subject]:
        for one in flow.requests:
            if one.action in actions and closing(one) == closings and (one.reply is None or one.reply.acked):
                yield Subject(flow, one)

    return select


def reply_comes(subject: Subject) -> Said:
    """The callback to a request, under its message_id."""
    if not subject.flow.answers_to(subject.message):
        yield Fault("time", f"on_{subject.message.action} with its message_id", "nothing came")


def _closings(flow: Flow) -> Iterator[Subject]:
    yield from (Subject(flow, one) for one in flow.requests if closing(one) and one.reply is not None)


def _closed(subject: Subject) -> Said:
    reply = reply_to(subject)
    if not reply.acked:
        yield Fault("reply", "ACK", said(reply))


def _silence(subject: Subject) -> Said:
    for one in subject.flow.callbacks:
        late = one.number > subject.message.number
        if late and one.action in TOLD and one.message_id == subject.message.message_id:
            yield Fault("time", "no callback to a closing", f"{one.name} came", record=one)


def _context(subject: Subject) -> Said:
    """The shape that came: the keys of the complaint's own context, and no other version's."""
    first = subject.request or first_said(subject, lambda one: one.sent)
    if first is None:
        yield NotRun("nothing before it says in which context the complaint came")
        return
    for key in ECHOED:
        wanted, found = _plain(first, key), _plain(subject.message, key)
        if wanted != found:
            yield Fault(f"context.{key}", f"as in {first.name}: {'none' if wanted is None else wanted}", found)


def _plain(record: Record, key: str) -> Any:
    found = record.context.get(key)
    return found.rstrip("/") if key in _ADDRESSES and isinstance(found, str) else found


def _own_context(subject: Subject) -> Said:
    """That of the order: the shape of services."""
    for key in ("location", "version"):
        if not subject.message.context.get(key):
            yield Fault(f"context.{key}", "a value, as in the order's own context", subject.message.context.get(key))


def _ttl(subject: Subject) -> Said:
    found = subject.message.context.get("ttl")
    if found != DEFAULT_TTL:
        yield Fault("context.ttl", DEFAULT_TTL, found)


def _unasked(flow: Flow) -> Iterator[Subject]:
    yield from (one for one in told(*TOLD)(flow) if flow.complete and one.request is None)


def _by_the_right_callback(subject: Subject) -> Said:
    """An acceptance may be followed by RESOLVED under an id of its own; all news goes by the version's callback."""
    wanted = NEWS.get(version(subject.message) or "")
    if subject.message.action != wanted:
        yield Fault("context.action", f"{wanted}, by which news is told in this version", subject.message.action)


def _named(subject: Subject) -> Said:
    asked = subject.asked
    if issue_id(subject.message) != issue_id(asked):
        yield Fault("message.issue.id", f"the complaint's: {issue_id(asked)}", issue_id(subject.message))


CHECKS: tuple[Check, ...] = (
    check(
        "issue_answered",
        "A complaint, and a question about it, is answered under its message_id",
        taken("issue", "issue_status"),
        reply_comes,
        "assertion 56",
        "protocol 1.11",
        "network 1.1",
        needs=_COMPLAINT,
    ),
    check(
        "issue_closed",
        "The closing of a complaint is acknowledged",
        _closings,
        _closed,
        "assertion 56",
        "network 1.1",
        needs="closing of a complaint",
    ),
    check(
        "issue_closing_silence",
        "The closing of a complaint is answered by an ACK alone",
        taken("issue", closings=True),
        _silence,
        "network 1.1",
        needs="closing of a complaint",
    ),
    check(
        "issue_context",
        "A callback about a complaint has the shape and the values of the context in which it came",
        told(*TOLD),
        _context,
        "network 1.2",
        "protocol 1.11",
    ),
    check(
        "issue_own_context",
        "A complaint of the seller app's says location and version, as its order does",
        told("issue"),
        _own_context,
        "network 1.2",
        needs="complaint of the seller app's",
    ),
    check("issue_ttl", "A message about an issue says ttl PT30S", told(*SAID), _ttl, "network 1.2"),
    check(
        "issue_news",
        "News of a complaint is told by on_issue in version 2.0.0, by on_issue_status in 1.0.0",
        _unasked,
        _by_the_right_callback,
        "network 1.1",
        "network 1.8",
        needs="callback about a complaint that nobody asked for",
    ),
    check(
        "issue_named",
        "A callback names the complaint that it answers",
        lambda flow: (one for one in told(*TOLD)(flow) if one.request is not None),
        _named,
        "network 1.3",
    ),
)
