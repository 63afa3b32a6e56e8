"""Durable timers: one row per kind and subject, claimed by lease like the outbox (decision 16)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, or_, select, tuple_, update

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.ports import Timer, TimerKind
from bpp.storage.statement import Statement
from bpp.storage.tables import timers

_NEXT_DUE = Statement(lambda _: select(func.min(timers.c.due_at)))


class SqlTimers:
    """See ``bpp.storage.ports.Timers``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def set(self, timer: Timer) -> None:
        """Set a timer in the place of the one of the same kind and subject."""
        fields = {"serial": timer.serial, "due_at": timer.due_at, "leased_until": None}
        statement = insert(self._connection, timers).values(kind=timer.kind, subject=timer.subject, **fields)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=fields))

    async def cancel(self, kind: TimerKind, subject: str, serial: int | None = None) -> None:
        """Take a timer away, or only the one of a serial; no matter if there is none."""
        gone = delete(timers).where(timers.c.kind == kind, timers.c.subject == subject)
        await self._connection.execute(gone if serial is None else gone.where(timers.c.serial == serial))

    async def due(self, kind: TimerKind, subjects: Collection[str]) -> Mapping[str, datetime]:
        """When the timers of some subjects are due, as far as they have one."""
        query = select(timers.c.subject, timers.c.due_at).where(timers.c.kind == kind, timers.c.subject.in_(subjects))
        return {row.subject: row.due_at for row in await self._connection.execute(query)}

    async def claim(self, now: datetime, lease: timedelta, limit: int) -> Sequence[Timer]:
        """Lease the timers that are due. One whose unit dies is due again when the lease ends."""
        free = or_(timers.c.leased_until.is_(None), timers.c.leased_until <= now)
        key = tuple_(timers.c.kind, timers.c.subject)
        due = select(timers.c.kind, timers.c.subject).where(timers.c.due_at <= now, free)
        due = due.order_by(timers.c.due_at).limit(limit)
        statement = (
            update(timers)
            .where(key.in_(due), timers.c.due_at <= now, free)
            .values(leased_until=now + lease)
            .returning(timers.c.kind, timers.c.subject, timers.c.due_at, timers.c.serial)
        )
        rows = (await self._connection.execute(statement)).all()
        return [Timer(kind=row.kind, subject=row.subject, due_at=row.due_at, serial=row.serial) for row in rows]

    async def next_due(self) -> datetime | None:
        """When the next timer is due."""
        moment: datetime | None = (await self._connection.rows(_NEXT_DUE))[0][0]
        return moment
