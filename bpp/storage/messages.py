"""The inbox of acknowledged messages, and the append-only log of everything said in either direction."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bpp.storage.dialects import insert
from bpp.storage.ports import LogEntry, MessageKey, Seen
from bpp.storage.tables import inbox, message_bodies, message_log


class SqlMessages:
    """See ``bpp.storage.ports.MessageStore``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def seen(self, key: MessageKey) -> Seen | None:
        """What became of an acknowledged message, or None for one never acknowledged."""
        query = select(inbox.c.digest, inbox.c.callback_seq).where(*_is(key))
        row = (await self._connection.execute(query)).first()
        return None if row is None else Seen(digest=row.digest, callback_seq=row.callback_seq)

    async def accept(self, key: MessageKey, digest: str, at: datetime) -> bool:
        """Take a message in; False when another process took it in at the same moment."""
        statement = (
            insert(self._connection, inbox)
            .values(
                bap_id=key.bap_id,
                transaction_id=key.transaction_id,
                message_id=key.message_id,
                action=key.action,
                digest=digest,
                at=at,
            )
            .on_conflict_do_nothing()
        )
        return (await self._connection.execute(statement)).rowcount == 1

    async def answered_by(self, key: MessageKey, callback_seq: int) -> None:
        """Remember which callback answers a message, for its repetition."""
        await self._connection.execute(update(inbox).where(*_is(key)).values(callback_seq=callback_seq))

    async def log(self, entry: LogEntry) -> None:
        """Append to the log: digests there, bodies apart where they can be erased (decision 25)."""
        bodies = Bodies(self._connection)
        received = await bodies.keep(entry.body) if entry.body_kept else body_digest(entry.body)
        digests = (received, await bodies.keep(entry.answer))
        await self._connection.execute(
            message_log.insert().values(
                at=entry.at,
                direction=entry.direction,
                peer=entry.peer,
                action=entry.action,
                transaction_id=entry.transaction_id,
                message_id=entry.message_id,
                body_digest=digests[0],
                answer_digest=digests[1],
                http_status=entry.http_status,
                outcome=entry.outcome,
                reason=entry.reason,
                signature=entry.signature,
                order_ref=entry.order_ref,
            )
        )

    async def last_body(self, bap_id: str, transaction_id: str, action: str) -> bytes | None:
        """The body of the newest acknowledged message of an action in a transaction, unless it was erased."""
        query = (
            select(message_bodies.c.body)
            .join(inbox, inbox.c.digest == message_bodies.c.digest)
            .where(inbox.c.bap_id == bap_id, inbox.c.transaction_id == transaction_id, inbox.c.action == action)
            .order_by(inbox.c.at.desc())
            .limit(1)
        )
        body: bytes | None = (await self._connection.execute(query)).scalar()
        return body

    async def of_transaction(self, bap_id: str, transaction_id: str) -> Sequence[Mapping[str, Any]]:
        """The log of one transaction in order, for the timeline; without bodies."""
        query = (
            select(message_log)
            .where(message_log.c.peer == bap_id, message_log.c.transaction_id == transaction_id)
            .order_by(message_log.c.seq)
        )
        return [dict(row._mapping) for row in await self._connection.execute(query)]  # noqa: SLF001  public API of Row


class Bodies:
    """Bodies by their digest, each kept once, apart from what refers to them so that they can be erased."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def keep(self, body: bytes, digest: str = "") -> str:
        """Store a body; returns its digest, which is worked out where it is not given."""
        digest = digest or body_digest(body)
        statement = insert(self._connection, message_bodies).values(digest=digest, body=body)
        await self._connection.execute(statement.on_conflict_do_nothing())
        return digest

    async def of(self, digests: Collection[str]) -> Mapping[str, bytes]:
        """The bodies of digests; an erased one is empty."""
        query = select(message_bodies.c.digest, message_bodies.c.body).where(message_bodies.c.digest.in_(digests))
        return {digest: body or b"" for digest, body in await self._connection.execute(query)}


def body_digest(body: bytes) -> str:
    """The digest by which a body is known in storage: the network's own, so that signatures can be checked again."""
    return base64.b64encode(hashlib.blake2b(body, digest_size=64).digest()).decode()


def _is(key: MessageKey) -> tuple[Any, ...]:
    return (
        inbox.c.bap_id == key.bap_id,
        inbox.c.transaction_id == key.transaction_id,
        inbox.c.message_id == key.message_id,
        inbox.c.action == key.action,
    )
