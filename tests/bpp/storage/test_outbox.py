"""The outbox: what is due is leased once, in the order of its lane, and kept byte for byte."""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.messages import body_digest
from bpp.storage.ports import Attempt, MessageKey
from bpp.storage.tables import message_bodies
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import BAP, a_callback, after

LEASE = timedelta(seconds=60)


async def enqueue(storage, **changes):
    return await storage.run(lambda work: work.outbox.enqueue(a_callback(**changes)))


async def claim(storage, now=NOW, *, limit=100, released=(), busy=()):
    return await storage.run(lambda work: work.outbox.claim(now, LEASE, limit, released, busy))


async def claimed(storage, now=NOW, **how):
    return [one.seq for one in await claim(storage, now, **how)]


def an_attempt(number=1, at=NOW, outcome="acked", status=200, code=""):
    return Attempt(
        at=at, number=number, outcome=outcome, http_status=status, code=code, signature=f"Signature {number}"
    )


async def settle(storage, seq, state, due_at=None, **attempt):
    await storage.run(lambda work: work.outbox.settle(seq, state, due_at, an_attempt(**attempt)))


async def get(storage, seq):
    return await storage.read(lambda work: work.outbox.get(seq))


async def test_a_callback_is_kept_as_it_was_given(storage):
    body = bytes(range(256))
    given = a_callback(body=body, digest=body_digest(body), message_id="संदेश", due_at=after(microseconds=1))
    seq = await storage.run(lambda work: work.outbox.enqueue(given))
    kept = asdict(await get(storage, seq))

    assert {name: kept.pop(name) for name in asdict(given)} == asdict(given)
    assert kept == {"seq": seq, "state": "pending", "attempts": 0, "leased_until": None}
    assert await get(storage, seq + 1) is None


async def test_numbers_rise_and_are_never_given_again(storage):
    seqs = [await enqueue(storage, transaction_id=f"T{n}") for n in range(5)]

    assert seqs == sorted(set(seqs))


async def test_what_is_due_is_claimed_once_until_its_lease_ends(storage):
    seq = await enqueue(storage)
    (one,) = await claim(storage)

    assert (one.seq, one.attempts, one.leased_until) == (seq, 1, NOW + LEASE)
    assert await claim(storage, NOW + LEASE - timedelta(microseconds=1)) == []
    (again,) = await claim(storage, NOW + LEASE)
    assert (again.seq, again.attempts, again.body) == (seq, 2, one.body)


async def test_each_of_many_is_claimed_with_its_own_body(storage):
    bodies = {await enqueue(storage, transaction_id=f"T{n}", body=f"body {n}".encode()): f"body {n}" for n in range(5)}

    assert {one.seq: one.body.decode() for one in await claim(storage)} == bodies


async def test_nothing_is_claimed_before_it_is_due(storage):
    seq = await enqueue(storage, due_at=after(milliseconds=250))

    assert await claimed(storage, after(milliseconds=249)) == []
    assert await claimed(storage, after(milliseconds=250)) == [seq]
    assert await claimed(storage, after(hours=1)) == [seq]  # the lease has ended


async def test_a_released_callback_goes_out_before_it_is_due_and_no_other_does(storage):
    due = after(milliseconds=250)
    first = await enqueue(storage, transaction_id="T1", due_at=due)
    second = await enqueue(storage, transaction_id="T2", due_at=due)

    assert await claimed(storage, released=[second, 10**6]) == [second]
    assert await claimed(storage, released=[second]) == []
    assert await claimed(storage, due) == [first]


async def test_of_a_lane_only_the_first_is_claimed(storage):
    lane = [await enqueue(storage, message_id=f"M{n}") for n in range(3)]
    order = []
    while found := await claimed(storage):
        order += found
        assert await claimed(storage) == []  # one in flight
        await settle(storage, found[0], "delivered")

    assert order == lane


async def test_a_release_does_not_let_a_callback_overtake_its_lane(storage):
    first = await enqueue(storage, due_at=after(seconds=1))
    second = await enqueue(storage, due_at=after(seconds=1))

    assert await claimed(storage, released=[second]) == []
    assert await claimed(storage, released=[first, second]) == [first]


