"""Moving a booking: old and new slot are exchanged whole, or nothing is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpp.core.exchange import move
from bpp.core.roster import Visit
from bpp.core.slots import hold
from bpp.errors import SlotUnavailable, WorkerUnavailable
from catalog.availability import CELL
from catalog.load import CatalogData
from tests.support.bookings import PLACE
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.couriers import worlds_of
from tests.support.order_builders import BAP, after

TRIGGER = {hold: {"trigger": "select"}}  # a move is always a reschedule
TEN, ELEVEN, NOON, TWO = (after(hours=hours) for hours in (1, 2, 3, 5))


@pytest.fixture
def worlds(clock):
    return worlds_of(clock)


@pytest.fixture
async def team(storage):
    """Two workers of one provider; W1 ranks first."""
    workers = (a_worker(), a_worker(id="W2"))
    data = CatalogData(providers=(a_provider(),), offerings=(an_offering(),), workers=workers)
    await storage.run(lambda work: work.directory.seed(data))


@pytest.fixture
def do(storage, worlds, team):
    """Runs a function of ``core.slots`` for a visit: who goes, or why nobody does. The unit commits either way."""

    async def run(function, start, *, ref="R1", minutes=60, crew=1, **more):
        async def unit(work):
            world = await worlds.current(work)
            visit = Visit(
                provider=world.catalog.providers["P1"],
                service_ids=frozenset({"SM-PLB"}),
                place=PLACE,
                minutes=minutes,
                crew=crew,
            )
            try:
                held = await function(
                    visit, start, work, world, ref=ref, bap_id=BAP, **TRIGGER.get(function, {}), **more
                )
            except (SlotUnavailable, WorkerUnavailable) as problem:
                return problem
            await work.slots.book(ref, world.now)
            return [one.id for one in held.workers]

        return await storage.run(unit)

    return run


async def cells(storage, ref="R1"):
    found = await storage.read(lambda work: work.slots.held_by(ref))
    return {worker: (some[0], len(some)) for worker, some in found.items()}


async def test_the_new_slot_is_booked_and_the_old_one_free(storage, do, clock):
    await do(hold, TEN)

    assert await do(move, TWO, team=("W1",)) == ["W1"]

    assert await cells(storage) == {"W1": (TWO, 4)}
    assert set(await do(hold, TEN, ref="R2", crew=2)) == {"W1", "W2"}
    clock.tick(minutes=30)  # booked, not held
    assert isinstance(await do(hold, TWO, ref="R3", crew=2), SlotUnavailable)


async def test_those_who_had_it_go_again_before_those_who_rank_higher(do):
    await do(hold, TEN, ref="R9")
    assert await do(hold, TEN) == ["W2"]

    assert await do(move, TWO, team=("W2",)) == ["W2"]


async def test_another_goes_where_the_first_is_not_free(do):
    assert await do(hold, TWO, ref="R9") == ["W1"]
    assert await do(hold, TEN, worker_id="W1") == ["W1"]

    assert await do(move, TWO, team=("W1",)) == ["W2"]


async def test_a_crew_moves_into_a_part_of_its_own_old_time(storage, do):
    await do(hold, TEN, minutes=120, crew=2)

    await do(move, ELEVEN, minutes=120, crew=2, team=("W1", "W2"))

    assert await cells(storage) == {"W1": (ELEVEN, 8), "W2": (ELEVEN, 8)}


@pytest.mark.parametrize("start", [TWO, TEN - timedelta(days=1), NOON + CELL], ids=["taken", "past", "not offered"])
async def test_what_cannot_be_had_leaves_what_there_was(storage, do, clock, start):
    await do(hold, TWO, ref="R9", crew=2)
    await do(hold, TEN, crew=2)

    assert isinstance(await do(move, start, crew=2, team=("W1", "W2")), SlotUnavailable)

    clock.tick(hours=12)  # booked, not held
    assert await cells(storage) == {"W1": (TEN, 4), "W2": (TEN, 4)}
    assert await cells(storage, "R9") == {"W1": (TWO, 4), "W2": (TWO, 4)}


async def test_nobody_left_to_go_leaves_what_there_was(storage, do):
    await do(hold, TEN)
    gone = a_worker(active=False), a_worker(id="W2", active=False)

    async def dismiss(work):
        for one in gone:
            await work.directory.put_worker(one)
        await work.directory.changed()

    await storage.run(dismiss)

    assert isinstance(await do(move, TWO, team=("W1",)), WorkerUnavailable)

    assert await cells(storage) == {"W1": (TEN, 4)}
