"""Databases are opened so that an acknowledged message survives a power cut, and readers cannot write."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.dialects import sqlite

from bpp.storage.engine import database_file, is_sqlite, open_storage, upgrade
from bpp.storage.types import UtcMicros, decode, encode, moment
from catalog.model import Offering, Provider, Worker
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.clock import MONDAY_MORNING as NOW


async def pragma(work, name):
    return (await work._connection.execute(text(f"PRAGMA {name}"))).scalar_one()


@pytest.mark.parametrize(("way", "query_only"), [("run", 0), ("read", 1), ("look", 1)])
async def test_sqlite_writes_ahead_and_waits_for_the_disk(sqlite_database, way, query_only):
    storage = open_storage(sqlite_database)
    names = ("journal_mode", "synchronous", "foreign_keys", "query_only")

    async def unit(work):
        return {name: await pragma(work, name) for name in names}

    found = await getattr(storage, way)(unit)
    await storage.close()

    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,  # FULL
        "foreign_keys": 1,
        "query_only": query_only,
    }


async def test_the_sqlite_writer_takes_the_lock_before_it_reads(sqlite_database):
    storage, other = open_storage(sqlite_database), open_storage(sqlite_database)
    entered, may_end = asyncio.Event(), asyncio.Event()

    async def only_reads(work):
        entered.set()
        await work.directory.version()
        await may_end.wait()

    first = asyncio.create_task(storage.run(only_reads))
    await entered.wait()
    second = asyncio.create_task(other.run(lambda work: work.directory.changed()))
    done, _ = await asyncio.wait({second}, timeout=0.2)
    may_end.set()
    await first
    await second
    await storage.close()
    await other.close()

    assert not done


async def test_postgresql_waits_for_the_disk_unless_its_server_says_otherwise(postgres_database):
    storage = open_storage(postgres_database)

    async def unit(work):
        query = text("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        return (await work._connection.execute(query)).scalar_one()

    source = await storage.run(unit)
    await storage.close()

    assert source not in {"session", "client"}  # we never turn it off ourselves


async def test_a_reader_of_postgresql_has_one_state_and_no_right_to_write(postgres_database):
    storage = open_storage(postgres_database)

    async def unit(work):
        names = ("transaction_read_only", "transaction_isolation")
        return [(await work._connection.execute(text(f"SHOW {name}"))).scalar_one() for name in names]

    settings = await storage.read(unit)
    await storage.close()

    assert settings == ["on", "repeatable read"]


@pytest.mark.parametrize(
    ("url", "sqlite_file"),
    [
        ("sqlite+aiosqlite:///var/bpp.db", Path("var/bpp.db")),
        ("sqlite+aiosqlite:////var/lib/bpp.db", Path("/var/lib/bpp.db")),
        ("sqlite+aiosqlite:///:memory:", None),
        ("sqlite+aiosqlite://", None),
        ("postgresql+asyncpg://bpp@db/bpp", None),
    ],
)
def test_the_kind_and_the_file_of_a_database_are_told_by_its_url(url, sqlite_file):
    assert is_sqlite(url) is url.startswith("sqlite")
    assert database_file(url) == sqlite_file


async def test_the_folder_of_a_new_sqlite_file_is_made(tmp_path):
    url = f"sqlite+aiosqlite:///{tmp_path / 'new' / 'folder' / 'bpp.sqlite3'}"
    await upgrade(url)
    storage = open_storage(url)

    assert await storage.read(lambda work: work.directory.version()) == 0
    await storage.close()


async def test_a_new_sqlite_file_writes_ahead_before_anybody_opens_it(tmp_path):
    path = tmp_path / "bpp.sqlite3"
    await upgrade(f"sqlite+aiosqlite:///{path}")

    with closing(sqlite3.connect(path)) as plain:  # says what the file is, and switches nothing itself
        assert plain.execute("PRAGMA journal_mode").fetchone() == ("wal",)


zones = st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-11))])
moments = st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001


@given(moments)
def test_a_moment_is_stored_to_the_microsecond_in_whatever_zone_it_came(one):
    column = UtcMicros()
    stored = column.process_bind_param(one, sqlite.dialect())
    kept = column.process_result_value(stored, sqlite.dialect())

    assert isinstance(stored, int)
    assert kept == one == moment(stored)
    assert kept is not None
    assert kept.utcoffset() == timedelta()


@given(moments, moments)
def test_stored_moments_sort_as_the_moments_do(one, other):
    stored = [UtcMicros().process_bind_param(moment, sqlite.dialect()) or 0 for moment in (one, other)]

    assert (stored[0] < stored[1]) is (one < other)


def test_a_naive_moment_is_refused_and_none_is_none():
    with pytest.raises(ValueError, match="naive"):
        UtcMicros().process_bind_param(datetime(2026, 11, 23), sqlite.dialect())  # noqa: DTZ001
    assert UtcMicros().process_bind_param(None, sqlite.dialect()) is None
    assert UtcMicros().process_result_value(None, sqlite.dialect()) is None


async def test_a_naive_moment_never_reaches_the_database(storage):

    with pytest.raises(ValueError, match="naive moment"):
        await storage.run(lambda work: work.outbox.next_due(NOW.replace(tzinfo=None)))


@pytest.mark.parametrize(("kind", "one"), [(Provider, a_provider()), (Offering, an_offering()), (Worker, a_worker())])
def test_a_document_is_read_as_the_value_it_was_made_of(kind, one):
    assert decode(kind, encode(one)) == one


def test_a_foreign_document_is_refused():
    with pytest.raises(ValueError, match="provider_id"):
        decode(Worker, '{"id":"W1"}')
