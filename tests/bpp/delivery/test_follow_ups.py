"""What a delivery causes, and what a timer does: the order, its slot and the buyer app always agree in the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bpp.actions.events import perform
from bpp.core.command import Command
from bpp.orders.otp import token
from bpp.orders.states import Actor, Event, OrderStatus, Stage
from bpp.storage.ports import Timer
from bpp.storage.tables import orders
from bpp.storage.types import encode
from tests.support.bookings import booked, confirm_answered, confirm_key, seed
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.couriers import OTP_SECRET, RULES, delivering, turns, until, worlds_of
from tests.support.order_builders import BAP, a_callback, after
from tests.support.scripted_peer import Answer, ScriptedPeer, nack


@pytest.fixture
async def peer():
    async with ScriptedPeer() as one:
        yield one


@pytest.fixture
def worlds(clock):
    return worlds_of(clock)


@pytest.fixture
async def order(storage, worlds, peer):
    await seed(storage)
    return await booked(storage, worlds, peer.url)


async def current(storage, order):
    return await storage.read(lambda work: work.orders.get(order.ref))


async def do(storage, worlds, order, *events):
    async def unit(work):
        world = await worlds.current(work)
        for event in events:
            fresh = await work.orders.get(order.ref)
            await perform(fresh, Command(event=event, actor=Actor.SELLER, by="test", reason="011"), work, world)

    await storage.run(unit)


async def calls(peer, action, count=1):
    async def look():
        found = [one.json for one in peer.received if one.path == f"/{action}"]
        return found if len(found) >= count else None

    return await until(look)


async def settled(storage):
    async def look():
        return "pending" not in await storage.read(lambda work: work.outbox.counts())

    await until(look)


async def taken(storage, clock):
    span = (NOW, NOW + timedelta(days=2))
    return dict(await storage.read(lambda work: work.slots.taken(["W1"], *span, clock(), "")))


async def timers_left(storage):
    return await storage.read(lambda work: work.timers.next_due())


async def test_an_on_confirm_that_was_taken_acknowledges_the_order(storage, clock, worlds, order, peer):
    await confirm_answered(storage, worlds, order)
    async with delivering(storage, clock):
        await until(lambda: acknowledged(storage, order))

    assert [one.path for one in peer.received] == ["/on_confirm"]
    assert (await current(storage, order)).status is OrderStatus.ACCEPTED


async def acknowledged(storage, order):
    return (await current(storage, order)).acknowledged


async def test_an_on_confirm_that_is_never_taken_cancels_the_order_with_998_and_says_so(
    storage, clock, worlds, order, peer
):
    peer.script = [Answer(status=500)] * 1000
    seq = await confirm_answered(storage, worlds, order)
    async with delivering(storage, clock):
        attempts = 1
        while True:
            one = await recorded(storage, seq, attempts)
            if one.state != "pending":
                break
            clock.set(one.due_at)
            attempts += 1
        assert (one.state, await taken(storage, clock)) == ("given_up", {})
        peer.script = []
        gone = await current(storage, order)
        await told_once(storage, order, "on_cancel")
        clock.tick(hours=1)
        (message,) = await calls(peer, "on_cancel")
        await settled(storage)

    assert clock() > after(minutes=10)
    assert (gone.status, gone.acknowledged) == (OrderStatus.CANCELLED, False)
    assert (gone.cancellation.reason, gone.cancellation.cancelled_by) == ("998", "SELLER")
    said = message["message"]["order"]
    assert (said["status"], said["cancellation"]["reason"]["descriptor"]["code"]) == ("CANCELLED", "998")
    assert said["quote"]["price"]["value"] == "0.00"
    events = await storage.read(lambda work: work.orders.events(order.ref))
    assert [(one.event, one.actor) for one in events][-1] == ("cancel", "system")


async def told_once(storage, order, action):
    """Until a callback was tried and what became of it is recorded: the clock may move then."""

    async def look():
        found = await storage.read(lambda work: work.outbox.of_order(order.ref))
        return any(one.action == action and one.attempts and one.leased_until is None for one in found)

    await until(look)


async def recorded(storage, seq, attempts):
    async def look():
        one = await storage.read(lambda work: work.outbox.get(seq))
        return one if one.attempts == attempts and one.leased_until is None else None

    return await until(look)


async def test_an_on_confirm_that_is_refused_cancels_the_order_and_frees_the_slot(storage, clock, worlds, order, peer):
    peer.script = [nack("23005")]
    assert await taken(storage, clock) != {}
    await confirm_answered(storage, worlds, order)
    async with delivering(storage, clock):
        (message,) = await calls(peer, "on_cancel")
        await settled(storage)

    assert message["context"]["message_id"] != "M-confirm"
    assert (await current(storage, order)).cancellation.reason == "998"
    assert await taken(storage, clock) == {}


async def test_an_order_that_was_cancelled_meanwhile_is_not_cancelled_twice(storage, clock, worlds, order, peer):
    peer.script = [nack("23005")]
    await confirm_answered(storage, worlds, order)
    await do(storage, worlds, order, Event.CANCEL)
    before = await current(storage, order)
    async with delivering(storage, clock):
        await settled(storage)

    assert await current(storage, order) == before
    assert [one.path for one in peer.received] == ["/on_confirm", "/on_cancel"]


async def test_an_on_confirm_without_an_order_has_no_consequences(storage, clock, peer, logs):
    peer.script = [nack("30019")]
    refused = a_callback(kind="confirm", action="on_confirm", url=f"{peer.url}/on_confirm", order_ref="R9")
    await storage.run(lambda work: work.outbox.enqueue(refused))
    await storage.run(lambda work: work.outbox.enqueue(replace(refused, order_ref="", transaction_id="T2")))
    async with delivering(storage, clock):
        await settled(storage)

    assert len(peer.received) == 2
    assert [one for one in logs if one["log_level"] == "error"] == []


async def test_another_callback_that_is_refused_changes_nothing(storage, clock, worlds, order, peer):
    peer.script = [nack("23005")]
    await do(storage, worlds, order, Event.DEPART)
    before = await current(storage, order)
    async with delivering(storage, clock):
        await settled(storage)

    assert await current(storage, order) == before


async def test_a_token_that_runs_out_is_followed_by_the_next(storage, clock, worlds, order, peer):
    await do(storage, worlds, order, Event.DEPART, Event.ARRIVE)
    async with delivering(storage, clock):
        await calls(peer, "on_status", 2)
        clock.tick(minutes=5)
        await calls(peer, "on_status", 3)
        clock.tick(minutes=5)
        said = await calls(peer, "on_status", 4)
        await settled(storage)

    shown = [one["message"]["order"]["fulfillments"][0]["stops"][1].get("authorization") for one in said]
    visit = (await current(storage, order)).visit
    assert shown[0] is None  # under way
    assert [one["token"] for one in shown[1:]] == [token(OTP_SECRET, order.ref, visit.id, n) for n in (1, 2, 3)]
    assert shown[2]["valid_from"] == shown[1]["valid_to"]
    assert (visit.otp.serial, visit.otp.tries) == (3, 0)
    assert await timers_left(storage) == clock() + RULES.otp_ttl


async def test_no_token_follows_once_the_job_has_begun(storage, clock, worlds, order, peer):
    await do(storage, worlds, order, Event.DEPART, Event.ARRIVE)
    visit = (await current(storage, order)).visit
    stale = Timer(kind="otp", subject=order.ref, due_at=clock(), serial=visit.otp.serial)

    async def start(work):
        world = await worlds.current(work)
        right = token(OTP_SECRET, order.ref, visit.id, 1)
        fresh = await work.orders.get(order.ref)
        await perform(fresh, Command(event=Event.START, actor=Actor.SELLER, otp=right), work, world)
        await work.timers.set(stale)  # as if it had been claimed at the same moment

    await storage.run(start)
    async with delivering(storage, clock):
        await until(lambda: no_timers(storage))
        await settled(storage)
        clock.tick(minutes=30)
        await turns()

    assert len(peer.received) == 3
    assert (await current(storage, order)).visit.stage is Stage.STARTED


async def no_timers(storage):
    return await timers_left(storage) is None


async def test_a_timer_of_an_order_that_is_not_there_is_taken_away(storage, clock):
    await storage.run(lambda work: work.timers.set(Timer(kind="acceptance", subject="R9", due_at=clock())))
    async with delivering(storage, clock):
        await until(lambda: no_timers(storage))


async def test_a_timer_is_left_alone_before_its_time(storage, clock, order, worlds, peer):
    await do(storage, worlds, order, Event.DEPART, Event.ARRIVE)
    async with delivering(storage, clock):
        await settled(storage)
        clock.tick(minutes=4, seconds=59)
        await turns()

    assert len(peer.received) == 2


async def test_a_provider_who_says_nothing_in_time_has_declined(storage, clock, worlds, peer):
    await seed(storage, acceptance="manual")
    order = await booked(storage, worlds, peer.url)
    assert order.status is OrderStatus.CREATED
    async with delivering(storage, clock):
        clock.tick(seconds=24)
        await turns()
        assert peer.received == []
        clock.tick(seconds=1)
        (message,) = await calls(peer, "on_confirm")
        await settled(storage)

    assert message["context"]["message_id"] == "M-confirm"
    assert message["error"]["code"] == "30019"
    assert message["message"]["order"]["status"] == "CANCELLED"
    gone = await current(storage, order)
    assert (gone.status, gone.visit.stage) == (OrderStatus.CANCELLED, Stage.CANCELLED)
    assert await taken(storage, clock) == {}
    assert await timers_left(storage) is None
    seen = (await storage.read(lambda work: work.messages.arrival(confirm_key()))).seen
    assert seen is not None
    assert seen.callback_seq is not None  # a repeated confirm is answered with the same bytes


async def test_a_provider_who_accepts_in_time_is_not_declined_later(storage, clock, worlds, peer):
    await seed(storage, acceptance="manual")
    order = await booked(storage, worlds, peer.url)
    await do(storage, worlds, order, Event.ACCEPT)
    await storage.run(
        lambda work: work.timers.set(Timer(kind="acceptance", subject=order.ref, due_at=clock()))
    )  # as if it had been claimed at the same moment
    async with delivering(storage, clock):
        await calls(peer, "on_confirm")
        await until(lambda: no_timers(storage))
        await settled(storage)

    assert (await current(storage, order)).status is OrderStatus.ACCEPTED
    assert [one.json.get("error") for one in peer.received] == [None]


async def test_a_timer_that_cannot_be_done_does_not_stop_the_loop_and_is_tried_again(
    storage, clock, worlds, order, peer, logs
):
    await do(storage, worlds, order, Event.DEPART, Event.ARRIVE)
    broken = await current(storage, order)

    async def damage(work):
        await work._connection.execute(orders.update().values(doc="{}"))

    async def repair(work):
        await work._connection.execute(orders.update().values(doc=encode(broken)))

    async with delivering(storage, clock):
        await settled(storage)
        await storage.run(damage)
        clock.tick(minutes=5)

        async def complained():
            return [one for one in logs if one["event"] == "timer_failed"]

        await until(complained)
        await storage.run(repair)
        clock.tick(seconds=60)
        await calls(peer, "on_status", 3)
        await settled(storage)

    assert await storage.read(lambda work: work.outbox.peer_failing_since(BAP)) is None
