"""What is known of storing what was told to network observability; a part of ``bpp.storage.ports``.

One cursor in the log of messages says how far it was told. Whoever moves it holds a lease on it, so that of many
processes and machines one tells, and another goes on where that one died.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal, Protocol

from bpp.storage.ports_horizon import Horizon

Part = Literal["request", "response"]
"""A message, or its synchronous answer."""
Told = Literal["pushed", "warned", "refused"]
"""How an entry was received: taken, taken with a warning as well, refused for what it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A row of the log of messages: a message with its answer. A body that was not kept, or was erased, is empty."""

    seq: int
    at: datetime
    action: str
    transaction_id: str
    http_status: int | None
    outcome: str
    body: bytes
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far the log was told: up to the row ``seq``.

    ``failures``: how often in a row there was no progress; then nothing is tried before ``not_before``, for ``reason``.
    """

    seq: int
    failures: int = 0
    not_before: datetime | None = None
    reason: str = ""
    holder: str = ""
    leased_until: datetime | None = None
    moved_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An entry that the endpoint refused: ``words`` are its error codes and names, or the HTTP status.

    ``again``: somebody wants it pushed once more.
    """

    seq: int
    part: Part
    at: datetime
    type: str
    words: str
    refused_at: datetime
    again: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What one turn came to: the cursor's row before and after, counts by day of the messages, and what was refused.

    ``settled`` are refusals of before that were taken now, or are refused with other words (then in ``refused`` too).
    """

    before: int
    after: int
    counts: Mapping[tuple[date, Told], int] = field(default_factory=dict)
    refused: Collection[Refusal] = ()
    settled: Collection[tuple[int, Part]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTold:
    """The figures of one day (Asia/Kolkata) in entries; ``warned`` is a part of ``pushed``."""

    day: date
    pushed: int = 0
    warned: int = 0
    refused: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DayWaiting:
    """Messages of one day that are yet to be told, and when the first of them was said."""

    day: date
    messages: int
    oldest: datetime


class Observability(Protocol):
    """The cursor, what was told by day, and what was refused."""

    async def begin(self, since: datetime) -> None: ...
    async def cursor(self) -> Cursor | None: ...
    async def take(self, holder: str, now: datetime, until: datetime) -> Cursor | None: ...
    async def let_go(self, holder: str) -> None: ...
    async def horizon(self, before: Horizon) -> Horizon: ...
    async def after(self, seq: int, final: int, limit: int, actions: Collection[str]) -> Sequence[Exchange]: ...
    async def exchanges(self, seqs: Collection[int]) -> Sequence[Exchange]: ...
    async def advance(self, holder: str, progress: Progress, until: datetime, now: datetime) -> bool: ...
    async def put_off(self, holder: str, failures: int, not_before: datetime, reason: str) -> bool: ...
    async def days(self, first: date, last: date) -> Sequence[DayTold]: ...
    async def waiting(self, actions: Collection[str], most: int | None) -> Sequence[DayWaiting]: ...
    async def refusals(
        self, first: date | None, last: date | None, limit: int, *, again: bool | None = ...
    ) -> Sequence[Refusal]: ...
    async def again(self, first: date | None, last: date | None) -> int: ...
    async def drop(self, before: date) -> int: ...
