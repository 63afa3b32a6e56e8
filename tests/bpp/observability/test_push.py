"""Everything is told once, in order, whatever the endpoint does and whoever dies meanwhile."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial

import pytest

from bpp.metrics import Metrics
from bpp.observability.policy import HELD_UP
from bpp.storage.ports_observability import Cursor
from tests.support.callback_builders import VALID
from tests.support.couriers import turns, until
from tests.support.observatory import (
    Answer,
    Observatory,
    a_pusher,
    figures,
    log_all,
    logged,
    pushing,
    seq_of,
)
from tests.support.request_builders import REQUESTS

HOUR = timedelta(hours=1)


@pytest.fixture
async def observatory():
    async with Observatory() as one:
        yield one


def conversation(number, clock):
    """Four messages of a transaction: eight entries."""
    names = {"transaction_id": f"T{number}", "message_id": f"M{number}"}
    documents = (REQUESTS["select"], VALID["on_select"](), REQUESTS["init"], VALID["on_init"]())
    return [logged({**one, "context": one["context"] | names}, clock) for one in documents]


async def fill(storage, clock, transactions):
    for number in range(transactions):
        await log_all(storage, *conversation(number, clock))


async def pushed(storage, count):
    async def enough():
        return (await figures(storage)).pushed >= count

    await until(enough)


async def put_off(storage, failures=1):
    async def is_put_off():
        cursor = await storage.read(lambda work: work.observability.cursor())
        return cursor if cursor is not None and cursor.failures >= failures else None

    return await until(is_put_off)


def refused_by(metrics):
    name = b'bpp_observability_entries_total{outcome="refused"} '
    return float(next(line for line in metrics.text().splitlines() if line.startswith(name)).removeprefix(name))


def in_order(observatory):
    """Whether within each transaction everything came in the order in which it was said."""
    said: dict[str, list[str]] = {}
    for one in observatory.took.values():
        said.setdefault(one["data"]["context"]["transaction_id"], []).append(one["type"])
    wanted = [f"{name}{part}" for name in ("select", "on_select", "init", "on_init") for part in ("", "_response")]
    return all(types == wanted for types in said.values())


async def test_everything_is_told_in_order_and_counted_once(storage, observatory, clock):
    await fill(storage, clock, 40)
    async with pushing(storage, observatory, clock):
        await pushed(storage, 320)

    assert len(observatory.took) == 320
    assert in_order(observatory)
    assert not observatory.repeated
    assert (await figures(storage)).pushed == 320


async def test_what_is_said_later_is_told_too_and_a_search_moves_the_cursor_alone(storage, observatory, clock):
    async with pushing(storage, observatory, clock):
        await log_all(storage, logged(REQUESTS["search"], clock))
        await until(lambda: seq_of(storage))
        await log_all(storage, logged(VALID["on_search"](), clock))
        await pushed(storage, 2)

    assert observatory.types == ["on_search", "on_search_response"]


async def test_searches_are_told_where_the_settings_say_so(storage, observatory, clock):
    async with pushing(storage, observatory, clock, also=("search",)):
        await log_all(storage, logged(REQUESTS["search"], clock))
        await pushed(storage, 2)

    assert observatory.types == ["search", "search_response"]


async def test_an_endpoint_that_fails_is_left_alone_and_loses_nothing(storage, observatory, clock):
    observatory.judge = lambda *_: Answer(status=503)
    await fill(storage, clock, 20)
    async with pushing(storage, observatory, clock):
        cursor = await put_off(storage)
        asked = observatory.asked
        assert cursor.reason == "HTTP 503"
        assert timedelta(seconds=54) <= cursor.not_before - clock() <= timedelta(minutes=1)
        clock.tick(minutes=2)
        await put_off(storage, failures=2)
        assert asked < observatory.asked <= asked + 16
        observatory.judge = lambda *_: Answer()
        clock.tick(hours=1)
        await pushed(storage, 160)

    assert len(observatory.took) == 160
    assert in_order(observatory)
    assert not observatory.repeated


async def test_an_endpoint_that_fails_now_and_then_costs_nobody_a_pause(storage, observatory, clock):
    """Each entry meets a failure; nothing waits, and nothing is refused."""
    met = set()

    def judge(kind, data):
        one = kind, data["context"]["transaction_id"]
        first = one not in met
        met.add(one)
        return Answer(status=500 if first else 200)

    observatory.judge = judge
    await fill(storage, clock, 20)
    async with pushing(storage, observatory, clock):
        await pushed(storage, 160)

    assert (len(observatory.took), observatory.asked) == (160, 320)
    assert (await figures(storage)).refused == 0
    assert (await storage.read(lambda work: work.observability.cursor())).failures == 0


async def test_an_endpoint_that_is_started_anew_gets_the_rest(storage, observatory, clock):
    await observatory.stop()
    await fill(storage, clock, 5)
    async with pushing(storage, observatory, clock):
        assert (await put_off(storage)).reason == "connection"
        await observatory.start()
        clock.tick(hours=1)
        await pushed(storage, 40)

    assert len(observatory.took) == 40


async def test_an_endpoint_that_hangs_is_waited_for_no_longer_than_its_time(storage, observatory, clock):
    observatory.judge = lambda *_: Answer(delay=30.0)
    await fill(storage, clock, 2)
    async with pushing(storage, observatory, clock, patience=timedelta(milliseconds=50)):
        assert (await put_off(storage)).reason == "timeout"
    assert observatory.took == {}


async def test_time_that_the_endpoint_asks_for_is_given(storage, observatory, clock):
    observatory.judge = lambda *_: Answer(status=429, headers={"Retry-After": "1800"})
    await fill(storage, clock, 1)
    async with pushing(storage, observatory, clock):
        cursor = await put_off(storage)

    assert cursor.not_before - clock() == timedelta(minutes=30)
    assert observatory.asked == 1


async def test_a_token_that_is_not_taken_passes_nothing(storage, observatory, clock):
    await fill(storage, clock, 3)
    async with pushing(storage, observatory, clock, token="expired"):
        cursor = await put_off(storage)

    (first,) = await storage.read(lambda work: work.observability.after(0, 1 << 40, 1, {"select"}))
    assert (cursor.reason, observatory.took) == ("HTTP 401", {})
    assert cursor.seq < first.seq  # whatever number PostgreSQL goes on from
    assert (await figures(storage)).refused == 0


async def test_a_warning_is_counted_and_holds_nobody_up(storage, observatory, clock):
    observatory.judge = lambda *_: Answer(errors=("2001",))
    await fill(storage, clock, 2)
    async with pushing(storage, observatory, clock):
        await pushed(storage, 16)

    found = await figures(storage)
    assert (found.pushed, found.warned, found.refused) == (16, 16, 0)


async def test_what_is_refused_is_kept_with_its_words_and_pushed_again_when_somebody_wants_it(
    storage, observatory, clock
):
    observatory.judge = lambda kind, _: Answer(status=400, errors=("4003",)) if kind == "init" else Answer()
    await fill(storage, clock, 3)
    async with pushing(storage, observatory, clock):
        await pushed(storage, 21)
        refused = await storage.read(lambda work: work.observability.refusals(None, None, 10))
        assert {(one.type, one.part, one.words) for one in refused} == {("init", "request", "4003 INVALID_ENUM_VALUE")}
        assert (await figures(storage)).refused == len(refused) == 3
        observatory.judge = lambda *_: Answer()
        assert await storage.run(lambda work: work.observability.again(None, None)) == 3
        await pushed(storage, 24)

    assert (await figures(storage)).refused == 0
    assert len(observatory.took) == 24
    assert await storage.read(lambda work: work.observability.refusals(None, None, 10)) == []


async def test_an_entry_over_which_the_endpoint_fails_does_not_hold_up_the_others_for_ever(storage, observatory, clock):
    observatory.judge = lambda kind, data: Answer(
        status=500 if data["context"]["transaction_id"] == "T0" and kind == "on_select" else 200
    )
    await fill(storage, clock, 60)
    metrics = Metrics()
    before = refused_by(metrics)
    async with pushing(storage, observatory, clock, metrics=metrics):
        for turn in range(1, HELD_UP):
            await put_off(storage, failures=turn)
            clock.tick(hours=1)
        await pushed(storage, 60 * 8 - 1)

    (refused,) = await storage.read(lambda work: work.observability.refusals(None, None, 10))
    assert (refused.type, refused.words) == ("on_select", "HTTP 500")
    assert (before, refused_by(metrics)) == (0, 1), "an alert needs both: it rings for the increase"
    assert not observatory.repeated


async def test_whoever_is_killed_is_followed_by_another_and_nothing_counts_twice(storages, observatory, clock):
    """Each pusher is broken off in the middle of a turn, after which nothing of it is written down."""
    storage = storages()
    await fill(storage, clock, 60)
    for number in range(6):
        async with a_pusher(storages(), observatory, clock, holder=f"killed {number}") as pusher:
            before, running = observatory.asked, asyncio.create_task(pusher.run())
            await until(partial(asked_more, observatory, before, 10))
            running.cancel()
            await asyncio.wait({running})
        clock.tick(minutes=2)
    async with pushing(storage, observatory, clock, holder="the last"):
        await pushed(storage, 480)

    assert len(observatory.took) == 480
    assert (await figures(storage)).pushed == 480


async def asked_more(observatory, before, count):
    return observatory.asked >= before + count


async def test_of_several_one_pushes_and_another_goes_on_when_it_stops(storages, observatory, clock):
    storage = storages()
    await fill(storage, clock, 30)
    async with pushing(storages(), observatory, clock, holder="other"):
        async with pushing(storage, observatory, clock, holder="one"):
            await pushed(storage, 240)
        await log_all(storage, *conversation(99, clock))
        await pushed(storage, 248)

    assert not observatory.repeated
    assert len(observatory.took) == 248


async def test_whoever_lost_the_lease_meanwhile_moves_nothing(storages, observatory, clock):
    """While it pushes so long passes that another takes over."""
    storage = storages()
    await fill(storage, clock, 1)
    held = asyncio.Event()

    def judge(*_):
        clock.tick(hours=1)
        held.set()
        return Answer(delay=0.2)

    observatory.judge = judge
    async with pushing(storages(), observatory, clock, holder="slow"):
        await held.wait()
        observatory.judge = lambda *_: Answer()
        async with pushing(storage, observatory, clock, holder="other"):
            await pushed(storage, 8)

    assert (await figures(storage)).pushed == 8
    assert len(observatory.took) == 8


async def test_whoever_stops_ends_what_is_under_way_and_writes_it_down(storage, observatory, clock):
    observatory.judge = lambda *_: Answer(delay=0.05)
    await fill(storage, clock, 40)
    async with pushing(storage, observatory, clock):
        await until(partial(asked_more, observatory, 0, 8))

    assert len(observatory.took) == observatory.asked
    cursor = await storage.read(lambda work: work.observability.cursor())
    assert (cursor.holder, cursor.leased_until) == ("", None)


async def test_telling_begins_with_the_day_on_which_it_is_turned_on(storage, observatory, clock):
    await fill(storage, clock, 1)
    clock.tick(days=1)
    await log_all(storage, *conversation(1, clock))
    async with pushing(storage, observatory, clock):
        await pushed(storage, 8)

    assert {one["data"]["context"]["transaction_id"] for one in observatory.took.values()} == {"T1"}


async def test_retention_forgets_figures_and_refusals_of_long_ago(storage, observatory, clock):
    observatory.judge = lambda kind, _: Answer(status=422) if kind == "init" else Answer()
    await fill(storage, clock, 1)
    async with pushing(storage, observatory, clock):
        await pushed(storage, 7)
    day = clock().date()

    assert await storage.run(lambda work: work.observability.drop(day)) == 0
    assert await storage.run(lambda work: work.observability.drop(day + timedelta(days=1))) == 2


@pytest.mark.parametrize(
    ("refused", "said"),
    [
        ("", ("info", {"pushed": 8, "refused": 0, "complete": True, "late": False})),
        ("init", ("warning", {"pushed": 7, "refused": 1, "complete": False, "late": True})),
    ],
)
async def test_after_its_limit_each_day_is_reported_once_with_what_is_missing_of_it(
    storage, observatory, clock, logs, refused, said
):
    observatory.judge = lambda kind, _: Answer(status=422 if kind == refused else 200)
    await fill(storage, clock, 1)
    async with pushing(storage, observatory, clock):
        await pushed(storage, said[1]["pushed"])
        before = [one for one in logs if one["event"] == "observability_day"]
        clock.tick(days=1)
        await until(partial(logged_events, logs, "observability_day"))
        clock.tick(hours=1)
        await turns()

    (report,) = [one for one in logs if one["event"] == "observability_day"]
    assert before == []
    assert (report["log_level"], {name: report[name] for name in said[1]}) == said
    assert report["day"] == "2026-11-23"


async def logged_events(logs, name):
    return [one for one in logs if one["event"] == name]


async def test_what_waits_is_counted_by_day(storage, clock):
    await fill(storage, clock, 2)
    await storage.run(lambda work: work.observability.begin(clock() - HOUR))
    clock.tick(days=1)
    await log_all(storage, *conversation(5, clock))

    waiting = await storage.read(lambda work: work.observability.waiting(frozenset({"select", "on_init"}), 100))

    assert [(one.messages, one.day) for one in waiting] == [
        (4, clock().date() - timedelta(days=1)),
        (2, clock().date()),
    ]
    assert waiting == await storage.read(
        lambda work: work.observability.waiting(frozenset({"select", "on_init"}), None)
    )
    assert isinstance(await storage.read(lambda work: work.observability.cursor()), Cursor)
