"""Providers, offerings and workers as documents, and the version that every change moves."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import islice
from typing import TypeVar

from sqlalchemy import Table, bindparam, select

from bpp.storage.catalog_changes import EVERYTHING, Change, changed_since, remember
from bpp.storage.connection import Connection
from bpp.storage.dialects import insert, transaction_lock
from bpp.storage.feedback import ratings_now
from bpp.storage.ports import Notice, Versions
from bpp.storage.statement import Statement
from bpp.storage.tables import counters, offerings, providers, workers
from bpp.storage.types import decode, encode
from bpp.storage.versions import versions
from catalog.load import CatalogData
from catalog.model import Offering, Provider, Rating, Worker
from catalog.snapshot import UNRATED, Rated, Ratings

T = TypeVar("T")
VERSION, RATINGS_VERSION, RATES_VERSION = Versions._fields
LAST_VERSION = 1 << 62
PAGE = 500
"""Documents read and decoded before other tasks have their turn, and rows stored by one statement."""
_VERSIONS = Statement(lambda _: select(*versions()))


def _nobody(_stored: int) -> None:
    """Who follows a catalog being stored where nobody does."""


class SqlDirectory:
    """See ``bpp.storage.ports.Directory``."""

    def __init__(self, connection: Connection, notices: set[Notice]) -> None:
        """On the unit's connection."""
        self._connection = connection
        self._notices = notices

    async def version(self) -> int:
        """The version of the catalog; 0 for one never filled."""
        query = select(counters.c.value).where(counters.c.name == VERSION)
        return int((await self._connection.execute(query)).scalar() or 0)

    async def versions(self) -> Versions:
        """The versions of the catalog, of its ratings and of the rates."""
        return Versions(*(await self._connection.rows(_VERSIONS))[0])

    async def write_out(self) -> None:
        """Have made what waits for the end of the group: what is read from now on waits for nobody's row."""
        await self._connection.write_out()

    async def lock(self) -> None:
        """Wait until nobody else changes the catalog, and keep others from it until this unit ends."""
        await transaction_lock(self._connection, VERSION)

    async def load(self) -> CatalogData:
        """The whole catalog, with the ratings that stand now; read in slices, between which other tasks go on.

        On a connection that sees what others commit it may be newer than the version read before it, never older.
        """
        rated = await self.ratings()
        found = [one async for one in self._all(providers, Provider)]
        offered = [one async for one in self._all(offerings, Offering)]
        people = [one async for one in self._all(workers, Worker)]
        return CatalogData(
            providers=tuple(_with_rating(one, rated.providers) for one in found),
            offerings=tuple(offered),
            workers=tuple(_with_rating(one, rated.workers) for one in people),
        )

    async def changes_since(self, known: Collection[int]) -> tuple[int, CatalogData] | None:
        """What was put since the newest of the known versions, as it stands now without ratings, and that version.

        None where none of them is remembered: then all must be loaded.
        """
        found = await changed_since(self._connection, known)
        if found is None:
            return None
        base, ids = found
        data = CatalogData(
            providers=tuple([one async for one in self._some(providers, Provider, ids.get(providers.name, ()))]),
            offerings=tuple([one async for one in self._some(offerings, Offering, ids.get(offerings.name, ()))]),
            workers=tuple([one async for one in self._some(workers, Worker, ids.get(workers.name, ()))]),
        )
        return base, data

    async def ratings(self) -> Ratings:
        """Sums and counts of the ratings of providers and workers, in one query."""
        return await ratings_now(self._connection)

    async def put_provider(self, provider: Provider) -> None:
        """Store a provider."""
        await self.seed(CatalogData(providers=(provider,), offerings=(), workers=()))

    async def put_offering(self, offering: Offering) -> None:
        """Store an offering."""
        await self.seed(CatalogData(providers=(), offerings=(offering,), workers=()))

    async def put_worker(self, worker: Worker) -> None:
        """Store a worker."""
        await self.seed(CatalogData(providers=(), offerings=(), workers=(worker,)))

    async def seed(self, data: CatalogData, stored: Callable[[int], None] = _nobody) -> None:
        """Store a whole catalog over what is there, as one change; ``stored`` is told how many values are in so far."""
        await self.lock()
        changed: list[Change] = []
        for table, rows in _rows(data):
            statement = insert(self._connection, table).values(
                {column.name: bindparam(column.name) for column in table.c}
            )
            kept = {column.name: statement.excluded[column.name] for column in table.c if not column.primary_key}
            statement = statement.on_conflict_do_update(index_elements=["id"], set_=kept)
            for chunk in _chunks(rows):
                await self._connection.execute(statement, chunk)
                changed += [(table.name, row["id"]) for row in chunk]
                stored(len(changed))
        await remember(self._connection, await self._draw(VERSION), changed)

    async def changed(self) -> None:
        """Give the catalog another version, so that each process reads all of it anew."""
        await self.lock()
        await remember(self._connection, await self._draw(VERSION), EVERYTHING)

    async def rated(self) -> None:
        """Give the ratings another version, so that each process reads them anew, and nothing else."""
        await self._draw(RATINGS_VERSION)

    async def rates_added(self) -> None:
        """Give the rates of fees and taxes another version, so that each process reads them anew."""
        await self._draw(RATES_VERSION)

    async def _draw(self, name: str) -> int:
        """Another version of what is named, stored.

        Versions are drawn, not counted: a count that was rolled back would come again for other contents, and whoever
        had seen it would keep what was never committed.
        """
        self._notices.add(Notice.CATALOG)
        value = secrets.randbelow(LAST_VERSION) + 1
        statement = insert(self._connection, counters).values(name=name, value=value)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))
        return value

    async def _all(self, table: Table, kind: type[T]) -> AsyncIterator[T]:
        """All documents of a table in the order of their ids, page by page."""
        query = select(table.c.id, table.c.doc).order_by(table.c.id).limit(PAGE)
        rows = (await self._connection.execute(query)).all()
        while rows:
            for row in rows:
                yield decode(kind, row.doc)
            rows = (await self._connection.execute(query.where(table.c.id > rows[-1].id))).all()

    async def _some(self, table: Table, kind: type[T], ids: Collection[str]) -> AsyncIterator[T]:
        """The documents of some ids."""
        for chunk in _chunks(ids):
            for doc in (await self._connection.execute(select(table.c.doc).where(table.c.id.in_(chunk)))).scalars():
                yield decode(kind, doc)


def _with_rating(one: Rated, ratings: Mapping[str, Rating]) -> Rated:
    """A value with the rating that stands now, whatever its document says."""
    rating = ratings.get(one.id, UNRATED)
    return one if one.rating == rating else replace(one, rating=rating)


def _rows(data: CatalogData) -> Iterator[tuple[Table, Iterator[dict[str, str]]]]:
    """The tables of a catalog, each with its rows, encoded as they are asked for."""
    yield providers, ({"id": one.id, "doc": encode(one)} for one in data.providers)
    for table, values in ((offerings, data.offerings), (workers, data.workers)):
        yield table, ({"id": one.id, "provider_id": one.provider_id, "doc": encode(one)} for one in values)


def _chunks(values: Iterable[T]) -> Iterator[list[T]]:
    """A page of values at a time."""
    remaining = iter(values)
    while chunk := list(islice(remaining, PAGE)):
        yield chunk
