"""Orders are listed by provider, district, channel and the day of their visit; those of before know their district."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from alembic import command
from sqlalchemy import text

from bpp.storage.engine import probe_engine, upgrade
from bpp.storage.ports import OrderFilter
from bpp.storage.revisions import alembic_config
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import an_order

DAY = timedelta(days=1)


async def stored(storage, ref, district):
    order = an_order(ref=ref, order_id=f"O-{ref}")
    visits = tuple(replace(one, district=district) for one in order.fulfillments)
    order = replace(order, fulfillments=visits)
    await storage.run(lambda work: work.orders.add(order, MONDAY_MORNING))
    return order


async def found(storage, **which):
    rows = await storage.read(lambda work: work.orders.find(OrderFilter(**which)))
    return [one.ref for one in rows]


async def test_orders_are_found_by_what_a_list_filters(storage):
    here, nowhere = await stored(storage, "R1", "162"), await stored(storage, "R2", None)
    start, both = here.visit.slot.start, ["R2", "R1"]

    assert await found(storage, district="162") == ["R1"]
    assert await found(storage, district="") == [nowhere.ref]
    assert await found(storage, provider_id=here.seller.provider_id) == both
    assert await found(storage, provider_id="P-NOBODY") == []
    assert await found(storage, channel=here.channel) == both
    assert await found(storage, channel="csc") == []
    assert await found(storage, starts_from=start, starts_before=start + DAY) == both
    assert await found(storage, starts_from=start + DAY) == []
    assert await found(storage, starts_before=start) == []


async def test_orders_of_before_know_their_district(database, storage):
    for number, district in enumerate(["162", None, "137", "162"]):
        await stored(storage, f"R{number}", district)
    await asyncio.to_thread(command.downgrade, alembic_config(database), "0016")

    await upgrade(database)

    engine = probe_engine(database)
    async with engine.connect() as connection:
        rows = (await connection.execute(text("SELECT district FROM orders ORDER BY ref"))).scalars().all()
    await engine.dispose()
    assert rows == ["162", "", "137", "162"]


@pytest.mark.parametrize(
    ("which", "index"),
    [
        ({}, "ix_orders_created"),
        ({"starts_from": MONDAY_MORNING, "starts_before": MONDAY_MORNING + DAY}, "ix_orders_slot"),
    ],
)
async def test_a_list_does_not_look_at_every_order(sqlite_url, which, index):
    await upgrade(sqlite_url)
    engine = probe_engine(sqlite_url)
    wanted = "WHERE slot_start >= 1 AND slot_start < 2" if which else ""
    query = f"EXPLAIN QUERY PLAN SELECT * FROM orders {wanted} ORDER BY created_at DESC, ref DESC LIMIT 51"  # noqa: S608
    async with engine.connect() as connection:
        plan = " ".join(str(row) for row in (await connection.execute(text(query))).all())
    await engine.dispose()

    assert index in plan
