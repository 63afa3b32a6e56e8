"""A claim looks at a few rows of each peer, however much waits for those that are dead."""

from __future__ import annotations

import json
import sqlite3
from datetime import timedelta

import asyncpg
from sqlalchemy import text
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import make_url

from bpp.storage.claiming import CLAIM_DUE, NEXT_DUE
from bpp.storage.engine import database_file, probe_engine
from bpp.storage.types import UtcMicros
from tests.bpp.storage.test_outbox import claim, claimed, enqueue, settle
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import after

BACKLOG = 30_000
STEPS = 100
"""Steps of SQLite's machine between two counts."""
FEW = 400
COLUMNS = (
    "lane, kind, action, peer, transaction_id, message_id, url, digest, order_ref, state, created_at, due_at, "
    "give_up_at, attempts"
)
NUMBERS = {
    "sqlite": "WITH RECURSIVE many(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM many WHERE n < {count})",
    "postgresql": "WITH many(n) AS (SELECT generate_series(1, {count}))",
}


def micros(moment):
    return UtcMicros().process_bind_param(moment, sqlite.dialect())


def a_backlog(url, *, count=BACKLOG, lanes=BACKLOG):
    """Callbacks of one peer, spread over lanes, all past their moment."""
    numbers = NUMBERS[make_url(url).get_backend_name()].format(count=count)
    lane = f"'dead.example' || 'T' || (n % {lanes})"
    values = f"{lane}, 'state', 'on_status', 'dead.example', 'T', 'M', 'https://dead.example', 'digest', '', 'pending'"
    moments = f"{micros(NOW)} - 1, {micros(NOW)} - {count} + n, {micros(after(days=2))}, 0"
    return f"INSERT INTO outbox ({COLUMNS}) {numbers} SELECT {values}, {moments} FROM many"  # noqa: S608


A_CLAIM = {"now": NOW, "until": NOW, "limit": 8, "busy": [], "mine": []}
"""Its lease ends at once, so that the next claims the same."""


async def execute(url, *statements):
    engine = probe_engine(url)
    async with engine.begin() as connection:
        for one in statements:
            await connection.execute(text(one))
    await engine.dispose()


async def effort(url, statement, values):
    """How much a statement looks at: pages on PostgreSQL, hundreds of steps on SQLite."""
    file = database_file(url)
    if file is None:
        raw = await asyncpg.connect(make_url(url).set(drivername="postgresql").render_as_string(hide_password=False))
        one = statement.on("postgresql")
        await raw.execute("VACUUM ANALYZE outbox, peers")  # as the server does by itself
        plan = json.loads(
            await raw.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {one.sql}", *one.arguments(values))
        )
        await raw.close()
        return plan[0]["Plan"]["Shared Hit Blocks"] + plan[0]["Plan"]["Shared Read Blocks"]
    raw, steps = sqlite3.connect(file, isolation_level=None), 0

    def step():
        nonlocal steps
        steps += 1
        return 0

    raw.set_progress_handler(step, STEPS)
    one = statement.on("sqlite")
    raw.execute(one.sql, one.arguments(values)).fetchall()
    raw.close()
    return steps


async def test_each_claimed_callback_has_its_own_body(storage):
    bodies = {
        await enqueue(storage, transaction_id=f"T{n}", body=f"body {n}".encode()): f"body {n}".encode()
        for n in range(5)
    }

    assert {one.seq: one.body for one in await claim(storage)} == bodies


async def test_what_waits_for_a_peer_that_rests_costs_the_others_nothing(storage, database):
    for n in range(40):
        await enqueue(storage, peer=f"live-{n % 5}.example", transaction_id=f"T{n}")
    await storage.run(lambda work: work.outbox.peer_failed("dead.example", NOW, after(minutes=5)))
    await execute(database, a_backlog(database))

    assert await effort(database, CLAIM_DUE, A_CLAIM) < FEW
    assert await effort(database, NEXT_DUE, {"now": NOW}) < FEW


async def test_what_waits_behind_callbacks_that_are_tried_again_costs_the_others_nothing(storage, database):
    lanes = 100
    await execute(database, a_backlog(database, count=50 * lanes, lanes=lanes))
    for one in await claim(storage, limit=lanes):
        await settle(storage, one.seq, "pending", after(hours=1))
    await enqueue(storage)

    assert await effort(database, CLAIM_DUE, A_CLAIM) < FEW


async def test_others_are_served_while_a_peer_rests_and_it_is_served_again_when_it_has_rested(storage):
    dead = [await enqueue(storage, peer="dead.example", transaction_id=f"T{n}") for n in range(20)]
    live = [await enqueue(storage, transaction_id=f"T{n}") for n in range(3)]
    await storage.run(lambda work: work.outbox.peer_failed("dead.example", NOW, after(minutes=5)))

    assert await claimed(storage, limit=8) == live
    assert await storage.read(lambda work: work.outbox.next_due(NOW)) == after(minutes=5)
    assert await claimed(storage, after(minutes=5), limit=len(dead) + len(live)) == [*dead, *live]


async def test_the_oldest_of_all_peers_go_first(storage):
    seqs = [
        await enqueue(storage, peer=f"peer-{n % 3}.example", transaction_id=f"T{n}", due_at=NOW - timedelta(seconds=n))
        for n in range(9)
    ]

    assert await claimed(storage, limit=4) == seqs[-4:]


async def test_a_peer_that_is_busy_is_left_out_and_the_others_are_not(storage):
    await enqueue(storage, peer="busy.example")
    other = await enqueue(storage, peer="other.example")

    assert await claimed(storage, busy=["busy.example"]) == [other]


async def test_what_was_put_off_with_the_first_of_its_lane_comes_with_it(storage):
    first, second = await enqueue(storage), await enqueue(storage)
    await claim(storage)
    await settle(storage, first, "pending", after(hours=1))
    later = await enqueue(storage)

    assert await claimed(storage, after(minutes=1)) == []
    await storage.run(lambda work: work.outbox.again(first, after(minutes=1), after(hours=2)))
    assert await claimed(storage, after(minutes=1)) == [first]
    await settle(storage, first, "delivered")
    assert await claimed(storage, after(minutes=1)) == [second]
    await settle(storage, second, "delivered")
    assert await claimed(storage, after(minutes=1)) == [later]
