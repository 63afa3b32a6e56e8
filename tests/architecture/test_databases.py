"""The frame of the tests themselves: both databases are real, fresh and required where they must be."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.bench.postgres import PostgresMissing
from tests.support.clock import MONDAY_MORNING, FakeClock
from tests.support.ids import IdSource
from tests.support.postgres import own_server
from tests.support.required import Needed, is_required, skip_or_fail


@pytest.mark.parametrize("round_", [1, 2])
async def test_each_test_gets_an_empty_database_of_each_kind(database_url, round_):
    engine = create_async_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE jobs (n INTEGER)"))  # fails if another test left the table
        await connection.execute(text("INSERT INTO jobs VALUES (:n)"), {"n": round_})
        rows = (await connection.execute(text("SELECT n FROM jobs"))).scalars().all()
    await engine.dispose()

    assert rows == [round_]


async def test_a_copied_database_has_the_tables_of_its_template(postgres):
    template = postgres.create()
    engine = create_async_engine(template)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE TABLE jobs (n INTEGER)"))
    await engine.dispose()
    copy = postgres.create(template)
    engine = create_async_engine(copy)
    async with engine.begin() as connection:
        count = (await connection.execute(text("SELECT count(*) FROM jobs"))).scalar_one()
    await engine.dispose()
    postgres.drop(copy)
    postgres.drop(template)

    assert count == 0


async def test_the_server_of_the_tests_takes_a_hundred_connections(postgres_url):
    engine = create_async_engine(postgres_url)
    async with engine.connect() as connection:
        limit = (await connection.execute(text("SHOW max_connections"))).scalar_one()
    await engine.dispose()

    assert int(limit) >= 100


@pytest.mark.skipif("BPP_TEST_DATABASE_URL" in os.environ, reason="a named server is not ours to stop")
async def test_a_server_of_our_own_is_gone_when_its_context_ends(postgres):
    with own_server() as url:
        folder = Path(str(url.query["host"]))
        assert folder.is_dir()

    assert not folder.exists()


@pytest.mark.parametrize("what", Needed)
@pytest.mark.parametrize(
    ("environ", "required"),
    [
        ({}, set()),
        ({"CI": "true"}, {*Needed}),
        ({"CI": "false"}, set()),
        ({"CI": ""}, set()),
        ({"BPP_TEST_REQUIRE_POSTGRES": "1"}, {Needed.POSTGRES}),
        ({"BPP_TEST_REQUIRE_POSTGRES": "0"}, set()),
        ({"BPP_TEST_REQUIRE_BROWSER": "1"}, {Needed.BROWSER}),
    ],
)
def test_what_is_missing_fails_the_run_only_where_it_is_required(what, environ, required):
    outcome = pytest.fail.Exception if what in required else pytest.skip.Exception

    assert is_required(what, environ) is (what in required)
    with pytest.raises(outcome, match="not to be had"):
        skip_or_fail(what, "not to be had", environ)


def test_a_missing_server_is_told_from_a_broken_one():
    assert not issubclass(PostgresMissing, RuntimeError | OSError)


def test_the_clock_moves_only_when_told(clock):
    assert clock() == clock() == MONDAY_MORNING
    assert clock.tick(minutes=5) == MONDAY_MORNING + timedelta(minutes=5) == clock()
    assert clock.set(MONDAY_MORNING) == clock()


def test_the_clock_tells_utc_and_refuses_a_naive_start():
    ist = timezone(timedelta(hours=5, minutes=30))

    assert FakeClock(datetime(2026, 11, 23, 9, 0, tzinfo=ist))().isoformat() == "2026-11-23T03:30:00+00:00"
    assert FakeClock()().tzinfo is UTC
    with pytest.raises(ValueError, match="aware"):
        FakeClock(datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001
    with pytest.raises(ValueError, match="aware"):
        FakeClock().set(datetime(2026, 11, 23, 9, 0))  # noqa: DTZ001


def test_ids_are_uuid4_shaped_stable_and_distinct():
    source, again, other = IdSource(), IdSource(), IdSource(series=2)
    ids = [source() for _ in range(50)]

    assert ids == [again() for _ in range(50)]
    assert len({*ids, *(other() for _ in range(50))}) == 100
    assert {(UUID(text).version, str(UUID(text)) == text) for text in ids} == {(4, True)}
