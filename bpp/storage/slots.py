"""Workers' time in cells of a quarter of an hour. The key (worker, cell) is what makes double booking impossible."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, or_, select, update

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.tables import slot_cells
from catalog.availability import CELL


class SqlSlots:
    """See ``bpp.storage.ports.SlotStore``. A cell without expiry is booked; with one in the past it is free."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def taken(
        self, workers: Collection[str], first: datetime, last: datetime, now: datetime, ignoring: str
    ) -> Mapping[str, Sequence[datetime]]:
        """The cells of workers that are held or booked in [first, last), but for those of the ref ``ignoring``."""
        live = or_(slot_cells.c.expires_at.is_(None), slot_cells.c.expires_at > now)
        query = select(slot_cells.c.worker_id, slot_cells.c.cell).where(
            slot_cells.c.worker_id.in_(workers),
            slot_cells.c.cell >= first,
            slot_cells.c.cell < last,
            slot_cells.c.ref != ignoring,
            live,
        )
        found: dict[str, list[datetime]] = defaultdict(list)
        for worker_id, cell in await self._connection.execute(query):
            found[worker_id].append(cell)
        return found

    async def hold(
        self, worker_id: str, cells: Sequence[datetime], ref: str, bap_id: str, expires_at: datetime, now: datetime
    ) -> bool:
        """Hold all the cells for a ref, or none: False when another has one of them.

        A lapsed hold that is in the way goes as a whole, never in part: else what is left of it could be renewed, and
        the time between sold twice.
        """
        here = and_(slot_cells.c.worker_id == worker_id, slot_cells.c.cell.in_(cells))
        lapsed = and_(slot_cells.c.expires_at.is_not(None), slot_cells.c.expires_at <= now)
        in_the_way = select(slot_cells.c.ref).where(here, lapsed)
        await self._connection.execute(delete(slot_cells).where(slot_cells.c.ref.in_(in_the_way), lapsed))
        rows = [
            {"worker_id": worker_id, "cell": cell, "ref": ref, "bap_id": bap_id, "expires_at": expires_at}
            for cell in sorted(cells)
        ]
        statement = insert(self._connection, slot_cells).values(rows).on_conflict_do_nothing()
        if (await self._connection.execute(statement)).rowcount == len(rows):
            return True
        await self._connection.execute(delete(slot_cells).where(here, slot_cells.c.ref == ref))
        return False

    async def renew(self, ref: str, expires_at: datetime, now: datetime) -> bool:
        """Let a hold last longer; False when it has lapsed or is gone."""
        live = and_(slot_cells.c.ref == ref, slot_cells.c.expires_at > now)
        done = await self._connection.execute(update(slot_cells).where(live).values(expires_at=expires_at))
        return done.rowcount > 0

    async def book(self, ref: str, now: datetime) -> bool:
        """Turn a live hold into a booking; False when it has lapsed or is gone."""
        live = and_(slot_cells.c.ref == ref, slot_cells.c.expires_at > now)
        done = await self._connection.execute(update(slot_cells).where(live).values(expires_at=None))
        return done.rowcount > 0

    async def release(self, ref: str) -> None:
        """Free what a ref holds or has booked."""
        await self._connection.execute(delete(slot_cells).where(slot_cells.c.ref == ref))

    async def held_by(self, ref: str) -> Mapping[str, Sequence[datetime]]:
        """The cells that a ref holds or has booked, by worker."""
        query = select(slot_cells.c.worker_id, slot_cells.c.cell).where(slot_cells.c.ref == ref)
        found: dict[str, list[datetime]] = defaultdict(list)
        for worker_id, cell in await self._connection.execute(query.order_by(slot_cells.c.cell)):
            found[worker_id].append(cell)
        return found

    async def holds_of(self, bap_id: str, now: datetime) -> int:
        """How many selections of a buyer app hold cells now."""
        live = and_(slot_cells.c.bap_id == bap_id, slot_cells.c.expires_at > now)
        query = select(func.count(func.distinct(slot_cells.c.ref))).where(live)
        return int((await self._connection.execute(query)).scalar_one())

    async def load(
        self, workers: Collection[str], since: datetime, first: datetime, last: datetime
    ) -> Mapping[str, tuple[int, int, datetime | None]]:
        """For each worker the jobs in [first, last), those in [since, first), and the last booked cell of all."""
        before = and_(slot_cells.c.cell >= since, slot_cells.c.cell < first)
        query = (
            select(
                slot_cells.c.worker_id,
                func.count(func.distinct(slot_cells.c.ref)).filter(slot_cells.c.cell >= first),
                func.count(func.distinct(slot_cells.c.ref)).filter(before),
                func.max(slot_cells.c.cell),
            )
            .where(slot_cells.c.worker_id.in_(workers), slot_cells.c.cell < last, slot_cells.c.expires_at.is_(None))
            .group_by(slot_cells.c.worker_id)
        )
        return {
            worker: (today, earlier, idle) for worker, today, earlier, idle in await self._connection.execute(query)
        }

    async def booked_of(self, worker_id: str, after: datetime) -> Collection[str]:
        """The refs that have a worker's time booked which ends after a moment."""
        query = select(slot_cells.c.ref).distinct()
        query = query.where(
            slot_cells.c.worker_id == worker_id, slot_cells.c.cell > after - CELL, slot_cells.c.expires_at.is_(None)
        )
        return [row.ref for row in await self._connection.execute(query)]
