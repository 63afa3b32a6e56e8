"""Up to which number a table that only grows is final, so that a reader with a cursor passes over nothing.

The theory. SQLite has one writer: what is visible is final up to the highest number. On PostgreSQL a row draws its
number before its transaction is committed, so that rows become visible in another order, and a reader that went as far
as the highest would never see those that came below it. But whoever draws a number holds the table's ROW EXCLUSIVE
lock from before that to the end of its transaction. So the highest number that can be seen is noted with whoever holds
that lock just after; when none of these goes on, all up to that number is decided. They are a fixed few, so that the
horizon moves however much is written meanwhile, and only a transaction that writes to this table holds it up.

Ids of transactions (``pg_snapshot_xmin``) would say nearly the same, but a transaction has none before its first row is
stored, a moment after that row's number was drawn; and a long change of anything else in the server would hold it up.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, Select, Table, Text, column, func, literal, select, table

from bpp.storage.connection import Connection
from bpp.storage.ports_horizon import Horizon

_LOCKS = table(
    "pg_locks",
    *(column(name) for name in ("locktype", "database", "relation", "mode", "granted", "virtualtransaction")),
)
_DATABASES = table("pg_database", column("oid"), column("datname"))


async def horizon(connection: Connection, number: Column[int], before: Horizon) -> Horizon:
    """How far the table of a column of growing numbers is final now, given what was known ``before``.

    Asked in a unit of ``Storage.run`` or ``Storage.look``; the rows are read by a later query of it, or in any later
    unit. Not in one of ``Storage.read``: its state may be older than what is said here.
    """
    newest = select(func.coalesce(func.max(number), literal(0, Integer)))
    highest = int((await connection.execute(newest)).scalar_one())
    if connection.database == "sqlite":
        return Horizon(final=highest)
    # In this order: whoever drew a number below the highest has had the lock since before that was seen.
    writers = frozenset((await connection.execute(_writers(number.table))).scalars())
    if before.writers and not before.writers.isdisjoint(writers):
        return before
    decided = max(before.final, before.awaited)
    return Horizon(final=decided, awaited=highest, writers=writers) if writers else Horizon(final=highest)


def _writers(written: Table) -> Select[str]:
    """The transactions that hold the lock of writers of a table."""
    here = select(_DATABASES.c.oid).where(_DATABASES.c.datname == func.current_database()).scalar_subquery()
    return select(_LOCKS.c.virtualtransaction).where(
        _LOCKS.c.locktype == "relation",
        _LOCKS.c.database == here,
        _LOCKS.c.relation == func.to_regclass(literal(written.name, Text)),
        _LOCKS.c.mode == "RowExclusiveLock",
        _LOCKS.c.granted,
    )
