"""Idempotency keys of the operator API, and the secrets we made ourselves."""

from __future__ import annotations

import secrets as randomness
from datetime import datetime

from sqlalchemy import delete, select

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, transaction_lock
from bpp.storage.tables import idempotency_keys, secrets


class SqlKeys:
    """See ``bpp.storage.ports.KeyStore``."""

    def __init__(self, connection: Connection, *, locking: bool = True) -> None:
        """On the unit's connection; ``locking``: nobody else does anything under a key until this unit ends."""
        self._connection = connection
        self._locking = locking

    async def answer(self, key: str, now: datetime) -> tuple[str, int, bytes] | None:
        """The digest of the request that used a key, with status and body of its answer.

        A request that is repeated while it is still under way waits for its answer here, in whatever process: it
        would find its own effect otherwise, and be refused for it.
        """
        if self._locking:
            await transaction_lock(self._connection, f"idempotency\n{key}")
        query = select(idempotency_keys).where(idempotency_keys.c.key == key, idempotency_keys.c.expires_at > now)
        row = (await self._connection.execute(query)).first()
        return None if row is None else (row.digest, row.status, row.answer)

    async def remember(
        self, key: str, digest: str, status: int, answer: bytes, expires_at: datetime, *, now: datetime
    ) -> None:
        """Keep an answer under its key; what has expired goes."""
        old = (idempotency_keys.c.key == key) | (idempotency_keys.c.expires_at <= now)
        await self._connection.execute(delete(idempotency_keys).where(old))
        await self._connection.execute(
            insert(self._connection, idempotency_keys).values(
                key=key, digest=digest, status=status, answer=answer, expires_at=expires_at
            )
        )

    async def secret(self, name: str) -> bytes:
        """Our own secret of a name: 32 random bytes, made the first time somebody asks, the same ever after."""
        made = insert(self._connection, secrets).values(name=name, value=randomness.token_hex(32))
        await self._connection.execute(made.on_conflict_do_nothing())
        value = (await self._connection.execute(select(secrets.c.value).where(secrets.c.name == name))).scalar_one()
        return bytes.fromhex(value)
