"""What a message left behind: how many rows each table has, and what the audit log says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.schema import metadata
from bpp.storage.tables import message_log

AUDIT = frozenset({"message_log", "message_bodies"})


async def rows(database_url: str) -> Mapping[str, int]:
    """The number of rows of every table but the audit log's."""
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = {
            table.name: (await connection.execute(select(func.count()).select_from(table))).scalar_one()
            for table in metadata.sorted_tables
            if table.name not in AUDIT
        }
    await engine.dispose()
    return found


async def contents(database_url: str) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, in the order of their keys."""
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = {
            table.name: [
                dict(row) for row in (await connection.execute(select(table).order_by(*table.primary_key))).mappings()
            ]
            for table in metadata.sorted_tables
        }
    await engine.dispose()
    return found


async def audit_log(database_url: str) -> list[dict[str, Any]]:
    """The audit log, oldest first."""
    engine = create_async_engine(database_url)
    async with engine.connect() as connection:
        found = [
            dict(row) for row in (await connection.execute(select(message_log).order_by(message_log.c.seq))).mappings()
        ]
    await engine.dispose()
    return found
