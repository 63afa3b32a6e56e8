"""Where the two databases differ in SQL: inserts that yield to a row already there, and locks on a name."""

from __future__ import annotations

from sqlalchemy import Table, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bpp.storage.connection import Connection


def insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` for the connection's database."""
    if connection.database == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


async def transaction_lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction has the lock of that name, and keep it until this one ends.

    SQLite has one writer at a time, so there is nothing to wait for.
    """
    if connection.database == "postgresql":
        await connection.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
