"""The clock of a ticket: no reminder is lost by what comes before it, and none is made twice; on both databases."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpp.actions.timers import timer_due
from bpp.core.catalogs import Worlds
from bpp.core.tickets import by_customer, keep, take_down, texts_due
from bpp.issues.model import Complaint
from tests.support.bookings import booked, seed
from tests.support.clock import MONDAY_MORNING
from tests.support.couriers import IDENTITY, OTP_SECRET, RULES
from tests.support.ids import IdSource
from tests.support.order_builders import after


@pytest.fixture
def worlds(clock):
    identity = replace(IDENTITY, officer_phone="05221234567")
    return Worlds(clock=clock, new_id=IdSource(9), rules=RULES, identity=identity, otp_secret=OTP_SECRET)


@pytest.fixture
async def ticket(storage, worlds):
    """A complaint of Monday morning that is to be resolved within a day."""
    await seed(storage)
    order = await booked(storage, worlds, "http://127.0.0.1:1")

    async def unit(work):
        world = await worlds.current(work)
        return await take_down(by_customer(order, Complaint(code="ITM004"), world), order, work, world, "en")

    return await storage.run(unit)


async def noting(storage, worlds, ref, text):
    async def unit(work):
        world = await worlds.current(work)
        await keep((await work.issues.get(ref)).noted(world.now, "operator:1", text), work, world)

    await storage.run(unit)


async def went_off(storage, worlds, clock):
    """Do what is due, with the text messages that come of it."""

    async def unit(work):
        world = await worlds.current(work)
        told: list[tuple[str, str]] = []
        for timer in await work.timers.claim(clock(), after(minutes=1) - MONDAY_MORNING, 10):
            if timer.kind == "issue":
                await timer_due(timer, work, world)
                told += await texts_due(timer, work, world)
        return told

    return await storage.run(unit)


async def notes(storage, ref):
    return [one.text for one in (await storage.read(lambda work: work.issues.get(ref))).notes]


async def due(storage, ref):
    return (await storage.read(lambda work: work.timers.due("issue", [ref]))).get(ref)


async def test_a_reminder_whose_time_has_come_is_not_lost_where_something_else_is_done_first(
    storage, worlds, clock, ticket
):
    clock.set(after(hours=25))
    await noting(storage, worlds, ticket.ref, "called, no answer")

    told = await went_off(storage, worlds, clock)

    assert await notes(storage, ticket.ref) == ["called, no answer", "100 % officer"]
    assert [ticket.ref in text for _, text in told] == [True]
    assert await due(storage, ticket.ref) is None


async def test_a_timer_that_goes_off_twice_is_noted_once_and_the_next_one_stays(storage, worlds, clock, ticket):
    clock.set(after(hours=12))
    (timer,) = [one for one in await storage.run(lambda work: work.timers.claim(clock(), after(hours=1) - MONDAY_MORNING, 10)) if one.kind == "issue"]  # fmt: skip

    for _ in range(2):
        await storage.run(lambda work: fired(timer, work, worlds))

    assert await notes(storage, ticket.ref) == ["50 % desk"]
    assert await due(storage, ticket.ref) == after(hours=19, minutes=12)


async def fired(timer, work, worlds):
    await timer_due(timer, work, await worlds.current(work))
