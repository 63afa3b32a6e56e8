"""What is known of storing reads of full records, and of forgetting; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

RecordKind = Literal[
    "order", "worker", "bank", "feedback", "complaint", "project", "application", "message", "person", "erasure"
]
"""``complaint``: its words alone, by its order; who sees customers reads the order with it. ``message``: what a buyer
app was told before there was an order, by its transaction. ``person``, ``erasure``: all that is held of a telephone
number was given out or forgotten, by a pseudonym of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FullRead:
    """Somebody saw a record with the personal data in it. ``who`` names the token, not what it is."""

    at: datetime
    who: str
    role: str
    kind: RecordKind
    subject: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFilter:
    """Which reads to list, newest first; None does not filter. ``before`` is the cursor of the page before."""

    kind: RecordKind | None = None
    subject: str | None = None
    who: str | None = None
    before: int | None = None
    limit: int = 50


class Audit(Protocol):
    """Who read what; and what is old enough to be forgotten."""

    async def note(self, read: FullRead) -> None: ...
    async def reads(self, which: ReadFilter) -> Sequence[tuple[int, FullRead]]: ...
    async def drop_reads(self, before: datetime, now: datetime) -> int: ...
    async def drop_drafts(self, before: datetime) -> int: ...
    async def drop_expired(self, now: datetime) -> int: ...
    async def old_bodies(self, before: datetime, most: int) -> Sequence[str]: ...
    async def mask_bodies(self, digests: Sequence[str], now: datetime) -> int: ...
    async def erase_bodies(self, before: datetime, now: datetime) -> int: ...
    async def over_since(self, before: datetime, limit: int) -> Sequence[str]: ...
    async def erase_notes(self, ref: str, now: datetime) -> None: ...
