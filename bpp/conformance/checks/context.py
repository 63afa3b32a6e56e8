"""Context and times of every callback. Source: protocol 1.0 and 2; assertions 3 and 4; network 5.

Only the core actions are looked at: grievances and reconciliations have contexts of their own (``grievances``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from beckn_schemas.base import parse_timestamp
from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from beckn_schemas.invariants_base import ANY
from bpp.conformance.check import Check, Fault, NotRun, Severity, Subject
from bpp.conformance.path import at
from bpp.conformance.record import Record
from bpp.conformance.select import answered, callbacks

CORE = tuple(sorted(ANY))
"""The callbacks of the core actions."""
_ECHOED = ("domain", "location.city.code", "location.country.code", "bap_id", "bap_uri", "transaction_id")
_ADDRESSES = frozenset({"bap_uri", "bpp_uri"})
_OURS = ("bpp_id", "bpp_uri")
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LIFETIME = timedelta(seconds=30)
"""How long a request lives: ttl PT30S."""
_SKEW = timedelta(seconds=5)
"""How far two machines' clocks may differ (security 1.4)."""


def _said(record: Record, key: str) -> object:
    """A value of the context; an address without its final slash, which both spellings mean (protocol 1.0)."""
    found = at(record.context, key)
    return found.rstrip("/") if key in _ADDRESSES and isinstance(found, str) else found


def when(record: Record) -> datetime:
    """``context.timestamp``; raises ValueError where it is none, which ``context_timestamp`` reports."""
    return parse_timestamp(str(record.context.get("timestamp")))


def _echo(subject: Subject) -> Iterator[Fault]:
    callback, request = subject.message, subject.asked
    for key in _ECHOED:
        if _said(callback, key) != _said(request, key):
            yield Fault(f"context.{key}", f"the request's: {_said(request, key)}", at(callback.context, key))


def _version(subject: Subject) -> Iterator[Fault]:
    found = subject.message.context.get("version")
    if found != CORE_VERSION:
        yield Fault("context.version", CORE_VERSION, found)


def _ttl(subject: Subject) -> Iterator[Fault]:
    found = subject.message.context.get("ttl")
    if found != DEFAULT_TTL:
        yield Fault("context.ttl", DEFAULT_TTL, found)


def _one_seller(subject: Subject) -> Iterator[Fault | NotRun]:
    """Whom the buyer addressed, or who answered before in this transaction; a search may be answered by several."""
    callback, request = subject.message, subject.request
    before = request if request and request.action != "search" else subject.flow.before(callback, *CORE)
    if before is None or callback.action == "on_search":
        yield NotRun("nothing before it says which seller app is meant")
        return
    for key in _OURS:
        if _said(callback, key) != _said(before, key):
            yield Fault(f"context.{key}", f"as before: {_said(before, key)}", at(callback.context, key))


def _registered(subject: Subject) -> Iterator[Fault | NotRun]:
    callback = subject.message
    known = {str(key): url for one in subject.flow.notes if one.kind == "registered" for key, url in one.value.items()}
    if not known:
        yield NotRun("the registry was not looked into")
        return
    url = known.get(str(callback.context.get("bpp_id")))
    if url is None:
        yield Fault("context.bpp_id", "a subscriber_id of the registry", callback.context.get("bpp_id"))
    elif _said(callback, "bpp_uri") != url:
        yield Fault("context.bpp_uri", f"the registry's subscriber_url: {url}", callback.context.get("bpp_uri"))


def _timestamp_form(subject: Subject) -> Iterator[Fault]:
    found = subject.message.context.get("timestamp")
    if not isinstance(found, str) or not _TIMESTAMP.fullmatch(found):
        yield Fault("context.timestamp", "UTC with three digits of milliseconds and Z", found)


def _not_before_request(subject: Subject) -> Iterator[Fault]:
    asked = when(subject.asked)
    if when(subject.message) < asked:
        found = subject.message.context["timestamp"]
        yield Fault("context.timestamp", f"not before the request's: {asked.isoformat()}", found)


def _within_lifetime(subject: Subject) -> Iterator[Fault | NotRun]:
    if _untimely(subject.asked):
        yield NotRun("the request lies about its own time")
        return
    asked = when(subject.asked)
    if when(subject.message) > asked + LIFETIME:
        found = subject.message.context["timestamp"]
        yield Fault("context.timestamp", f"at most 30 s after the request's: {asked.isoformat()}", found)


