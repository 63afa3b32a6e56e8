"""Context, ids and time of every callback. Source: protocol 1.0; assertions 3 and 4; network 5."""

from __future__ import annotations

from collections.abc import Iterator

from beckn_schemas.context import CORE_VERSION
from bpp.conformance.check import Check, Fault, NotRun, Subject
from bpp.conformance.select import answered, callbacks, unsolicited

_ECHOED = ("domain", "location", "bap_id", "bap_uri", "transaction_id")


def _echo(subject: Subject) -> Iterator[Fault]:
    callback, request = subject.message, subject.request
    for key in _ECHOED if request else ():
        if callback.context.get(key) != request.context.get(key):  # type: ignore[union-attr]
            yield Fault(f"context.{key}", f"the request's: {request.context.get(key)}", callback.context.get(key))  # type: ignore[union-attr]


def _version(subject: Subject) -> Iterator[Fault]:
    found = subject.message.context.get("version")
    if found != CORE_VERSION:
        yield Fault("context.version", CORE_VERSION, found)


def _own_message_id(subject: Subject) -> Iterator[Fault]:
    callback = subject.message
    same = [
        one
        for one in subject.flow.records
        if one.number != callback.number and one.message_id == callback.message_id and one.body != callback.body
    ]
    if same:
        yield Fault("context.message_id", "an id that no other message has", f"that of {same[0].name}")


def _in_time(subject: Subject) -> Iterator[Fault | NotRun]:
    callback, request = subject.message, subject.request
    if request is None or request.elapsed is None or callback.elapsed is None:
        yield NotRun("the times of arrival are not recorded")
        return
    seconds = callback.elapsed - request.elapsed
    if seconds > subject.flow.budget:
        yield Fault("time", f"at most {subject.flow.budget:g} s after the request", f"{seconds:.1f} s")


CHECKS: tuple[Check, ...] = (
    Check(
        name="context_echo",
        title="A callback repeats domain, location, bap_id, bap_uri and transaction_id of its request",
        sources=("assertion 3", "protocol 1.0"),
        of=answered(),
        needs="callback that answers a request",
        judge=_echo,
    ),
    Check(
        name="context_version",
        title="Every callback says version 2.0.0",
        sources=("assertion 3", "protocol 1.0"),
        of=callbacks(),
        needs="callback",
        judge=_version,
    ),
    Check(
        name="unsolicited_message_id",
        title="A callback that nobody asked for has a message_id of its own",
        sources=("assertion 4", "protocol 2"),
        of=unsolicited(),
        needs="unsolicited callback",
        judge=_own_message_id,
    ),
    Check(
        name="callback_in_time",
        title="A callback comes within five seconds of its request",
        sources=("network 5", "assertion 3"),
        of=answered(),
        needs="callback that answers a request",
        judge=_in_time,
    ),
)
