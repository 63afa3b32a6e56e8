"""Another worker for a visit: the next best, or nobody and an operator; on both databases, also at the same time."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from bpp.actions.events import notify, perform
from bpp.actions.reassign_affected import reassign_affected
from bpp.actions.timers import timer_due
from bpp.core.assign_day import assign_day
from bpp.core.catalogs import Worlds
from bpp.core.command import Command, Quotation, QuotedLine
from bpp.core.give_up import charge
from bpp.core.reassign import ESCALATE
from bpp.errors import InvalidRequest, SlotUnavailable
from bpp.orders.choice import in_words
from bpp.orders.states import Actor, Event, IllegalTransition, Stage
from catalog.availability import CELL
from catalog.load import CatalogData
from catalog.model import Gps
from catalog.money import ZERO, Money
from tests.support.bookings import booked
from tests.support.catalog_builders import LUCKNOW, LUCKNOW_DISTRICT, a_provider, a_worker, an_offering
from tests.support.couriers import IDENTITY, OTP_SECRET, RULES
from tests.support.ids import IdSource
from tests.support.order_builders import after

GRACE = timedelta(minutes=15)
ELEVEN = after(hours=2)
DAY = ELEVEN.date()


def north(km):
    return Gps(LUCKNOW.lat + km / 111.195, LUCKNOW.lon)


TEAM = (a_worker(), a_worker(id="W2", gps=north(3)), a_worker(id="W3", gps=north(9)), a_worker(id="W4", gps=north(30)))
"""By their ids in the order of the rank for a job in Lucknow; W4 needs more than two hours to come."""


class Desk:
    """An order for eleven o'clock, given to W1, and what is done to it."""

    def __init__(self, storage, clock, grace=GRACE):
        self.storage = storage
        self.clock = clock
        rules = replace(RULES, late_grace=grace)
        self.worlds = Worlds(clock=clock, new_id=IdSource(9), rules=rules, identity=IDENTITY, otp_secret=OTP_SECRET)

    async def open(self, *workers, minutes=60):
        offering = an_offering(duration=minutes)
        data = CatalogData(providers=(a_provider(),), offerings=(offering,), workers=workers or TEAM)
        await self.storage.run(lambda work: work.directory.seed(data))
        self.order = await booked(self.storage, self.worlds, "http://127.0.0.1:1")

    async def do(self, event, *, storage=None, actor=Actor.SELLER, **more):
        async def unit(work):
            order = await work.orders.get(self.order.ref)
            command = Command(event=event, actor=actor, **more)
            return (await perform(order, command, work, await self.worlds.current(work))).advanced.order

        return await (storage or self.storage).run(unit)

    async def unit(self, function, *arguments, **more):
        async def unit(work):
            return await function(*arguments, work, await self.worlds.current(work), **more)

        return await self.storage.run(unit)

    async def fire(self):
        """What is due of timers, as the delivery loop does it; the numbers of the callbacks sent."""
        due = await self.storage.run(lambda work: work.timers.claim(self.clock(), timedelta(seconds=60), 20))
        return [await self.unit(timer_due, one) for one in due]

    async def now(self):
        return await self.storage.read(lambda work: work.orders.get(self.order.ref))

    async def cells(self):
        found = await self.storage.read(lambda work: work.slots.held_by(self.order.ref))
        return {worker: (cells[0], len(cells)) for worker, cells in found.items()}

    async def choices(self):
        return await self.storage.read(lambda work: work.assignments.of_order(self.order.ref))

    async def events(self):
        return [one.event for one in await self.storage.read(lambda work: work.orders.events(self.order.ref))]

    async def callbacks(self):
        rows = await self.storage.read(lambda work: work.outbox.find(None, None, 100))
        return [row.action for row in reversed(rows)]

    async def absent(self, worker_id, **changes):
        async def unit(work):
            data = await work.directory.load()
            (worker,) = [one for one in data.workers if one.id == worker_id]
            await work.directory.put_worker(replace(worker, **changes))
            await work.directory.changed()

        await self.storage.run(unit)


