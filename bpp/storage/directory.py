"""Providers, offerings and workers as documents, and the version that every change moves."""

from __future__ import annotations

import secrets
from dataclasses import replace

from sqlalchemy import Table, func, literal, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bpp.storage.dialects import insert
from bpp.storage.tables import counters, offerings, orders, providers, ratings, workers
from bpp.storage.types import decode, encode
from catalog.load import CatalogData
from catalog.model import Offering, Provider, Rating, Worker
from catalog.snapshot import Ratings

VERSION, RATINGS_VERSION, RATES_VERSION = "catalog", "ratings", "rates"
OF_PROVIDER = ("Provider", "Order", "Item", "Fulfillment")  # an order's rating counts for its provider
LAST_VERSION = 1 << 62


class SqlDirectory:
    """See ``bpp.storage.ports.Directory``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def version(self) -> int:
        """The version of the catalog; 0 for one never filled."""
        query = select(counters.c.value).where(counters.c.name == VERSION)
        return int((await self._connection.execute(query)).scalar() or 0)

    async def versions(self) -> tuple[int, int, int]:
        """The versions of the catalog, of its ratings and of the rates; 0 for what was never there."""
        names = (VERSION, RATINGS_VERSION, RATES_VERSION)
        query = select(counters.c.name, counters.c.value).where(counters.c.name.in_(names))
        found = {name: int(value) for name, value in await self._connection.execute(query)}
        return found.get(VERSION, 0), found.get(RATINGS_VERSION, 0), found.get(RATES_VERSION, 0)

    async def load(self) -> CatalogData:
        """The whole catalog, with the ratings that stand now."""
        rated = await self.ratings()
        found_providers = [decode(Provider, text) for text in await self._docs(providers)]
        found_workers = [decode(Worker, text) for text in await self._docs(workers)]
        return CatalogData(
            providers=tuple(replace(one, rating=rated.providers.get(one.id, Rating())) for one in found_providers),
            offerings=tuple(decode(Offering, text) for text in await self._docs(offerings)),
            workers=tuple(replace(one, rating=rated.workers.get(one.id, Rating())) for one in found_workers),
        )

    async def ratings(self) -> Ratings:
        """Sums and counts of the ratings of providers and workers, in one query."""
        total, count = func.sum(ratings.c.value), func.count()
        of_providers = (
            select(literal("Provider"), orders.c.provider_id, total, count)
            .join(orders, orders.c.ref == ratings.c.ref)
            .where(ratings.c.category.in_(OF_PROVIDER))
            .group_by(orders.c.provider_id)
        )
        of_workers = (
            select(literal("Agent"), ratings.c.subject, total, count)
            .where(ratings.c.category == "Agent")
            .group_by(ratings.c.subject)
        )
        found: dict[str, dict[str, Rating]] = {"Provider": {}, "Agent": {}}
        for category, subject, value, number in await self._connection.execute(union_all(of_providers, of_workers)):
            found[category][subject] = Rating(sum=int(value), count=number)
        return Ratings(providers=found["Provider"], workers=found["Agent"])

    async def put_provider(self, provider: Provider) -> None:
        """Store a provider."""
        await self._put(providers, {"id": provider.id}, encode(provider))

    async def put_offering(self, offering: Offering) -> None:
        """Store an offering."""
        await self._put(offerings, {"id": offering.id, "provider_id": offering.provider_id}, encode(offering))

    async def put_worker(self, worker: Worker) -> None:
        """Store a worker."""
        await self._put(workers, {"id": worker.id, "provider_id": worker.provider_id}, encode(worker))

    async def seed(self, data: CatalogData) -> None:
        """Store a whole catalog."""
        for provider in data.providers:
            await self._put(providers, {"id": provider.id}, encode(provider), announce=False)
        for offering in data.offerings:
            key = {"id": offering.id, "provider_id": offering.provider_id}
            await self._put(offerings, key, encode(offering), announce=False)
        for worker in data.workers:
            key = {"id": worker.id, "provider_id": worker.provider_id}
            await self._put(workers, key, encode(worker), announce=False)
        await self.changed()

    async def changed(self) -> None:
        """Give the catalog another version, so that each process reads it anew."""
        await self._draw(VERSION)

    async def rated(self) -> None:
        """Give the ratings another version, so that each process reads them anew, and nothing else."""
        await self._draw(RATINGS_VERSION)

    async def rates_added(self) -> None:
        """Give the rates of fees and taxes another version, so that each process reads them anew."""
        await self._draw(RATES_VERSION)

    async def _draw(self, name: str) -> None:
        """Another version of what is named.

        Versions are drawn, not counted: a count that was rolled back would come again for other contents, and whoever
        had seen it would keep what was never committed.
        """
        value = secrets.randbelow(LAST_VERSION) + 1
        statement = insert(self._connection, counters).values(name=name, value=value)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["name"], set_={"value": value}))

    async def _put(self, table: Table, key: dict[str, str], doc: str, *, announce: bool = True) -> None:
        statement = insert(self._connection, table).values(**key, doc=doc)
        await self._connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_={**key, "doc": doc}))
        if announce:
            await self.changed()

    async def _docs(self, table: Table) -> list[str]:
        return list((await self._connection.execute(select(table.c.doc).order_by(table.c.id))).scalars())
