"""Workers' time in cells of a quarter of an hour. The key (worker, cell) is what makes double booking impossible."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Delete,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    update,
)

from bpp.storage.connection import Connection
from bpp.storage.dialects import Insert, plain_insert
from bpp.storage.ports_slots import Load
from bpp.storage.statement import DatabaseName, Statement, among, each_of
from bpp.storage.tables import slot_cells
from bpp.storage.types import UtcMicros
from catalog.availability import CELL

COUNTED_FOR = 1.0  # seconds
MOST_HOLDERS = 10_000
_CELLS = ("worker_id", "cell", "ref", "bap_id", "expires_at")
_NOW = bindparam("now", type_=UtcMicros)
_LAPSED = and_(slot_cells.c.expires_at.is_not(None), slot_cells.c.expires_at <= _NOW)


def _taken(database: DatabaseName) -> Select[str, datetime]:
    return select(slot_cells.c.worker_id, slot_cells.c.cell).where(
        among(slot_cells.c.worker_id, "workers", database),
        *_taken_in_stretch(),
    )


def _taken_in_stretch() -> tuple[ColumnElement[bool], ...]:
    """What somebody else holds or has booked in a stretch of time."""
    return (
        slot_cells.c.cell >= bindparam("start"),
        slot_cells.c.cell < bindparam("end"),
        slot_cells.c.ref != bindparam("ignoring"),
        or_(slot_cells.c.expires_at.is_(None), slot_cells.c.expires_at > _NOW),
    )


def _hold(database: DatabaseName) -> Insert:
    each = each_of(slot_cells.c.cell, "cells", database)
    rows = select(
        bindparam("worker_id", type_=Text),
        each.c.value,
        bindparam("ref", type_=Text),
        bindparam("bap_id", type_=Text),
        bindparam("expires_at", type_=UtcMicros),
    ).where(true())  # or SQLite takes ON CONFLICT for a part of a join
    return plain_insert(slot_cells, database).from_select(_CELLS, rows).on_conflict_do_nothing()


def _here(database: DatabaseName) -> ColumnElement[bool]:
    return and_(slot_cells.c.worker_id == bindparam("worker_id"), among(slot_cells.c.cell, "cells", database))


def _clear(database: DatabaseName) -> Delete:
    in_the_way = select(slot_cells.c.ref).where(_here(database), _LAPSED)
    return delete(slot_cells).where(slot_cells.c.ref.in_(in_the_way), _LAPSED)


def _loads(database: DatabaseName, *, free: bool) -> Select[*tuple[Any, ...]]:
    """By worker: the last booked cell, and only where there is one in the days asked for the jobs of those days.

    So however long somebody has worked, only those days are counted, and of most workers one cell is looked for.
    ``free``: only of those workers whom nobody else has in a stretch of time.
    """
    each = each_of(slot_cells.c.worker_id, "workers", database)
    booked = slot_cells.c.expires_at.is_(None)
    idle = select(slot_cells.c.cell).where(
        slot_cells.c.worker_id == each.c.value, booked, slot_cells.c.cell < bindparam("last")
    )
    asked = select(
        each.c.value, idle.order_by(slot_cells.c.cell.desc()).limit(literal(1)).scalar_subquery().label("idle")
    )
    if free:
        # Not NOT EXISTS, for which PostgreSQL may read all cells there are.
        taken = select(slot_cells.c.cell).where(slot_cells.c.worker_id == each.c.value, *_taken_in_stretch())
        asked = asked.where(taken.limit(literal(1)).scalar_subquery().is_(None))
    one = asked.subquery()
    jobs = select(func.count(func.distinct(slot_cells.c.ref))).where(slot_cells.c.worker_id == one.c.value, booked)

    def between(first: str, last: str) -> ColumnElement[int]:
        days = (slot_cells.c.cell >= bindparam(first), slot_cells.c.cell < bindparam(last))
        return case((one.c.idle >= bindparam(first), jobs.where(*days).scalar_subquery()), else_=0)

    return select(one.c.value, between("first", "last"), between("since", "first"), one.c.idle)


def _counted(held: Select[Any]) -> Select[int]:
    """How many rows of a buyer app's live holds there are, up to a bound."""
    own = held.where(slot_cells.c.bap_id == bindparam("bap_id"), slot_cells.c.expires_at > _NOW)
    return select(func.count()).select_from(own.limit(bindparam("most", type_=Integer)).subquery())


