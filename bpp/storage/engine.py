"""Opening a database by its URL: engines tuned for SQLite and PostgreSQL, and the migrations."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bpp.errors import Unavailable
from bpp.storage.door import Committed, SqlStorage, unobserved

BUSY_TIMEOUT_MS = 10_000
WRITERS, READERS = 8, 8
"""Connections of one process to PostgreSQL, at most: those that write and those that read."""


def writer_engine(url: str) -> AsyncEngine:
    """The engine behind the door. On SQLite one writer, WAL, every commit on the disk before it returns."""
    if not is_sqlite(url):
        return create_async_engine(url, hide_parameters=True, pool_size=WRITERS, max_overflow=0, pool_pre_ping=True)
    engine = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
    _prepare_sqlite(engine, begin="BEGIN IMMEDIATE", query_only=False)
    return engine


def reader_engine(url: str) -> AsyncEngine:
    """The engine for reads that need no consistency with a write; it cannot change anything."""
    if not is_sqlite(url):
        few = READERS // 2
        engine = create_async_engine(url, hide_parameters=True, pool_size=few, max_overflow=few, pool_pre_ping=True)
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    engine = create_async_engine(url, hide_parameters=True, pool_size=4, max_overflow=0)
    _prepare_sqlite(engine, begin="BEGIN", query_only=True)
    return engine


def is_sqlite(url: str) -> bool:
    """Whether a database URL means SQLite."""
    return make_url(url).get_backend_name() == "sqlite"


def database_file(url: str) -> Path | None:
    """The file of an SQLite database; None for one in memory or on a server."""
    database = make_url(url).database
    return Path(database) if is_sqlite(url) and database and database != ":memory:" else None


def _prepare_sqlite(engine: AsyncEngine, *, begin: str, query_only: bool) -> None:
    """WAL and FULL so that an ACK survives a power cut; BEGIN by us, since the driver's own loses updates."""

    def connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"query_only={'ON' if query_only else 'OFF'}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    def started(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine.sync_engine, "connect", connect)
    event.listen(engine.sync_engine, "begin", started)


def open_storage(url: str, committed: Committed = unobserved) -> SqlStorage:
    """The storage behind a URL; the schema must be there already (``upgrade``). Inside a running event loop.

    ``committed`` is told of each transaction at the door.
    """
    writers, batch = (1, 64) if is_sqlite(url) else (4, 16)
    return SqlStorage(writer_engine(url), reader_engine(url), writers=writers, batch=batch, committed=committed)


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database URL; no file is read."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


async def upgrade(url: str) -> None:
    """Bring the schema to the newest revision; creates the folder of an SQLite file. Safe to repeat.

    Raises Unavailable when the database cannot be reached or changed.
    """
    database = database_file(url)
    if database is not None:
        await asyncio.to_thread(database.parent.mkdir, parents=True, exist_ok=True)
    try:
        await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
    except (SQLAlchemyError, OSError) as problem:
        raise Unavailable(f"the database's schema cannot be brought up to date: {problem}") from problem
