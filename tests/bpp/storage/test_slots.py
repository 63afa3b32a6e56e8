"""Workers' time: held until an expiry, booked for good, one owner for each quarter of an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from catalog.availability import CELL
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, after

CELLS = [NOW + step * CELL for step in range(8)]
EXPIRY = after(minutes=10)


@pytest.fixture
def slots(storage):
    """The slot store, each call in a unit of its own."""

    class Slots:
        def __getattr__(self, name):
            return lambda *given: storage.run(lambda work: getattr(work.slots, name)(*given))

    return Slots()


async def hold(slots, ref="R1", cells=CELLS[:4], *, worker="W1", bap=BAP, expiry=EXPIRY, now=NOW):
    return await slots.hold(worker, cells, ref, bap, expiry, now)


async def taken(slots, now=NOW, *, workers=("W1",), ignoring="", first=CELLS[0], last=CELLS[-1] + CELL):
    found = await slots.taken(workers, first, last, now, ignoring)
    return {worker: sorted(cells) for worker, cells in found.items()}


async def test_held_cells_are_taken_until_they_expire(slots):
    assert await hold(slots)

    assert await taken(slots) == {"W1": CELLS[:4]}
    assert await taken(slots, EXPIRY - timedelta(microseconds=1)) == {"W1": CELLS[:4]}
    assert await taken(slots, EXPIRY) == {}


async def test_what_one_holds_another_does_not_get_in_whole_or_in_part(slots):
    assert await hold(slots)

    assert not await hold(slots, "R2")
    assert not await hold(slots, "R2", CELLS[3:6])
    assert await taken(slots) == {"W1": CELLS[:4]}
    assert await hold(slots, "R2", CELLS[4:6])
    assert await hold(slots, "R3", worker="W2")


async def test_a_lapsed_hold_gives_way_and_does_not_come_back(slots):
    await hold(slots)
    assert await hold(slots, "R2", CELLS[2:6], now=EXPIRY, expiry=after(minutes=20))

    assert await taken(slots, EXPIRY) == {"W1": CELLS[2:6]}
    assert not await slots.renew("R1", after(minutes=30), EXPIRY)
    assert not await slots.book("R1", EXPIRY)
    assert await slots.book("R2", EXPIRY)


async def test_a_live_hold_is_renewed(slots):
    await hold(slots)

    assert await slots.renew("R1", after(minutes=20), after(minutes=9))
    assert await taken(slots, after(minutes=19)) == {"W1": CELLS[:4]}
    assert not await slots.renew("R1", after(minutes=40), after(minutes=20))
    assert not await slots.renew("R9", after(minutes=40), NOW)


async def test_a_booking_never_expires_and_is_no_hold_any_more(slots):
    await hold(slots)

    assert await slots.book("R1", after(minutes=9))
    assert await taken(slots, after(days=300)) == {"W1": CELLS[:4]}
    assert not await hold(slots, "R2", now=after(days=300), expiry=after(days=301))
    assert not await slots.renew("R1", after(minutes=40), NOW)
    assert not await slots.book("R1", NOW)


@pytest.mark.parametrize("booked", [False, True])
async def test_what_is_released_is_free(slots, booked):
    await hold(slots)
    await hold(slots, worker="W2")
    await hold(slots, "R2", CELLS[4:5])
    if booked:
        await slots.book("R1", NOW)
    await slots.release("R1")

    assert await taken(slots, workers=("W1", "W2")) == {"W1": CELLS[4:5]}
    assert await hold(slots, "R3", CELLS[:4])


async def test_the_cells_of_one_ref_are_left_out_where_asked(slots):
    await hold(slots)
    await hold(slots, "R2", CELLS[4:6])

    assert await taken(slots, ignoring="R1") == {"W1": CELLS[4:6]}


async def test_only_the_workers_and_the_stretch_asked_for_are_told(slots):
    await hold(slots)
    await hold(slots, "R2", worker="W2")

    assert await taken(slots, workers=("W2", "W3")) == {"W2": CELLS[:4]}
    assert await taken(slots, first=CELLS[1], last=CELLS[3]) == {"W1": CELLS[1:3]}
    assert await taken(slots, workers=()) == {}


async def at_least(slots, now):
    """How many there are, whatever was counted a moment ago."""
    found = 0
    while await slots.holds_at_least(BAP, found + 1, now):
        found += 1
    return found


async def test_the_holds_of_a_buyer_app_are_counted_by_selection(slots):
    await hold(slots)
    await hold(slots, worker="W2")  # a crew of two
    await hold(slots, "R2", CELLS[4:6])
    await hold(slots, "R3", CELLS[6:], bap="other.example.in")

    assert await at_least(slots, NOW) == 2
    await slots.book("R1", NOW)
    assert await at_least(slots, NOW) == 1
    assert await at_least(slots, EXPIRY) == 0


async def test_what_a_holder_holds_now_is_told_with_its_end_and_what_lapses_first_leads(slots):
    await hold(slots, expiry=EXPIRY + CELL)
    await hold(slots, worker="W2", expiry=EXPIRY + CELL)  # a crew of two
    await hold(slots, "R2", CELLS[4:6])
    await hold(slots, "R3", CELLS[6:], bap="other.example.in")

    assert await slots.held_for(BAP, NOW) == [("R2", EXPIRY), ("R1", EXPIRY + CELL)]
    assert await slots.held_for(BAP, EXPIRY) == [("R1", EXPIRY + CELL)]
    await slots.book("R1", NOW)
    assert await slots.held_for(BAP, EXPIRY) == []


async def test_holds_are_counted_again_before_they_reach_what_is_allowed(slots):
    answers = []
    for number in range(8):
        answers.append(await slots.holds_at_least(BAP, 6, NOW))
        await hold(slots, f"R{number}", CELLS[:1], worker=f"W{number}")

    assert answers == [False] * 6 + [True] * 2


async def test_what_other_processes_hold_is_known_within_a_second_or_at_half_of_what_is_allowed(storages):
    one, other = storages(), storages()

    async def few(storage):
        return not await storage.run(lambda work: work.slots.holds_at_least(BAP, 4, NOW))

    assert await few(one)
    for number in range(4):
        await other.run(lambda work, at=number: hold(work.slots, f"R{at}", CELLS[:1], worker=f"W{at}"))
    await one.run(lambda work: hold(work.slots, "R9", CELLS[:1], worker="W9"))
    await one.run(lambda work: hold(work.slots, "R8", CELLS[:1], worker="W8"))

    assert not await few(one)


async def test_a_workers_load_is_the_jobs_booked_for_the_day_and_before_it_and_the_last_cell_of_all(slots):
    yesterday = [cell - timedelta(days=1) for cell in CELLS]
    for ref, cells in (("R0", yesterday[:2]), ("R1", CELLS[:2]), ("R2", CELLS[4:6])):
        await hold(slots, ref, cells)
        await slots.book(ref, NOW)
    await hold(slots, "R3", CELLS[6:])  # held only
    await hold(slots, "R4", yesterday, worker="W2")
    await slots.book("R4", NOW)

    async def load(since):
        return await slots.load(("W1", "W2", "W3"), since, CELLS[0], CELLS[0] + timedelta(days=1))

    assert await load(yesterday[0]) == {"W1": (2, 1, CELLS[5]), "W2": (0, 1, yesterday[-1])}
    assert await load(CELLS[0]) == {"W1": (2, 0, CELLS[5]), "W2": (0, 0, yesterday[-1])}


async def test_who_is_free_in_a_stretch_is_told_with_the_load_and_what_a_ref_has_itself_is_no_hindrance(slots):
    yesterday = [cell - timedelta(days=1) for cell in CELLS]
    for ref, worker, cells in (("R0", "W1", yesterday[:2]), ("R1", "W1", CELLS[:2]), ("R2", "W2", CELLS[:4])):
        await hold(slots, ref, cells, worker=worker)
        await slots.book(ref, NOW)
    await hold(slots, "R3", CELLS[4:6], worker="W3")
    days = (yesterday[0], CELLS[0], CELLS[0] + timedelta(days=1))
    first, second, nothing = (1, 1, CELLS[1]), (1, 0, CELLS[3]), (0, 0, None)

    async def free(start, end, *, now=NOW, ignoring=""):
        return await slots.free(("W1", "W2", "W3", "W4"), start, end, now, ignoring, days)

    assert await free(CELLS[2], CELLS[4]) == {"W1": first, "W3": nothing, "W4": nothing}
    assert await free(CELLS[4], CELLS[6]) == {"W1": first, "W2": second, "W4": nothing}
    assert await free(CELLS[4], CELLS[6], ignoring="R3") == {"W1": first, "W2": second, "W3": nothing, "W4": nothing}
    assert await free(CELLS[4], CELLS[6], now=EXPIRY) == {"W1": first, "W2": second, "W3": nothing, "W4": nothing}
    assert await free(CELLS[0], CELLS[6], ignoring="R2") == {"W2": second, "W4": nothing}


async def test_who_has_a_workers_time_after_a_moment_is_told_of_bookings_only(slots):
    for ref, cells in (("R0", CELLS[:2]), ("R1", CELLS[2:4])):
        await hold(slots, ref, cells)
        await slots.book(ref, NOW)
    await hold(slots, "R2", CELLS[4:6])  # held only
    await hold(slots, "R3", CELLS[:2], worker="W2")
    await slots.book("R3", NOW)

    assert sorted(await slots.booked_of("W1", CELLS[0])) == ["R0", "R1"]
    assert sorted(await slots.booked_of("W1", CELLS[1])) == ["R0", "R1"]  # it is still under way
    assert sorted(await slots.booked_of("W1", CELLS[2])) == ["R1"]
    assert sorted(await slots.booked_of("W1", CELLS[0], CELLS[2])) == ["R0"]  # the other begins only then


async def test_a_lapsed_hold_goes_as_a_whole_so_that_no_clock_can_bring_a_part_of_it_back(slots):
    await hold(slots, cells=CELLS[:8])
    assert await hold(slots, "R2", CELLS[4:8], now=EXPIRY, expiry=after(minutes=20))

    earlier = EXPIRY - timedelta(seconds=2)  # another machine's clock, or this one's set back
    assert not await slots.renew("R1", after(minutes=30), earlier)
    assert not await slots.book("R1", earlier)
    assert await taken(slots, earlier) == {"W1": CELLS[4:8]}


async def test_what_a_ref_holds_or_has_booked_is_told_by_worker_in_order(slots):
    await hold(slots, cells=CELLS[3::-1])
    await hold(slots, worker="W2")
    await hold(slots, "R2", CELLS[4:6])

    assert await slots.held_by("R1") == {"W1": CELLS[:4], "W2": CELLS[:4]}
    await slots.book("R1", NOW)
    assert await slots.held_by("R1") == {"W1": CELLS[:4], "W2": CELLS[:4]}
    await slots.release("R1")
    assert await slots.held_by("R1") == {}
    assert await slots.held_by("R2") == {"W1": CELLS[4:6]}