async def test_a_retry_keeps_its_lane_waiting_and_only_its_lane(storage):
    first = await enqueue(storage)
    second = await enqueue(storage)
    elsewhere = await enqueue(storage, transaction_id="T2")

    assert await claimed(storage) == [first, elsewhere]
    await settle(storage, first, "pending", after(seconds=30))
    assert await claimed(storage, after(seconds=29)) == []
    assert await claimed(storage, after(seconds=30)) == [first]
    await settle(storage, first, "delivered", number=2)
    assert await claimed(storage, after(seconds=30)) == [second]


async def test_what_stands_beside_its_lane_waits_for_nobody_in_it_and_nobody_waits_for_it(storage):
    first = await enqueue(storage, kind="confirm", action="on_confirm")
    beside = [await enqueue(storage, kind="poll", action="on_status", beside=True) for _ in range(2)]
    behind = await enqueue(storage, kind="poll", action="on_status")

    assert await claimed(storage) == [first, beside[0]]
    await settle(storage, first, "delivered")
    assert await claimed(storage) == [behind]
    await settle(storage, beside[0], "delivered")
    assert await claimed(storage) == [beside[1]]  # among themselves they keep their order
    assert (await get(storage, beside[1])).beside
    assert not (await get(storage, behind)).beside


async def test_the_same_transaction_id_of_another_peer_is_another_lane(storage):
    ours = await enqueue(storage)
    theirs = await enqueue(storage, peer="other.example.in")

    assert await claimed(storage) == [ours, theirs]


@pytest.mark.parametrize("state", ["delivered", "refused", "given_up"])
async def test_what_is_over_does_not_block_its_lane(storage, state):
    first, second = await enqueue(storage), await enqueue(storage)
    await claim(storage)
    await settle(storage, first, state)

    assert await claimed(storage, after(hours=1)) == [second]
    assert (await get(storage, first)).state == state


async def test_the_longest_due_are_claimed_first_up_to_the_limit(storage):
    late = await enqueue(storage, transaction_id="T1", due_at=after(seconds=2))
    soon = await enqueue(storage, transaction_id="T2", due_at=after(seconds=1))
    soonest = await enqueue(storage, transaction_id="T3", due_at=NOW)

    assert await claimed(storage, after(seconds=3), limit=2) == sorted([soonest, soon])
    assert await claimed(storage, after(seconds=3), limit=2) == [late]


async def test_what_waits_for_a_busy_peer_is_left(storage):
    busy = await enqueue(storage)
    free = await enqueue(storage, peer="other.example.in")

    assert await claimed(storage, busy=[BAP, "nobody.example.in"]) == [free]
    assert await claimed(storage) == [busy]


async def test_a_peer_that_failed_rests_until_its_time_or_until_it_is_well(storage):
    first = await enqueue(storage)
    other = await enqueue(storage, peer="other.example.in")
    await storage.run(lambda work: work.outbox.peer_failed(BAP, NOW, after(seconds=10)))

    assert await claimed(storage) == [other]
    assert await claimed(storage, after(seconds=10)) == [first]
    await settle(storage, first, "pending", after(seconds=11))
    await storage.run(lambda work: work.outbox.peer_failed(BAP, after(seconds=11), after(minutes=5)))
    assert await claimed(storage, after(seconds=12)) == []
    await storage.run(lambda work: work.outbox.peer_well(BAP))
    assert await claimed(storage, after(seconds=12)) == [first]


async def test_a_message_and_an_attempt_are_told_whether_the_peer_fails(storage):
    key = MessageKey(bap_id=BAP, transaction_id="T1", message_id="M1", action="status")

    async def told():
        seq = await enqueue(storage)
        attempt = an_attempt()
        settled = await storage.run(lambda work: work.outbox.settle(seq, "delivered", None, attempt))
        return (await storage.read(lambda work: work.messages.arrival(key))).failing, settled.failing

    await storage.run(lambda work: work.outbox.peer_failed("other.example.in", NOW, after(seconds=1)))
    assert await told() == (False, False)
    await storage.run(lambda work: work.outbox.peer_failed(BAP, NOW, after(seconds=1)))
    assert await told() == (True, True)
    await storage.run(lambda work: work.outbox.peer_well(BAP))
    assert await told() == (False, False)


