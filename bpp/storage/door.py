"""The one door to a transaction: units of work are grouped, committed once, and only then answered (ADR 7).

The theory. A commit costs more than all the rest of a message, mostly the wait for the disk. So the units that wait
at the same time go into one transaction. Nobody is answered before the commit, so an ACK is never a lie. A unit that
fails before it changed anything, as refusals do, leaves the others alone. Where one fails later, the whole group is
taken back and its units are run again one by one, each in a transaction of its own: a savepoint for each unit would
cost more than that seldom does. A unit that lost a race for a row is run again in a later group. Therefore units must
have no effect but through their ``Work``.

On SQLite there is one writer. On PostgreSQL there are a few, and rows are locked by the reads of a unit, so two
changes of one order follow each other there too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import structlog

from bpp.errors import OrderBusy, Unavailable
from bpp.logs import adopted, bound_now
from bpp.storage.connection import Connection, Database, DatabaseProblem, Session
from bpp.storage.ports import Notice, Unit, VersionConflict
from bpp.storage.slots import Holders
from bpp.storage.work import SqlWork

T = TypeVar("T")
log = structlog.get_logger(__name__)
TRIES, READ_TRIES = 6, 2
"""How often a unit is run; more often than there are writers, each of which may find its plans overtaken once."""
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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a unit came to; ``error`` is what it raised, ``spoiled`` that the transaction must be taken back for it."""

    one: _Pending
    result: Any = None
    error: BaseException | None = None
    spoiled: bool = False
    notices: Collection[Notice] = ()


class SqlStorage:
    """Storage on a database: see ``bpp.storage.ports.Storage``."""

    def __init__(self, database: Database, *, batch: int, committed: Committed = unobserved) -> None:
        """Start a task for each writer, each committing up to ``batch`` units together."""
        self._committed = committed
        self._database = database
        self._notifier = database.notifier()
        self._holders = Holders()
        self._batch = batch
        self._queue: asyncio.Queue[_Pending] = asyncio.Queue(QUEUE_LIMIT)
        self._tasks = [
            asyncio.create_task(self._serve(session), name=f"storage-{number}")
            for number, session in enumerate(database.writers())
        ]
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
        """Run a unit that only reads, on a connection that cannot write; it sees one consistent state."""
        return await self._reading(self._database.read, unit)

    async def look(self, unit: Unit[T]) -> T:
        """Run a unit of a few short queries, each of which sees the newest state; it is not put on other threads."""
        return await self._reading(self._database.look, unit)

    async def _reading(self, way: Callable[[Callable[[Connection], Awaitable[T]]], Awaitable[T]], unit: Unit[T]) -> T:
        """Run a unit that only reads; once more where a migration has overtaken a plan of its connection."""
        tries = 0
        while True:
            tries += 1
            try:
                return await way(lambda connection: unit(SqlWork(connection, self._holders, locking=False)))
            except DatabaseProblem as problem:
                if tries == READ_TRIES or not problem.lost_race:
                    raise Unavailable("the database cannot be read now, please retry") from problem.__cause__

    async def follow(self, heard: Callable[[frozenset[Notice]], None]) -> None:
        """Tell what other processes did, as far as we hear of it, and everything where we may have missed some."""
        await self._notifier.follow(heard)

    def waiting(self) -> int:
        """How many units wait at the door."""
        return self._queue.qsize()

    async def close(self) -> None:
        """Finish what waits, then stop."""
        self._closing = True
        await self._queue.join()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for session in self._database.writers():
            await session.close()
        await self._notifier.close()
        await self._database.close()

    async def _serve(self, session: Session) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < self._batch and not self._queue.empty():
                group.append(self._queue.get_nowait())
            try:
                await self._commit(group, session)
            finally:
                for _ in group:
                    self._queue.task_done()

    async def _commit(self, group: list[_Pending], session: Session) -> None:
        """Run and commit a group; where it fails as a whole, and not by its commit, each of its units by itself.

        A commit that fails may still have been made, if its answer was lost: then nothing is run again.
        """
        began = time.monotonic()
        try:
            await session.begin()
            outcomes = await _together(group, session, self._holders)
            if outcomes is None or outcomes[-1].spoiled:
                await session.abandon()
            else:
                await session.commit()
                self._notifier.committed({notice for outcome in outcomes for notice in outcome.notices})
        except DatabaseProblem as problem:
            log.exception("commit_failed", units=len(group), exc_info=problem.__cause__)
            await session.abandon()
            self._committed(len(group), time.monotonic() - began, self._queue.qsize(), failed=True)
            for one in group:
                one.resolve(None, _unavailable(problem))
            return
        if outcomes is None:
            for one in group:
                await self._commit([one], session)
            return
        self._committed(len(group), time.monotonic() - began, self._queue.qsize())
        for outcome in outcomes:
            if _lost_race(outcome.error):
                self._again(outcome.one)
            else:
                outcome.one.resolve(outcome.result, _translate(outcome.error))

    def _again(self, one: _Pending) -> None:
        one.tries += 1
        if one.tries >= TRIES or self._queue.full():
            one.resolve(None, OrderBusy("another change of the same order is under way, please retry"))
        else:
            self._queue.put_nowait(one)


async def _together(group: list[_Pending], session: Session, holders: Holders) -> list[_Outcome] | None:
    """What each unit of a group came to, ready to be committed; None where they must be run one by one.

    Raises DatabaseProblem where that would help nobody.
    """
    outcomes = []
    try:
        for one in group:
            outcomes.append(await _attempt(one, session, holders))
            if outcomes[-1].spoiled:
                break
        else:
            await session.flush()
            return outcomes
    except DatabaseProblem as problem:
        if session.lost:
            raise
        outcomes = [_Outcome(one, error=problem, spoiled=True) for one in group]
    if len(group) > 1:
        log.info("group_run_one_by_one", units=len(group), reason=type(outcomes[-1].error).__name__)
        return None
    return outcomes


async def _attempt(one: _Pending, session: Session, holders: Holders) -> _Outcome:
    """Run one unit: its result, or what it raised."""
    session.enter()
    work = SqlWork(session, holders)
    try:
        with adopted(one.bound):
            result = await one.unit(work)
    except Exception as problem:  # noqa: BLE001  the caller gets it; the other units of the group go on
        return _Outcome(one, error=problem, spoiled=not session.drop(problem))
    session.keep()
    return _Outcome(one, result=result, notices=work.notices)


def _lost_race(error: BaseException | None) -> bool:
    return isinstance(error, VersionConflict) or (isinstance(error, DatabaseProblem) and error.lost_race)


def _translate(error: BaseException | None) -> BaseException | None:
    if isinstance(error, DatabaseProblem):
        log.error("unit_failed", exc_info=error.__cause__)
        return _unavailable(error)
    return error


def _unavailable(problem: DatabaseProblem) -> Unavailable:
    unavailable = Unavailable("the database does not work now, please retry")
    unavailable.__cause__ = problem.__cause__
    return unavailable