@pytest.fixture
async def desk(storage, clock):
    made = Desk(storage, clock)
    await made.open()
    return made


def who(order):
    visit = order.visit
    return visit.stage, visit.assignee.worker_id if visit.assignee else None, visit.dropped


async def test_the_next_best_goes_the_slot_stays_and_the_buyer_is_told(desk):
    order = await desk.do(Event.REASSIGN, reason="declined")

    assert who(order) == (Stage.ASSIGNED, "W2", ("W1",))
    assert order.visit.slot == desk.order.visit.slot
    assert await desk.cells() == {"W2": (ELEVEN, 4)}
    assert await desk.callbacks() == ["on_status"]
    first, second = await desk.choices()
    assert (first.trigger, first.workers, second.trigger, second.workers) == ("select", ("W1",), "reassign", ("W2",))
    assert second.rejected == {"W1": ("did_not_drop_out",)}
    (event,) = (await desk.storage.read(lambda work: work.orders.events(desk.order.ref)))[1:]
    assert event.detail.items() >= {"reason": "declined", "dropped": "W1", "worker_id": "W2"}.items()


async def test_nobody_who_dropped_out_is_chosen_again_and_in_the_end_an_operator_is_wanted(desk, logs):
    for expected in ("W2", "W3", "W4"):
        assert who(await desk.do(Event.REASSIGN, reason="ill"))[1] == expected
    gone = await desk.do(Event.REASSIGN, reason="ill")

    assert who(gone) == (Stage.PENDING, None, ("W1", "W2", "W3", "W4"))
    assert await desk.cells() == {}
    assert (await desk.events())[-1] == Event.UNASSIGN
    assert [one["event"] for one in logs if one["log_level"] == "warning"] == ["visit_without_worker"]
    assert await desk.callbacks() == ["on_status"] * 4


async def test_whom_an_operator_names_may_go_after_all_and_nobody_is_chosen_who_dropped_out(desk):
    await desk.do(Event.REASSIGN, reason="ill")
    await desk.do(Event.UNASSIGN, reason="ill")

    assert who(await desk.do(Event.ASSIGN)) == (Stage.ASSIGNED, "W3", ("W1", "W2"))
    assert who(await desk.do(Event.ASSIGN, worker_id="W1")) == (Stage.ASSIGNED, "W1", ("W2",))


async def test_of_those_who_were_not_named_nobody_is_sent_who_cannot_be_there_in_time(desk):
    await desk.do(Event.UNASSIGN, reason="ill")
    desk.clock.set(ELEVEN + timedelta(minutes=39))  # as where somebody drops out that late

    with pytest.raises(SlotUnavailable):
        await desk.do(Event.ASSIGN)

    assert who(await desk.do(Event.ASSIGN, worker_id="W4"))[:2] == (Stage.ASSIGNED, "W4")


async def test_on_another_day_who_dropped_out_may_be_chosen_again(desk):
    await desk.do(Event.REASSIGN, reason="ill")
    later = await desk.do(Event.RESCHEDULE, start=ELEVEN + timedelta(hours=2))
    another = await desk.do(Event.RESCHEDULE, start=ELEVEN + timedelta(days=1))

    assert who(later) == (Stage.ASSIGNED, "W2", ("W1",))
    assert who(another) == (Stage.ASSIGNED, "W2", ())


@pytest.mark.parametrize("way", [("depart",), ("depart", "arrive")])
async def test_of_the_old_workers_way_and_token_nothing_is_left(desk, way):
    for name in way:
        await desk.do(Event(name))
    order = await desk.do(Event.REASSIGN, reason="accident")
    visit = order.visit

    assert who(order) == (Stage.ASSIGNED, "W2", ("W1",))
    assert (visit.otp, visit.departed_at, visit.whereabouts) == (None, None, None)
    desk.clock.tick(minutes=6)  # when the token would have been renewed
    assert await desk.fire() == []
    assert (await desk.do(Event.DEPART)).visit.departed_at is not None
    assert (await desk.do(Event.ARRIVE)).visit.otp is not None


