"""What came in and what was said: each message once, its digest for ever, its body as long as the law allows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.errors import OrderBusy
from bpp.storage.messages import body_digest
from bpp.storage.ports import LogEntry, MessageKey, Seen
from bpp.storage.ports_messages import FIRST_TOLD, LAST_TOLD
from bpp.storage.tables import message_bodies, message_log
from signing.signature import digest
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, after

KEY = MessageKey(bap_id=BAP, transaction_id="T1", message_id="M1", action="select")
BODY = '{"message":"नमस्ते"}'.encode()
ACK = b'{"message":{"ack":{"status":"ACK"}}}'


def an_entry(**changes):
    entry = LogEntry(
        at=NOW,
        direction="in",
        peer=BAP,
        action="select",
        transaction_id="T1",
        message_id="M1",
        body=BODY,
        answer=ACK,
        http_status=200,
        outcome="ACK",
    )
    return replace(entry, **changes)


async def accept(storage, key=KEY, body=BODY, at=NOW):
    await storage.run(lambda work: work.messages.accept(key, body_digest(body), at))


async def log(storage, **changes):
    await storage.run(lambda work: work.messages.log(an_entry(**changes)))


async def seen(storage, key=KEY):
    return (await storage.read(lambda work: work.messages.arrival(key))).seen


async def search_before(storage, **key):
    return (await storage.read(lambda work: work.messages.arrival(replace(KEY, **key)))).search


async def rows(database, *columns):
    engine = create_async_engine(database)
    async with engine.connect() as connection:
        found = (await connection.execute(select(*columns).order_by(columns[0]))).all()
    await engine.dispose()
    return found


async def test_a_message_is_taken_in_once(storage):
    assert await seen(storage) is None
    await accept(storage)
    with pytest.raises(OrderBusy):
        await accept(storage, body=b"another body")
    assert await seen(storage) == Seen(digest=body_digest(BODY), callback_seq=None)


@pytest.mark.parametrize("part", ["bap_id", "transaction_id", "message_id", "action"])
async def test_a_message_differs_from_another_by_each_part_of_its_identity(storage, part):
    await accept(storage)
    other = replace(KEY, **{part: "another"})

    assert await seen(storage, other) is None
    await accept(storage, other)
    assert await seen(storage, other) is not None


async def test_the_callback_that_answers_a_message_is_remembered(storage):
    await accept(storage)
    await storage.run(lambda work: work.messages.answered_by(KEY, 42))

    assert await seen(storage) == Seen(digest=body_digest(BODY), callback_seq=42)


def test_a_body_is_known_by_the_digest_of_the_network():
    assert body_digest(BODY) == digest(BODY)


async def test_the_log_tells_a_transaction_in_order_without_bodies(storage):
    await log(storage)
    await log(storage, direction="out", action="on_select", http_status=None, outcome="timeout", at=after(seconds=1))
    await log(storage, transaction_id="T2")
    await log(storage, peer="other.example.in")
    told = (await storage.read(lambda work: work.messages.of_transaction(BAP, "T1"))).rows

    assert [(one["direction"], one["action"], one["outcome"], one["http_status"]) for one in told] == [
        ("in", "select", "ACK", 200),
        ("out", "on_select", "timeout", None),
    ]
    assert [one["at"] for one in told] == [NOW, after(seconds=1)]
    assert told[0]["body_digest"] == body_digest(BODY)
    assert told[0]["answer_digest"] == body_digest(ACK)
    assert not any(isinstance(value, bytes) for one in told for value in one.values())


async def test_of_very_many_messages_the_first_and_the_last_are_told_and_how_many_stand_between(storage):
    many = FIRST_TOLD + LAST_TOLD
    for number in range(many):
        await log(storage, message_id=f"M{number}")
    whole = await storage.read(lambda work: work.messages.of_transaction(BAP, "T1"))
    for number in range(many, many + 3):
        await log(storage, message_id=f"M{number}")
    told = await storage.read(lambda work: work.messages.of_transaction(BAP, "T1"))

    assert ([one["message_id"] for one in whole.rows], whole.left_out) == ([f"M{one}" for one in range(many)], 0)
    expected = [*range(FIRST_TOLD), *range(FIRST_TOLD + 3, many + 3)]
    assert ([one["message_id"] for one in told.rows], told.left_out) == ([f"M{one}" for one in expected], 3)


async def test_equal_bodies_are_kept_once_and_logged_each_time(storage, database):
    for number in range(3):
        await log(storage, message_id=f"M{number}")

    assert len(await rows(database, message_log.c.seq)) == 3
    kept = [row.body for row in await rows(database, message_bodies.c.digest, message_bodies.c.body)]
    assert kept == [BODY]  # and everybody knows the plain ACK


async def test_a_select_comes_with_the_newest_search_of_its_transaction(storage):
    for number, body in enumerate((b"first", b"second")):
        await accept(storage, replace(KEY, message_id=f"M{number}", action="search"), body, after(seconds=number))
        await log(storage, body=body)
    await accept(storage, KEY, b"a select", after(seconds=3))
    await log(storage, body=b"a select")

    assert await search_before(storage) == b"second"
    assert await search_before(storage, message_id="M9") == b"second"
    assert await search_before(storage, transaction_id="T2") is None
    assert await search_before(storage, bap_id="other.example.org") is None
    assert await search_before(storage, action="init") is None


async def test_an_erased_body_is_gone_and_stays_gone_while_its_digest_stays(storage, database):
    await accept(storage, replace(KEY, action="search"))
    await log(storage)
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        erase = update(message_bodies).where(message_bodies.c.digest == body_digest(BODY))
        await connection.execute(erase.values(body=None, erased_at=after(days=1)))
    await engine.dispose()
    await log(storage, message_id="M2")  # the same bytes once more, as a repetition is

    assert await search_before(storage) is None
    told = (await storage.read(lambda work: work.messages.of_transaction(BAP, "T1"))).rows
    assert [one["body_digest"] for one in told] == [body_digest(BODY)] * 2
