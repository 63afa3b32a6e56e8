"""What a store speaks to: one connection inside a transaction or beside all of them, whatever the database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from sqlalchemy import CursorResult
from sqlalchemy import Row as SqlRow_
from sqlalchemy.sql.base import Executable

from bpp.storage.notify import Notifier
from bpp.storage.statement import DatabaseName, Row, Statement

SqlRow = SqlRow_[*tuple[Any, ...]]
T = TypeVar("T")
LOST_RACE = frozenset({"40001", "40P01", "23505", "0A000"})
"""Serialization failure, deadlock, a row that another has put there just now, a plan that a migration outdated."""
NO_VALUES: Mapping[str, Any] = {}


class DatabaseProblem(Exception):
    """What a driver raised, ``__cause__``. ``lost_race``: the same unit may do better when it is run again."""

    def __init__(self, problem: BaseException) -> None:
        super().__init__(str(problem))
        self.__cause__ = problem
        origin = getattr(problem, "orig", problem)
        # Of an outdated plan SQLAlchemy says the code only in what caused its own exception.
        codes = {getattr(one, "sqlstate", None) for one in (origin, origin.__cause__)}
        self.lost_race = not LOST_RACE.isdisjoint(codes) or (
            getattr(origin, "sqlite_errorname", "") in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
        )


class Connection(Protocol):
    """A statement's values are given by name. Raises DatabaseProblem for whatever the database refuses.

    ``execute`` takes anything that SQLAlchemy can run; the others take what was compiled before (``Statement``).
    """

    @property
    def database(self) -> DatabaseName:
        """Which of the two."""
        ...

    async def execute(self, statement: Executable, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
        """Run a statement by SQLAlchemy; the whole result is in memory."""
        ...

    def stream(self, statement: Executable) -> AsyncIterator[SqlRow]:
        """The rows of a query one after another: of what is more than fits in memory."""
        ...

    async def rows(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> Sequence[Row]:
        """The rows of a query, or those that a change returns."""
        ...

    async def change(self, statement: Statement, values: Mapping[str, Any] = NO_VALUES) -> int:
        """How many rows a change touched."""
        ...

    async def later(self, statement: Statement, values: Mapping[str, Any], *, about: object = None) -> None:
        """A change whose effect nobody asks for: made before the commit, together with others of its kind.

        What this unit or another reads meanwhile of the same table sees it, but for a read ``about`` something else.
        """
        ...

    async def write_out(self) -> None:
        """Have made what waits for the end of the group."""
        ...

    async def seen(self, statement: Statement, values: Mapping[str, Any], *, about: object) -> Sequence[Row]:
        """The rows of a query that concerns nothing but ``about``, as ``later`` names it."""
        ...


Unit = Callable[[Connection], Awaitable[T]]


class Session(Connection, Protocol):
    """The connection of one writer, on which a group of units is one transaction.

    ``begin``, ``flush`` and ``commit`` raise DatabaseProblem when the transaction as a whole is lost; then ``abandon``
    makes the session fit for the next.
    """

    @property
    def lost(self) -> bool:
        """Whether the server itself has gone."""
        ...

    async def begin(self) -> None:
        """Begin a transaction."""
        ...

    def enter(self) -> None:
        """A unit begins."""
        ...

    def keep(self) -> None:
        """The unit has ended well."""
        ...

    def drop(self, problem: BaseException) -> bool:
        """The unit raised a problem. Whether it had changed nothing yet, so that the others need not know of it."""
        ...

    async def flush(self) -> None:
        """Send what waits for the end of the group."""
        ...

    async def commit(self) -> None:
        """Durable when it returns."""
        ...

    async def abandon(self) -> None:
        """Take back the whole transaction, if there is one."""
        ...

    async def close(self) -> None:
        """Let go of the connection."""
        ...


class Database(Protocol):
    """A database with its writers and its readers."""

    def writers(self) -> Sequence[Session]:
        """One for each task that commits."""
        ...

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit that reads one consistent state."""
        ...

    async def look(self, unit: Unit[T]) -> T:
        """Run a unit of a few short queries, each of which sees the newest state."""
        ...

    def notifier(self) -> Notifier:
        """The way to the other processes."""
        ...

    async def close(self) -> None:
        """Let go of everything."""
        ...