async def test_work_that_has_begun_is_not_given_to_another_and_who_was_not_to_come_cannot_drop_out(desk):
    with pytest.raises(InvalidRequest, match="W1"):
        await desk.do(Event.REASSIGN, worker_id="W2", reason="ill")
    for name in ("depart", "arrive"):
        await desk.do(Event(name))
    await desk.do(Event.START, override="known to us")
    with pytest.raises(IllegalTransition):
        await desk.do(Event.REASSIGN, reason="ill")

    assert who(await desk.now()) == (Stage.STARTED, "W1", ())


async def test_who_drops_out_too_late_for_anybody_to_be_there_leaves_the_visit_to_an_operator(desk):
    desk.clock.set(ELEVEN + timedelta(minutes=39))  # W2 needs twenty-two, and the slot ends at noon

    assert who(await desk.do(Event.REASSIGN, reason="declined")) == (Stage.PENDING, None, ("W1",))


async def test_who_is_late_is_relieved_by_the_nearest_who_can_still_be_there(desk):
    await desk.absent("W2", leaves=((DAY, DAY),))
    desk.clock.set(ELEVEN + GRACE - timedelta(seconds=1))
    assert await desk.fire() == []
    desk.clock.tick(seconds=1)

    # W3 is 9 km away: ten minutes and thirty-six, and the hour has passed by then.
    assert await desk.fire() == [None]
    assert who(await desk.now()) == (Stage.ASSIGNED, "W1", ())
    assert await desk.cells() == {"W1": (ELEVEN, 4)}
    assert (await desk.events())[-1] == ESCALATE
    assert await desk.callbacks() == []
    assert await desk.fire() == [], "an operator is asked once"


async def test_another_who_can_be_there_has_as_long_from_now_on_and_is_given_time_as_well(desk):
    await desk.absent("W2", gps=north(1))
    desk.clock.set(ELEVEN + GRACE)

    (sent,) = await desk.fire()

    assert sent is not None
    assert who(await desk.now()) == (Stage.ASSIGNED, "W2", ("W1",))
    assert await desk.cells() == {"W2": (ELEVEN + CELL, 4)}
    assert await desk.callbacks() == ["on_status"]
    desk.clock.tick(seconds=GRACE.total_seconds() - 1)
    assert await desk.fire() == []
    desk.clock.tick(seconds=1)
    assert await desk.fire() == [None]
    assert (await desk.events())[-2:] == [Event.REASSIGN, ESCALATE]


async def test_who_has_set_off_or_is_moved_to_another_time_is_not_late(desk):
    await desk.do(Event.RESCHEDULE, start=ELEVEN + timedelta(hours=1))
    desk.clock.set(ELEVEN + GRACE)
    assert await desk.fire() == []
    await desk.do(Event.DEPART)
    desk.clock.set(ELEVEN + timedelta(hours=1) + GRACE)

    assert await desk.fire() == []
    assert who(await desk.now()) == (Stage.EN_ROUTE, "W1", ())


async def test_where_nobody_is_to_be_relieved_for_being_late_nobody_is(storage, clock):
    desk = Desk(storage, clock, grace=None)
    await desk.open()
    clock.set(ELEVEN + timedelta(hours=1))

    assert await desk.fire() == []
    assert who(await desk.now()) == (Stage.ASSIGNED, "W1", ())


async def test_all_bookings_of_a_worker_who_is_out_go_to_others_and_what_could_not_is_reported(desk):
    done = await desk.unit(reassign_affected, "W1", "ill", by="desk")

    (one,) = done.visits
    assert (one.ref, one.worker_id, one.problem) == (desk.order.ref, "W2", "")
    assert len(done.callbacks) == 1
    assert (await desk.unit(reassign_affected, "W1", "ill")).visits == ()
    for _ in range(2):
        await desk.do(Event.REASSIGN, reason="ill")
    (last,) = (await desk.unit(reassign_affected, "W4", "ill")).visits
    assert (last.worker_id, last.problem) == ("", "")


