"""Opening a database by its URL: engines tuned for SQLite and PostgreSQL, and the migrations."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bpp.storage.door import Committed, SqlStorage, unobserved
from bpp.storage.postgres import PostgresDatabase
from bpp.storage.revisions import bring_up_to_date
from bpp.storage.sqlite_database import SqliteDatabase

SQLITE_BATCH, POSTGRES_BATCH = 64, 16


def probe_engine(url: str) -> AsyncEngine:
    """An engine for a look at a database from outside; its transactions are SQLAlchemy's own."""
    return create_async_engine(url, hide_parameters=True)


def is_sqlite(url: str) -> bool:
    """Whether a database URL means SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def database_file(url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory or on a server."""
    database = make_url(url).database
    return Path(database) if is_sqlite(url) and database and database != ":memory:" else None


def open_storage(url: str, *, batch: int | None = None, committed: Committed = unobserved) -> SqlStorage:
    """The storage behind a URL; the schema must be there already (``upgrade``). Inside a running event loop.

    ``batch``: the most units that are committed together, where it is not the usual number. ``committed`` is told of
    each transaction at the door.
    """
    if is_sqlite(url):
        return SqlStorage(SqliteDatabase(url), batch=batch or SQLITE_BATCH, committed=committed)
    return SqlStorage(PostgresDatabase(url), batch=batch or POSTGRES_BATCH, committed=committed)


async def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; creates the folder of an SQLite file. Safe to repeat.

    Raises Unavailable when the database cannot be reached or changed, or is of a program too new for us.
    """
    database = database_file(url)
    if database is not None:
        await asyncio.to_thread(database.parent.mkdir, parents=True, exist_ok=True)
    await bring_up_to_date(url)
