"""The one door to a transaction: units of work are grouped, committed once, and only then answered (ADR 7).

The theory. A commit costs more than all the rest of a message, mostly the wait for the disk. So the units that wait
at the same time go into one transaction, each in its own savepoint. A unit that fails rolls back its savepoint
alone; the others are untouched. Nobody is answered before the commit, so an ACK is never a lie. A unit that lost a
race for a row is run again in a later group; therefore units must have no effect but through their ``Work``.

On SQLite there is one writer. On PostgreSQL there are a few, and rows are locked by the reads of a unit, so two
changes of one order follow each other there too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bpp.errors import OrderBusy, Unavailable
from bpp.logs import adopted, bound_now
from bpp.storage.ports import Unit, VersionConflict
from bpp.storage.work import SqlWork

T = TypeVar("T")
log = structlog.get_logger(__name__)
TRIES = 4
LOST_RACE = frozenset({"40001", "40P01"})  # serialization failure, deadlock: the database asks to try again
QUEUE_LIMIT = 2_000


class Committed(Protocol):
    """Is told of each transaction at the door: ``waiting`` units stood there when it had ended."""

    def __call__(self, units: int, seconds: float, waiting: int, *, failed: bool = False) -> None:
        """``failed``: nothing of it was stored."""
        ...


def unobserved(units: int, seconds: float, waiting: int, *, failed: bool = False) -> None:
    """Nobody is told."""


@dataclass(eq=False)
class _Pending:
    """A unit at the door, and the caller who waits for it."""

    unit: Callable[[SqlWork], Awaitable[Any]]
    answer: asyncio.Future[Any] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    tries: int = 0
    bound: Mapping[str, str] = field(default_factory=bound_now)
    """Whom it works for: what the unit logs says so, though another task runs it."""

    def resolve(self, result: Any, error: BaseException | None) -> None:
        if self.answer.done():  # the caller has gone; what was committed stands
            return
        if error is None:
            self.answer.set_result(result)
        else:
            self.answer.set_exception(error)


class SqlStorage:
    """Storage on a database: see ``bpp.storage.ports.Storage``."""

    def __init__(
        self, writer: AsyncEngine, reader: AsyncEngine, *, writers: int, batch: int, committed: Committed = unobserved
    ) -> None:
        """Start ``writers`` tasks, each committing up to ``batch`` units together."""
        self._committed = committed
        self._writer = writer
        self._reader = reader
        self._batch = batch
        self._queue: asyncio.Queue[_Pending] = asyncio.Queue(QUEUE_LIMIT)
        self._tasks = [asyncio.create_task(self._serve(), name=f"storage-{n}") for n in range(writers)]
        self._closing = False

    async def run(self, unit: Unit[T]) -> T:
        """Run a unit and commit it. Raises what the unit raised; Unavailable when the database does not work."""
        if self._closing or self._queue.full():
            raise Unavailable("the database has no room for more work now, please retry")
        pending = _Pending(unit)
        self._queue.put_nowait(pending)
        result: T = await pending.answer
        return result

    async def read(self, unit: Unit[T]) -> T:
        """Run a unit that only reads, on a connection that cannot write."""
        try:
            async with self._reader.connect() as connection, connection.begin():
                return await unit(SqlWork(connection, locking=False))
        except (SQLAlchemyError, OSError) as problem:
            raise Unavailable("the database cannot be read now, please retry") from problem

    async def close(self) -> None:
        """Finish what waits, then stop."""
        self._closing = True
        await self._queue.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._writer.dispose()
        await self._reader.dispose()

    async def _serve(self) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < self._batch and not self._queue.empty():
                group.append(self._queue.get_nowait())
            try:
                await self._commit(group)
            finally:
                for _ in group:
                    self._queue.task_done()

    async def _commit(self, group: list[_Pending]) -> None:
        began = time.monotonic()
        try:
            async with self._writer.begin() as connection:
                outcomes = [(one, *await _attempt(one, connection)) for one in group]
        except (SQLAlchemyError, OSError) as problem:
            log.exception("commit_failed", units=len(group))
            self._committed(len(group), time.monotonic() - began, self._queue.qsize(), failed=True)
            for one in group:
                one.resolve(None, _unavailable(problem))
            return
        self._committed(len(group), time.monotonic() - began, self._queue.qsize())
        for one, result, error in outcomes:
            if _lost_race(error):
                self._again(one)
            else:
                one.resolve(result, _translate(error))

    def _again(self, one: _Pending) -> None:
        one.tries += 1
        if one.tries >= TRIES or self._queue.full():
            one.resolve(None, OrderBusy("another change of the same order is under way, please retry"))
        else:
            self._queue.put_nowait(one)


async def _attempt(one: _Pending, connection: AsyncConnection) -> tuple[Any, BaseException | None]:
    """Run one unit in its own savepoint: its result, or what it raised after the savepoint was rolled back."""
    savepoint = await connection.begin_nested()
    try:
        with adopted(one.bound):
            result = await one.unit(SqlWork(connection))
    except Exception as problem:  # noqa: BLE001  the caller gets it; the other units of the group go on
        await savepoint.rollback()
        return None, problem
    await savepoint.commit()
    return result, None


def _lost_race(error: BaseException | None) -> bool:
    if isinstance(error, VersionConflict):
        return True
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in LOST_RACE


def _translate(error: BaseException | None) -> BaseException | None:
    if isinstance(error, SQLAlchemyError):
        log.error("unit_failed", exc_info=error)
        return _unavailable(error)
    return error


def _unavailable(problem: BaseException) -> Unavailable:
    unavailable = Unavailable("the database does not work now, please retry")
    unavailable.__cause__ = problem
    return unavailable
