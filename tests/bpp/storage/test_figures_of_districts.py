"""Orders by district: counted by day, channel and state, by provider, and listed; on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.orders.states import Stage
from bpp.storage.ports import OrderFilter
from bpp.storage.ports_figures import Booked, BookedWith
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_seller, a_visit, an_order

LUCKNOW, KANPUR = "162", "157"
DAY = timedelta(days=1)


@pytest.fixture
async def filled(storage):
    """Two orders of Lucknow on one day, one of the evening before it in UTC, one of Kanpur, one of nowhere."""
    made = (
        (1, LUCKNOW, Stage.COMPLETED, "P1", "call_centre", NOW),
        (2, LUCKNOW, Stage.CANCELLED, "P2", "ondc", NOW),
        (3, LUCKNOW, Stage.PENDING, "P1", "ondc", NOW - timedelta(hours=3)),
        (4, KANPUR, Stage.PENDING, "P1", "ondc", NOW),
        (5, None, Stage.PENDING, "P1", "ondc", NOW),
    )
    for number, district, stage, provider, channel, at in made:
        order = an_order(
            ref=f"R{number}",
            order_id=f"O{number}",
            channel=channel,
            seller=a_seller(provider_id=provider),
            fulfillments=(a_visit(stage=stage, district=district, otp=None),),
        )
        assert await storage.run(lambda work, order=order, at=at: work.orders.add(order, at))
    return storage


async def test_orders_of_a_district_are_counted_by_day_channel_and_state(filled):
    found = await filled.read(lambda work: work.figures.booked(LUCKNOW, NOW - DAY, NOW + DAY))

    assert set(found) == {
        Booked(date(2026, 11, 23), "call_centre", "COMPLETED", 1),
        Booked(date(2026, 11, 23), "ondc", "CANCELLED", 1),
        Booked(date(2026, 11, 23), "ondc", "PENDING", 1),
    }


async def test_the_days_are_those_of_india(filled):
    midnight = NOW.replace(hour=18, minute=30, second=0, microsecond=0) - DAY
    order = an_order(ref="R6", order_id="O6", fulfillments=(a_visit(district=KANPUR),))
    await filled.run(lambda work: work.orders.add(order, midnight - timedelta(microseconds=1)))

    found = await filled.read(lambda work: work.figures.booked(KANPUR, NOW - 2 * DAY, NOW + DAY))

    assert [(one.day, one.orders) for one in found] == [(date(2026, 11, 22), 1), (date(2026, 11, 23), 1)]


async def test_what_was_made_before_or_at_the_end_is_not_counted(filled):
    found = await filled.read(lambda work: work.figures.booked(LUCKNOW, NOW - DAY, NOW))

    assert [one.state for one in found] == ["PENDING"]


async def test_orders_of_a_district_are_counted_by_provider(filled):
    (first, second) = await filled.read(lambda work: work.figures.booked_with(LUCKNOW, NOW - DAY, NOW + DAY))

    assert first == BookedWith("P1", 2, 1, 0, first.paise)
    assert second == BookedWith("P2", 1, 0, 1, 0)
    assert first.paise > 0


async def test_orders_are_told_apart_by_their_district(filled):
    found = await filled.read(lambda work: work.figures.orders_within(LUCKNOW, ["R1", "R4", "R5", "no such"]))

    assert found == {"R1"}


async def test_orders_of_a_district_are_listed_by_state_channel_and_day(filled):
    async def refs(**which):
        return [one.ref for one in await filled.read(lambda work: work.orders.find(OrderFilter(**which)))]

    assert await refs(district=LUCKNOW) == ["R2", "R1", "R3"]
    assert await refs(district=LUCKNOW, state="PENDING") == ["R3"]
    assert await refs(district=LUCKNOW, channel="call_centre") == ["R1"]
    assert await refs(district=LUCKNOW, first=NOW) == ["R2", "R1"]
    assert await refs(district=LUCKNOW, until=NOW) == ["R3"]
    assert await refs(district=LUCKNOW, limit=1, after="R2") == ["R1"]


async def test_orders_of_before_get_their_district_some_at_a_time(filled, database):
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE orders SET district = ''"))
    await engine.dispose()

    steps: list[int] = []
    after = ""
    while not steps or after:
        number, after = await filled.run(lambda work, after=after: work.orders.fill_districts(after, 2))
        steps.append(number)

    assert steps == [2, 2, 0, 0]
    assert await filled.read(lambda work: work.figures.orders_within(LUCKNOW, ["R1", "R2", "R3", "R4"])) == {
        "R1",
        "R2",
        "R3",
    }
