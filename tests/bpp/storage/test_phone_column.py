"""Orders are found by telephone however it was written, those of before too."""

from __future__ import annotations

import asyncio

import pytest
from alembic import command
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.orders.phones import normalised
from bpp.storage.engine import upgrade
from bpp.storage.ports import OrderFilter
from bpp.storage.revisions import alembic_config
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import an_order

WRITTEN = ("+91 98111-22333", "09811122334", "00919811122335", "155330", "910 9811122336", "")


@pytest.mark.parametrize("said", ["9811122333", "+919811122333", "98111 22333"])
async def test_an_order_is_found_by_any_writing_of_its_telephone(storage, said):
    order = an_order(billing={"name": "A", "phone": "+91 98111-22333"})
    await storage.run(lambda work: work.orders.add(order, MONDAY_MORNING))

    found = await storage.read(lambda work: work.orders.find(OrderFilter(phone=said)))
    none = await storage.read(lambda work: work.orders.find(OrderFilter(phone="no number")))

    assert [one.ref for one in found] == [order.ref]
    assert none == []


async def test_telephones_of_before_take_the_one_form(database, storage):
    for number, _ in enumerate(WRITTEN):
        order = an_order(ref=f"R{number}", order_id=f"O{number}")
        await storage.run(lambda work, order=order: work.orders.add(order, MONDAY_MORNING))
    await asyncio.to_thread(command.downgrade, alembic_config(database), "0004")
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        for number, phone in enumerate(WRITTEN):
            await connection.execute(
                text("UPDATE orders SET phone = :p WHERE ref = :r"), {"p": phone, "r": f"R{number}"}
            )

    await upgrade(database)

    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT phone FROM orders ORDER BY ref"))
        assert [one[0] for one in rows] == [normalised(phone) for phone in WRITTEN]
    await engine.dispose()
