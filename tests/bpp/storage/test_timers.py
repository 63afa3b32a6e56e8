"""Durable timers and idempotency keys."""

from __future__ import annotations

from datetime import timedelta

from bpp.storage.ports import Timer
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import after

LEASE = timedelta(seconds=60)


def a_timer(subject="R1", kind="otp", due_at=NOW, serial=1):
    return Timer(kind=kind, subject=subject, due_at=due_at, serial=serial)


async def set_(storage, *timers):
    for timer in timers:
        await storage.run(lambda work, timer=timer: work.timers.set(timer))


async def claim(storage, now=NOW, limit=20):
    return await storage.run(lambda work: work.timers.claim(now, LEASE, limit))


async def next_due(storage):
    return await storage.read(lambda work: work.timers.next_due())


async def test_a_timer_is_claimed_once_when_it_is_due_and_again_when_the_lease_ends(storage):
    timer = a_timer(due_at=after(minutes=5), serial=7)
    await set_(storage, timer)

    assert await claim(storage, after(minutes=5) - timedelta(microseconds=1)) == []
    assert await claim(storage, after(minutes=5)) == [timer]
    assert await claim(storage, after(minutes=5)) == []
    assert await claim(storage, after(minutes=6)) == [timer]


async def test_a_timer_set_again_takes_the_place_of_the_one_before(storage):
    await set_(storage, a_timer(serial=1))
    await claim(storage)
    renewed = a_timer(due_at=after(seconds=1), serial=2)
    await set_(storage, renewed)

    assert await next_due(storage) == after(seconds=1)
    assert await claim(storage, after(seconds=1)) == [renewed]  # its lease is its own


async def test_timers_of_one_subject_are_kept_by_kind_and_taken_away_one_by_one(storage):
    otp, acceptance = a_timer(), a_timer(kind="acceptance", due_at=after(seconds=1), serial=0)
    await set_(storage, otp, acceptance)
    await storage.run(lambda work: work.timers.cancel("otp", "R1"))
    await storage.run(lambda work: work.timers.cancel("otp", "R9"))

    assert await claim(storage, after(seconds=1)) == [acceptance]


async def test_the_longest_due_are_claimed_first(storage):
    timers = [a_timer(f"R{n}", due_at=after(seconds=-n)) for n in range(4)]
    await set_(storage, *timers)

    assert {one.subject for one in await claim(storage, limit=2)} == {"R3", "R2"}
    assert {one.subject for one in await claim(storage, limit=2)} == {"R1", "R0"}


async def test_the_next_moment_is_that_of_the_first_timer(storage):
    assert await next_due(storage) is None
    await set_(storage, a_timer("R1", due_at=after(minutes=2)), a_timer("R2", due_at=after(minutes=1)))
    assert await next_due(storage) == after(minutes=1)


async def test_an_idempotency_key_keeps_its_answer_until_it_expires(storage):
    async def remember(key, digest, status, expires_at, now=NOW):
        await storage.run(lambda work: work.keys.remember(key, digest, status, b"body", expires_at, now=now))

    async def answer(key, now=NOW):
        return await storage.run(lambda work: work.keys.answer(key, now))

    assert await answer("K1") is None
    await remember("K1", "digest", 409, after(days=1))
    assert await answer("K1") == ("digest", 409, b"body")
    assert await answer("K2") is None
    assert await answer("K1", after(days=1)) is None
    await remember("K1", "another", 200, after(days=2))
    assert await answer("K1", after(days=1)) == ("another", 200, b"body")


async def test_what_has_expired_goes_when_the_next_key_is_kept(storage):
    async def keys():
        return [await storage.run(lambda work, key=key: work.keys.answer(key, NOW)) for key in ("K1", "K2")]

    for key, expires_at, now in (("K1", after(days=1), NOW), ("K2", after(days=9), after(days=2))):
        await storage.run(
            lambda work, key=key, end=expires_at, now=now: work.keys.remember(key, "d", 200, b"", end, now=now)
        )

    assert [found is not None for found in await keys()] == [False, True]


async def test_a_timer_that_is_out_of_date_does_not_take_the_newer_one_with_it(storage):
    await set_(storage, a_timer("R1", due_at=after(minutes=5), serial=2))
    await storage.run(lambda work: work.timers.cancel("otp", "R1", 1))
    assert await next_due(storage) == after(minutes=5)

    await storage.run(lambda work: work.timers.cancel("otp", "R1", 2))
    assert await next_due(storage) is None


async def test_it_is_known_when_the_timers_of_some_subjects_are_due(storage):
    await set_(storage, a_timer("R1", due_at=after(minutes=5)))
    await set_(storage, a_timer("R2", due_at=after(minutes=6)))

    found = await storage.read(lambda work: work.timers.due("otp", ["R2", "R3"]))

    assert found == {"R2": after(minutes=6)}
    assert await storage.read(lambda work: work.timers.due("late", ["R2"])) == {}


async def test_our_own_secret_is_made_once_and_stays(storage, storages):
    first = await storage.run(lambda work: work.keys.secret("tokens"))
    again = await storages().run(lambda work: work.keys.secret("tokens"))
    another = await storage.run(lambda work: work.keys.secret("something else"))

    assert first == again
    assert len(first) == 32
    assert another != first
