"""What the rest of the program knows of looking at traffic; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from bpp.storage.ports_messages import Attempt, CallbackState


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFilter:
    """Which callbacks, newest first. ``through``: of those that no index finds, so many of the newest are looked at."""

    state: CallbackState | None = None
    peer: str | None = None
    before: int | None = None
    limit: int = 50
    through: int = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A callback without its body, and the last attempt to deliver it, if there was one."""

    seq: int
    state: CallbackState
    kind: str
    action: str
    peer: str
    transaction_id: str
    message_id: str
    order_ref: str
    created_at: datetime
    due_at: datetime
    give_up_at: datetime
    leased_until: datetime | None
    attempts: int
    last: Attempt | None = None


@dataclass(frozen=True, slots=True)
class Failing:
    """A peer that is left alone, since when and until when."""

    peer: str
    since: datetime
    not_before: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """How many of the newest messages of a peer had an outcome, and when the last of them was."""

    peer: str
    direction: Literal["in", "out"]
    outcome: str
    count: int
    newest: datetime


class Traffic(Protocol):
    """What came in and went out, for those who look after it. Nothing here looks through a whole table."""

    async def sent(self, which: SentFilter) -> Sequence[Sent]: ...
    async def sent_of(self, seqs: Sequence[int], refs: Sequence[str]) -> Sequence[Sent]: ...
    async def failed(self, most: int) -> Mapping[CallbackState, int]: ...
    async def delivered(self, since: datetime, most: int) -> Sequence[tuple[datetime, datetime]]: ...
    async def overlooked(self, since: datetime, most: int) -> bool: ...
    async def failing(self) -> Sequence[Failing]: ...
    async def waiting_for(self, most: int) -> Mapping[str, int]: ...
    async def said(self, most: int) -> tuple[datetime | None, Sequence[Said]]: ...
    async def peers_of(self, transaction_id: str) -> Sequence[str]: ...
    async def answers_of(self, peer: str, transaction_id: str) -> Sequence[int]: ...
    async def transactions_of(self, message_id: str, most: int) -> Sequence[str]: ...
