"""What is written in bulk is what the product could have left behind."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest

from bpp.bench.history import remember
from bpp.storage.engine import database_file, upgrade

NOW = datetime(2026, 11, 2, 4, tzinfo=UTC)
ORDERS = 230


@pytest.fixture
async def database(sqlite_url):
    await upgrade(sqlite_url)
    path = database_file(sqlite_url)
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        before = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
    remember(path, ORDERS, 40, NOW)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall() == before
        yield connection


@pytest.mark.parametrize(
    ("table", "of_each"),
    [
        ("orders", 1),
        ("order_events", 4),
        ("inbox", 3),
        ("outbox", 4),
        ("attempts", 4),
        ("message_log", 7),
        ("message_bodies", 7),
        ("assignments", 1),
        ("slot_cells", 4),
        ("ledger_postings", 2),
        ("ledger_lines", 6),
    ],
)
def test_each_order_leaves_its_rows_in_a_sound_database_with_the_same_schema(database, table, of_each):
    assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    count = database.execute(f"SELECT count(*) FROM {table}")  # noqa: S608  our own tables
    assert count.fetchone() == (ORDERS * of_each,)


def test_every_answer_is_delivered_every_posting_balanced_and_all_of_it_past(database):
    micros = NOW.timestamp() * 1e6
    assert database.execute("SELECT count(*) FROM outbox WHERE state <> 'delivered'").fetchone() == (0,)
    unbalanced = "SELECT posting_id FROM ledger_lines GROUP BY posting_id HAVING sum(paise) <> 0"
    assert database.execute(unbalanced).fetchall() == []
    for column, table in (("cell", "slot_cells"), ("at", "message_log"), ("due_at", "outbox"), ("at", "order_events")):
        last = database.execute(f"SELECT max({column}) FROM {table}")  # noqa: S608  the same
        assert last.fetchone()[0] < micros
    orphans = "SELECT count(*) FROM inbox WHERE callback_seq NOT IN (SELECT seq FROM outbox)"
    assert database.execute(orphans).fetchone() == (0,)
