"""SQLite: one writer that runs in the event loop, and whose commits wait for the disk in a thread.

The theory. A query by key takes microseconds; to hand it to another thread and back takes a hundred of them. So the
units of a group run on the loop's own thread, statement by statement, and only what may wait is waited for elsewhere:
the commit, which is on the disk before it returns, and the lock that another process has. A unit of thousands of
statements lets others have their turn every few milliseconds. Reports and whole catalogs are read on connections that
have their own threads.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy import Connection as SyncConnection
from sqlalchemy import CursorResult, create_engine
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import StaticPool
from sqlalchemy.sql.base import Executable

from bpp.storage.connection import NO_VALUES, DatabaseProblem, SqlRow
from bpp.storage.gathered import ANYTHING, Changes, Gathering
from bpp.storage.statement import DatabaseName, Row, Statement

T = TypeVar("T")
BUSY_TIMEOUT_MS = 10_000
FIRST_PAUSE, LONGEST_PAUSE = 0.0005, 0.02
PAGE = 100
SLICE = 0.005
"""Seconds after which a unit lets the others have their turn."""
PAGES_KIB = 65_536
"""What each connection keeps of the file in memory: at a million orders the upper pages of every index."""
PROBLEMS = (sqlite3.Error, SQLAlchemyError, OSError)


def connected(path: str, *, query_only: bool) -> sqlite3.Connection:
    """A connection with WAL and FULL, so that an ACK survives a power cut; transactions are begun by us."""
    raw = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    try:
        prepare(raw, query_only=query_only)
    except sqlite3.Error:
        raw.close()
        raise
    return raw


def prepare(raw: Any, *, query_only: bool) -> None:
    """The pragmas of every connection of ours, of whatever driver."""
    cursor = raw.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"cache_size=-{PAGES_KIB}",
        "temp_store=MEMORY",
        f"query_only={'ON' if query_only else 'OFF'}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


class InLoop:
    """A connection whose statements run on the loop's own thread; opened when it is first needed."""

    database: DatabaseName = "sqlite"

    def __init__(self, path: str, *, query_only: bool) -> None:
        """Nothing is opened yet."""
        self._path = path
        self._query_only = query_only
        self._open: tuple[sqlite3.Connection, SyncConnection] | None = None
        self._since = time.monotonic()

    @property
    def raw(self) -> sqlite3.Connection:
        """The driver's connection. Raises DatabaseProblem where the file cannot be opened."""
        return self._opened()[0]

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """See ``Connection``."""
        await self._turn()
        await self._before(None, ANYTHING, writes=not statement.is_select)
        try:
            return self._opened()[1].execute(statement, values)
        except PROBLEMS as problem:
            raise DatabaseProblem(problem) from problem

    async def stream(self, statement: Executable) -> AsyncIterator[SqlRow]:
        """See ``Connection``."""
        await self._turn()
        for number, row in enumerate(await self.execute(statement)):
            if number % PAGE == 0:
                await self._turn()
            yield row

    async def rows(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> Sequence[Row]:
        """See ``Connection``."""
        return await self.seen(statement, values, about=ANYTHING)

    async def seen(self, statement: Statement, values: Mapping[str, Any], *, about: object) -> Sequence[Row]:
        """See ``Connection``."""
        await self._turn()
        one = statement.on("sqlite")
        await self._before(one.tables, about, writes=one.writes)
        try:
            return one.rows(self.raw.execute(one.sql, one.arguments(values)).fetchall())
        except sqlite3.Error as problem:
            raise DatabaseProblem(problem) from problem

    async def change(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> int:
        """See ``Connection``."""
        await self._turn()
        one = statement.on("sqlite")
        await self._before(one.tables, ANYTHING, writes=True)
        try:
            return self.raw.execute(one.sql, one.arguments(values)).rowcount
        except sqlite3.Error as problem:
            raise DatabaseProblem(problem) from problem

    async def later(self, statement: Statement, values: Mapping[str, Any], *, about: object = None) -> None:
        """See ``Connection``: outside of a group there is nothing to wait for."""
        del about
        await self.change(statement, values)

    async def write_out(self) -> None:
        """See ``Connection``."""
        await self._before(None, ANYTHING, writes=False)

    async def _before(self, tables: frozenset[str] | None, about: object, *, writes: bool) -> None:
        """Called before a statement on some tables, or on any; ``about`` is all that it concerns."""

    async def _turn(self) -> None:
        """Let others have their turn where this connection has had its own."""
        if time.monotonic() - self._since > SLICE:
            await asyncio.sleep(0)
            self._since = time.monotonic()

    def _opened(self) -> tuple[sqlite3.Connection, SyncConnection]:
        if self._open is None:
            try:
                raw = connected(self._path, query_only=self._query_only)
                # A writer that must wait does not wait in the loop's thread.
                raw.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS if self._query_only else 0}")
            except sqlite3.Error as problem:
                raise DatabaseProblem(problem) from problem
            engine = create_engine("sqlite://", creator=lambda: raw, poolclass=StaticPool, hide_parameters=True)
            self._open = (raw, engine.connect().execution_options(isolation_level="AUTOCOMMIT"))
        return self._open

    def shut(self) -> None:
        """Let go of the file; the next statement opens it anew."""
        if self._open is not None:
            raw, sql = self._open
            self._open = None
            sql.close()
            raw.close()


class SqliteSession(Gathering, InLoop):
    """See ``Session``."""

    def __init__(self, path: str) -> None:
        """Nothing is opened yet."""
        Gathering.__init__(self)
        InLoop.__init__(self, path, query_only=False)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite-commit")

    @property
    def lost(self) -> bool:
        """See ``Session``: a file does not go."""
        return False

    async def begin(self) -> None:
        """Take the writer's lock before anything is read; wait while another process has it, up to BUSY_TIMEOUT_MS."""
        pause, until = FIRST_PAUSE, time.monotonic() + BUSY_TIMEOUT_MS / 1000
        while not self._begun():
            if time.monotonic() > until:
                raise DatabaseProblem(sqlite3.OperationalError("another process holds the database's lock"))
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        self._since = time.monotonic()

    def _begun(self) -> bool:
        try:
            self.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as problem:
            if problem.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY:
                return False
            raise DatabaseProblem(problem) from problem
        return True

    async def _make(self, changes: Changes) -> None:
        try:
            for one, rows in changes:
                await self._turn()
                self.raw.executemany(one.sql, rows)
        except sqlite3.Error as problem:
            raise DatabaseProblem(problem) from problem

    async def commit(self) -> None:
        """On the disk when it returns."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self.raw.execute, "COMMIT")
        except sqlite3.Error as problem:
            raise DatabaseProblem(problem) from problem

    async def abandon(self) -> None:
        """Take back whatever is open; a connection that cannot even do that is given up."""
        self.forget()
        try:
            if self._open is not None and self.raw.in_transaction:
                self.raw.execute("ROLLBACK")
        except sqlite3.Error:
            self.shut()

    async def close(self) -> None:
        """See ``Session``."""
        self._thread.shutdown()  # a commit under way has ended then
        self.shut()
