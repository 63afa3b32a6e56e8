"""Reads of full records, and forgetting what was kept long enough, on a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import CompoundSelect, delete, func, or_, select, union, update

from bpp.orders.masking import hidden_message
from bpp.orders.states import TERMINAL
from bpp.storage.changes import bare_details, rows_dropped
from bpp.storage.connection import Connection
from bpp.storage.ports_audit import FullRead, ReadFilter
from bpp.storage.tables import (
    drafts,
    idempotency_keys,
    inbox,
    message_bodies,
    message_log,
    order_events,
    orders,
    outbox,
)
from bpp.storage.tables_audit import full_reads


class SqlAudit:
    """See ``bpp.storage.ports_audit.Audit``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def note(self, read: FullRead) -> None:
        """Add a row."""
        await self._connection.execute(
            full_reads.insert().values(at=read.at, who=read.who, role=read.role, kind=read.kind, subject=read.subject)
        )

    async def reads(self, which: ReadFilter) -> Sequence[tuple[int, FullRead]]:
        """Reads that fit, newest first, each with its number."""
        query = select(full_reads).order_by(full_reads.c.seq.desc()).limit(which.limit)
        for name in ("kind", "subject", "who"):
            if (value := getattr(which, name)) is not None:
                query = query.where(full_reads.c[name] == value)
        if which.before is not None:
            query = query.where(full_reads.c.seq < which.before)
        return [
            (row.seq, FullRead(at=row.at, who=row.who, role=row.role, kind=row.kind, subject=row.subject))
            for row in await self._connection.execute(query)
        ]

    async def drop_reads(self, before: datetime, now: datetime) -> int:
        """Delete the rows of reads before a moment, but for the newest of all; how many.

        SQLite would give the number of the newest again, and a number that is sealed is that of one row for ever.
        """
        newest = select(func.max(full_reads.c.seq)).scalar_subquery()
        gone = delete(full_reads).where(full_reads.c.at < before, full_reads.c.seq < newest).returning(full_reads.c.seq)
        numbers = (await self._connection.execute(gone)).scalars().all()
        await rows_dropped(self._connection, full_reads.name, numbers, now)
        return len(numbers)

    async def drop_drafts(self, before: datetime) -> int:
        """Delete what was selected before a moment and not touched since; how many."""
        return await self._count(delete(drafts).where(drafts.c.updated_at < before))

    async def drop_expired(self, now: datetime) -> int:
        """Delete answers kept for a repetition that would not be one any more; how many."""
        return await self._count(delete(idempotency_keys).where(idempotency_keys.c.expires_at <= now))

    async def erase_bodies(self, before: datetime, now: datetime) -> int:
        """Empty the bodies that no message since ``before`` had and no callback waits for; how many.

        Their digests stay, so that the log still proves what was said (decision 25).
        """
        old = (message_bodies.c.body.is_not(None), message_bodies.c.digest.not_in(_needed(before)))
        return await self._count(update(message_bodies).where(*old).values(body=None, erased_at=now))

    async def old_bodies(self, before: datetime, most: int) -> Sequence[str]:
        """The digests of bodies that are whole and that ``erase_bodies`` would empty; so many at most."""
        kept = message_bodies.c
        old = (kept.body.is_not(None), kept.masked_at.is_(None), kept.digest.not_in(_needed(before)))
        return list((await self._connection.execute(select(kept.digest).where(*old).limit(most))).scalars())

    async def mask_bodies(self, digests: Sequence[str], now: datetime) -> int:
        """Mask what is personal in some bodies; how many.

        What is not a message in JSON has no names by which to tell what is personal, and goes whole.
        """
        kept = message_bodies.c
        query = select(kept.digest, kept.body).where(kept.digest.in_(digests), kept.body.is_not(None))
        rows = (await self._connection.execute(query)).all()
        for digest, body in rows:
            masked = _masked(bytes(body))
            values = {"masked_at": now} if masked else {"masked_at": now, "erased_at": now}
            changed = update(message_bodies).where(kept.digest == digest)
            await self._connection.execute(changed.values(body=masked, **values))
        return len(rows)

    async def over_since(self, before: datetime, limit: int) -> Sequence[str]:
        """Orders that were over before a moment and in which something personal is left, oldest first."""
        query = (
            select(orders.c.ref)
            .where(
                orders.c.state.in_([stage.value for stage in TERMINAL]),
                orders.c.updated_at < before,
                orders.c.forgotten.is_(False),
            )
            .order_by(orders.c.updated_at)
            .limit(limit)
        )
        return list((await self._connection.execute(query)).scalars())

    async def erase_notes(self, ref: str, now: datetime) -> None:
        """Take what somebody said or wrote in own words out of an order's events."""
        rows = await self._connection.execute(select(order_events).where(order_events.c.ref == ref))
        await bare_details(self._connection, order_events, rows.all(), now)

    async def _count(self, statement: Any) -> int:
        return int((await self._connection.execute(statement)).rowcount)


def _needed(before: datetime) -> CompoundSelect[Any]:
    """The digests of what was said since a moment, or waits to be said."""
    return union(
        select(message_log.c.body_digest).where(message_log.c.at >= before),
        select(message_log.c.answer_digest).where(message_log.c.at >= before),
        select(inbox.c.digest).where(inbox.c.at >= before),
        select(outbox.c.digest).where(or_(outbox.c.state == "pending", outbox.c.created_at >= before)),
    )


def _masked(body: bytes) -> bytes | None:
    try:
        message = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    return orjson.dumps(hidden_message(message))
