"""Workers' time in memory, for the storage that keeps nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bpp.storage.ports import NO_LOAD, Load


@dataclass(slots=True)
class Cell:
    """A held cell of a worker's time."""

    ref: str
    expires_at: datetime


class MemorySlots:
    """Holds by worker and cell; lapsed ones are overwritten."""

    def __init__(self) -> None:
        self._cells: defaultdict[str, dict[datetime, Cell]] = defaultdict(dict)
        self._holds: defaultdict[str, dict[str, datetime]] = defaultdict(dict)

    async def taken(
        self, workers: Collection[str], first: datetime, last: datetime, now: datetime, ignoring: str
    ) -> Mapping[str, Sequence[datetime]]:
        """The cells of workers that are held in [first, last), but for those of one ref."""
        return {
            worker: [
                cell
                for cell, held in self._cells[worker].items()
                if first <= cell < last and held.expires_at > now and held.ref != ignoring
            ]
            for worker in workers
            if worker in self._cells
        }

    async def free(
        self,
        workers: Collection[str],
        start: datetime,
        end: datetime,
        now: datetime,
        ignoring: str,
        _days: tuple[datetime, datetime, datetime],
    ) -> Mapping[str, Load]:
        """Those with no cell held in [start, end); nothing is booked, as in the durable build under this load."""
        taken = await self.taken(workers, start, end, now, ignoring)
        return {worker: NO_LOAD for worker in workers if not taken.get(worker)}

    async def hold(
        self, worker_id: str, cells: Sequence[datetime], ref: str, bap_id: str, expires_at: datetime, now: datetime
    ) -> bool:
        """Hold all the cells, or none."""
        held = self._cells[worker_id]
        if any(one.expires_at > now for cell in cells if (one := held.get(cell))):
            return False
        for cell in cells:
            held[cell] = Cell(ref=ref, expires_at=expires_at)
        self._holds[bap_id][ref] = expires_at
        return True

    async def release(self, ref: str) -> None:
        """Every selection of the load is a new one and holds nothing yet."""

    async def holds_at_least(self, bap_id: str, most: int, _now: datetime) -> bool:
        """Whether so many selections of a buyer app ever held."""
        return len(self._holds[bap_id]) >= most

    async def load(
        self, _workers: Collection[str], _since: datetime, _first: datetime, _last: datetime
    ) -> Mapping[str, Load]:
        """Nothing is booked."""
        return {}