async def test_a_peer_fails_since_its_first_failure(storage):
    async def since():
        return await storage.read(lambda work: work.outbox.peer_failing_since(BAP))

    assert await since() is None
    await storage.run(lambda work: work.outbox.peer_failed(BAP, NOW, after(seconds=1)))
    await storage.run(lambda work: work.outbox.peer_failed(BAP, after(seconds=1), after(seconds=3)))
    assert await since() == NOW
    await storage.run(lambda work: work.outbox.peer_well(BAP))
    assert await since() is None


async def test_a_newer_answer_to_a_poll_replaces_one_that_waits_for_its_next_try(storage):
    poll = {"kind": "poll", "action": "on_status"}
    first = await enqueue(storage, **poll)
    await claim(storage)
    await settle(storage, first, "pending", after(seconds=5))
    second = await enqueue(storage, **poll, created_at=after(seconds=1))

    assert (await get(storage, first)).state == "superseded"
    assert await claimed(storage, after(seconds=5)) == [second]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"kind": "state", "action": "on_status"}, {"kind": "poll", "action": "on_status"}),
        ({"kind": "poll", "action": "on_status"}, {"kind": "state", "action": "on_status"}),
        ({"kind": "poll", "action": "on_status"}, {"kind": "poll", "action": "on_track"}),
        ({"kind": "poll", "action": "on_status"}, {"kind": "poll", "action": "on_status", "transaction_id": "T2"}),
        ({"kind": "poll", "action": "on_status"}, {"kind": "poll", "action": "on_status", "peer": "other.example.in"}),
    ],
)
async def test_nothing_else_is_ever_replaced(storage, first, second):
    one = await enqueue(storage, **first)
    await claim(storage)
    await settle(storage, one, "pending", after(seconds=5))
    await enqueue(storage, **second, created_at=after(seconds=1))

    assert (await get(storage, one)).state == "pending"


@pytest.mark.parametrize("in_flight", [False, True])
async def test_a_poll_never_tried_or_under_way_is_not_replaced(storage, in_flight):
    poll = {"kind": "poll", "action": "on_status"}
    first = await enqueue(storage, **poll)
    if in_flight:
        await claim(storage)
    await enqueue(storage, **poll)

    assert (await get(storage, first)).state == "pending"


@pytest.mark.parametrize("state", ["delivered", "refused", "given_up", "pending"])
async def test_a_callback_becomes_due_again_byte_for_byte(storage, state):
    seq = await enqueue(storage, body=b"exactly these")
    (before,) = await claim(storage)
    await settle(storage, seq, state, after(hours=1) if state == "pending" else None)
    await storage.run(lambda work: work.outbox.again(seq, after(minutes=1), after(minutes=2)))
    kept = await get(storage, seq)

    assert (kept.state, kept.attempts, kept.due_at, kept.give_up_at) == (
        "pending",
        0,
        after(minutes=1),
        after(minutes=2),
    )
    (again,) = await claim(storage, after(minutes=1))
    assert (again.body, again.message_id, again.url) == (before.body, before.message_id, before.url)


async def test_a_callback_under_way_is_not_made_due_again(storage):
    seq = await enqueue(storage)
    (under_way,) = await claim(storage)
    await storage.run(lambda work: work.outbox.again(seq, after(seconds=1), after(minutes=9)))

    assert await get(storage, seq) == under_way


async def test_every_attempt_is_kept_in_order(storage):
    seq = await enqueue(storage)
    for number, status in enumerate((500, 503, 200), start=1):
        now = after(minutes=2 * number)
        await claim(storage, now)
        state = "delivered" if status == 200 else "pending"
        await settle(storage, seq, state, now, number=number, at=now, outcome="answered", status=status)
    tries = await storage.read(lambda work: work.outbox.attempts(seq))

    assert [(one.number, one.http_status, one.signature) for one in tries] == [
        (1, 500, "Signature 1"),
        (2, 503, "Signature 2"),
        (3, 200, "Signature 3"),
    ]
    assert [one.at for one in tries] == [after(minutes=2), after(minutes=4), after(minutes=6)]


