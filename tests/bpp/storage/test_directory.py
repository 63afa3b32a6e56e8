"""The catalog in the database: it comes back as it was put, its version moves with every change, ratings count."""

from __future__ import annotations

from dataclasses import replace

import pytest

from catalog.load import DEMO, CatalogData, read_catalog
from catalog.model import Rating
from catalog.money import Money
from catalog.snapshot import Ratings
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import after, an_order


async def load(storage):
    return await storage.read(lambda work: work.directory.load())


async def version(storage):
    return await storage.read(lambda work: work.directory.version())


def by_id(data):
    return CatalogData(
        providers=tuple(sorted(data.providers, key=lambda one: one.id)),
        offerings=tuple(sorted(data.offerings, key=lambda one: one.id)),
        workers=tuple(sorted(data.workers, key=lambda one: one.id)),
    )


async def test_the_demonstration_catalog_comes_back_equal_and_is_one_change(storage):
    data = read_catalog(DEMO)
    assert await version(storage) == 0
    await storage.run(lambda work: work.directory.seed(data))

    # the database sorts by its own collation, which need not be Python's
    assert by_id(await load(storage)) == by_id(data)
    assert await version(storage) > 0


async def test_a_catalog_put_twice_is_the_second(storage):
    data = CatalogData(providers=(a_provider(),), offerings=(an_offering(),), workers=(a_worker(),))
    changed = replace(data, offerings=(an_offering(price=Money(1)),))
    await storage.run(lambda work: work.directory.seed(data))
    await storage.run(lambda work: work.directory.seed(changed))

    assert await load(storage) == changed


@pytest.mark.parametrize(
    ("put", "one", "place"),
    [
        ("put_provider", a_provider(status="suspended"), "providers"),
        ("put_offering", an_offering(active=False), "offerings"),
        ("put_worker", a_worker(active=False), "workers"),
    ],
)
async def test_a_change_of_one_is_kept_and_moves_the_version(storage, put, one, place):
    data = CatalogData(providers=(a_provider(),), offerings=(an_offering(),), workers=(a_worker(),))
    await storage.run(lambda work: work.directory.seed(data))
    before = await version(storage)
    await storage.run(lambda work: getattr(work.directory, put)(one))

    assert await load(storage) == replace(data, **{place: (one,)})
    assert await version(storage) != before


async def test_a_version_that_was_rolled_back_does_not_come_again(storage):
    seen = []

    async def failing(work):
        await work.directory.changed()
        seen.append(await work.directory.version())
        raise RuntimeError

    for _ in range(3):
        with pytest.raises(RuntimeError):
            await storage.run(failing)

    assert len(set(seen)) == 3
    assert await version(storage) == 0


async def test_ratings_of_orders_are_those_of_their_provider_and_of_the_worker_they_name(storage):
    async def fill(work):
        data = CatalogData(providers=(a_provider(), a_provider(id="P2")), offerings=(), workers=(a_worker(),))
        await work.directory.seed(data)
        for number in (1, 2):
            await work.orders.add(an_order(number), NOW)
        await work.orders.rate("R1", "Provider", "P1", 5, NOW)
        await work.orders.rate("R1", "Item", "TAP", 4, NOW)
        await work.orders.rate("R2", "Order", "O2", 3, NOW)
        await work.orders.rate("R2", "Fulfillment", "F1", 2, NOW)
        await work.orders.rate("R2", "Agent", "W1", 1, NOW)

    await storage.run(fill)
    data = await load(storage)

    assert {one.id: one.rating for one in data.providers} == {"P1": Rating(sum=14, count=4), "P2": Rating()}
    assert {one.id: one.rating for one in data.workers} == {"W1": Rating(sum=1, count=1)}
    assert await storage.read(lambda work: work.directory.ratings()) == Ratings(
        providers={"P1": Rating(sum=14, count=4)}, workers={"W1": Rating(sum=1, count=1)}
    )


async def test_ratings_have_a_version_of_their_own(storage):
    assert await storage.read(lambda work: work.directory.versions()) == (0, 0, 0)
    await storage.run(lambda work: work.directory.changed())
    catalog, never, _ = await storage.read(lambda work: work.directory.versions())
    await storage.run(lambda work: work.directory.rated())
    same, once, _ = await storage.read(lambda work: work.directory.versions())
    await storage.run(lambda work: work.directory.rated())
    still, twice, rates = await storage.read(lambda work: work.directory.versions())

    assert catalog == same == still == await version(storage)
    assert len({never, once, twice}) == 3
    assert never == rates == 0


async def test_where_nothing_is_rated_there_are_no_ratings(storage):
    assert await storage.read(lambda work: work.directory.ratings()) == Ratings()


async def test_a_later_rating_of_the_same_subject_corrects_the_first(storage):
    async def fill(work):
        await work.directory.seed(CatalogData(providers=(a_provider(),), offerings=(), workers=()))
        await work.orders.add(an_order(), NOW)
        await work.orders.rate("R1", "Provider", "P1", 1, NOW)
        await work.orders.rate("R1", "Provider", "P1", 5, after(days=1))

    await storage.run(fill)

    assert (await load(storage)).providers[0].rating == Rating(sum=5, count=1)


async def test_a_rating_in_a_stored_document_does_not_count(storage):
    boasting = a_provider(rating=Rating(sum=500, count=100))
    await storage.run(lambda work: work.directory.put_provider(boasting))

    assert (await load(storage)).providers == (a_provider(),)
