"""The inbox of acknowledged messages, and the append-only log of everything said in either direction."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, Text, and_, bindparam, case, exists, func, literal, select, update

from bpp.storage.connection import Connection
from bpp.storage.dialects import LOCKED, draft_lock, insert_into
from bpp.storage.ports import Arrival, LogEntry, MessageKey, Seen, Versions
from bpp.storage.ports_messages import FIRST_TOLD, LAST_TOLD, Transcript
from bpp.storage.statement import DatabaseName, Statement, among
from bpp.storage.tables import inbox, message_bodies, message_log, peers
from bpp.storage.versions import versions

ABOUT_A_DRAFT = frozenset({"select", "init", "confirm"})
"""Actions whose units begin by reading the draft of their transaction."""
_KEY = tuple(inbox.c[one.name] == bindparam(one.name) for one in fields(MessageKey))
_ACCEPT = Statement(lambda database: insert_into(inbox, database))
_ANSWERED = Statement(lambda _: update(inbox).where(*_KEY).values(callback_seq=bindparam("seq")))
_LOG = Statement(lambda database: insert_into(message_log, database, "seq"))
_BODIES = Statement(
    lambda database: select(message_bodies.c.digest, message_bodies.c.body).where(
        among(message_bodies.c.digest, "digests", database)
    )
)
_KEEP = Statement(
    lambda database: insert_into(message_bodies, database, "erased_at", "masked_at").on_conflict_do_nothing()
)


def _arrival(database: DatabaseName) -> Select[*tuple[Any, ...]]:
    """One row, whether the message was seen or not; on PostgreSQL the lock of a draft is taken on the way."""
    said = inbox.alias("said")
    search = (
        select(message_bodies.c.body)
        .join(said, said.c.digest == message_bodies.c.digest)
        .where(*(said.c[name] == bindparam(name) for name in ("bap_id", "transaction_id")))
        .where(said.c.action == literal("search"))
        .order_by(said.c.at.desc())
        .limit(literal(1))
    )
    wanted = case((bindparam("action", type_=Text) == literal("select"), search.scalar_subquery()))
    failing = exists().where(peers.c.subscriber_id == bindparam("bap_id"))
    one = select(literal(1).label("message")).subquery()
    columns = (inbox.c.digest, inbox.c.callback_seq, failing, wanted, *versions())
    lock = (LOCKED,) if database == "postgresql" else ()
    return select(*columns, *lock).select_from(one.outerjoin(inbox, and_(*_KEY)))


_ARRIVAL = Statement(_arrival)


class SqlMessages:
    """See ``bpp.storage.ports.MessageStore``."""

    def __init__(self, connection: Connection, locks: set[str] | None) -> None:
        """On the unit's connection; ``locks``: those of drafts that the unit has, None where it takes none."""
        self._connection = connection
        self._locks = locks

    async def arrival(self, key: MessageKey) -> Arrival:
        """What a unit must know of a message first, in one query: it is asked for each."""
        about, lock = (key.bap_id, key.transaction_id), None
        if self._locks is not None and key.action in ABOUT_A_DRAFT:
            lock = draft_lock(*about)
            self._locks.add(lock)
        found = await self._connection.seen(_ARRIVAL, {**_of(key), "lock": lock}, about=about)
        digest, callback_seq, failing, search, catalog, ratings, rates = found[0][:7]
        return Arrival(
            versions=Versions(catalog, ratings, rates),
            seen=None if digest is None else Seen(digest=digest, callback_seq=callback_seq),
            failing=bool(failing),
            search=search,
        )

    async def accept(self, key: MessageKey, digest: str, at: datetime, callback_seq: int | None = None) -> None:
        """Take a message in, with the callback that answers it where there is one already.

        Where another process took it in at the same moment, the unit is run again and sees that.
        """
        values = {**_of(key), "digest": digest, "at": at, "callback_seq": callback_seq}
        await self._connection.later(_ACCEPT, values, about=(key.bap_id, key.transaction_id))

    async def answered_by(self, key: MessageKey, callback_seq: int) -> None:
        """Remember which callback answers a message, for its repetition."""
        await self._connection.later(
            _ANSWERED, {**_of(key), "seq": callback_seq}, about=(key.bap_id, key.transaction_id)
        )

    async def log(self, entry: LogEntry) -> None:
        """Append to the log: digests there, bodies apart where they can be erased (decision 25)."""
        bodies = Bodies(self._connection)
        about = (entry.peer, entry.transaction_id)
        received = entry.digest or body_digest(entry.body)
        if entry.body_kept:
            await bodies.keep(entry.body, about, received)
        digests = (received, await bodies.keep(entry.answer, about))
        await self._connection.later(
            _LOG,
            {
                "at": entry.at,
                "direction": entry.direction,
                "peer": entry.peer,
                "action": entry.action,
                "transaction_id": entry.transaction_id,
                "message_id": entry.message_id,
                "body_digest": digests[0],
                "answer_digest": digests[1],
                "http_status": entry.http_status,
                "outcome": entry.outcome,
                "reason": entry.reason,
                "signature": entry.signature,
                "order_ref": entry.order_ref,
            },
        )

    async def of_transaction(self, bap_id: str, transaction_id: str) -> Transcript:
        """The log of one transaction, for the timeline."""
        seq = message_log.c.seq
        whose = (message_log.c.peer == bap_id, message_log.c.transaction_id == transaction_id)
        query = select(message_log).where(*whose)
        rows = await self._entries(query.order_by(seq).limit(FIRST_TOLD + LAST_TOLD + 1))
        if len(rows) <= FIRST_TOLD + LAST_TOLD:
            return Transcript(rows=rows)
        last = (await self._entries(query.order_by(seq.desc()).limit(LAST_TOLD)))[::-1]
        first = rows[:FIRST_TOLD]
        between = (seq > first[-1]["seq"], seq < last[0]["seq"])
        counted = await self._connection.execute(select(func.count()).where(*whose, *between))
        return Transcript(rows=(*first, *last), left_out=counted.scalar_one())

    async def logged(self, seq: int) -> Mapping[str, Any] | None:
        """One entry of the log by its number; None where there is none."""
        found = await self._entries(select(message_log).where(message_log.c.seq == seq))
        return found[0] if found else None

    async def _entries(self, query: Select[Any]) -> list[Mapping[str, Any]]:
        return [dict(row._mapping) for row in await self._connection.execute(query)]  # noqa: SLF001  public API of Row

    async def bodies(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of digests in the log; an erased one is empty, one that was never kept is not there."""
        return await Bodies(self._connection).of(digests)


class Bodies:
    """Bodies by their digest, each kept once, apart from what refers to them so that they can be erased."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def keep(self, body: bytes, about: tuple[str, str], digest: str = "") -> str:
        """Store a body of a conversation (peer, transaction); returns its digest, worked out where it is not given."""
        digest = digest or body_digest(body)
        if digest in WELL_KNOWN:
            return digest
        await self._connection.later(_KEEP, {"digest": digest, "body": body}, about=about)
        return digest

    async def of(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of digests; an erased one is empty."""
        if not digests:
            return {}
        found = await self._connection.rows(_BODIES, {"digests": list(digests)})
        return {**WELL_KNOWN, **{digest: body or b"" for digest, body in found}}


def _of(key: MessageKey) -> dict[str, Any]:
    return {
        "bap_id": key.bap_id,
        "transaction_id": key.transaction_id,
        "message_id": key.message_id,
        "action": key.action,
    }


def body_digest(body: bytes) -> str:
    """The digest by which a body is known in storage: the network's own, so that signatures can be checked again."""
    return base64.b64encode(hashlib.blake2b(body, digest_size=64).digest()).decode()


WELL_KNOWN: Final[Mapping[str, bytes]] = {
    body_digest(body): body for body in (b'{"message":{"ack":{"status":"ACK"}}}',)
}
"""The plain ACK, ours and most peers': half of all that is said, and nobody needs a row to know it."""
