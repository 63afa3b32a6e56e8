"""PostgreSQL: a few writers, each with a connection of its own, that ask the server as seldom as they can.

The theory. What costs here is the way to the server and back: as much processor time for a row as for sixty. So what
may wait is sent together with all of its kind (``bpp.storage.gathered``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import CursorResult
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql.base import Executable

from bpp.storage.connection import NO_VALUES, DatabaseProblem, Session, SqlRow, Unit
from bpp.storage.gathered import ANYTHING, Changes, Gathering
from bpp.storage.notify_postgres import PostgresNotifier
from bpp.storage.statement import DatabaseName, Row, Statement

T = TypeVar("T")
WRITERS, READERS, LOOKERS = 4, 4, 2
CONNECTIONS = WRITERS + READERS + LOOKERS + 1
"""Of one process, at most: to write, to read, to look (no message waits behind reports), and to hear the others."""
COMMAND_TIMEOUT = 60.0
"""Seconds after which a server that says nothing is given up."""
PROBLEMS = (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError)
ONE_STATE = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


class Wired:
    """A connection to the server; opened when it is first needed, and anew after it was lost."""

    database: DatabaseName = "postgresql"

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is opened yet."""
        self._engine = engine
        self._open: tuple[asyncpg.Connection, AsyncConnection] | None = None

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """See ``Connection``."""
        await self._before(None, ANYTHING, writes=not statement.is_select)
        try:
            return await (await self._opened())[1].execute(statement, values)
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def stream(self, statement: Executable) -> AsyncIterator[SqlRow]:
        """See ``Connection``."""
        await self._before(None, ANYTHING, writes=False)
        try:
            async with (await self._opened())[1].stream(statement) as found:
                async for row in found:
                    yield row
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def rows(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> Sequence[Row]:
        """See ``Connection``."""
        return await self.seen(statement, values, about=ANYTHING)

    async def seen(self, statement: Statement, values: Mapping[str, Any], *, about: object) -> Sequence[Row]:
        """See ``Connection``."""
        one = statement.on("postgresql")
        await self._before(one.tables, about, writes=one.writes)
        try:
            return one.rows(await (await self._opened())[0].fetch(one.sql, *one.arguments(values)))
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def change(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> int:
        """See ``Connection``."""
        one = statement.on("postgresql")
        await self._before(one.tables, ANYTHING, writes=True)
        try:
            said = await (await self._opened())[0].execute(one.sql, *one.arguments(values))
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem
        return int(said.rpartition(" ")[2])

    async def later(self, statement: Statement, values: Mapping[str, Any], *, about: object = None) -> None:
        """See ``Connection``: outside of a group there is nothing to wait for."""
        del about
        await self.change(statement, values)

    async def write_out(self) -> None:
        """See ``Connection``."""
        await self._before(None, ANYTHING, writes=False)

    async def say(self, sql: str) -> None:
        """A command without values. Raises DatabaseProblem."""
        try:
            await (await self._opened())[0].execute(sql)
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def shut(self) -> None:
        """Let go of the connection; the next statement opens another."""
        if self._open is not None:
            raw, sql = self._open
            self._open = None
            raw.terminate()
            await sql.invalidate()
            await sql.close()

    @property
    def lost(self) -> bool:
        """Whether the server has gone since the connection was opened."""
        return self._open is not None and self._open[0].is_closed()

    async def _before(self, tables: frozenset[str] | None, about: object, *, writes: bool) -> None:
        """Called before a statement on some tables, or on any; ``about`` is all that it concerns."""

    async def _opened(self) -> tuple[asyncpg.Connection, AsyncConnection]:
        if self._open is None:
            sql = await self._engine.connect()
            self._open = ((await sql.get_raw_connection()).driver_connection, sql)
        return self._open


class PostgresSession(Gathering, Wired):
    """See ``Session``."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is opened yet."""
        Gathering.__init__(self)
        Wired.__init__(self, engine)

    async def begin(self) -> None:
        """Begin; on a new connection where the server has dropped the one before while nobody used it."""
        if self.lost:
            await self.shut()
        try:
            await self.say("BEGIN")
        except DatabaseProblem:
            if not self.lost:
                raise
            await self.shut()
            await self.say("BEGIN")

    async def commit(self) -> None:
        """See ``Session``."""
        await self.say("COMMIT")

    async def abandon(self) -> None:
        """See ``Session``."""
        self.forget()
        try:
            if self._open is not None:
                await self.say("ROLLBACK")
        except DatabaseProblem:
            await self.shut()

    async def close(self) -> None:
        """See ``Session``."""
        await self.shut()

    async def _make(self, changes: Changes) -> None:
        try:
            for one, rows in changes:
                await (await self._opened())[0].executemany(one.sql, rows)
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem


class PostgresDatabase:
    """See ``Database``."""

    def __init__(self, url: str) -> None:
        """Nothing is opened yet."""
        self._engine = create_async_engine(
            url,
            hide_parameters=True,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"statement_cache_size": 512, "command_timeout": COMMAND_TIMEOUT},
        )
        self._writers = tuple(PostgresSession(self._engine) for _ in range(WRITERS))
        self._readers, self._lookers = self._idle(READERS), self._idle(LOOKERS)

    def notifier(self) -> PostgresNotifier:
        """See ``Database``."""
        return PostgresNotifier(self._engine)

    def writers(self) -> Sequence[Session]:
        """See ``Database``."""
        return self._writers

    async def read(self, unit: Unit[T]) -> T:
        """See ``Database``."""
        one = await self._readers.get()
        try:
            if one.lost:
                await one.shut()
            await one.say(ONE_STATE)
            try:
                found = await unit(one)
            finally:
                await one.say("ROLLBACK")
        except DatabaseProblem:
            await one.shut()
            raise
        finally:
            self._readers.put_nowait(one)
        return found

    async def look(self, unit: Unit[T]) -> T:
        """See ``Database``."""
        one = await self._lookers.get()
        try:
            if one.lost:
                await one.shut()
            return await unit(one)
        except DatabaseProblem:
            await one.shut()
            raise
        finally:
            self._lookers.put_nowait(one)

    async def close(self) -> None:
        """See ``Database``."""
        for idle in (self._readers, self._lookers):
            while not idle.empty():
                await idle.get_nowait().shut()
        await self._engine.dispose()

    def _idle(self, count: int) -> asyncio.LifoQueue[Wired]:
        idle: asyncio.LifoQueue[Wired] = asyncio.LifoQueue()
        for _ in range(count):
            idle.put_nowait(Wired(self._engine))
        return idle
