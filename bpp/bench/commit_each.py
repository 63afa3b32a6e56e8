"""The ordinary way to keep things, to compare with: SQLAlchemy's asyncio engine, and a commit for each unit of work."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.storage.ports import Notice, Unit
from bpp.storage.slots import Holders
from bpp.storage.sqlite import prepare
from bpp.storage.sqlite_database import InThread
from bpp.storage.work import SqlWork

T = TypeVar("T")


class CommitEach:
    """See ``bpp.storage.ports.Storage``; on SQLite, as durable as the product."""

    def __init__(self, url: str, **_observers: object) -> None:
        """One connection, since there is one writer."""
        self._engine = create_async_engine(url, hide_parameters=True, pool_size=1, max_overflow=0)
        self._holders = Holders()
        event.listen(self._engine.sync_engine, "connect", _settled)
        event.listen(self._engine.sync_engine, "begin", lambda one: one.exec_driver_sql("BEGIN IMMEDIATE"))

    async def run(self, unit: Unit[T]) -> T:
        """Run a unit and commit it."""
        async with self._engine.begin() as sql:
            return await unit(SqlWork(InThread(sql), self._holders))

    async def read(self, unit: Unit[T]) -> T:
        """The same."""
        return await self.run(unit)

    async def look(self, unit: Unit[T]) -> T:
        """The same."""
        return await self.run(unit)

    async def follow(self, heard: Callable[[frozenset[Notice]], None]) -> None:
        """There is nobody else."""
        del heard
        await asyncio.Event().wait()

    def waiting(self) -> int:
        """Nobody waits."""
        return 0

    async def close(self) -> None:
        """Let go of the file."""
        await self._engine.dispose()


def _settled(raw: Any, _record: object) -> None:
    raw.isolation_level = None
    prepare(raw, query_only=False)
