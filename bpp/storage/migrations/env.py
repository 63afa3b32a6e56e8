"""Alembic's entry: run the revisions on the URL that ``bpp.storage.engine.upgrade`` gives.

Several programs that start together all come here. On SQLite the first has the file's lock from before it looks at the
revision until all are made, so that a kill leaves the old schema or the new one. On PostgreSQL each revision is a
transaction, and the first has a lock by name for as long as it is connected.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from typing import Any

from alembic import context
from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from bpp.storage.online import LOCK_TIMEOUT
from bpp.storage.schema import metadata

PATIENCE = 120.0  # seconds for the revisions that another program makes
PAUSE = 0.05
TRY_LOCK = text("SELECT pg_try_advisory_lock(hashtextextended('sewamitra-bpp migrations', 0))")


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=True,
        transactional_ddl=True,  # on SQLite, too, where it is taken to be impossible: see ``lock_first``
        transaction_per_migration=connection.dialect.name != "sqlite",
    )
    with context.begin_transaction():
        context.run_migrations()


async def run(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    if engine.dialect.name == "sqlite":
        lock_first(engine)
    async with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            await alone(connection)
        await connection.run_sync(migrate)
        await connection.commit()
    await engine.dispose()


async def alone(connection: AsyncConnection) -> None:
    """Be the only one who migrates, until the connection is closed.

    It asks again and again: whoever waited inside a query would be waited for by an index that is made beside others.
    """
    until = time.monotonic() + PATIENCE
    while not (await connection.execute(TRY_LOCK)).scalar_one():
        await connection.rollback()
        if time.monotonic() > until:
            raise TimeoutError("another program has been migrating this database for two minutes")
        await asyncio.sleep(PAUSE)
    await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    await connection.commit()


def lock_first(engine: AsyncEngine) -> None:
    """Let transactions on SQLite begin with the writer's lock; the driver would begin none for what makes tables."""

    @event.listens_for(engine.sync_engine, "connect")
    def connected(adapter: Any, _record: Any) -> None:
        adapter.isolation_level = None
        adapter.run_async(write_ahead)

    @event.listens_for(engine.sync_engine, "begin")
    def begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


async def write_ahead(raw: Any) -> None:
    """Switch the file, which stays switched. Of several that do it at once some are told that it is locked."""
    await raw.execute(f"PRAGMA busy_timeout={round(PATIENCE * 1000)}")
    until = time.monotonic() + PATIENCE
    while True:
        try:
            await raw.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(PAUSE)
        else:
            return


asyncio.run(run(context.config.attributes["url"]))
