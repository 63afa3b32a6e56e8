"""The same judge where the time of workers is kept: calendars, bookings and holds on a real database."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from bpp.core.roster import Visit
from bpp.core.slots import hold
from bpp.errors import SlotUnavailable, WorkerUnavailable
from bpp.storage.engine import open_storage
from catalog.availability import CELL
from catalog.model import Gps
from catalog.search import Place
from catalog.snapshot import Catalog
from tests.support.brute_choice import INDIA, Past, best_of
from tests.support.catalog_builders import a_provider
from tests.support.couriers import worlds_of
from tests.support.order_builders import BAP, after
from tests.support.random_worlds import a_job, some_worker

WORLDS = 200
PROVIDERS = (a_provider(), a_provider(id="P2"))


async def booked_hours(random, workers, day_start, work, world):
    """Some hours of the day, of the week before it and of the days after it, booked for each worker at random."""
    taken: dict[str, list[datetime]] = {one.id: [] for one in workers}
    for one in workers:
        for days_off in {0, random.choice((-9, -7, -3, -1, 1))}:
            for hour in random.sample(range(9), random.choice((0, 1))):
                start = day_start + timedelta(days=days_off, hours=hour)
                cells = [start + step * CELL for step in range(4)]
                ref = f"{one.id}-{start.isoformat()}"
                assert await work.slots.hold(one.id, cells, ref, "", world.now + timedelta(minutes=9), world.now)
                await work.slots.book(ref, world.now)
                taken[one.id].append(start)
    return taken


def past_of(worker, hours, start):
    """From the booked hours in plain words: this day's, those of the seven days before it, and the last quarter of all."""
    local = start.astimezone(INDIA)
    midnight = local.replace(hour=0, minute=0)
    today = [one for one in hours if midnight <= one < midnight + timedelta(days=1)]
    week = [one for one in hours if midnight - timedelta(days=7) <= one < midnight]
    so_far = [one for one in hours if one < midnight + timedelta(days=1)]
    idle = max(so_far) + timedelta(minutes=45) if so_far else None
    return Past(free=start not in hours, today=len(today), week=len(week), idle=idle)


async def test_in_hundreds_of_worlds_with_a_database_the_held_worker_is_the_one_the_judge_names(sqlite_database, clock):
    storage = open_storage(sqlite_database)
    random = Random(11)
    outcomes: Counter[str] = Counter()
    base = worlds_of(clock)
    day_start = after(hours=0)  # nine o'clock on Monday

    async def one_world(number, work):
        world = await base.current(work)
        workers = tuple(
            replace(some_worker(random, each, day_start.date()), id=f"W{number}-{each}")
            for each in range(random.randint(1, 6))
        )
        catalog = Catalog.build(version=1, providers=PROVIDERS, offerings=(), workers=workers)
        world = replace(world, catalog=catalog)
        start = day_start + timedelta(hours=random.randint(1, 8))
        wanted = a_job(random, start.date(), out=(f"W{number}-1",) if random.random() < 0.1 else ())
        hours = await booked_hours(random, workers, day_start, work, world)
        gps = Gps(wanted.lat, wanted.lon) if wanted.lat is not None and wanted.lon is not None else None
        visit = Visit(
            provider=PROVIDERS[0],
            service_ids=frozenset(wanted.services),
            place=Place(gps=gps, area_code="", district=wanted.district),
            minutes=60,
            gender=wanted.gender,
            gender_required=wanted.insisted,
            without=frozenset(wanted.out),
        )
        best = best_of([(one, past_of(one, hours[one.id], start)) for one in workers], wanted)
        try:
            held = await hold(visit, start, work, world, ref=f"R{number}", bap_id=BAP, capped=False, trigger="select")
        except (SlotUnavailable, WorkerUnavailable):
            assert best is None, number
            assert await work.slots.held_by(f"R{number}") == {}
            assert await work.assignments.of_order(f"R{number}") == []
            outcomes["nobody"] += 1
            return
        assert [one.id for one in held.workers] == [best], number
        assert await work.slots.held_by(f"R{number}") == {best: [start + step * CELL for step in range(4)]}
        (choice,) = await work.assignments.of_order(f"R{number}")
        assert (choice.workers, choice.ranked[0].worker_id) == ((best,), best)
        outcomes["somebody"] += 1

    async def all_worlds(work):
        for number in range(WORLDS):
            await one_world(number, work)

    await storage.run(all_worlds)
    await storage.close()

    assert min(outcomes["nobody"], outcomes["somebody"]) > WORLDS / 6, outcomes