def _untimely(request: Record | None) -> bool:
    """Whether a request lies about its own time: then no answer's time can be right."""
    return request is not None and request.at is not None and abs(when(request) - request.at) > LIFETIME


def _not_ahead(subject: Subject) -> Iterator[Fault | NotRun]:
    callback = subject.message
    if callback.at is None:
        yield NotRun("when the messages arrived is not recorded")
    elif when(callback) > callback.at + _SKEW and not _untimely(subject.request):
        yield Fault(
            "context.timestamp", f"not after its arrival: {callback.at.isoformat()}", callback.context["timestamp"]
        )


def _same_action(subject: Subject) -> Iterator[Fault]:
    callback = subject.message
    if callback.context.get("action") != callback.action:
        yield Fault("context.action", f"that of the address: {callback.action}", callback.context.get("action"))


def _in_time(subject: Subject) -> Iterator[Fault | NotRun]:
    callback, request = subject.message, subject.request
    if request is None or request.elapsed is None or callback.elapsed is None:
        yield NotRun("the times of arrival are not recorded")
        return
    if subject.flow.answers_to(request)[0] is not callback:
        yield NotRun(f"{callback.name} repeats an answer that came before")
        return
    seconds = callback.elapsed - request.elapsed
    if seconds > subject.flow.budget:
        yield Fault("time", f"at most {subject.flow.budget:g} s after the request", f"{seconds:.1f} s")


_ANSWER = "callback that answers a request"

CHECKS: tuple[Check, ...] = (
    Check(
        name="context_echo",
        title="A callback repeats domain, city, country, bap_id, bap_uri and transaction_id of its request",
        sources=("assertion 3", "protocol 1.0"),
        of=answered(*CORE),
        needs=_ANSWER,
        judge=_echo,
    ),
    Check(
        name="context_version",
        title="Every callback says version 2.0.0",
        sources=("assertion 3", "protocol 1.0"),
        of=callbacks(*CORE),
        needs="callback",
        judge=_version,
    ),
    Check(
        name="context_ttl",
        title="Every callback says ttl PT30S",
        sources=("assertion 3", "protocol 1.0", "protocol 4.1", "protocol 4.3"),
        of=callbacks(*CORE),
        needs="callback",
        judge=_ttl,
    ),
    Check(
        name="context_action",
        title="context.action of a callback is the action of the address that it is sent to",
        sources=("assertion 3", "security 1.1"),
        of=callbacks(),
        needs="callback",
        judge=_same_action,
    ),
    Check(
        name="context_seller",
        title="bpp_id and bpp_uri are the same from the first callback of a transaction to the last",
        sources=("assertion 3", "protocol 1.0"),
        of=callbacks(*CORE),
        needs="callback",
        judge=_one_seller,
    ),
    Check(
        name="context_registered",
        title="bpp_id and bpp_uri are those of the registry",
        sources=("assertion 3", "security 1.6"),
        of=callbacks(*CORE),
        needs="callback",
        judge=_registered,
        severity=Severity.WARNING,
        scenarios=frozenset({"callback_address"}),
    ),
    Check(
        name="context_timestamp",
        title="context.timestamp is UTC, with milliseconds and Z",
        sources=("assertion 3", "protocol 1.0"),
        of=callbacks(),
        needs="callback",
        judge=_timestamp_form,
    ),
    Check(
        name="timestamp_after_request",
        title="A callback's timestamp is not before its request's",
        sources=("assertion 3",),
        of=answered(),
        needs=_ANSWER,
        judge=_not_before_request,
    ),
    Check(
        name="timestamp_within_ttl",
        title="A callback's timestamp is at most 30 seconds after its request's",
        sources=("assertion 3", "network 5"),
        of=answered(*CORE),
        needs=_ANSWER,
        judge=_within_lifetime,
    ),
    Check(
        name="timestamp_not_ahead",
        title="A callback's timestamp is not in the future when it arrives",
        sources=("assertion 3", "network 5"),
        of=callbacks(),
        needs="callback",
        judge=_not_ahead,
    ),
    Check(
        name="callback_in_time",
        title="A callback comes within five seconds of its request",
        sources=("network 5", "assertion 3"),
        of=answered(*CORE, "on_issue", "on_issue_status"),
        needs=_ANSWER,
        judge=_in_time,
    ),
)