_TAKEN = Statement(_taken)
_HOLD = Statement(_hold)
_CLEAR = Statement(_clear)
_UNHOLD = Statement(lambda database: delete(slot_cells).where(_here(database), slot_cells.c.ref == bindparam("ref")))
_RELEASE = Statement(lambda _: delete(slot_cells).where(slot_cells.c.ref == bindparam("ref")))
_HOLDS = Statement(lambda _: _counted(select(slot_cells.c.ref).distinct()))
_HELD_CELLS = Statement(lambda _: _counted(select(slot_cells.c.cell)))
_LOAD = Statement(lambda database: _loads(database, free=False))
_FREE = Statement(lambda database: _loads(database, free=True))


class Holders:
    """How many holds a buyer app has at most, as this process knows: counted lately, and its own since then."""

    def __init__(self) -> None:
        """Nobody is known yet."""
        self._most: dict[str, tuple[float, int]] = {}

    def surely_below(self, bap_id: str, limit: int) -> bool:
        """Whether a count of this second and what was held here since are below half of a limit."""
        counted_at, most = self._most.get(bap_id, (0.0, limit))
        return most < limit // 2 and time.monotonic() - counted_at < COUNTED_FOR

    def counted(self, bap_id: str, found: int) -> None:
        """So many there are."""
        if len(self._most) >= MOST_HOLDERS:
            self._most.clear()
        self._most[bap_id] = (time.monotonic(), found)

    def held(self, bap_id: str) -> None:
        """There may be one more."""
        if bap_id in self._most:
            counted_at, most = self._most[bap_id]
            self._most[bap_id] = (counted_at, most + 1)


