"""Looking for a person in drafts, messages, reads and kept answers, on a database."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Table, delete, false, func, or_, select, tuple_, union, update

from bpp.orders.model import Draft
from bpp.storage.changes import bodies_taken
from bpp.storage.connection import Connection
from bpp.storage.ports_audit import FullRead
from bpp.storage.ports_principals import Conversation, Spoken
from bpp.storage.tables import drafts, idempotency_keys, message_bodies, message_log, orders, outbox
from bpp.storage.tables_audit import full_reads
from bpp.storage.types import decode, encode

BETWEEN_DIGITS = re.compile(rb"[\s().-]+")


class SqlPrincipals:
    """See ``bpp.storage.ports_principals.Principals``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def drafts(self, number: str) -> Sequence[Draft]:
        """The drafts whose customer has a number, however it was written. Looks at all of them: they are few.

        A draft names its provider and workers, too, and is not theirs.
        """
        bare = func.replace(func.replace(drafts.c.doc, " ", ""), "-", "")
        query = select(drafts.c.doc).where(bare.contains(number, autoescape=True))
        found = [decode(Draft, text) for text in (await self._connection.execute(query)).scalars()]
        return [one for one in found if number in _said_by_customer(one)]

    async def conversations(self, refs: Collection[str]) -> Sequence[Conversation]:
        """The conversations in which we sent something about orders."""
        query = select(outbox.c.peer, outbox.c.transaction_id).where(outbox.c.order_ref.in_(refs)).distinct()
        return [Conversation(*row) for row in await self._connection.execute(query)]

    async def of_others(self, which: Collection[Conversation], refs: Collection[str]) -> Sequence[Conversation]:
        """Those of some conversations that belong to orders that are not among ``refs``, nor forgotten."""
        theirs = (orders.c.ref.not_in(refs), orders.c.forgotten.is_(False))
        made = select(orders.c.bap_id, orders.c.transaction_id).where(_of(which, orders, orders.c.bap_id), *theirs)
        about = select(outbox.c.peer, outbox.c.transaction_id).join(orders, orders.c.ref == outbox.c.order_ref)
        rows = await self._connection.execute(union(made, about.where(_of(which, outbox), *theirs)))
        return [Conversation(*row) for row in rows]

    async def messages(self, which: Collection[Conversation]) -> Sequence[Spoken]:
        """The messages of conversations in both directions, oldest first."""
        log = message_log.c
        columns = (log.at, log.direction, log.peer, log.action, log.transaction_id, log.message_id)
        query = select(*columns, message_bodies.c.body).outerjoin(
            message_bodies, message_bodies.c.digest == log.body_digest
        )
        rows = await self._connection.execute(query.where(_of(which, message_log)).order_by(log.seq))
        return [Spoken(**{**row._asdict(), "body": bytes(row.body or b"")}) for row in rows]

    async def reads(self, subjects: Collection[str]) -> Sequence[FullRead]:
        """Who read some records in full, oldest first."""
        query = select(full_reads).where(full_reads.c.subject.in_(subjects)).order_by(full_reads.c.seq)
        return [
            FullRead(at=row.at, who=row.who, role=row.role, kind=row.kind, subject=row.subject)
            for row in await self._connection.execute(query)
        ]

    async def under_way(self, refs: Collection[str], which: Collection[Conversation]) -> Sequence[str]:
        """Those of some orders, and of some conversations without one, of which a callback is still to be delivered."""
        theirs = or_(outbox.c.order_ref.in_(refs), _of(which, outbox))
        query = select(outbox.c.order_ref, outbox.c.transaction_id).where(theirs, outbox.c.state == "pending")
        rows = await self._connection.execute(query.order_by(outbox.c.seq))
        return list(dict.fromkeys(row.order_ref or row.transaction_id for row in rows))

    async def drop_drafts(self, refs: Collection[str]) -> int:
        """Delete drafts; how many."""
        return int((await self._connection.execute(delete(drafts).where(drafts.c.ref.in_(refs)))).rowcount)

    async def drop_answers(self, words: Collection[str]) -> int:
        """Delete answers of the operator API, kept for a repetition, in which one of some words stands; how many."""
        kept = await self._connection.execute(select(idempotency_keys.c.key, idempotency_keys.c.answer))
        sought = [one.encode() for one in words]
        keys = [row.key for row in kept if any(one in bytes(row.answer) for one in sought)]
        gone = delete(idempotency_keys).where(idempotency_keys.c.key.in_(keys))
        return int((await self._connection.execute(gone)).rowcount)

    async def erase_messages(self, which: Collection[Conversation], now: datetime) -> int:
        """Empty the bodies of conversations, whatever their age, and note for the audit chain of which; how many.

        A body has the ids of its conversation in it, so it is no other's. What was answered at once says nothing of
        people, and stays.
        """
        said = select(message_log.c.seq, message_log.c.body_digest).where(_of(which, message_log))
        rows = (await self._connection.execute(said)).all()
        stored = select(outbox.c.digest).where(_of(which, outbox))  # also what was never sent
        digests = {row.body_digest for row in rows} | set((await self._connection.execute(stored)).scalars())
        left = message_bodies.c.body.is_not(None)
        gone = update(message_bodies).where(message_bodies.c.digest.in_(digests), left)
        count = (await self._connection.execute(gone.values(body=None, erased_at=now))).rowcount
        await bodies_taken(self._connection, (row.seq for row in rows), now)
        return int(count)

    async def heard_of(self, number: str, after: int, most: int) -> tuple[Sequence[Conversation], int]:
        """The conversations in which peers said a number, of so many messages after one; and the last looked at, or 0.

        What we say names providers, workers and our desk: their numbers would lead to everybody they serve. Every body
        is read: this is for a command, not for a request.
        """
        log = message_log.c
        query = select(log.seq, log.peer, log.transaction_id, message_bodies.c.body)
        query = query.outerjoin(message_bodies, message_bodies.c.digest == log.body_digest)
        query = query.where(log.seq > after, log.direction == "in")
        found, last = set(), 0
        async for row in self._connection.stream(query.order_by(log.seq).limit(most)):
            last = row.seq
            if number.encode() in BETWEEN_DIGITS.sub(b"", bytes(row.body or b"")):
                found.add(Conversation(row.peer, row.transaction_id))
        return sorted(found), last


def _said_by_customer(draft: Draft) -> str:
    """What a draft has of whoever selects, without what stands between digits."""
    visits = [(one.customer, one.tags) for one in draft.fulfillments]
    return BETWEEN_DIGITS.sub(b"", encode((draft.billing, visits, draft.session)).encode()).decode()


def _of(which: Collection[Conversation], table: Table, peer: ColumnElement[str] | None = None) -> ColumnElement[bool]:
    """Whether a row of the log, a callback or an order is of one of some conversations; ``peer``: its other name."""
    if not which:
        return false()
    key = tuple_(table.c.transaction_id, table.c.peer if peer is None else peer)
    return key.in_([(one.transaction_id, one.peer) for one in which])
