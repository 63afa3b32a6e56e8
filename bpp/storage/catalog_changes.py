"""The list of what was put into the catalog of late, kept under the catalog's lock (ADR 30).

The theory. A version names a state of the catalog, and the last row that bears it says where in the list that state
stands; the rows after it are what has been put since. Whoever writes holds the lock from before the numbers are given
until it commits, so rows are committed in their order, on PostgreSQL too. The list is short: who is too far behind, or
holds a version that was rolled back, finds no row of his and reads everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy import insert as plain_insert

from bpp.storage.connection import Connection
from bpp.storage.tables_changes import catalog_changes

REMEMBERED = 10_000
"""Rows kept. To read so many documents again takes about as long as a process may be held up."""

Change = tuple[str, str]
EVERYTHING: Sequence[Change] = ()


async def remember(connection: Connection, version: int, changed: Sequence[Change]) -> None:
    """Note what a version changed, (table, id) each; for EVERYTHING, or too much, forget what was before instead."""
    if not changed or len(changed) > REMEMBERED:
        await connection.execute(delete(catalog_changes))
        changed = [("", "")]
    last = int((await connection.execute(select(func.coalesce(func.max(catalog_changes.c.seq), 0)))).scalar_one())
    rows = [
        {"seq": seq, "version": version, "kind": kind, "id": one}
        for seq, (kind, one) in enumerate(changed, start=last + 1)
    ]
    await connection.execute(plain_insert(catalog_changes), rows)
    await connection.execute(delete(catalog_changes).where(catalog_changes.c.seq <= last + len(rows) - REMEMBERED))


async def changed_since(
    connection: Connection, known: Collection[int]
) -> tuple[int, Mapping[str, Sequence[str]]] | None:
    """The newest of the known versions, and the ids put since by their table; None where none is in the list.

    It is one statement: another writer may make the list anew between two.
    """
    seq, version, kind, one = (
        catalog_changes.c.seq,
        catalog_changes.c.version,
        catalog_changes.c.kind,
        catalog_changes.c.id,
    )
    base = select(func.max(seq)).where(version.in_(known)).scalar_subquery()
    rows = (await connection.execute(select(version, kind, one).where(seq >= base).order_by(seq))).all()
    if not rows:
        return None
    found: dict[str, dict[str, None]] = defaultdict(dict)
    for _, table, key in rows[1:]:
        found[table][key] = None
    return int(rows[0][0]), {table: tuple(keys) for table, keys in found.items()}