async def test_a_leave_touches_only_the_bookings_of_its_days(desk):
    tomorrow = DAY + timedelta(days=1)
    away = replace(TEAM[0], leaves=((tomorrow, tomorrow),))
    assert (await desk.unit(reassign_affected, "W1", "leave", now_is=away)).visits == ()

    off = replace(TEAM[0], available=False)
    (one,) = (await desk.unit(reassign_affected, "W1", "off", now_is=off)).visits
    assert one.worker_id == "W2"


ANOTHER_VISIT = Quotation(
    lines=(QuotedLine(title="New pipes", price=Money.parse("900.00")),),
    valid_for=timedelta(hours=1),
    ttl="PT1H",
    minutes=60,
    start=ELEVEN + timedelta(days=1),
)


async def test_a_visit_that_was_quoted_for_is_given_to_another_when_it_is_taken_and_its_worker_is_out(desk):
    quoted = await desk.do(Event.REQUOTE, quotation=ANOTHER_VISIT)
    visit = quoted.proposals[0].visit
    assert visit.assignee.worker_id == "W1"
    tomorrow = DAY + timedelta(days=1)
    await desk.absent("W1", leaves=((tomorrow, tomorrow),))

    taken = await desk.do(Event.ACCEPT_QUOTE, actor=Actor.BUYER)

    first, second = taken.fulfillments
    assert (first.assignee.worker_id, second.assignee.worker_id, second.dropped) == ("W1", "W2", ("W1",))
    assert second.slot == visit.slot
    held = await desk.storage.read(lambda work: work.slots.held_by(visit.id))
    assert list(held) == ["W2"]
    assert (await desk.events())[-2:] == [Event.ACCEPT_QUOTE, Event.REASSIGN]
    assert await desk.callbacks() == ["on_update", "on_update"]


async def test_a_visit_that_was_quoted_for_and_that_nobody_can_do_any_more_is_taken_without_a_worker(desk):
    await desk.do(Event.REQUOTE, quotation=ANOTHER_VISIT)
    for one in TEAM:
        await desk.absent(one.id, verified_until=DAY)

    taken = await desk.do(Event.ACCEPT_QUOTE)

    first, second = taken.fulfillments
    assert (first.stage, second.stage, second.assignee) == (Stage.ASSIGNED, Stage.PENDING, None)
    assert await desk.storage.read(lambda work: work.slots.held_by(second.id)) == {}
    assert await desk.callbacks() == ["on_update", "on_update"]


async def test_a_leave_on_the_second_day_of_a_visit_makes_it_anothers(storage, clock):
    desk = Desk(storage, clock)
    await desk.open(*TEAM, minutes=10 * 60)
    tomorrow = DAY + timedelta(days=1)
    away = replace(TEAM[0], leaves=((tomorrow, tomorrow),))

    (one,) = (await desk.unit(reassign_affected, "W1", "leave", now_is=away)).visits

    assert (one.worker_id, one.problem) == ("W2", "")


async def test_bookings_that_are_over_or_have_begun_stay(desk):
    for name in ("depart", "arrive"):
        await desk.do(Event(name))
    await desk.do(Event.START, override="known to us")

    assert (await desk.unit(reassign_affected, "W1", "ill")).visits == ()


async def test_the_choices_are_told_in_words(desk):
    await desk.absent("W3", leaves=((DAY, DAY),))
    await desk.do(Event.REASSIGN, reason="ill")
    first, second = await desk.choices()

    assert in_words(first)[0] == f"select: W1 of 4 who could go on {DAY}"
    assert "W1: chosen: 0.0 km away, 0 jobs that day, 0 in the 7 days before, rated 4.00, no job so far" in in_words(
        first
    )
    assert in_words(second)[-2:] == ["W1 rejected: dropped out of this visit before", "W3 rejected: on leave"]


