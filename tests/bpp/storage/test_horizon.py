"""A reader with a cursor passes over no row, in whatever order rows become visible."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.engine import open_storage
from bpp.storage.horizon import horizon
from bpp.storage.ports_horizon import Horizon
from bpp.storage.tables import message_log
from tests.support.clock import MONDAY_MORNING as NOW

ROW = dict.fromkeys(("peer", "transaction_id", "message_id", "body_digest", "answer_digest"), "") | {
    "at": NOW,
    "direction": "in",
    "action": "select",
    "outcome": "ACK",
    "reason": "",
    "signature": "",
    "order_ref": "",
}


@asynccontextmanager
async def transaction(url):
    """One that is open; its connection, on which a test commits or takes back."""
    engine = create_async_engine(url)
    async with engine.connect() as connection:
        await connection.begin()
        yield connection
    await engine.dispose()


async def written(connection):
    """A row in an open transaction: its number."""
    return (await connection.execute(insert(message_log).values(ROW).returning(message_log.c.seq))).scalar_one()


async def one_more(url):
    async with transaction(url) as connection:
        number = await written(connection)
        await connection.commit()
    return number


async def looked(storage, before=Horizon()):  # noqa: B008  a value
    return await storage.look(lambda work: horizon(work._connection, message_log.c.seq, before))


async def read_up_to(storage, number):
    async def unit(work):
        query = select(message_log.c.seq).where(message_log.c.seq <= number).order_by(message_log.c.seq)
        return list((await work._connection.execute(query)).scalars())

    return await storage.look(unit)


async def test_a_table_without_rows_is_final_up_to_nothing(storage):
    assert await looked(storage) == Horizon()


async def test_what_is_committed_is_final_where_nobody_writes(database, storage):
    numbers = [await one_more(database) for _ in range(3)]

    assert (await looked(storage)).final == numbers[-1]


async def test_a_row_that_becomes_visible_late_is_waited_for(postgres_database, open_postgres):
    storage = open_postgres()
    async with transaction(postgres_database) as late:
        below = await written(late)
        above = await one_more(postgres_database)
        seen = await looked(storage)
        assert seen.final < below < above
        assert (await looked(storage, seen)).final < below
        await late.commit()
    seen = await looked(storage, seen)

    assert seen.final == above
    assert below in await read_up_to(storage, seen.final)


async def test_a_number_that_was_drawn_and_taken_back_holds_nobody_up(postgres_database, open_postgres):
    storage = open_postgres()
    async with transaction(postgres_database) as undone:
        await written(undone)
        above = await one_more(postgres_database)
        seen = await looked(storage)
        await undone.rollback()

    assert (await looked(storage, seen)).final == above


async def test_the_horizon_moves_though_somebody_writes_at_every_look(postgres_database, open_postgres):
    """Two transactions take turns, so that one with a row is open whenever somebody looks."""
    storage, seen, numbers = open_postgres(), Horizon(), []
    async with transaction(postgres_database) as one, transaction(postgres_database) as other:
        for step in range(12):
            writing, ending = (one, other) if step % 2 else (other, one)
            numbers.append(await written(writing))
            seen = await looked(storage, seen)
            assert await read_up_to(storage, seen.final) == [number for number in numbers if number <= seen.final]
            await ending.commit()
            await ending.begin()

    assert numbers[4] <= seen.final < numbers[-1]


async def test_a_number_drawn_before_its_transaction_has_an_id_is_waited_for(postgres_database, open_postgres):
    storage = open_postgres()
    async with transaction(postgres_database) as late:
        await late.execute(text("LOCK TABLE message_log IN ROW EXCLUSIVE MODE"))  # as an INSERT does first of all
        drawn = (await late.execute(text("SELECT nextval(pg_get_serial_sequence('message_log', 'seq'))"))).scalar_one()
        above = await one_more(postgres_database)

        assert drawn < above
        assert (await looked(storage)).final < drawn


async def test_whoever_writes_elsewhere_or_only_reads_holds_nobody_up(postgres_database, open_postgres):
    storage = open_postgres()
    number = await one_more(postgres_database)
    async with transaction(postgres_database) as reader, transaction(postgres_database) as writer:
        await reader.execute(select(message_log.c.seq))
        await writer.execute(text("INSERT INTO counters (name, value) VALUES ('elsewhere', 1)"))

        assert (await looked(storage)).final == number


@pytest.fixture
async def open_postgres(postgres_database):
    opened = []

    def one():
        opened.append(open_storage(postgres_database))
        return opened[-1]

    yield one
    for each in opened:
        await each.close()
