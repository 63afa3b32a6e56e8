"""A database that has seen many orders: rows written in bulk that look as the product leaves them behind.

Each order leaves a select, an init and a confirm with their callbacks and one on_status: inbox, outbox, attempts and
log of these seven messages, a document of 1 KB, four events, the choice of its worker, four booked cells of the
worker's time in the past, two postings of three lines. A tenth of them have a draft still. Bodies are erased after
their time, so of most only the digest is there; one in fifty still has 3 KB.

Documents and signatures are shorter than real ones, which changes the size of the file more than the depth of a tree.
Keys are written in their order and indexes made afterwards: hours become a minute.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from bpp.bench.bodies import BUYERS

SCRIPT = Path(__file__).with_suffix(".sql")
LONG = timedelta(days=700)
QUARTER = 900_000_000  # microseconds
_BASE64 = "+/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_WANTED = (
    "CREATE TEMP TABLE wanted AS SELECT :count AS count, :buyers AS buyers, :workers AS workers, :first AS first,"
    " :span AS span, :between AS apart, :letters AS letters, :doc AS doc, :signature AS signature"
)


def remember(database: Path, count: int, workers: int, now: datetime) -> None:
    """Write what ``count`` orders of the last years left behind into a seeded database."""
    span = (LONG - timedelta(days=1)) // timedelta(microseconds=1)
    wanted = {
        "count": count,
        "buyers": BUYERS,
        "workers": workers,
        "first": int((now - LONG).timestamp()) * 1_000_000 // QUARTER * QUARTER,
        "span": span,
        "between": span // -(-count // workers) // QUARTER * QUARTER,
        "letters": _BASE64,
        "doc": '{"items": ["' + "d" * 980 + '"]}',
        "signature": 'Signature keyId="' + "s" * 140,
    }
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-400000", "temp_store=MEMORY"):
            connection.execute(f"PRAGMA {pragma}").fetchall()
        connection.execute(_WANTED, wanted)
        with _without_indexes(connection):
            connection.executescript(SCRIPT.read_text())
        connection.execute("PRAGMA journal_mode=WAL").fetchall()


@contextmanager
def _without_indexes(connection: sqlite3.Connection) -> Iterator[None]:
    """Leave indexes out and make them again: sorting once is cheaper than finding a place for each row."""
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
    found = connection.execute(query).fetchall()
    for name, _ in found:
        connection.execute(f'DROP INDEX "{name}"')
    yield
    for _, sql in found:
        connection.execute(sql)
