"""What was said, as checks read it: messages in the order in which they were sent and arrived.

A flow that was just played and a folder that somebody recorded have the same form; what a folder does not tell
(headers, synchronous answers, times) is None, and a check that needs it does not run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from bpp.sandbox.exchange import Json, Spoken, part

Ids = tuple[str, str, str]
"""An action, a transaction_id and a message_id: by these an answer is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The synchronous answer to a message: HTTP status, the body as JSON, and when its headers came.

    ``elapsed`` is in seconds on the same clock as ``Record.elapsed``.
    """

    status: int
    document: Json = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    elapsed: float | None

    @property
    def acked(self) -> bool:
        """Whether the message was taken in: an HTTP 200 whose body is a NACK is a refusal."""
        return self.status == 200 and self.ack_status == "ACK"  # noqa: PLR2004  # HTTP's own number

    @property
    def ack_status(self) -> str:
        """``message.ack.status``; an empty text where there is none."""
        return str(part(part(self.document, "message"), "ack").get("status", ""))

    @property
    def error_code(self) -> str:
        """The code of a refusal, or an empty text."""
        return str(part(self.document, "error").get("code", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Record(Spoken):
    """One message of a flow.

    ``number`` counts from 1 in the order of sending and arriving. ``sent`` says that the buyer app sent it; all others
    came from the seller app. ``action`` is what the address said (in a folder, what the context says). ``source`` is
    the file it was read from. ``elapsed`` is in seconds since an arbitrary beginning, the same for all of a flow.
    ``problem`` says why the signature does not hold; empty where it does, None where nobody can say. ``reply`` is how
    the receiver answered at once. ``probe`` names what the message tries, where it is no ordinary one.
    """

    number: int
    sent: bool
    action: str
    document: Json = field(repr=False)
    body: bytes = field(repr=False)
    url: str | None = None
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    at: datetime | None = None
    elapsed: float | None = None
    problem: str | None = None
    reply: Reply | None = None
    probe: str = ""
    source: str = ""

    @property
    def name(self) -> str:
        """How a report calls it: its file, or its number and action."""
        return self.source or f"{self.number:02d} {self.action}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something that was looked at beside the messages, after the message with the number ``after``.

    ``kind`` is one of ``silence`` (value: seconds in which nothing came), ``fetched`` (value: ``url`` and ``status``)
    and what a scenario defines for its own checks.
    """

    kind: str
    after: int
    value: Any


@dataclass(frozen=True, kw_only=True)
class Flow:
    """One scenario as it was played or recorded: its messages, in order. It may hold several transactions.

    ``budget`` is how many seconds a callback may take (network 5).
    ``unasked``: nobody asked for its callbacks, and whoever recorded it says so.
    ``ended`` says why it broke off, and is empty where it came to its end. ``not_played`` says why it was never begun.
    """

    name: str
    domain: str
    records: tuple[Record, ...]
    notes: tuple[Note, ...] = ()
    live: bool = False
    budget: float = 5.0
    ended: str = ""
    not_played: str = ""
    unasked: bool = False

    @property
    def title(self) -> str:
        """Name and domain, as in ``service_completion ONDC:SRV11``."""
        return f"{self.name} {self.domain}".strip()

    @property
    def complete(self) -> bool:
        """Whether it can be told what was asked for: a folder may hold callbacks alone."""
        return self.live or self.unasked or any(one.sent for one in self.records)

    @cached_property
    def callbacks(self) -> tuple[Record, ...]:
        """What came from the seller app, in the order of arrival."""
        return tuple(one for one in self.records if not one.sent)

    @cached_property
    def requests(self) -> tuple[Record, ...]:
        """What the buyer app sent, in order."""
        return tuple(one for one in self.records if one.sent)

    def request_of(self, callback: Record) -> Record | None:
        """The request that a callback answers: the last one before it with its ids; None where nobody asked.

        One that was refused is it only where there is no other: the same ids may come again with another body.
        """
        fitting = [
            one
            for one in self._requests_by_ids.get(_ids(callback, callback.action.removeprefix("on_")), ())
            if one.number < callback.number
        ]
        return last(one for one in fitting if one.reply is None or one.reply.acked) or last(fitting)

    def answers_to(self, request: Record) -> tuple[Record, ...]:
        """The callbacks that answer a request, in the order of arrival, repetitions included."""
        told = self._callbacks_by_ids.get(_ids(request, f"on_{request.action}"), ())
        return tuple(one for one in told if one.number > request.number)

    def repeated(self, callback: Record) -> tuple[Record, ...]:
        """The callbacks after this one with its action and ids: further deliveries of the same message."""
        told = self._callbacks_by_ids[_ids(callback, callback.action)]
        return tuple(one for one in told if one.number > callback.number)

    def before(self, record: Record, *actions: str) -> Record | None:
        """The last message of these actions before this one in its transaction."""
        return last(
            one
            for one in self.records
            if one.number < record.number and one.action in actions and one.transaction_id == record.transaction_id
        )

    def transactions(self) -> Iterator[tuple[str, tuple[Record, ...]]]:
        """The messages by conversation, in the order in which the conversations began."""
        seen: dict[str, list[Record]] = {}
        for one in self.records:
            seen.setdefault(one.transaction_id, []).append(one)
        for transaction_id, records in seen.items():
            yield transaction_id, tuple(records)

    @cached_property
    def _requests_by_ids(self) -> Mapping[Ids, list[Record]]:
        return _by_ids(self.requests)

    @cached_property
    def _callbacks_by_ids(self) -> Mapping[Ids, list[Record]]:
        return _by_ids(self.callbacks)


def _ids(record: Record, action: str) -> Ids:
    return action, record.transaction_id, record.message_id


def _by_ids(records: Iterable[Record]) -> dict[Ids, list[Record]]:
    found: dict[Ids, list[Record]] = {}
    for one in records:
        found.setdefault(_ids(one, one.action), []).append(one)
    return found


def last(records: Iterable[Record]) -> Record | None:
    """The last of some messages; None where there is none."""
    found = None
    for found in records:  # noqa: B007  # the last one is what is wanted
        pass
    return found
