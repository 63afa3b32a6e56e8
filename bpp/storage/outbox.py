"""The outbox: callbacks claimed by lease, at most one per lane, and the state of each peer (architecture 2.6)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    bindparam,
    delete,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from bpp.storage.claiming import CLAIM_DUE, CLAIM_RELEASED, LANE_WAITS, NEXT_DUE
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, insert_into
from bpp.storage.messages import Bodies
from bpp.storage.ports import Attempt, Callback, CallbackState, NewCallback, Notice, Settled
from bpp.storage.ports_messages import LAST_TOLD
from bpp.storage.statement import DatabaseName, Statement
from bpp.storage.tables import FAILED, attempts, message_bodies, outbox, peers
from bpp.storage.types import UtcMicros

_COLUMNS = tuple(one.name for one in outbox.c)
_DIGEST = _COLUMNS.index("digest")
_PENDING = outbox.c.state == literal_column("'pending'")


def _enqueue(database: DatabaseName) -> ReturningInsert[int]:
    fresh = {"state": literal("pending"), "attempts": literal(0)}
    return insert_into(outbox, database, "seq", "leased_until", *fresh).values(fresh).returning(outbox.c.seq)


# Written by hand: SQLAlchemy names no tables in SQLite's RETURNING, and without the cast SQLite would use no index.
_MORE_WAITS: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM outbox AS behind WHERE behind.lane = CAST(outbox.lane AS TEXT) "
    "AND behind.state = 'pending' AND behind.seq > outbox.seq)"
)
_FAILING: ColumnElement[bool] = literal_column(
    "EXISTS (SELECT 1 FROM peers WHERE peers.subscriber_id = CAST(outbox.peer AS TEXT))"
)


def _end(*still: ColumnElement[bool]) -> ReturningUpdate[bool, bool]:
    """An attempt is over: another state, or due again; whether more waits in its lane, and whether its peer fails."""
    due_at = func.coalesce(bindparam("due", type_=UtcMicros), outbox.c.due_at)
    ended = {"state": bindparam("to"), "leased_until": null(), "due_at": due_at}
    return (
        update(outbox).where(outbox.c.seq == bindparam("which"), *still).values(ended).returning(_MORE_WAITS, _FAILING)
    )


_ENQUEUE = Statement(_enqueue)
_DELIVERED = Statement(lambda _: _end())
_SETTLE = Statement(lambda _: _end(_PENDING, outbox.c.attempts == bindparam("number")))
_FAILING_SINCE = Statement(lambda _: select(peers.c.failing_since).where(peers.c.subscriber_id == bindparam("peer")))
_WELL = Statement(lambda _: delete(peers).where(peers.c.subscriber_id == bindparam("peer")))
_TRIED = Statement(lambda database: insert_into(attempts, database).on_conflict_do_nothing())


class SqlOutbox:
    """See ``bpp.storage.ports.Outbox``."""

    def __init__(self, connection: Connection, notices: set[Notice]) -> None:
        """On the unit's connection."""
        self._connection = connection
        self._notices = notices

    async def enqueue(self, callback: NewCallback) -> int:
        """Store a callback; returns its number. A newer answer to a poll replaces older ones still waiting."""
        lane = _lane(callback.peer, callback.transaction_id, beside=callback.beside)
        if callback.kind == "poll":
            waiting = (outbox.c.lane == lane, outbox.c.action == callback.action, outbox.c.kind == "poll")
            idle = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= callback.created_at)
            tried = (_PENDING, outbox.c.attempts > 0, idle)
            await self._connection.execute(update(outbox).where(*waiting, *tried).values(state="superseded"))
        about = (callback.peer, callback.transaction_id)
        values = {
            "lane": lane,
            "kind": callback.kind,
            "action": callback.action,
            "peer": callback.peer,
            "transaction_id": callback.transaction_id,
            "message_id": callback.message_id,
            "url": callback.url,
            "digest": await Bodies(self._connection).keep(callback.body, about, callback.digest),
            "order_ref": callback.order_ref,
            "created_at": callback.created_at,
            "due_at": callback.due_at,
            "give_up_at": callback.give_up_at,
        }
        return int((await self._connection.rows(_ENQUEUE, values))[0][0])

    async def again(self, seq: int, due_at: datetime, give_up_at: datetime) -> bool:
        """Make a stored callback due again, byte for byte: the answer to a repeated message, or an operator's wish.

        One that is being delivered at this moment is left alone, and one whose body is not whole any more: then False.
        What was told of an order after its on_confirm is told again after it, or the order would seem to be as it
        began; but not what stood beside its lane, which told of nothing that changed.
        """
        whole = (message_bodies.c.body.is_not(None), message_bodies.c.masked_at.is_(None))
        kept = select(message_bodies.c.digest).where(*whole)
        waited = select(outbox.c.due_at).where(outbox.c.seq == seq, _PENDING)
        put_off = (await self._connection.execute(waited)).scalar()
        idle = or_(outbox.c.leased_until.is_(None), outbox.c.leased_until <= due_at)
        due = {"state": "pending", "give_up_at": give_up_at, "attempts": 0, "leased_until": None}
        first = (
            update(outbox)
            .where(outbox.c.seq == seq, idle, outbox.c.digest.in_(kept))
            .values(due_at=due_at, **due)
            .returning(outbox.c.action, outbox.c.order_ref, outbox.c.lane)
        )
        row = (await self._connection.execute(first)).first()
        if row is not None and row.action == "on_confirm" and row.order_ref:
            same = (outbox.c.lane == row.lane, outbox.c.order_ref == row.order_ref, outbox.c.kind == "state")
            later, ended = (*same, outbox.c.seq > seq), outbox.c.state != "pending"
            # Due long since: behind the first in their lane, they overtake nothing.
            await self._connection.execute(
                update(outbox).where(*later, ended, idle, outbox.c.digest.in_(kept)).values(**due)
            )
        if row is not None and put_off is not None:
            behind = (outbox.c.lane == row.lane, _PENDING, outbox.c.seq > seq)
            # What was put off with it comes with it.
            await self._connection.execute(
                update(outbox).where(*behind, outbox.c.due_at == put_off).values(due_at=due_at)
            )
        return row is not None

    async def claim(
        self,
        now: datetime,
        lease: timedelta,
        limit: int,
        released: Collection[int],
        busy_peers: Collection[str],
        *,
        due: bool = True,
        under_way: Collection[int] = (),
    ) -> Sequence[Callback]:
        """Lease what is due: released or past its moment, first of its lane, its peer not resting or busy.

        Not what is ``under_way`` here, though its lease may have lapsed: the clock may have been set.
        """
        values = {"now": now, "until": now + lease, "limit": limit, "busy": list(busy_peers), "mine": list(under_way)}
        rows = (
            [*await self._connection.rows(CLAIM_RELEASED, {**values, "released": list(released)})] if released else []
        )
        if due and len(rows) < limit:
            rows += await self._connection.rows(CLAIM_DUE, {**values, "limit": limit - len(rows)})
        return sorted(await self._callbacks(rows), key=lambda one: one.seq)

    async def settle(self, seq: int, state: CallbackState, due_at: datetime | None, attempt: Attempt) -> Settled | None:
        """Record an attempt and what follows: over, or due again at ``due_at``.

        An attempt whose lease ran out before it ended may only tell that the callback was delivered: anything else is
        for the attempt after it to say. Then None: nothing follows from this one.
        """
        values = {"which": seq, "to": state, "due": due_at, "number": attempt.number}
        ended = await self._connection.rows(_DELIVERED if state == "delivered" else _SETTLE, values)
        if state != "pending" and any(more_waits for more_waits, _ in ended):
            self._notices.add(Notice.DUE)
        if ended and due_at is not None:
            await self._connection.change(LANE_WAITS, {"which": seq, "due": due_at})
        tried = {"callback_seq": seq, "at": attempt.at, "outcome": attempt.outcome, "http_status": attempt.http_status}
        await self._connection.later(
            _TRIED, {**tried, "number": attempt.number, "code": attempt.code, "signature": attempt.signature}
        )
        return Settled(failing=bool(ended[0][1])) if ended else None

    async def next_due(self, now: datetime) -> datetime | None:
        """When the next pending callback may be claimed that is not leased beyond now: due, and its peer rested."""
        moment: datetime | None = (await self._connection.rows(NEXT_DUE, {"now": now}))[0][0]
        return moment

    async def retrying(self, order_ref: str, action: str) -> bool:
        """Whether a callback of an order was tried in vain and waits to be tried again, or is being tried again."""
        tried = or_(and_(outbox.c.attempts == 1, outbox.c.leased_until.is_(None)), outbox.c.attempts > 1)
        query = select(outbox.c.seq).where(outbox.c.order_ref == order_ref, outbox.c.action == action, _PENDING, tried)
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def peer_failed(self, peer: str, at: datetime, not_before: datetime) -> None:
        """Let a peer rest until ``not_before``; ``at`` counts as the beginning if it was well before."""
        await self._connection.execute(
            insert(self._connection, peers)
            .values(subscriber_id=peer, failing_since=at, not_before=not_before)
            .on_conflict_do_update(index_elements=["subscriber_id"], set_={"not_before": not_before})
        )

    async def peer_failing_since(self, peer: str) -> datetime | None:
        """Since when a peer fails, or None."""
        found = await self._connection.seen(_FAILING_SINCE, {"peer": peer}, about=peer)
        return found[0][0] if found else None

    async def peer_well(self, peer: str) -> None:
        """Forget that a peer failed: it answered, or it sent us a valid signed request."""
        await self._connection.later(_WELL, {"peer": peer}, about=peer)

    async def find(self, state: str | None, after: int | None, limit: int) -> Sequence[Callback]:
        """Callbacks, newest first, before the cursor ``after``."""
        query = select(outbox).order_by(outbox.c.seq.desc()).limit(limit)
        if state is not None:
            query = query.where(outbox.c.state == state)
            if state == "pending":
                query = query.where(_PENDING)
            elif state != "delivered":
                query = query.where(text(FAILED))
        if after is not None:
            query = query.where(outbox.c.seq < after)
        return await self._callbacks((await self._connection.execute(query)).all())

    async def get(self, seq: int) -> Callback | None:
        """One callback, or None."""
        row = (await self._connection.execute(select(outbox).where(outbox.c.seq == seq))).first()
        return None if row is None else (await self._callbacks([row]))[0]

    async def of_order(self, order_ref: str) -> Sequence[Callback]:
        """The callbacks about an order, oldest first: the newest ``LAST_TOLD`` of them."""
        query = select(outbox).where(outbox.c.order_ref == order_ref).order_by(outbox.c.seq.desc()).limit(LAST_TOLD)
        return (await self._callbacks((await self._connection.execute(query)).all()))[::-1]

    async def attempts(self, seq: int) -> Sequence[Attempt]:
        """Every attempt to deliver a callback, in order."""
        query = select(attempts).where(attempts.c.callback_seq == seq).order_by(attempts.c.at)
        return [
            Attempt(
                at=row.at,
                number=row.number,
                outcome=row.outcome,
                http_status=row.http_status,
                code=row.code,
                signature=row.signature,
            )
            for row in await self._connection.execute(query)
        ]

    async def counts(self) -> Mapping[str, int]:
        """How many callbacks there are in each state."""
        query = select(outbox.c.state, func.count()).group_by(outbox.c.state)
        return {row[0]: row[1] for row in await self._connection.execute(query)}

    async def _callbacks(self, rows: Sequence[Sequence[Any]]) -> list[Callback]:
        bodies = await Bodies(self._connection).of({row[_DIGEST] for row in rows})
        return [_callback(row, bodies.get(row[_DIGEST], b"")) for row in rows]


def _lane(peer: str, transaction_id: str, *, beside: bool = False) -> str:
    return f"{peer}\n{transaction_id}" + ("\nbeside" if beside else "")


def _callback(row: Sequence[Any], body: bytes) -> Callback:
    kept = dict(zip(_COLUMNS, row, strict=True))
    lane = kept.pop("lane")
    return Callback(**kept, body=body, beside=lane != _lane(kept["peer"], kept["transaction_id"]))
