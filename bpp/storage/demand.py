"""Unserved demand, on a database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import delete, func, select

from bpp.storage.connection import Connection
from bpp.storage.dialects import insert
from bpp.storage.ports_demand import DIMENSIONS, DemandFilter, Dimension, Unserved
from bpp.storage.tables_demand import unserved_demand


class SqlDemand:
    """See ``bpp.storage.ports_demand.Demand``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def count(self, one: Unserved) -> None:
        """One more such search."""
        key = {name: getattr(one, name) for name in DIMENSIONS} | {"day": one.day.isoformat()}
        statement = insert(self._connection, unserved_demand).values(**key, searches=1)
        more = {"searches": unserved_demand.c.searches + 1}
        await self._connection.execute(statement.on_conflict_do_update(index_elements=list(DIMENSIONS), set_=more))

    async def report(
        self, which: DemandFilter, by: Sequence[Dimension], limit: int
    ) -> Sequence[tuple[tuple[str, ...], int]]:
        """The searches of some days by any of the dimensions, most first: the values as text, and how many."""
        columns = [unserved_demand.c[name] for name in by]
        searches = func.sum(unserved_demand.c.searches)
        query = (
            select(*columns, searches)
            .where(unserved_demand.c.day >= which.first.isoformat(), unserved_demand.c.day <= which.last.isoformat())
            .group_by(*columns)
            .order_by(searches.desc(), *columns)
            .limit(limit)
        )
        for name in ("district", "area_code", "service_id", "channel", "reason"):
            if (value := getattr(which, name)) is not None:
                query = query.where(unserved_demand.c[name] == value)
        rows = await self._connection.execute(query)
        return [(tuple(str(value) for value in row[:-1]), int(row[-1])) for row in rows if row[-1]]

    async def drop(self, before: date) -> int:
        """Delete the counts of the days before one; how many rows."""
        old = delete(unserved_demand).where(unserved_demand.c.day < before.isoformat())
        return int((await self._connection.execute(old)).rowcount)
