"""The list of what was put of late: told in order, forgotten when it is long, and gone with what was rolled back."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from bpp.storage.catalog_changes import REMEMBERED
from bpp.storage.tables_changes import catalog_changes
from catalog.load import DEMO, CatalogData, read_catalog
from tests.support.catalog_builders import a_provider, a_worker, an_offering

EMPTY = CatalogData(providers=(), offerings=(), workers=())


def some_workers(count: int, first: int = 0) -> CatalogData:
    one = a_worker()
    return replace(EMPTY, workers=tuple(replace(one, id=f"W{first + number:06d}") for number in range(count)))


async def version(storage):
    return await storage.read(lambda work: work.directory.version())


async def since(storage, *known: int):
    return await storage.read(lambda work: work.directory.changes_since(known))


@pytest.fixture
async def listed(storage):
    """Reads the list as it stands: (number, version, table, id), in one statement."""

    async def unit(work):
        rows = await work._connection.execute(select(catalog_changes).order_by(catalog_changes.c.seq))
        return [tuple(row) for row in rows]

    return lambda: storage.read(unit)


async def test_what_was_put_since_a_version_is_told_as_it_stands_now(storage):
    await storage.run(lambda work: work.directory.seed(replace(EMPTY, providers=(a_provider(), a_provider(id="P2")))))
    before = await version(storage)
    await storage.run(lambda work: work.directory.put_worker(a_worker()))
    between = await version(storage)
    await storage.run(lambda work: work.directory.put_worker(a_worker(active=False)))
    await storage.run(lambda work: work.directory.put_offering(an_offering()))

    changed = CatalogData(providers=(), offerings=(an_offering(),), workers=(a_worker(active=False),))
    assert await since(storage, before) == (before, changed)
    assert await since(storage, before, between) == (between, changed)
    assert await since(storage, await version(storage)) == (await version(storage), EMPTY)


async def test_of_a_version_that_never_was_nothing_is_known(storage):
    assert await since(storage, 0) is None
    await storage.run(lambda work: work.directory.put_worker(a_worker()))

    assert await since(storage) is None
    assert await since(storage, 0, 12345) is None


async def test_what_may_have_changed_everything_is_read_as_a_whole(storage):
    await storage.run(lambda work: work.directory.put_worker(a_worker()))
    before = await version(storage)
    await storage.run(lambda work: work.directory.changed())

    assert await since(storage, before) is None
    assert await since(storage, await version(storage)) == (await version(storage), EMPTY)


async def test_who_is_too_far_behind_is_told_nothing(storage, listed):
    part = REMEMBERED * 2 // 5
    await storage.run(lambda work: work.directory.seed(some_workers(part)))
    first = await version(storage)
    await storage.run(lambda work: work.directory.seed(some_workers(part, part)))
    second = await version(storage)
    assert (await since(storage, first))[0] == first
    await storage.run(lambda work: work.directory.seed(some_workers(part, 2 * part)))
    await storage.run(lambda work: work.directory.seed(some_workers(part, 3 * part)))

    assert await since(storage, first) is None
    base, data = await since(storage, first, second)
    assert (base, len(data.workers)) == (second, 2 * part)
    assert len(await listed()) == REMEMBERED


async def test_more_than_the_list_holds_is_read_as_a_whole(storage):
    await storage.run(lambda work: work.directory.put_provider(a_provider()))
    before = await version(storage)
    await storage.run(lambda work: work.directory.seed(some_workers(REMEMBERED + 1)))

    assert await since(storage, before) is None
    assert len((await storage.read(lambda work: work.directory.load())).workers) == REMEMBERED + 1


async def test_a_change_that_is_rolled_back_leaves_nothing_in_the_list(storage, listed):
    await storage.run(lambda work: work.directory.put_worker(a_worker()))
    before, rows = await version(storage), await listed()

    async def failing(work):
        await work.directory.seed(some_workers(3))
        await work.directory.changed()
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await storage.run(failing)

    assert await listed() == rows
    assert await version(storage) == before
    assert await since(storage, before) == (before, EMPTY)


async def test_a_catalog_stored_in_bulk_is_the_one_stored_value_by_value(storage):
    demo = read_catalog(DEMO)

    async def one_by_one(work):
        for provider in demo.providers:
            await work.directory.put_provider(provider)
        for offering in demo.offerings:
            await work.directory.put_offering(offering)
        for worker in demo.workers:
            await work.directory.put_worker(worker)

    await storage.run(one_by_one)
    row_by_row = await storage.read(lambda work: work.directory.load())
    told: list[int] = []
    await storage.run(lambda work: work.directory.seed(demo, told.append))

    assert await storage.read(lambda work: work.directory.load()) == row_by_row
    assert told == sorted(told)
    assert told[-1] == len(demo.providers) + len(demo.offerings) + len(demo.workers)


async def test_a_catalog_is_stored_as_a_whole_or_not_at_all(storage):
    """The last worker cannot be stored, after pages of others were."""
    unsound = replace(a_worker(), id=None)  # type: ignore[arg-type]
    many = some_workers(1_200)

    with pytest.raises(Exception, match="database"):
        await storage.run(lambda work: work.directory.seed(replace(many, workers=(*many.workers, unsound))))

    assert (await storage.read(lambda work: work.directory.load())) == EMPTY
    assert await version(storage) == 0


async def test_changes_by_many_at_once_stand_in_the_list_in_the_order_in_which_they_were_committed(storages, listed):
    """Whoever reads while others write sees a beginning of what the list becomes."""
    writers = [storages() for _ in range(3)]
    done = asyncio.Event()

    async def write(number):
        for step in range(12):
            one = a_worker(id=f"W{number}-{step}")
            await writers[number].run(lambda work, one=one: work.directory.put_worker(one))

    async def watch():
        seen = []
        while not done.is_set():
            seen.append(await listed())
        return seen

    watching = asyncio.create_task(watch())
    await asyncio.gather(*(write(number) for number in range(3)))
    done.set()
    seen, last = await watching, await listed()

    assert [row[0] for row in last] == list(range(1, 37))
    assert all(rows == last[: len(rows)] for rows in seen)
    assert last[-1][1] == await version(writers[0])
