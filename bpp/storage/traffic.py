"""Looking at traffic: callbacks without their bodies, how long they took, how peers fare, what a number belongs to.

Every query is bounded: by an index, or by how many of the newest rows it looks at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, or_, select, text

from bpp.storage.connection import Connection
from bpp.storage.ports_messages import Attempt, CallbackState
from bpp.storage.ports_traffic import Failing, Said, Sent, SentFilter
from bpp.storage.tables import FAILED, PENDING, attempts, inbox, message_log, outbox, peers

TAKEN = "acked"
"""How the outcome of an attempt is written that the peer took (``bpp.delivery.record``)."""
ENDED: tuple[CallbackState, ...] = ("refused", "given_up")
"""What came to nothing, and may be sent again."""
_SHOWN = tuple(one for one in outbox.c if one.name not in {"lane", "url", "digest"})


class SqlTraffic:
    """See ``bpp.storage.ports_traffic.Traffic``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def sent(self, which: SentFilter) -> Sequence[Sent]:
        """Callbacks, newest first, each with its last attempt."""
        query = select(*_SHOWN).order_by(outbox.c.seq.desc()).limit(which.limit)
        found = which.state is not None and which.state != "delivered"
        if which.state is not None:
            query = query.where(outbox.c.state == which.state)
        if found:
            query = query.where(text(PENDING if which.state == "pending" else FAILED))
        if which.peer is not None:
            query = query.where(outbox.c.peer == which.peer)
            if not found:
                query = query.where(outbox.c.seq > _newest(outbox.c.seq, which.through))
        if which.before is not None:
            query = query.where(outbox.c.seq < which.before)
        return await self._with_attempts(query)

    async def sent_of(self, seqs: Sequence[int], refs: Sequence[str]) -> Sequence[Sent]:
        """Callbacks of these numbers and of these orders, in order."""
        query = select(*_SHOWN).where(or_(outbox.c.seq.in_(seqs), outbox.c.order_ref.in_(refs)))
        return await self._with_attempts(query.order_by(outbox.c.seq))

    async def failed(self, most: int) -> Mapping[CallbackState, int]:
        """How many callbacks were refused and given up; of each at most ``most`` are counted."""
        found: dict[CallbackState, int] = {}
        for state in ENDED:
            some = select(outbox.c.seq).where(text(FAILED), outbox.c.state == state).limit(most).subquery()
            found[state] = int((await self._connection.execute(select(func.count()).select_from(some))).scalar_one())
        return found

    async def delivered(self, since: datetime, most: int) -> Sequence[tuple[datetime, datetime]]:
        """When callbacks were stored and when they were taken first: of the newest ``most`` those since a moment."""
        recent = (
            select(outbox.c.seq, outbox.c.created_at)
            .where(outbox.c.seq > _newest(outbox.c.seq, most), outbox.c.created_at >= since)
            .subquery()
        )
        query = (
            select(recent.c.created_at, func.min(attempts.c.at))
            .select_from(recent.join(attempts, attempts.c.callback_seq == recent.c.seq))
            .where(attempts.c.outcome == TAKEN)
            .group_by(recent.c.seq, recent.c.created_at)
        )
        return [(row[0], row[1]) for row in await self._connection.execute(query)]

    async def overlooked(self, since: datetime, most: int) -> bool:
        """Whether there are callbacks since a moment beyond the newest ``most``."""
        older = select(outbox.c.created_at).where(outbox.c.seq <= _newest(outbox.c.seq, most))
        newest = (await self._connection.execute(older.order_by(outbox.c.seq.desc()).limit(1))).scalar()
        return newest is not None and newest >= since

    async def failing(self) -> Sequence[Failing]:
        """Peers that are left alone; they are as many as the network has buyer apps."""
        query = select(peers).order_by(peers.c.subscriber_id)
        return [
            Failing(row.subscriber_id, row.failing_since, row.not_before)
            for row in await self._connection.execute(query)
        ]

    async def waiting_for(self, most: int) -> Mapping[str, int]:
        """How many callbacks wait for each peer; at most ``most`` are counted in all."""
        some = select(outbox.c.peer).where(text(PENDING)).limit(most).subquery()
        query = select(some.c.peer, func.count()).group_by(some.c.peer)
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def said(self, most: int) -> tuple[datetime | None, Sequence[Said]]:
        """The newest ``most`` messages by peer, direction and outcome, and since when they are."""
        log = message_log.c
        recent = (
            select(log.at, log.peer, log.direction, log.outcome).order_by(log.seq.desc()).limit(most).subquery("recent")
        )
        key = (recent.c.peer, recent.c.direction, recent.c.outcome)
        query = select(*key, func.count(), func.max(recent.c.at), func.min(recent.c.at)).group_by(*key)
        rows = (await self._connection.execute(query)).all()
        said = [Said(peer=row[0], direction=row[1], outcome=row[2], count=row[3], newest=row[4]) for row in rows]
        return min((row[5] for row in rows), default=None), said

    async def peers_of(self, transaction_id: str) -> Sequence[str]:
        """Who has sent or been sent a message of a transaction; two buyer apps may have chosen the same id."""
        query = select(message_log.c.peer).where(message_log.c.transaction_id == transaction_id).distinct()
        return sorted(row[0] for row in await self._connection.execute(query))

    async def answers_of(self, peer: str, transaction_id: str) -> Sequence[int]:
        """The numbers of the callbacks that answer the messages of a transaction."""
        query = select(inbox.c.callback_seq).where(
            inbox.c.bap_id == peer, inbox.c.transaction_id == transaction_id, inbox.c.callback_seq.is_not(None)
        )
        return sorted(row[0] for row in await self._connection.execute(query))

    async def transactions_of(self, message_id: str, most: int) -> Sequence[str]:
        """The transactions that a message id belongs to, among the newest ``most`` messages."""
        query = (
            select(message_log.c.transaction_id)
            .where(message_log.c.seq > _newest(message_log.c.seq, most), message_log.c.message_id == message_id)
            .distinct()
        )
        return sorted(row[0] for row in await self._connection.execute(query))

    async def _with_attempts(self, query: Select[Any]) -> Sequence[Sent]:
        found = [Sent(**row._mapping) for row in await self._connection.execute(query)]  # noqa: SLF001  public API of Row
        tried = select(attempts).where(attempts.c.callback_seq.in_([one.seq for one in found]))
        last: dict[int, Attempt] = {}
        for row in await self._connection.execute(tried.order_by(attempts.c.at, attempts.c.number)):
            last[row.callback_seq] = _attempt(row)
        return [replace(one, last=last.get(one.seq)) for one in found]


def _newest(key: ColumnElement[int], count: int) -> ColumnElement[int]:
    """The number after which the newest ``count`` rows of a table are."""
    return select(func.coalesce(func.max(key), 0) - count).scalar_subquery()


def _attempt(row: Row[Any]) -> Attempt:
    return Attempt(
        at=row.at,
        number=row.number,
        outcome=row.outcome,
        http_status=row.http_status,
        code=row.code,
        signature=row.signature,
    )
