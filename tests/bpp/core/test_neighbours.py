"""What others did is taken over before a message needs it, and a loop looks when another process has made way."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager

from bpp.core.neighbours import follow_neighbours
from tests.bpp.storage.test_outbox import claim, enqueue, settle
from tests.support.catalog_builders import a_worker
from tests.support.couriers import until, worlds_of


@asynccontextmanager
async def following(storage, worlds, wake):
    task = asyncio.create_task(follow_neighbours(storage, worlds, wake))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_catalog_changed_by_another_process_is_read_though_no_message_asks_for_it(storages, clock):
    here, there = storages(), storages()
    worlds = worlds_of(clock)
    await here.read(worlds.current)
    async with following(here, worlds, lambda: None):
        await there.run(lambda work: work.directory.put_worker(a_worker(id="W9")))

        async def known():
            versions = await here.look(lambda work: work.directory.versions())
            return worlds._known(versions[:2])

        assert "W9" in (await until(known)).workers


async def test_a_loop_looks_when_another_process_has_freed_a_lane(storages, clock):
    here, there = storages(), storages()
    first, _ = await enqueue(there), await enqueue(there)
    await claim(there)
    woken = asyncio.Event()
    async with following(here, worlds_of(clock), woken.set):
        await asyncio.sleep(0.1)
        woken.clear()  # at the beginning everything may have happened
        await settle(there, first, "delivered")
        async with asyncio.timeout(20):
            await woken.wait()