async def test_a_visit_without_a_worker_gets_one_in_the_run_of_its_day_and_district(desk):
    await desk.do(Event.UNASSIGN, reason="declined")
    elsewhere = await desk.unit(assign_day, "129", DAY, by="desk", limit=10)
    tomorrow = await desk.unit(assign_day, LUCKNOW_DISTRICT, DAY + timedelta(days=1), by="desk", limit=10)
    assert (elsewhere.advanced, tomorrow.advanced, elsewhere.unassigned) == ((), (), ())

    done = await desk.unit(assign_day, LUCKNOW_DISTRICT, DAY, by="desk", limit=10)

    assert [one.order.ref for one in done.advanced] == [desk.order.ref]
    assert (done.unassigned, done.after, done.evaluations) == ((), None, 4)
    assert who(await desk.now()) == (Stage.ASSIGNED, "W2", ("W1",))
    assert await desk.cells() == {"W2": (ELEVEN, 4)}
    assert (await desk.choices())[-1].trigger == "run"


async def test_a_run_leaves_what_nobody_can_do(desk):
    for _ in TEAM:
        await desk.do(Event.REASSIGN, reason="ill")

    done = await desk.unit(assign_day, LUCKNOW_DISTRICT, DAY, by="desk", limit=10)

    assert (done.advanced, done.unassigned) == ((), (desk.order.ref,))
    assert who(await desk.now())[0] is Stage.PENDING


async def test_of_two_who_relieve_the_same_worker_at_once_one_does(storages, clock):
    one, two = storages(), storages()
    desk = Desk(one, clock)
    await desk.open()

    outcomes = await asyncio.gather(
        *(desk.do(Event.REASSIGN, storage=each, worker_id="W1", reason="ill") for each in (one, two)),
        return_exceptions=True,
    )

    assert sorted(type(each).__name__ for each in outcomes) == ["InvalidRequest", "Order"]
    assert who(await desk.now()) == (Stage.ASSIGNED, "W2", ("W1",))
    assert await desk.cells() == {"W2": (ELEVEN, 4)}
    assert await desk.callbacks() == ["on_status"]


async def test_of_two_runs_of_a_day_at_once_one_sends_a_worker_and_the_buyer_is_told_once(storages, clock):
    one, two = storages(), storages()
    desk = Desk(one, clock)
    await desk.open()
    await desk.do(Event.UNASSIGN, reason="declined")

    async def run(storage):
        async def unit(work):
            world = await desk.worlds.current(work)
            done = await assign_day(LUCKNOW_DISTRICT, DAY, work, world, by="desk", limit=10)
            return [await notify(each, work, world) for each in done.advanced]

        return await storage.run(unit)

    sent = await asyncio.gather(run(one), run(two))

    assert sorted(map(len, sent)) == [0, 1]
    assert who(await desk.now()) == (Stage.ASSIGNED, "W2", ("W1",))
    assert await desk.cells() == {"W2": (ELEVEN, 4)}
    assert await desk.callbacks() == ["on_status", "on_status"]


async def test_nobody_pays_for_giving_up_a_visit_to_which_nobody_comes_and_nobody_escapes_a_penalty_by_it(desk):
    await desk.do(Event.DEPART)
    order = await desk.do(Event.UNASSIGN, reason="ill")
    world = await desk.storage.read(desk.worlds.current)
    departed = replace(order.visit, stage=Stage.EN_ROUTE, assignee=desk.order.visit.assignee)
    on_the_way = replace(order, fulfillments=(departed,))

    buyer, seller = (charge(order, actor, world) for actor in (Actor.BUYER, Actor.SELLER))

    assert (buyer.fee, buyer.penalty) == (ZERO, ZERO)
    assert charge(on_the_way, Actor.BUYER, world).fee > ZERO
    assert seller.penalty == charge(on_the_way, Actor.SELLER, world).penalty > ZERO
