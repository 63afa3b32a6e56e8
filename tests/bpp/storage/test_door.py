"""The door: units that wait together are committed together, each fails alone, and nobody is answered too early."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from bpp.errors import OrderBusy, Unavailable
from bpp.storage.connection import DatabaseProblem
from bpp.storage.door import QUEUE_LIMIT, TRIES, SqlStorage
from bpp.storage.engine import is_sqlite, open_storage
from bpp.storage.ports import MessageKey, Timer, VersionConflict
from bpp.storage.postgres import PostgresDatabase
from bpp.storage.sqlite_database import SqliteDatabase
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, an_order

KEY = MessageKey(bap_id=BAP, transaction_id="T1", message_id="M1", action="select")


class Watched:
    """A storage with one writer whose transactions are counted; `broken` makes the next commit fail."""

    def __init__(self, url: str, *, batch: int) -> None:
        self.begun = self.commits = 0
        self.broken = False
        self._database = SqliteDatabase(url) if is_sqlite(url) else PostgresDatabase(url)
        self._session = self._watching(self._database.writers()[0])
        self.storage = SqlStorage(self, batch=batch)

    def writers(self):
        return (self._session,)

    def __getattr__(self, name):
        return getattr(self._database, name)

    def _watching(self, session):
        begin, commit = session.begin, session.commit

        async def counted_begin():
            self.begun += 1
            await begin()

        async def counted_commit():
            if self.broken:
                self.broken = False
                raise DatabaseProblem(OSError("the disk is full"))
            await commit()
            self.commits += 1

        session.begin, session.commit = counted_begin, counted_commit
        return session


@pytest.fixture
async def watched(database):
    one = Watched(database, batch=64)
    yield one
    await one.storage.close()


def put(name):
    """A unit that leaves a trace of this name."""

    async def unit(work):
        await work.timers.set(Timer(kind="otp", subject=name, due_at=NOW))
        return name

    return unit


def refuse(name, problem):
    """A unit that leaves a trace and then fails."""

    async def unit(work):
        await put(name)(work)
        raise problem

    return unit


async def traces(storage):
    async def unit(work):
        return {one.subject for one in await work.timers.claim(NOW, NOW - NOW, 1000)}

    return await storage.run(unit)


async def test_a_unit_is_committed_before_its_caller_goes_on(storages):
    one, other = storages(), storages()

    assert await one.run(put("A")) == "A"
    assert await traces(other) == {"A"}


async def test_units_that_wait_together_are_committed_together(watched):
    names = [f"N{n}" for n in range(50)]
    answers = await asyncio.gather(*(watched.storage.run(put(name)) for name in names))

    assert answers == names
    assert watched.commits == 1
    assert await traces(watched.storage) == set(names)


async def test_a_group_has_no_more_units_than_a_batch(database):
    watched = Watched(database, batch=10)
    await asyncio.gather(*(watched.storage.run(put(f"N{n}")) for n in range(50)))
    await watched.storage.close()

    assert watched.commits == 5


async def test_fifty_units_at_the_door_as_it_is_opened_take_far_fewer_transactions(watched):
    await asyncio.gather(*(watched.storage.run(put(f"N{n}")) for n in range(50)))

    assert watched.begun <= 10


async def test_a_unit_that_fails_takes_nothing_with_it_and_leaves_nothing(watched):
    problem = ValueError("not like this")
    answers = await asyncio.gather(
        watched.storage.run(put("A")),
        watched.storage.run(refuse("B", problem)),
        watched.storage.run(put("C")),
        return_exceptions=True,
    )

    assert list(answers) == ["A", problem, "C"]
    assert watched.commits == 2
    assert await traces(watched.storage) == {"A", "C"}


async def test_a_unit_that_is_refused_before_it_changes_anything_costs_the_others_nothing(watched):
    problem = ValueError("not at all")

    async def refused(work):
        await work.directory.version()
        raise problem

    answers = await asyncio.gather(
        watched.storage.run(put("A")),
        watched.storage.run(refused),
        watched.storage.run(put("C")),
        return_exceptions=True,
    )

    assert list(answers) == ["A", problem, "C"]
    assert watched.commits == 1
    assert await traces(watched.storage) == {"A", "C"}


def take_in(message_id):
    """A unit whose only change is one that may wait for the end of its group."""

    async def unit(work):
        await work.messages.accept(replace(KEY, message_id=message_id), "digest", NOW)
        return message_id

    return unit


async def taken_in(storage, *message_ids):
    async def unit(work):
        found = [await work.messages.arrival(replace(KEY, message_id=one)) for one in message_ids]
        return [one.seen is not None for one in found]

    return await storage.run(unit)


async def test_what_a_refused_unit_let_wait_is_gone_and_what_others_let_wait_is_not(watched):
    problem = ValueError("not at all")

    async def refused(work):
        await take_in("B")(work)
        raise problem

    answers = await asyncio.gather(
        watched.storage.run(take_in("A")),
        watched.storage.run(refused),
        watched.storage.run(take_in("C")),
        return_exceptions=True,
    )

    assert list(answers) == ["A", problem, "C"]
    assert watched.commits == 1
    assert await taken_in(watched.storage, "A", "B", "C") == [True, False, True]


async def test_a_change_that_waited_and_cannot_be_made_fails_its_unit_alone(watched):
    await watched.storage.run(take_in("B"))

    answers = await asyncio.gather(
        *(watched.storage.run(take_in(one)) for one in ("A", "B", "C")), return_exceptions=True
    )

    assert (answers[0], type(answers[1]), answers[2]) == ("A", OrderBusy, "C")
    assert await taken_in(watched.storage, "A", "C") == [True, True]


async def test_a_refusal_of_what_others_let_wait_never_passes_for_the_readers_own(watched):
    await watched.storage.run(take_in("B"))

    answers = await asyncio.gather(
        watched.storage.run(take_in("A")),
        watched.storage.run(take_in("B")),
        taken_in(watched.storage, "A", "B"),
        watched.storage.run(take_in("C")),
        return_exceptions=True,
    )

    assert (answers[0], type(answers[1]), answers[2], answers[3]) == ("A", OrderBusy, [True, True], "C")
    assert await taken_in(watched.storage, "A", "C") == [True, True]


async def test_what_waits_is_seen_by_its_own_unit_and_by_the_next_of_its_group(watched):
    async def own(work):
        await take_in("A")(work)
        return (await work.messages.arrival(replace(KEY, message_id="A"))).seen is not None

    answers = await asyncio.gather(
        watched.storage.run(own), watched.storage.run(take_in("B")), taken_in(watched.storage, "A", "B", "C")
    )

    assert list(answers) == [True, "B", [True, True, False]]
    assert watched.commits == 1


async def test_a_unit_that_breaks_a_rule_of_the_database_fails_alone_as_unavailable(watched):
    async def broken(work):
        await put("B")(work)
        await work._connection.execute(text("SELECT * FROM no_such_table"))

    answers = await asyncio.gather(
        watched.storage.run(put("A")),
        watched.storage.run(broken),
        watched.storage.run(put("C")),
        return_exceptions=True,
    )

    assert (answers[0], type(answers[1]), answers[2]) == ("A", Unavailable, "C")
    assert await traces(watched.storage) == {"A", "C"}


async def test_a_commit_that_fails_fails_for_everybody_in_it_and_for_nobody_else(watched):
    watched.broken = True
    answers = await asyncio.gather(*(watched.storage.run(put(name)) for name in "ABC"), return_exceptions=True)

    assert [type(answer) for answer in answers] == [Unavailable] * 3
    assert isinstance(answers[0].__cause__, OSError)
    assert await watched.storage.run(put("D")) == "D"
    assert await traces(watched.storage) == {"D"}


async def test_a_unit_that_loses_a_race_is_run_again(watched):
    tries = []

    async def unit(work):
        tries.append(await put("A")(work))
        if len(tries) < TRIES:
            raise VersionConflict("R1")
        return "done"

    assert await watched.storage.run(unit) == "done"
    assert len(tries) == TRIES
    assert await traces(watched.storage) == {"A"}


async def test_a_unit_that_loses_every_race_is_told_that_the_order_is_busy(watched):
    tries = []

    async def unit(work):
        tries.append(await put("A")(work))
        raise VersionConflict("R1")

    with pytest.raises(OrderBusy):
        await watched.storage.run(unit)
    assert len(tries) == TRIES
    assert await traces(watched.storage) == set()


async def test_changes_of_one_order_in_two_processes_follow_each_other_and_none_is_lost(storages):
    one, other = storages(), storages()
    await one.run(lambda work: work.orders.add(an_order(), NOW))

    async def change(work):
        order = await work.orders.get("R1")
        await work.orders.save(order)

    await asyncio.gather(*(storage.run(change) for storage in (one, other) for _ in range(10)))

    assert (await one.run(lambda work: work.orders.get("R1"))).version == 20


async def test_a_deadlock_costs_one_of_the_two_another_try_and_no_change(postgres_database):
    storages = [open_storage(postgres_database) for _ in range(2)]
    await storages[0].run(lambda work: work.orders.add(an_order(1), NOW))
    await storages[0].run(lambda work: work.orders.add(an_order(2), NOW))
    meet = asyncio.Barrier(2)
    tries = []

    def crosswise(first, second):
        async def unit(work):
            tries.append(first)
            await work.orders.get(first)
            if len(tries) <= 2:
                await meet.wait()
            order = await work.orders.get(second)
            await work.orders.save(order)

        return unit

    await asyncio.gather(storages[0].run(crosswise("R1", "R2")), storages[1].run(crosswise("R2", "R1")))
    first = await storages[0].read(lambda work: work.orders.get("R1"))
    second = await storages[0].read(lambda work: work.orders.get("R2"))
    for storage in storages:
        await storage.close()

    assert len(tries) > 2
    assert [order.version for order in (first, second) if order] == [1, 1]


async def test_reading_sees_what_was_committed_and_cannot_write(storage):
    await storage.run(put("A"))
    with pytest.raises(Unavailable):
        await storage.read(put("B"))

    assert await traces(storage) == {"A"}


async def test_reading_sees_one_state_whatever_is_committed_meanwhile(storages):
    one, other = storages(), storages()
    await one.run(lambda work: work.directory.changed())

    async def look_twice(work):
        before = await work.directory.version()
        await other.run(lambda work: work.directory.changed())
        return before, await work.directory.version()

    before, later = await one.read(look_twice)

    assert before == later
    assert await one.read(lambda work: work.directory.version()) != before


async def test_what_a_reader_raises_reaches_its_caller(storage):
    with pytest.raises(ValueError, match="mine"):
        await storage.read(refuse_reading)
    assert await storage.read(lambda work: work.directory.version()) == 0


async def refuse_reading(work):
    await work.directory.version()
    raise ValueError("mine")


async def test_closing_finishes_what_waits(database):
    storage = open_storage(database)
    waiting = [asyncio.create_task(storage.run(put(f"N{n}"))) for n in range(40)]
    await asyncio.sleep(0)
    await storage.close()

    assert all(task.done() for task in waiting)
    assert [await task for task in waiting] == [f"N{n}" for n in range(40)]
    with pytest.raises(Unavailable):
        await storage.run(put("late"))


async def test_closing_gives_a_lost_race_its_second_try(database):
    storage = open_storage(database)
    tries = []

    async def unit(work):
        tries.append(await put("A")(work))
        if len(tries) == 1:
            raise VersionConflict("R1")
        return "done"

    waiting = asyncio.create_task(storage.run(unit))
    await asyncio.sleep(0)
    await storage.close()

    assert await waiting == "done"


async def test_a_caller_who_has_gone_does_not_stop_his_unit_or_the_others(watched):
    began, may_end = asyncio.Event(), asyncio.Event()

    async def slow(work):
        began.set()
        await may_end.wait()
        await put("A")(work)

    leaving = asyncio.create_task(watched.storage.run(slow))
    await began.wait()
    staying = asyncio.create_task(watched.storage.run(put("B")))
    leaving.cancel()
    await asyncio.sleep(0)
    may_end.set()

    assert await staying == "B"
    assert leaving.cancelled()
    assert await traces(watched.storage) == {"A", "B"}


async def test_a_door_with_too_many_in_front_of_it_sends_the_next_away(sqlite_database):
    storage = open_storage(sqlite_database)
    may_end = asyncio.Event()

    async def slow(_work):
        await may_end.wait()

    async def nothing(_work):
        return None

    waiting = [asyncio.create_task(storage.run(slow))]
    await asyncio.sleep(0.01)
    waiting += [asyncio.create_task(storage.run(nothing)) for _ in range(QUEUE_LIMIT)]
    await asyncio.sleep(0.01)
    with pytest.raises(Unavailable):
        await storage.run(nothing)
    may_end.set()
    await asyncio.gather(*waiting)
    await storage.close()


async def test_a_lost_connection_fails_its_group_and_the_next_gets_a_new_one(postgres_database):
    storage = open_storage(postgres_database)

    async def suicide(work):
        await put("A")(work)
        await work._connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with pytest.raises(Unavailable):
        await storage.run(suicide)
    assert await storage.run(put("B")) == "B"
    assert await traces(storage) == {"B"}
    await storage.close()


async def test_a_database_that_is_not_there_is_unavailable_and_nobody_waits_for_ever(postgres, postgres_template):
    url = postgres.create(postgres_template)
    storage = open_storage(url)
    assert await storage.run(put("A")) == "A"
    postgres.drop(url)

    for _ in range(6):  # more often than there are writers
        with pytest.raises(Unavailable):
            await asyncio.wait_for(storage.run(put("B")), 60)
    with pytest.raises(Unavailable):
        await storage.read(lambda work: work.directory.version())
    await storage.close()


async def test_a_server_that_is_not_there_is_unavailable(tmp_path):
    storage = open_storage(f"postgresql+asyncpg://bpp@/postgres?host={tmp_path}")

    with pytest.raises(Unavailable):
        await asyncio.wait_for(storage.run(put("B")), 60)
    with pytest.raises(Unavailable):
        await storage.read(lambda work: work.directory.version())
    await storage.close()


async def test_a_folder_that_is_not_there_is_unavailable(tmp_path):
    storage = open_storage(f"sqlite+aiosqlite:///{tmp_path / 'missing' / 'bpp.sqlite3'}")

    with pytest.raises(Unavailable):
        await storage.run(put("B"))
    with pytest.raises(Unavailable):
        await storage.read(lambda work: work.directory.version())
    await storage.close()
    # The driver's threads of connections that never came about still have to tell this loop that they ended.
    for thread in threading.enumerate():
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 10)
