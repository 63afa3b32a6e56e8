"""Looking at traffic: newest first, bounded, and found by whichever number somebody has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from bpp.storage.engine import probe_engine
from bpp.storage.ports import Attempt, LogEntry, MessageKey
from bpp.storage.ports_traffic import Failing, SentFilter
from bpp.storage.tables import FAILED
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, a_callback, after

LEASE = timedelta(seconds=60)
OTHER = "other.example.in"


async def sent(storage, state="delivered", *, outcome="acked", at=NOW, **changes):
    """A callback that was tried once, with what became of it; its number."""

    async def unit(work):
        seq = await work.outbox.enqueue(a_callback(**changes))
        await work.outbox.claim(NOW, LEASE, 1, [seq], [], due=False)
        attempt = Attempt(at=at, number=1, outcome=outcome, http_status=200, code="", signature="S")
        await work.outbox.settle(seq, state, None, attempt)
        return seq

    return await storage.run(unit)


def an_entry(**changes):
    values = {
        "at": NOW,
        "direction": "in",
        "peer": BAP,
        "action": "select",
        "transaction_id": "T1",
        "message_id": "M1",
        "body": b"{}",
        "answer": b"{}",
        "http_status": 200,
        "outcome": "ACK",
    }
    return LogEntry(**{**values, **changes})


async def logged(storage, **changes):
    await storage.run(lambda work: work.messages.log(an_entry(**changes)))


async def found(storage, **which):
    return [one.seq for one in await storage.read(lambda work: work.traffic.sent(SentFilter(**which)))]


async def test_callbacks_are_found_by_state_and_peer_newest_first(storage):
    first = await sent(storage, "refused", outcome="nacked", transaction_id="T1")
    second = await sent(storage, "given_up", outcome="timeout", transaction_id="T2")
    third = await sent(storage, "refused", outcome="nacked", transaction_id="T3", peer=OTHER)
    fourth = await sent(storage, transaction_id="T4")

    assert await found(storage) == [fourth, third, second, first]
    assert await found(storage, state="refused") == [third, first]
    assert await found(storage, state="refused", peer=BAP) == [first]
    assert await found(storage, peer=BAP) == [fourth, second, first]
    assert await found(storage, peer=BAP, before=fourth, limit=1) == [second]
    assert await found(storage, peer=BAP, through=1) == [fourth]
    assert await found(storage, state="pending") == []
    assert await storage.read(lambda work: work.traffic.failed(9)) == {"refused": 2, "given_up": 1}
    assert await storage.read(lambda work: work.traffic.failed(1)) == {"refused": 1, "given_up": 1}


async def test_a_callback_is_told_with_its_last_attempt_and_without_its_body(storage):
    seq = await sent(storage, "refused", outcome="nacked")
    waiting = await storage.run(lambda work: work.outbox.enqueue(a_callback(transaction_id="T2")))
    attempt = Attempt(at=after(seconds=9), number=1, outcome="timeout", http_status=None, code="", signature="S")
    await storage.run(lambda work: work.outbox.again(seq, NOW, after(seconds=30)))
    await storage.run(lambda work: work.outbox.claim(NOW, LEASE, 1, [seq], [], due=False))
    await storage.run(lambda work: work.outbox.settle(seq, "given_up", None, attempt))

    one, other = await storage.read(lambda work: work.traffic.sent_of([seq, waiting], []))
    assert (one.state, one.last) == ("given_up", attempt)
    assert (other.state, other.last) == ("pending", None)
    assert not hasattr(one, "body")
    assert await storage.read(lambda work: work.traffic.sent_of([], [])) == []


async def test_how_long_callbacks_took_is_told_of_the_newest_since_a_moment(storage):
    await sent(storage, at=after(seconds=1), transaction_id="T1", created_at=after(minutes=-60))
    await sent(storage, at=after(seconds=2), transaction_id="T2")
    await sent(storage, "refused", outcome="nacked", transaction_id="T3")
    await sent(storage, at=after(seconds=4), transaction_id="T4")

    async def taken(since, most):
        return sorted(await storage.read(lambda work: work.traffic.delivered(since, most)))

    assert await taken(NOW, 100) == [(NOW, after(seconds=2)), (NOW, after(seconds=4))]
    assert await taken(NOW, 1) == [(NOW, after(seconds=4))]
    assert len(await taken(after(minutes=-90), 100)) == 3


async def test_callbacks_that_are_not_looked_at_are_known_also_where_few_of_the_newest_were_taken(storage):
    await sent(storage, created_at=after(minutes=-5), transaction_id="T1")
    await sent(storage, "refused", outcome="nacked", transaction_id="T2")
    await sent(storage, "refused", outcome="nacked", transaction_id="T3")

    async def overlooked(since, most):
        return await storage.read(lambda work: work.traffic.overlooked(since, most))

    assert await overlooked(after(minutes=-10), 2) is True
    assert await overlooked(after(minutes=-1), 2) is False
    assert await overlooked(after(minutes=-10), 3) is False


async def test_peers_are_told_with_what_waits_and_what_they_said(storage):
    await storage.run(lambda work: work.outbox.enqueue(a_callback()))
    await storage.run(lambda work: work.outbox.peer_failed(OTHER, NOW, after(minutes=1)))
    await logged(storage, at=after(seconds=1))
    await logged(storage, at=after(seconds=2))
    await logged(storage, at=after(seconds=3), direction="out", outcome="acked")

    assert await storage.read(lambda work: work.traffic.waiting_for(9)) == {BAP: 1}
    assert await storage.read(lambda work: work.traffic.failing()) == [Failing(OTHER, NOW, after(minutes=1))]
    since, said = await storage.read(lambda work: work.traffic.said(9))
    assert since == after(seconds=1)
    assert {(one.direction, one.outcome): (one.count, one.newest) for one in said} == {
        ("in", "ACK"): (2, after(seconds=2)),
        ("out", "acked"): (1, after(seconds=3)),
    }
    assert (await storage.read(lambda work: work.traffic.said(1)))[0] == after(seconds=3)


async def test_nothing_is_told_of_an_empty_database(storage):
    assert await storage.read(lambda work: work.traffic.said(9)) == (None, [])
    assert await storage.read(lambda work: work.traffic.delivered(NOW, 9)) == []
    assert await storage.read(lambda work: work.traffic.overlooked(NOW, 9)) is False
    assert await found(storage, peer=BAP) == []


async def test_a_transaction_is_found_by_its_id_or_by_one_of_its_newest_messages(storage):
    await logged(storage)
    await logged(storage, peer=OTHER, message_id="M2")
    await logged(storage, transaction_id="T2", message_id="M3")
    key = MessageKey(bap_id=BAP, transaction_id="T1", message_id="M1", action="select")
    await storage.run(lambda work: work.messages.accept(key, "D", NOW, 7))

    async def read(unit):
        return await storage.read(unit)

    assert await read(lambda work: work.traffic.peers_of("T1")) == sorted([BAP, OTHER])
    assert await read(lambda work: work.traffic.peers_of("T9")) == []
    assert await read(lambda work: work.traffic.answers_of(BAP, "T1")) == [7]
    assert await read(lambda work: work.traffic.transactions_of("M3", 9)) == ["T2"]
    assert await read(lambda work: work.traffic.transactions_of("M1", 1)) == []


@pytest.mark.parametrize(
    ("query", "index"),
    [
        ("SELECT * FROM message_log WHERE transaction_id = 'T'", "ix_message_log_traced"),
        ("SELECT * FROM message_log WHERE peer = 'P' AND transaction_id = 'T'", "ix_message_log_traced"),
        ("SELECT * FROM orders WHERE order_id = 'O' ORDER BY created_at DESC", "ix_orders_order_id"),
        (
            "SELECT * FROM outbox WHERE peer = 'P' AND state = 'refused' AND FAILED ORDER BY seq DESC",
            "ix_outbox_failed_peer",
        ),
    ],
)
async def test_what_is_looked_for_by_a_number_has_an_index(sqlite_database, query, index):
    engine = probe_engine(sqlite_database)
    async with engine.connect() as connection:
        plan = (await connection.execute(text("EXPLAIN QUERY PLAN " + query.replace("FAILED", FAILED)))).all()
    await engine.dispose()

    assert index in str(plan)
    assert "SCAN" not in str(plan)
