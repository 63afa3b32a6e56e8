"""Reads of full records, and forgetting what was kept long enough, on a database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, or_, select, union, update

from bpp.orders.masking import bare_detail
from bpp.orders.states import TERMINAL
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

    async def drop_reads(self, before: datetime) -> int:
        """Delete the rows of reads before a moment; how many."""
        return await self._count(delete(full_reads).where(full_reads.c.at < before))

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
        needed = union(
            select(message_log.c.body_digest).where(message_log.c.at >= before),
            select(message_log.c.answer_digest).where(message_log.c.at >= before),
            select(inbox.c.digest).where(inbox.c.at >= before),
            select(outbox.c.digest).where(or_(outbox.c.state == "pending", outbox.c.created_at >= before)),
        )
        old = (message_bodies.c.body.is_not(None), message_bodies.c.digest.not_in(needed))
        return await self._count(update(message_bodies).where(*old).values(body=None, erased_at=now))

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

    async def erase_notes(self, ref: str) -> None:
        """Take what somebody said or wrote in own words out of an order's events."""
        rows = await self._connection.execute(select(order_events).where(order_events.c.ref == ref))
        for row in rows.all():
            detail = json.loads(row.detail)
            kept = bare_detail(detail)
            if kept != detail:
                changed = update(order_events).where(order_events.c.seq == row.seq)
                await self._connection.execute(changed.values(detail=json.dumps(kept, ensure_ascii=False)))

    async def _count(self, statement: Any) -> int:
        return int((await self._connection.execute(statement)).rowcount)