class SqlSlots:
    """See ``bpp.storage.ports_slots.SlotStore``. A cell without expiry is booked; with one in the past it is free."""

    def __init__(self, connection: Connection, holders: Holders) -> None:
        """On the unit's connection."""
        self._connection = connection
        self._holders = holders

    async def taken(
        self, workers: Collection[str], first: datetime, last: datetime, now: datetime, ignoring: str
    ) -> Mapping[str, Sequence[datetime]]:
        """The cells of workers that are held or booked in [first, last), but for those of the ref ``ignoring``."""
        found: dict[str, list[datetime]] = defaultdict(list)
        values = {"workers": list(workers), "start": first, "end": last, "now": now, "ignoring": ignoring}
        for worker_id, cell in await self._connection.rows(_TAKEN, values):
            found[worker_id].append(cell)
        return found

    async def hold(
        self, worker_id: str, cells: Sequence[datetime], ref: str, bap_id: str, expires_at: datetime, now: datetime
    ) -> bool:
        """Hold all the cells for a ref, or none: False when another has one of them.

        A lapsed hold that is in the way goes as a whole, never in part: else what is left of it could be renewed, and
        the time between sold twice.
        """
        values = {"worker_id": worker_id, "cells": sorted(cells), "ref": ref, "now": now}
        held = {**values, "bap_id": bap_id, "expires_at": expires_at}
        self._holders.held(bap_id)
        if await self._connection.change(_HOLD, held) == len(cells):
            return True
        await self._connection.change(_UNHOLD, values)
        if not await self._connection.change(_CLEAR, values):
            return False
        if await self._connection.change(_HOLD, held) == len(cells):
            return True
        await self._connection.change(_UNHOLD, values)
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
        await self._connection.change(_RELEASE, {"ref": ref})

    async def held_by(self, ref: str) -> Mapping[str, Sequence[datetime]]:
        """The cells that a ref holds or has booked, by worker."""
        query = select(slot_cells.c.worker_id, slot_cells.c.cell).where(slot_cells.c.ref == ref)
        found: dict[str, list[datetime]] = defaultdict(list)
        for worker_id, cell in await self._connection.execute(query.order_by(slot_cells.c.cell)):
            found[worker_id].append(cell)
        return found

    async def held_until(self, ref: str) -> datetime | None:
        """Until when a ref's hold lasts, or lasted; None where it holds nothing, or has booked it."""
        query = select(func.max(slot_cells.c.expires_at)).where(slot_cells.c.ref == ref)
        return (await self._connection.execute(query)).scalar()

    async def held_for(self, bap_id: str, now: datetime) -> Sequence[tuple[str, datetime]]:
        """What a buyer app, or a session of ours, holds now, by ref and with its end; what lapses first leads."""
        until = func.max(slot_cells.c.expires_at)
        query = select(slot_cells.c.ref, until).where(slot_cells.c.bap_id == bap_id, slot_cells.c.expires_at > now)
        found = await self._connection.execute(query.group_by(slot_cells.c.ref).order_by(until, slot_cells.c.ref))
        return [(ref, end) for ref, end in found]

    async def holds_at_least(self, bap_id: str, most: int, now: datetime) -> bool:
        """Whether so many selections of a buyer app hold cells now, or more.

        While it has surely far fewer they are not counted for each message: then it may be a second's worth of other
        processes' holds behind. Each selection holds a cell at least, and to count cells costs a ninth of counting
        selections, since the index alone tells.
        """
        if self._holders.surely_below(bap_id, most):
            return False
        found = await self._count(_HELD_CELLS, bap_id, most // 2, now)
        if found >= most // 2:
            found = await self._count(_HOLDS, bap_id, most, now)
        self._holders.counted(bap_id, found)
        return found >= most

    async def _count(self, statement: Statement, bap_id: str, most: int, now: datetime) -> int:
        rows = await self._connection.rows(statement, {"bap_id": bap_id, "most": most, "now": now})
        return int(rows[0][0])

    async def load(
        self, workers: Collection[str], since: datetime, first: datetime, last: datetime
    ) -> Mapping[str, Load]:
        """For each worker with any: the jobs in [first, last), those in [since, first), the last booked cell of all."""
        values = {"workers": list(workers), "since": since, "first": first, "last": last}
        found = await self._connection.rows(_LOAD, values)
        return {worker: (today, before, idle) for worker, today, before, idle in found if idle is not None}

    async def free(
        self,
        workers: Collection[str],
        start: datetime,
        end: datetime,
        now: datetime,
        ignoring: str,
        days: tuple[datetime, datetime, datetime],
    ) -> Mapping[str, Load]:
        """Those of some workers of whom in [start, end) nothing is held or booked, but by the ref ``ignoring``.

        Each with the ``load`` of ``days``: since, first, last.
        """
        since, first, last = days
        values = {"workers": list(workers), "start": start, "end": end, "now": now, "ignoring": ignoring}
        values |= {"since": since, "first": first, "last": last}
        found = await self._connection.rows(_FREE, values)
        return {worker: (today, before, idle) for worker, today, before, idle in found}

    async def booked_of(self, worker_id: str, after: datetime, before: datetime | None = None) -> Collection[str]:
        """The refs that have a worker's time booked which ends after a moment, and begins before another."""
        query = select(slot_cells.c.ref).distinct()
        query = query.where(
            slot_cells.c.worker_id == worker_id, slot_cells.c.cell > after - CELL, slot_cells.c.expires_at.is_(None)
        )
        if before is not None:
            query = query.where(slot_cells.c.cell < before)
        return [row.ref for row in await self._connection.execute(query)]
