"""Alembic's entry: run the revisions on the URL that ``bpp.storage.engine.upgrade`` gives."""

from __future__ import annotations

import asyncio

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.schema import metadata


def migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


async def run(url: str) -> None:
    engine = create_async_engine(url)
    if engine.dialect.name == "sqlite":
        # Here, where nobody else has the file open: of several that switch it at once, some are told that it is locked,
        # and no busy timeout helps. The file stays switched.
        async with engine.connect() as connection:
            await connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    async with engine.begin() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(run(context.config.attributes["url"]))
