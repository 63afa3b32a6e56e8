"""What the rest of the program knows of counting what is stored; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Waiting:
    """Callbacks that wait for a class of peers: how many, and since when the first of them is due."""

    count: int = 0
    due_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Booked:
    """So many orders of a district that were made on one day (Asia/Kolkata), by one channel, and stand in one state."""

    day: date
    channel: str
    state: str
    orders: int


@dataclass(frozen=True, slots=True)
class BookedWith:
    """So many orders of a district with one provider; ``paise`` is what those that are done come to."""

    provider_id: str
    orders: int
    completed: int
    cancelled: int
    paise: int


class Figures(Protocol):
    """Counts for those who watch over the server; none of them is exact while it works."""

    async def waiting(self, now: datetime, most: int) -> Mapping[bool, Waiting]: ...
    async def slot_cells(self, now: datetime) -> tuple[int, int]: ...
    async def ledger_sum(self) -> int: ...
    async def booked(self, district: str, first: datetime, until: datetime) -> Sequence[Booked]: ...
    async def booked_with(self, district: str, first: datetime, until: datetime) -> Sequence[BookedWith]: ...
    async def orders_within(self, district: str, refs: Collection[str]) -> frozenset[str]: ...
