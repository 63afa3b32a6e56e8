"""Where the two databases differ in SQL: inserts that yield to a row already there, and locks on a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Table, Text, bindparam, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from bpp.storage.connection import Connection
from bpp.storage.statement import DatabaseName, Statement

Insert = sqlite.Insert | postgresql.Insert
LOCKED: ColumnElement[Any] = func.pg_advisory_xact_lock(
    func.hashtextextended(bindparam("lock", type_=Text), literal(0))
)
"""On PostgreSQL a column for whose sake the lock named by ``lock`` is taken as ``transaction_lock`` does; none if None.

What the same statement reads may be older than the lock.
"""
_LOCK = Statement(lambda _: select(LOCKED))


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
        await connection.rows(_LOCK, {"lock": name})


def draft_lock(bap_id: str, transaction_id: str) -> str:
    """The lock of the draft of a buyer app's transaction, whether there is one yet or not."""
    return f"draft\n{bap_id}\n{transaction_id}"
