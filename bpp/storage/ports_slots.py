"""What is known of storing the time of workers; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

Load = tuple[int, int, datetime | None]
"""Of a worker: the jobs of a day, those of some days before it, and the last cell booked until then, if any."""
NO_LOAD: Load = (0, 0, None)


class SlotStore(Protocol):
    """The cells of workers' time: held until an expiry, or booked."""

    async def taken(
        self, workers: Collection[str], first: datetime, last: datetime, now: datetime, ignoring: str
    ) -> Mapping[str, Sequence[datetime]]: ...
    async def hold(
        self, worker_id: str, cells: Sequence[datetime], ref: str, bap_id: str, expires_at: datetime, now: datetime
    ) -> bool: ...
    async def renew(self, ref: str, expires_at: datetime, now: datetime) -> bool: ...
    async def book(self, ref: str, now: datetime) -> bool: ...
    async def release(self, ref: str) -> None: ...
    async def held_by(self, ref: str) -> Mapping[str, Sequence[datetime]]: ...
    async def held_until(self, ref: str) -> datetime | None: ...
    async def held_for(self, bap_id: str, now: datetime) -> Sequence[tuple[str, datetime]]: ...
    async def holds_at_least(self, bap_id: str, most: int, now: datetime) -> bool: ...
    async def load(
        self, workers: Collection[str], since: datetime, first: datetime, last: datetime
    ) -> Mapping[str, Load]: ...
    async def free(
        self,
        workers: Collection[str],
        start: datetime,
        end: datetime,
        now: datetime,
        ignoring: str,
        days: tuple[datetime, datetime, datetime],
    ) -> Mapping[str, Load]: ...
    async def booked_of(self, worker_id: str, after: datetime, before: datetime | None = None) -> Collection[str]: ...
