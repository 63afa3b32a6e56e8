"""Several processes on one database: each row goes to one of them, and one of two wins a slot."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta

from bpp.storage.ports import Attempt, Timer
from catalog.availability import CELL
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, a_callback, after

LEASE = timedelta(seconds=60)
ROWS, LANES = 200, 20
LOOPS = {"sqlite": 4, "postgresql": 8}
ROUNDS = 30


def loops_for(database):
    return LOOPS[database.partition("+")[0]]


async def test_of_many_loops_each_callback_goes_to_one_and_every_lane_stays_in_order(database, storages):
    storage = storages()

    async def fill(work):
        for row in range(ROWS):
            await work.outbox.enqueue(a_callback(transaction_id=f"T{row % LANES}"))

    await storage.run(fill)
    claims = []

    async def loop(one):
        while (await one.read(lambda work: work.outbox.counts())).get("pending"):
            found = await one.run(lambda work: work.outbox.claim(NOW, LEASE, 7, (), ()))
            claims.extend(found)
            await one.run(lambda work, found=found: settle_all(found, work))

    async def settle_all(found, work):
        for one in found:
            attempt = Attempt(at=NOW, number=1, outcome="acked", http_status=200, code="", signature="")
            await work.outbox.settle(one.seq, "delivered", None, attempt)

    await asyncio.gather(*(loop(storages()) for _ in range(loops_for(database))))

    assert len(claims) == ROWS == len({one.seq for one in claims})
    assert {one.attempts for one in claims} == {1}
    lanes = defaultdict(list)
    for one in claims:
        lanes[one.transaction_id].append(one.seq)
    assert len(lanes) == LANES
    assert all(seqs == sorted(seqs) for seqs in lanes.values())


async def test_of_many_loops_each_timer_goes_to_one(database, storages):
    storage = storages()

    async def fill(work):
        for number in range(60):
            await work.timers.set(Timer(kind="otp", subject=f"R{number}", due_at=NOW))

    await storage.run(fill)
    claims = []

    async def loop(one):
        while found := await one.run(lambda work: work.timers.claim(NOW, LEASE, 5)):
            claims.extend(found)

    await asyncio.gather(*(loop(storages()) for _ in range(loops_for(database))))

    assert sorted(one.subject for one in claims) == sorted(f"R{number}" for number in range(60))


async def hold(storage, ref, cells):
    return await storage.run(lambda work: work.slots.hold("W1", cells, ref, BAP, after(minutes=10), NOW))


async def test_of_two_racing_holds_of_the_same_cells_exactly_one_wins(storages):
    one, other = storages(), storages()
    for round_ in range(ROUNDS):
        start = NOW + timedelta(days=round_)
        cells = [start + step * CELL for step in range(4)]
        refs = (f"A{round_}", f"B{round_}")
        won = await asyncio.gather(hold(one, refs[0], cells), hold(other, refs[1], cells))
        assert sorted(won) == [False, True]
        loser = refs[won.index(False)]
        assert not await one.run(lambda work, ref=loser: work.slots.book(ref, NOW))


async def test_of_two_holds_that_overlap_one_wins_and_the_other_keeps_nothing(storages):
    one, other = storages(), storages()
    for round_ in range(ROUNDS):
        start = NOW + timedelta(days=round_)
        cells = [start + step * CELL for step in range(6)]
        wanted = (cells[:4], cells[2:])
        won = await asyncio.gather(hold(one, f"A{round_}", wanted[0][::-1]), hold(other, f"B{round_}", wanted[1]))
        assert sorted(won) == [False, True]
        taken = await one.read(lambda work, day=start: work.slots.taken(["W1"], day, day + 6 * CELL, NOW, ""))
        assert sorted(taken["W1"]) == wanted[won.index(True)]


async def test_every_change_of_the_catalog_in_any_process_is_another_version(storages):
    one, other = storages(), storages()

    async def change(storage):
        async def unit(work):
            await work.directory.changed()
            return await work.directory.version()

        return [await storage.run(unit) for _ in range(20)]

    seen = [version for versions in await asyncio.gather(change(one), change(other)) for version in versions]

    assert len(set(seen)) == 40
    assert await one.read(lambda work: work.directory.version()) in seen


async def test_a_request_repeated_while_it_is_under_way_finds_its_answer_and_not_its_effect(storages):
    one, other = storages(), storages()
    under_way = asyncio.Event()

    async def first(work):
        assert await work.keys.answer("K1", NOW) is None
        under_way.set()
        await asyncio.sleep(0.1)  # the other comes meanwhile
        await work.keys.remember("K1", "digest", 200, b"done", after(days=1), now=NOW)

    async def repeated(work):
        return await work.keys.answer("K1", NOW)

    async with asyncio.TaskGroup() as units:
        units.create_task(one.run(first))
        await under_way.wait()
        again = units.create_task(other.run(repeated))

    assert again.result() == ("digest", 200, b"done")
