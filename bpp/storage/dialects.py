"""Where the two databases differ in SQL: inserts that yield to a row already there, and locks on a name."""

from __future__ import annotations

from sqlalchemy import Table, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bpp.storage.connection import Connection
from bpp.storage.statement import DatabaseName, Statement

Insert = sqlite.Insert | postgresql.Insert
_LOCK = Statement(lambda _: select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0))))


def insert(connection: Connection, table: Table) -> Insert:
    """An insert with ``on_conflict_do_nothing`` and ``on_conflict_do_update`` for the connection's database."""
    return plain_insert(table, connection.database)


def insert_into(table: Table, database: DatabaseName, *left_out: str) -> Insert:
    """Such an insert for a ``Statement``: each column but those left out has the value bound by its name."""
    return plain_insert(table, database).values(
        {one.name: bindparam(one.name) for one in table.c if one.name not in left_out}
    )


def plain_insert(table: Table, database: DatabaseName) -> Insert:
    """Such an insert for a ``Statement``, as yet without values."""
    return postgresql.insert(table) if database == "postgresql" else sqlite.insert(table)


async def transaction_lock(connection: Connection, name: str) -> None:
    """Wait until no other transaction has the lock of that name, and keep it until this one ends.

    SQLite has one writer at a time, so there is nothing to wait for.
    """
    if connection.database == "postgresql":
        await connection.rows(_LOCK, {"name": name})
