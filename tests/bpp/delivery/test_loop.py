"""The delivery loop over real sockets: at least once, the same bytes, in order, and nobody waits for a stranger."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta

import orjson
import pytest

from bpp.delivery.loop import DeliveryLoop
from bpp.network.transport import Transport
from bpp.storage.connection import DatabaseProblem
from bpp.storage.engine import open_storage
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.signature import check_window, verify
from tests.support.couriers import KEY, KEY_ID, LOOPBACK, OneKey, delivering, turns, until, worlds_of
from tests.support.network import free_port
from tests.support.order_builders import BAP, a_callback, after
from tests.support.scripted_peer import Answer, ScriptedPeer, nack

HELD = Answer(held=True)
SOON = timedelta(milliseconds=150)  # a transport's patience in tests of peers that hang
DAY = timedelta(days=1)


@pytest.fixture
async def peer():
    async with ScriptedPeer() as one:
        yield one


async def enqueue(storage, to, **changes):
    url = to if isinstance(to, str) else to.url
    action = changes.get("action", "on_status")
    given = {"kind": "state", "action": action, "url": f"{url}/{action}", "give_up_at": after(days=1), **changes}
    return await storage.run(lambda work: work.outbox.enqueue(a_callback(**given)))


async def get(storage, seq):
    return await storage.read(lambda work: work.outbox.get(seq))


async def in_state(storage, seq, state="delivered", *, attempts=None):
    async def look():
        one = await get(storage, seq)
        settled = one.state == state and one.leased_until is None
        return one if settled and attempts in (None, one.attempts) else None

    return await until(look)


async def tried(storage, seq):
    return await storage.read(lambda work: work.outbox.attempts(seq))


async def arrived(peer, count=1):
    async def look():
        return len(peer.received) >= count

    await until(look)


async def test_a_callback_is_posted_signed_and_recorded(storage, clock, peer):
    body = orjson.dumps({"context": {"message_id": "M1"}, "message": {"text": "नमस्ते"}})
    seq = await enqueue(storage, peer, body=body)
    async with delivering(storage, clock):
        done = await in_state(storage, seq)

    (request,) = peer.received
    assert (request.path, request.body) == ("/on_status", body)
    assert request.headers["Content-Type"] == "application/json"
    header = SignatureHeader.parse(request.headers["Authorization"])
    verify(header, body, KEY.public_key)
    check_window(header, clock(), timedelta())
    assert header.key_id == KEY_ID
    assert (done.attempts, done.leased_until) == (1, None)
    (attempt,) = await tried(storage, seq)
    assert (attempt.at, attempt.number, attempt.outcome, attempt.http_status) == (clock(), 1, "acked", 200)
    assert attempt.signature == request.headers["Authorization"]
    (entry,) = (await storage.read(lambda work: work.messages.of_transaction(BAP, "T1"))).rows
    assert (entry["direction"], entry["action"], entry["outcome"]) == ("out", "on_status", "acked")


async def test_a_failed_callback_goes_out_again_with_the_same_bytes_and_a_fresh_signature(storage, clock, peer):
    peer.script = [Answer(status=500, body=b"oops")]
    seq = await enqueue(storage, peer)
    async with delivering(storage, clock):
        waiting = await in_state(storage, seq, "pending", attempts=1)
        assert clock() < waiting.due_at <= clock() + timedelta(seconds=30)
        await turns()
        assert len(peer.received) == 1
        clock.set(waiting.due_at)
        await in_state(storage, seq)

    first, second = peer.received
    assert first.body == second.body == waiting.body
    headers = [SignatureHeader.parse(one.headers["Authorization"]) for one in peer.received]
    for header in headers:
        verify(header, waiting.body, KEY.public_key)
    assert headers[0].created < headers[1].created
    assert headers[0].signature != headers[1].signature
    check_window(headers[1], clock(), timedelta())
    with pytest.raises(SignatureError):
        verify(headers[1], waiting.body + b" ", KEY.public_key)
    assert [(one.number, one.http_status) for one in await tried(storage, seq)] == [(1, 500), (2, 200)]


@pytest.mark.parametrize("code", ["23001", "31001"])
async def test_a_nack_that_asks_for_another_try_gets_one(storage, clock, peer, code):
    peer.script = [nack(code)]
    seq = await enqueue(storage, peer)
    async with delivering(storage, clock):
        waiting = await in_state(storage, seq, "pending", attempts=1)
        clock.set(waiting.due_at)
        await in_state(storage, seq)

    assert [one.code for one in await tried(storage, seq)] == [code, ""]


@pytest.mark.parametrize(
    ("answer", "outcome", "code"),
    [(nack("20002"), "nacked", "20002"), (Answer(status=410, body=b""), "answered", "")],
)
async def test_a_refusal_is_final(storage, clock, peer, answer, outcome, code):
    peer.script = [answer]
    seq = await enqueue(storage, peer)
    following = await enqueue(storage, peer)
    async with delivering(storage, clock):
        await in_state(storage, seq, "refused")
        await in_state(storage, following)
        clock.tick(hours=23)
        await in_state(storage, await enqueue(storage, peer))

    assert len(peer.received) == 3
    (attempt,) = await tried(storage, seq)
    assert (attempt.outcome, attempt.code) == (outcome, code)


async def test_a_redirect_is_not_followed(storage, clock, peer):
    async with ScriptedPeer() as elsewhere:
        peer.script = [Answer(status=307, body=b"", headers={"Location": f"{elsewhere.url}/on_status"})]
        seq = await enqueue(storage, peer)
        async with delivering(storage, clock):
            await in_state(storage, seq, "pending", attempts=1)

        assert elsewhere.received == []
    assert [one.http_status for one in await tried(storage, seq)] == [307]


async def test_a_peer_that_does_not_answer_in_time_is_tried_again(storage, clock, peer):
    peer.script = [HELD]
    seq = await enqueue(storage, peer)
    async with delivering(storage, clock, patience=SOON):
        waiting = await in_state(storage, seq, "pending", attempts=1)
        assert await storage.read(lambda work: work.outbox.peer_failing_since(BAP)) == clock()
    peer.let_go()  # it may have timed out before it was there
    clock.set(max(waiting.due_at, clock() + timedelta(seconds=1)))  # the peer rests a second
    async with delivering(storage, clock):  # as patient as ever, for a busy machine
        await in_state(storage, seq)

    assert [one.outcome.partition(":")[0] for one in await tried(storage, seq)] == ["timeout", "acked"]
    assert await storage.read(lambda work: work.outbox.peer_failing_since(BAP)) is None


async def test_a_peer_that_is_down_gets_its_callback_when_it_is_back(storage, clock):
    port = free_port()
    seq = await enqueue(storage, f"http://127.0.0.1:{port}")
    async with delivering(storage, clock):
        await in_state(storage, seq, "pending", attempts=1)
        clock.tick(seconds=30)
        await in_state(storage, seq, "pending", attempts=2)
        async with ScriptedPeer(port=port) as peer:
            clock.tick(seconds=60)
            await in_state(storage, seq)
            assert len(peer.received) == 1

    assert [one.outcome.partition(":")[0] for one in await tried(storage, seq)] == ["connection", "connection", "acked"]


async def test_an_address_that_may_not_be_called_is_given_up_at_once(storage, clock):
    seq = await enqueue(storage, "http://10.0.0.1:80")
    async with delivering(storage, clock):
        await in_state(storage, seq, "given_up")

    assert await storage.read(lambda work: work.outbox.peer_failing_since(BAP)) is None


async def test_a_callback_is_given_up_when_its_window_has_passed(storage, clock, peer):
    peer.script = [Answer(status=500)] * 99
    seq = await enqueue(storage, peer, kind="pre_order", action="on_select", give_up_at=after(seconds=30))
    async with delivering(storage, clock):
        attempts = 1
        while (one := await settled_after(storage, seq, attempts)).state == "pending":
            clock.set(one.due_at)
            attempts += 1

    assert one.state == "given_up"
    assert clock() <= after(seconds=30)
    assert len(peer.received) == attempts > 4


async def settled_after(storage, seq, attempts):
    async def look():
        one = await get(storage, seq)
        return one if one.attempts == attempts and one.leased_until is None else None

    return await until(look)


async def test_a_peer_that_asks_for_time_is_left_alone_for_so_long(storage, clock, peer):
    peer.script = [Answer(status=503, headers={"Retry-After": "120"})]
    seq = await enqueue(storage, peer)
    async with delivering(storage, clock):
        waiting = await in_state(storage, seq, "pending", attempts=1)
        assert waiting.due_at == clock() + timedelta(seconds=120)
        other = await enqueue(storage, peer, transaction_id="T2")
        clock.tick(seconds=119)
        await turns()
        assert len(peer.received) == 1
        clock.tick(seconds=1)
        await in_state(storage, seq)
        await in_state(storage, other)


async def test_a_peer_that_answers_is_well_whatever_it_answers(storage, clock, peer):
    await storage.run(lambda work: work.outbox.peer_failed(BAP, after(days=-1), clock()))
    peer.script = [Answer(status=404)]
    seq = await enqueue(storage, peer)
    async with delivering(storage, clock):
        await in_state(storage, seq, "refused")

    assert await storage.read(lambda work: work.outbox.peer_failing_since(BAP)) is None


async def test_a_transactions_callbacks_arrive_in_their_order(storage, clock, peer):
    peer.script = [Answer(status=500), Answer(), Answer(status=500)]
    seqs = [await enqueue(storage, peer, message_id=f"M{n}", body=f"{n}".encode()) for n in range(4)]
    async with delivering(storage, clock) as loop:
        first = await in_state(storage, seqs[0], "pending", attempts=1)
        other = await enqueue(storage, peer, transaction_id="T2", body=b"other")
        loop.wake()
        await in_state(storage, other)  # another transaction does not wait
        assert [one.body for one in peer.received] == [b"0", b"other"]
        peer.script = [Answer(), Answer(status=500)]
        clock.set(first.due_at)
        second = await in_state(storage, seqs[1], "pending", attempts=1)
        clock.set(second.due_at)
        await in_state(storage, seqs[3])

    assert [one.body for one in peer.received] == [b"0", b"other", b"0", b"1", b"1", b"2", b"3"]


async def test_a_peer_that_hangs_delays_nobody_else(storage, clock, peer):
    async with ScriptedPeer(*[HELD] * 100) as hanging:
        for number in range(30):
            await enqueue(storage, hanging, peer="hanging.example.in", transaction_id=f"H{number}")
        async with delivering(storage, clock, at_once=12, per_peer=4):
            await arrived(hanging, 4)
            mine = [await enqueue(storage, peer, transaction_id=f"T{n}") for n in range(10)]
            for seq in mine:
                await in_state(storage, seq)
            assert 4 <= hanging.at_once < 8
            hanging.let_go()


async def test_a_peer_that_is_dead_delays_nobody_else(storage, clock, peer):
    dead = f"http://127.0.0.1:{free_port()}"
    for number in range(30):
        await enqueue(storage, dead, peer="dead.example.in", transaction_id=f"D{number}")
    mine = [await enqueue(storage, peer, transaction_id=f"T{n}") for n in range(5)]
    async with delivering(storage, clock, at_once=8, per_peer=4):
        for seq in mine:
            await in_state(storage, seq)


async def test_a_released_callback_goes_out_before_its_time_and_an_unreleased_one_waits(storage, clock, peer):
    due = after(milliseconds=250)
    held = await enqueue(storage, peer, transaction_id="T1", due_at=due)
    freed = await enqueue(storage, peer, transaction_id="T2", due_at=due)
    async with delivering(storage, clock) as loop:
        await turns()
        assert peer.received == []
        loop.release(freed)
        await in_state(storage, freed)
        await turns()
        assert len(peer.received) == 1
        clock.set(due)
        await in_state(storage, held)


async def test_many_released_at_once_all_go_out_before_their_time(storage, clock, peer):
    seqs = [await enqueue(storage, peer, transaction_id=f"T{n}", due_at=after(hours=1)) for n in range(20)]
    async with delivering(storage, clock, at_once=4, per_peer=2, idle=timedelta(hours=1)) as loop:
        for seq in seqs:
            loop.release(seq)
        for seq in seqs:
            await in_state(storage, seq)

    assert peer.most_at_once < 4


async def test_a_release_wakes_a_loop_that_sleeps(storage, clock, peer):
    async with delivering(storage, clock, idle=timedelta(hours=1)) as loop:
        seq = await enqueue(storage, peer)
        loop.release(None)
        await in_state(storage, seq)


async def test_two_loops_on_one_database_deliver_each_callback_once(storages, clock, peer):
    one, other = storages(), storages()
    seqs = [await enqueue(one, peer, transaction_id=f"T{n % 10}", body=f"{n}".encode()) for n in range(40)]
    async with delivering(one, clock), delivering(other, clock):
        for seq in seqs:
            await in_state(one, seq)

    assert Counter(request.body for request in peer.received) == {f"{n}".encode(): 1 for n in range(40)}
    for lane in range(10):
        numbers = [int(request.body) for request in peer.received if int(request.body) % 10 == lane]
        assert numbers == sorted(numbers)


async def test_what_a_dead_process_had_under_way_is_sent_again_when_its_lease_ends(storages, clock, peer):
    peer.script = [HELD]
    first = storages()
    seq = await enqueue(first, peer)
    async with Transport(guard=LOOPBACK, clock=clock) as transport:
        loop = DeliveryLoop(
            storage=first,
            transport=transport,
            signer=OneKey(),
            worlds=worlds_of(clock),
            clock=clock,
        )
        process = asyncio.create_task(loop.run())
        await arrived(peer)
        process.cancel()  # it has posted and will never record
        await asyncio.gather(process, return_exceptions=True)
    second = storages()
    async with delivering(second, clock):
        clock.tick(seconds=59)
        await turns()
        assert len(peer.received) == 1
        clock.tick(seconds=1)
        done = await in_state(second, seq)

    assert done.attempts == 2
    assert peer.received[0].body == peer.received[1].body
    assert [one.number for one in await tried(second, seq)] == [2]


async def test_a_delivery_that_could_not_be_recorded_is_repeated_when_its_lease_ends(storage, clock, peer, logs):
    peer.script = [HELD]
    seq = await enqueue(storage, peer)
    failing: list[bool] = []

    for session in storage._database.writers():

        async def fail_once(commit=session.commit):
            if failing:
                failing.clear()
                raise DatabaseProblem(OSError("the disk is full"))
            await commit()

        session.commit = fail_once
    async with delivering(storage, clock):
        await arrived(peer)
        failing.append(True)
        peer.let_go()

        async def seen():
            return [one for one in logs if one["event"] == "delivery_failed"]

        await until(seen)
        assert (await get(storage, seq)).state == "pending"
        clock.tick(seconds=60)
        await in_state(storage, seq)

    assert len(peer.received) == 2


async def test_stopping_finishes_what_is_under_way_and_begins_nothing(storage, clock, peer):
    peer.script = [HELD]
    seq = await enqueue(storage, peer)
    following = await enqueue(storage, peer)
    async with delivering(storage, clock, idle=timedelta(hours=1)) as loop:
        await arrived(peer)
        loop.stop()
        peer.let_go()

    assert (await get(storage, seq)).state == "delivered"
    assert (await get(storage, following)).state == "pending"
    assert len(peer.received) == 1


async def test_a_stopped_loop_ends_at_once_though_it_sleeps(storage, clock):
    async with delivering(storage, clock, idle=timedelta(hours=1)) as loop:
        await turns(2)
        loop.stop()


async def test_a_loop_outlives_a_database_that_is_away_for_a_while(postgres, postgres_template, clock, peer, logs):
    url = postgres.create(postgres_template)
    storage = open_storage(url)
    async with delivering(storage, clock):
        await turns(3)
        postgres.drop(url)

        async def complained():
            return [one for one in logs if one["event"] == "delivery_turn_failed"]

        await until(complained)
        assert postgres.create(postgres_template) != url
    await storage.close()


class Tardy:
    """A storage whose answer to a claim takes so many seconds, once: as from a database that hung."""

    def __init__(self, storage, clock, seconds):
        self._storage = storage
        self._clock = clock
        self._seconds = seconds
        self.hung = False

    def __getattr__(self, name):
        return getattr(self._storage, name)

    async def run(self, unit):
        found = await self._storage.run(unit)
        if isinstance(found, list) and found and not self.hung:
            self.hung = True
            self._clock.tick(seconds=self._seconds)
        return found


@pytest.mark.parametrize("seconds", [41, 59, 120], ids=["too_late_for_a_post", "nearly_over", "over"])
async def test_a_callback_whose_claim_was_answered_when_its_lease_was_over_is_claimed_anew_before_it_is_posted(
    storage, clock, peer, seconds
):
    seq = await enqueue(storage, peer)
    tardy = Tardy(storage, clock, seconds)
    async with delivering(tardy, clock, lease=timedelta(seconds=60)):

        async def hung():
            return tardy.hung

        await until(hung)
        if seconds < 60:  # else another claim may be under way already, whose lease must not end as well
            await turns()
            clock.tick(seconds=60)
        done = await in_state(storage, seq)

    assert len(peer.received) == 1
    assert done.attempts == 2
    assert [one.number for one in await tried(storage, seq)] == [2]
