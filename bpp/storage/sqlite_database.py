"""The whole of an SQLite database: its one writer, who looks in the loop, and who reads on threads of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import CursorResult, event
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.sql.base import Executable

from bpp.storage.connection import NO_VALUES, DatabaseProblem, Session, SqlRow, Unit
from bpp.storage.notify import SqliteNotifier
from bpp.storage.sqlite import PROBLEMS, InLoop, SqliteSession, prepare
from bpp.storage.statement import DatabaseName, Row, Statement

T = TypeVar("T")


class InThread:
    """A connection for long reads, on a thread of its own."""

    database: DatabaseName = "sqlite"

    def __init__(self, sql: AsyncConnection) -> None:
        """Inside a transaction."""
        self._sql = sql

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """See ``Connection``."""
        return await self._sql.execute(statement, values)

    async def stream(self, statement: Executable) -> AsyncIterator[SqlRow]:
        """See ``Connection``."""
        async with self._sql.stream(statement) as found:
            async for row in found:
                yield row

    async def rows(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> Sequence[Row]:
        """See ``Connection``."""
        one = statement.on("sqlite")
        found = await self._sql.exec_driver_sql(one.sql, one.arguments(values))
        return one.rows(found.fetchall())

    async def seen(self, statement: Statement, values: Mapping[str, Any], *, about: object) -> Sequence[Row]:
        """See ``Connection``."""
        del about
        return await self.rows(statement, values)

    async def change(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> int:
        """See ``Connection``: the database refuses it."""
        one = statement.on("sqlite")
        return (await self._sql.exec_driver_sql(one.sql, one.arguments(values))).rowcount

    async def write_out(self) -> None:
        """See ``Connection``: nothing waits here."""

    async def later(self, statement: Statement, values: Mapping[str, Any], *, about: object = None) -> None:
        """See ``Connection``: the database refuses it."""
        del about
        await self.change(statement, values)


class SqliteDatabase:
    """See ``Database``."""

    def __init__(self, url: str) -> None:
        """Nothing is opened yet."""
        path = make_url(url).database or ":memory:"
        self._file = None if path == ":memory:" else Path(path)
        self._writer = SqliteSession(path)
        self._looker = InLoop(path, query_only=True)
        self._reader = threaded_engine(url)

    def notifier(self) -> SqliteNotifier:
        """See ``Database``."""
        return SqliteNotifier(self._file)

    def writers(self) -> Sequence[Session]:
        """See ``Database``."""
        return (self._writer,)

    async def read(self, unit: Unit[T]) -> T:
        """See ``Database``."""
        try:
            async with self._reader.connect() as sql, sql.begin():
                return await unit(InThread(sql))
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def look(self, unit: Unit[T]) -> T:
        """See ``Database``."""
        return await unit(self._looker)

    async def close(self) -> None:
        """See ``Database``."""
        self._looker.shut()
        await self._reader.dispose()


def threaded_engine(url: str) -> AsyncEngine:
    """Connections with threads of their own, that cannot change anything."""
    engine = create_async_engine(url, hide_parameters=True, pool_size=4, max_overflow=0)
    event.listen(engine.sync_engine, "connect", lambda raw, _record: _settled(raw))
    event.listen(engine.sync_engine, "begin", lambda one: one.exec_driver_sql("BEGIN"))
    return engine


def _settled(raw: Any) -> None:
    raw.isolation_level = None
    prepare(raw, query_only=True)