async def test_an_attempt_told_twice_is_kept_once(storage):
    seq = await enqueue(storage)
    await claim(storage)
    await settle(storage, seq, "delivered")
    await settle(storage, seq, "delivered")

    assert len(await storage.read(lambda work: work.outbox.attempts(seq))) == 1


async def test_an_attempt_whose_lease_ran_out_does_not_undo_the_one_after_it(storage):
    seq = await enqueue(storage)
    await claim(storage)
    await claim(storage, NOW + LEASE)  # another process has taken it over
    held = await get(storage, seq)
    await settle(storage, seq, "pending", after(seconds=61), number=1)
    assert await get(storage, seq) == held  # still leased: nobody else sends it a third time
    await settle(storage, seq, "delivered", number=2)
    await settle(storage, seq, "given_up", number=1, at=after(seconds=62))

    assert (await get(storage, seq)).state == "delivered"
    assert len(await storage.read(lambda work: work.outbox.attempts(seq))) == 3


async def test_a_late_attempt_may_still_tell_that_it_was_delivered(storage):
    seq = await enqueue(storage)
    await claim(storage)
    await claim(storage, NOW + LEASE)
    await settle(storage, seq, "delivered", number=1)
    await settle(storage, seq, "pending", after(minutes=5), number=2)

    assert (await get(storage, seq)).state == "delivered"
    assert await claimed(storage, after(hours=1)) == []


async def test_the_next_due_moment_is_that_of_what_waits_and_is_not_leased(storage):
    async def next_due(now=NOW):
        return await storage.read(lambda work: work.outbox.next_due(now))

    assert await next_due() is None
    await enqueue(storage, transaction_id="T1")
    await enqueue(storage, transaction_id="T2", due_at=after(seconds=7))
    assert await next_due() == NOW
    await claim(storage)
    assert await next_due() == after(seconds=7)
    assert await next_due(NOW + LEASE) == NOW


async def test_callbacks_are_listed_newest_first_and_counted_by_state(storage):
    seqs = [await enqueue(storage, transaction_id=f"T{n}") for n in range(5)]
    await claim(storage, limit=2)
    await settle(storage, seqs[0], "refused")

    async def listed(state=None, after_seq=None, limit=50):
        return [one.seq for one in await storage.read(lambda work: work.outbox.find(state, after_seq, limit))]

    assert await listed() == seqs[::-1]
    assert await listed(limit=2) == [seqs[4], seqs[3]]
    assert await listed(after_seq=seqs[3], limit=2) == [seqs[2], seqs[1]]
    assert await listed("refused") == [seqs[0]]
    assert await listed("delivered") == []
    assert await storage.read(lambda work: work.outbox.counts()) == {"pending": 4, "refused": 1}


async def test_callbacks_with_equal_bodies_keep_them_together_and_each_goes_out(storage):
    seqs = [await enqueue(storage, transaction_id=f"T{n}", body=b"the same") for n in range(3)]
    found = await claim(storage)

    assert [one.seq for one in found] == seqs
    assert {one.body for one in found} == {b"the same"}


async def test_an_attempt_that_was_overtaken_is_told_that_nothing_follows_from_it(storage):
    seq = await enqueue(storage)
    await claim(storage)
    await claim(storage, after(minutes=2))

    async def tell(state, number):
        return await storage.run(lambda work: work.outbox.settle(seq, state, None, an_attempt(number)))

    assert not await tell("refused", 1)
    assert (await get(storage, seq)).state == "pending"
    assert await tell("delivered", 2)


