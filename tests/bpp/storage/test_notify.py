"""What one process did the others hear of; what they do not hear of they find all the same."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from functools import partial

from sqlalchemy import text

from bpp.storage.engine import open_storage, probe_engine
from bpp.storage.notify import EVERYTHING, POLL
from bpp.storage.notify_postgres import PostgresNotifier
from bpp.storage.ports import Notice
from tests.bpp.storage.test_outbox import an_attempt, claim, enqueue, settle
from tests.support.catalog_builders import a_worker
from tests.support.order_builders import after

PATIENCE = 60


class Ear:
    """What a storage is told; ``quiet`` forgets it."""

    def __init__(self):
        self.news: asyncio.Queue[frozenset[Notice]] = asyncio.Queue()

    async def hears(self, notice):
        async with asyncio.timeout(PATIENCE):
            while notice not in await self.news.get():
                continue

    def quiet(self):
        while not self.news.empty():
            self.news.get_nowait()


@asynccontextmanager
async def listening(storage):
    ear = Ear()
    task = asyncio.create_task(storage.follow(ear.news.put_nowait))
    try:
        yield ear
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def put_worker(storage):
    await storage.run(lambda work: work.directory.put_worker(a_worker()))


async def test_a_changed_catalog_is_heard_of_by_the_others(storages):
    here, there = storages(), storages()
    async with listening(there) as ear:
        await settled(ear)
        await put_worker(here)
        await ear.hears(Notice.CATALOG)


async def settled(ear):
    """Past what is told at the beginning, when everything may have happened."""
    await ear.hears(Notice.CATALOG)
    ear.quiet()


async def test_a_lane_that_becomes_free_is_told_to_those_who_may_have_acknowledged_what_waits_in_it(storages):
    here, there = storages(), storages()
    first, _ = await enqueue(here), await enqueue(here)
    await claim(here)
    async with listening(there) as ear:
        await settled(ear)
        await settle(here, first, "delivered")
        await ear.hears(Notice.DUE)


async def told_by(storage, unit):
    """What a committed unit tells the others."""
    told: list[set[Notice]] = []
    storage._notifier.committed = told.append
    try:
        await storage.run(unit)
    except ZeroDivisionError:
        pass
    finally:
        del storage._notifier.committed
    return set().union(*told)


async def test_nobody_is_told_of_what_concerns_nobody_else(storage):
    alone = await enqueue(storage, transaction_id="alone")
    first, second = await enqueue(storage), await enqueue(storage)
    await claim(storage)

    async def fails(work):
        await work.directory.put_worker(a_worker())
        raise ZeroDivisionError

    assert await told_by(storage, partial(settled_as, alone, "delivered")) == set()
    assert await told_by(storage, partial(settled_as, first, "pending")) == set()
    assert await told_by(storage, fails) == set()
    assert await told_by(storage, partial(settled_as, first, "delivered")) == {Notice.DUE}
    assert await told_by(storage, partial(settled_as, second, "refused")) == set()
    assert await told_by(storage, lambda work: work.directory.rated()) == {Notice.CATALOG}


async def settled_as(seq, state, work):
    return await work.outbox.settle(seq, state, after(hours=1) if state == "pending" else None, an_attempt())


async def test_our_own_changes_are_no_news_to_us(storages):
    here, there = storages(), storages()
    now = asyncio.get_running_loop().time
    async with listening(here) as ear:
        await settled(ear)
        began = now()
        async with listening(there) as other:
            await settled(other)
            for _ in range(5):
                await put_worker(here)
            await other.hears(Notice.CATALOG)
            await put_worker(there)
            await ear.hears(Notice.CATALOG)

        # At most what the file's figure leaves open: each change of ours is not a notice. Where a look finds us quiet
        # between two of them, it is one.
        assert ear.news.qsize() <= 2 + (now() - began) // (2 * POLL)


async def sever(url):
    """What a restart of the server does to those who only listen."""
    engine = probe_engine(url)
    async with engine.begin() as connection:
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE '%pg_notify%' AND pid <> pg_backend_pid()"
        ended = len((await connection.execute(text(query))).all())
    await engine.dispose()
    return ended


async def test_a_lost_connection_is_opened_again_and_everything_may_have_happened_meanwhile(postgres_database, logs):
    here, there = open_storage(postgres_database), open_storage(postgres_database)
    async with listening(there) as ear:
        await settled(ear)
        while not await sever(postgres_database):
            continue
        async with asyncio.timeout(PATIENCE):
            assert await ear.news.get() == EVERYTHING
        await put_worker(here)
        await ear.hears(Notice.CATALOG)
    await here.close()
    await there.close()


async def test_what_is_told_while_the_connection_is_looked_at_is_not_lost(postgres_database, logs):
    engine = probe_engine(postgres_database)
    here, there = (PostgresNotifier(engine, echo_every=0.0) for _ in range(2))  # it is looked at all the time
    async with listening(here) as own, listening(there) as ear:
        await settled(own)
        await settled(ear)
        for _ in range(20):
            ear.quiet()
            here.committed([Notice.CATALOG])
            await ear.hears(Notice.CATALOG)
    await here.close()
    await there.close()
    await engine.dispose()

    assert {one["event"] for one in logs} & {"notice_lost", "notices_interrupted"} == set()
