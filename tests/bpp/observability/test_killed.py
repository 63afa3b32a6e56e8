"""Processes that push are killed as by a power cut; whoever comes after them goes on where they were."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import asynccontextmanager

from bpp.app import utc_now
from tests.support.callback_builders import VALID
from tests.support.clock import FakeClock
from tests.support.couriers import until
from tests.support.observatory import TOKEN, Observatory, figures, log_all, logged
from tests.support.sources import ROOT

KILLS, MESSAGES = 4, 400


@asynccontextmanager
async def started(database, observatory):
    command = (sys.executable, "-m", "tests.support.observing_child", database, observatory.url, TOKEN)
    one = await asyncio.create_subprocess_exec(*command, env={**os.environ, "PYTHONPATH": str(ROOT)})
    try:
        yield one
    finally:
        if one.returncode is None:
            one.send_signal(signal.SIGKILL)
            await one.wait()


async def test_processes_that_are_killed_leave_nothing_untold_and_nothing_counted_twice(database, storage):
    today = FakeClock(utc_now())
    document = VALID["on_status_completed"]()
    await storage.run(lambda work: work.observability.begin(today()))
    for number in range(MESSAGES):
        context = document["context"] | {"transaction_id": f"T{number}"}
        await log_all(storage, logged({**document, "context": context}, today))

    async with Observatory() as observatory:
        for kill in range(1, KILLS + 1):

            async def some(share=kill * MESSAGES // KILLS):
                return len(observatory.took) >= share

            async with started(database, observatory):  # and killed at its end
                await until(some)

        async def all_of_it():
            return (await figures(storage)).pushed == 2 * MESSAGES

        async with started(database, observatory) as last:
            await until(all_of_it)
            last.terminate()
            assert await last.wait() == 0

    assert len(observatory.took) == 2 * MESSAGES
    assert sum(observatory.repeated.values()) <= KILLS * 2 * 16  # a turn of each that was killed