async def test_what_followed_an_on_confirm_is_told_again_after_it(storage):
    confirm = await enqueue(storage, kind="confirm", action="on_confirm", order_ref="R1")
    cancel = await enqueue(storage, kind="state", action="on_cancel", order_ref="R1")
    poll = await enqueue(storage, kind="poll", action="on_status", order_ref="R1")
    other = await enqueue(storage, kind="state", action="on_cancel", order_ref="R2", transaction_id="T2")
    for seq in (confirm, cancel, poll, other):
        await settle(storage, seq, "delivered")

    again = await storage.run(lambda work: work.outbox.again(confirm, NOW, after(minutes=10)))

    assert again
    assert [(await get(storage, seq)).state for seq in (confirm, cancel, poll, other)] == [
        "pending",
        "pending",
        "delivered",
        "delivered",
    ]
    assert await claimed(storage) == [confirm]


async def test_what_stood_beside_the_lane_is_not_told_again_after_an_on_confirm(storage):
    state = {"kind": "state", "order_ref": "R1"}
    confirm = await enqueue(storage, kind="confirm", action="on_confirm", order_ref="R1")
    beside = await enqueue(storage, action="on_cancel", beside=True, **state)
    cancel = await enqueue(storage, action="on_cancel", **state)
    for seq in (confirm, beside, cancel):
        await settle(storage, seq, "delivered")

    await storage.run(lambda work: work.outbox.again(confirm, NOW, after(minutes=10)))

    assert [(await get(storage, seq)).state for seq in (confirm, beside, cancel)] == ["pending", "delivered", "pending"]


async def test_a_callback_whose_body_was_erased_is_not_made_due_again(storage, database):
    seq = await enqueue(storage)
    await settle(storage, seq, "delivered")
    engine = create_async_engine(database)
    async with engine.begin() as connection:
        await connection.execute(update(message_bodies).values(body=None))
    await engine.dispose()

    assert not await storage.run(lambda work: work.outbox.again(seq, NOW, after(minutes=10)))
    assert (await get(storage, seq)).state == "delivered"


async def retrying(storage, order_ref="R1", action="on_confirm"):
    return await storage.read(lambda work: work.outbox.retrying(order_ref, action))


async def test_a_callback_is_retried_from_its_first_vain_attempt_until_its_end(storage):
    seq = await enqueue(storage, order_ref="R1", action="on_confirm", kind="confirm")
    seen = [await retrying(storage)]  # waits for its first attempt
    assert await claimed(storage) == [seq]
    seen.append(await retrying(storage))  # under way for the first time
    await settle(storage, seq, "pending", after(seconds=5), outcome="timeout", status=None)
    seen.append(await retrying(storage))  # waits for the second
    assert await claimed(storage, after(seconds=5)) == [seq]
    seen.append(await retrying(storage))  # under way again
    await settle(storage, seq, "delivered", number=2)
    seen.append(await retrying(storage))

    assert seen == [False, False, True, True, False]


@pytest.mark.parametrize("end", ["delivered", "refused", "given_up"])
async def test_what_has_ended_is_not_retried(storage, end):
    seq = await enqueue(storage, order_ref="R1", action="on_confirm", kind="confirm")
    await claim(storage)
    await settle(storage, seq, end)

    assert not await retrying(storage)


async def test_only_the_action_and_the_order_asked_about_count(storage):
    seq = await enqueue(storage, order_ref="R1", action="on_confirm", kind="confirm")
    await claim(storage)
    await settle(storage, seq, "pending", after(seconds=5))

    assert await retrying(storage)
    assert not await retrying(storage, action="on_status")
    assert not await retrying(storage, "R2")


async def test_what_waits_for_its_next_try_is_counted_and_not_overdue(storage):
    async def waiting(now):
        found = await storage.read(lambda work: work.figures.waiting(now, 10))
        return {resting: (one.count, one.due_since) for resting, one in found.items()}

    tried = await enqueue(storage)
    await claim(storage)
    await settle(storage, tried, "pending", after(hours=1))
    assert await waiting(after(minutes=30)) == {False: (1, after(hours=1))}
    await enqueue(storage, peer="other.example.in", due_at=after(minutes=5))
    assert await waiting(after(minutes=30)) == {False: (2, after(minutes=5))}
