"""A fault in a conversation that was played: which check must find it, in which scenario, and what is other there.

Where a fault is in what the seller app said alone, nothing need be played anew: one honest conversation is altered for
each row. What depends on what happens then (silence, a refusal) is planted in a seller (``planted``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from bpp.conformance.record import Flow, Record, Reply
from tests.support.json_edit import edited

Json = dict[str, Any]
Where = Callable[[Record], bool]


@dataclass(frozen=True, kw_only=True)
class Altered:
    """``check`` finds it where ``scenario`` was played. ``name`` says what the seller does wrong."""

    name: str
    check: str
    scenario: str
    alter: Callable[[Flow], Flow]

    @property
    def id(self) -> str:
        """The row's name."""
        return f"{self.check}: {self.name}"


def says(action: str, path: str, value: Any, where: Where = lambda _: True, *, nth: int = -1) -> Callable[[Flow], Flow]:
    """Another value at a path of one callback of an action: of the last that fits, or the ``nth``."""

    def alter(flow: Flow) -> Flow:
        meant = _callback(flow, action, where, nth)
        return _with(flow, replace(meant, document=edited(meant.document, path, value)))

    return alter


def answered(probe: str, path: str, value: Any) -> Callable[[Flow], Flow]:
    """Another value at a path of the callback that answers what was tried."""

    def alter(flow: Flow) -> Flow:
        meant = flow.answers_to(_tried(flow, probe))[0]
        return _with(flow, replace(meant, document=edited(meant.document, path, value)))

    return alter


def acked(probe: str) -> Callable[[Flow], Flow]:
    """An ACK, and silence, where a NACK was due."""

    def alter(flow: Flow) -> Flow:
        asked = _tried(flow, probe)
        assert asked.reply is not None
        return _with(flow, replace(asked, reply=replace(asked.reply, document={"message": {"ack": {"status": "ACK"}}})))

    return alter


def replied(where: Where, status: int, document: Json) -> Callable[[Flow], Flow]:
    """Another synchronous answer to a request."""

    def alter(flow: Flow) -> Flow:
        asked = next(one for one in flow.requests if where(one))
        reply = Reply(status=status, document=document, headers={}, elapsed=None)
        return _with(flow, replace(asked, reply=reply))

    return alter


def moved(action: str, later: str, where: Where = lambda _: True, *, nth: int = -1) -> Callable[[Flow], Flow]:
    """A callback under another address: ``later`` is the action by which it comes instead."""

    def alter(flow: Flow) -> Flow:
        meant = _callback(flow, action, where, nth)
        document = edited(meant.document, "context.action", later)
        return _with(flow, replace(meant, action=later, document=document))

    return alter


def reusing(action: str, where: Where = lambda _: True) -> Callable[[Flow], Flow]:
    """A callback under the message_id of the flow's first request, which it does not answer."""

    def alter(flow: Flow) -> Flow:
        meant = _callback(flow, action, where, 0)
        document = edited(meant.document, "context.message_id", flow.requests[0].message_id)
        return _with(flow, replace(meant, document=document))

    return alter


def silent(action: str, where: Where = lambda _: True) -> Callable[[Flow], Flow]:
    """Callbacks of an action that never came."""
    return lambda flow: replace(
        flow, records=tuple(one for one in flow.records if one.sent or one.action != action or not where(one))
    )


def further(action: str, message_id_of: Where, where: Where = lambda _: True) -> Callable[[Flow], Flow]:
    """The last callback of an action once more at the end, under the message_id of a request."""

    def alter(flow: Flow) -> Flow:
        asked = next(one for one in flow.requests if message_id_of(one))
        last = _callback(flow, action, where, -1)
        document = edited(last.document, "context.message_id", asked.message_id)
        again = replace(last, number=len(flow.records) + 1, document=document)
        return replace(flow, records=(*flow.records, again))

    return alter


def _tried(flow: Flow, probe: str) -> Record:
    return next(one for one in flow.requests if one.probe == probe)


def _callback(flow: Flow, action: str, where: Where, nth: int) -> Record:
    return [one for one in flow.callbacks if one.action == action and where(one)][nth]


def _with(flow: Flow, record: Record) -> Flow:
    return replace(flow, records=tuple(record if one.number == record.number else one for one in flow.records))
