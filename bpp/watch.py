"""Watching over a server process: how late it comes to what is due, what it uses, and what the database holds.

One task, which never stands between a message and its answer. What is in the database is counted by the first process
of those that share a port, each count as often as it is worth, and what looks at a whole table never for more than a
hundredth of the time, whatever the number of orders (ADR 44).
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bpp.actions.settlement_run import keep_awake
from bpp.core.catalogs import Worlds
from bpp.core.sealing import Sealer
from bpp.core.verifying import Rounds
from bpp.errors import Unavailable
from bpp.metrics import Metrics
from bpp.orders.states import Stage
from bpp.storage.ports import Storage, Waiting

log = structlog.get_logger(__name__)
MOST_COUNTED = 10_000
"""Waiting callbacks that are counted; with more the figure stands still, which is enough to wake somebody."""

Newest = Callable[[], datetime | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often each thing is looked at, in seconds; ``share`` is the most of the time that one may take."""

    process: float = 1.0
    outbox: float = 5.0
    stock: float = 60.0
    books: float = 600.0
    audit: float = 60.0
    share: float = 0.01


class Watch:
    """Measures until it is stopped. ``newest_backup`` tells when the newest backup was made."""

    def __init__(
        self,
        *,
        storage: Storage,
        worlds: Worlds,
        metrics: Metrics,
        clock: Callable[[], datetime],
        newest_backup: Newest,
        counts: bool,
        pace: Pace,
        sealer: Sealer,
        rounds: Rounds,
    ) -> None:
        """``counts``: whether this process counts what is in the database, and seals it where no other does."""
        self._storage = storage
        self._worlds = worlds
        self._metrics = metrics
        self._clock = clock
        self._newest_backup = newest_backup
        self._pace = pace
        self._sealer = sealer
        self._rounds = rounds
        self._version = (-1, clock())
        self._cpu = 0.0
        always: list[_Task] = [
            _Task("process", pace.process, self._process),
            _Task("catalog", pace.outbox, self._catalog),
        ]
        first = [
            _Task("outbox", pace.outbox, self._outbox),
            _Task("backup", pace.stock, self._backup),
            _Task("stock", pace.stock, self._stock),
            _Task("books", pace.books, self._books),
            _Task("audit", pace.audit, self._audit, waits=True),
            _Task("settlement", pace.books, self._settlement),
        ]
        self._tasks = always + (first if counts else [])
        self._metrics.started.labels(metrics.process).set(clock().timestamp())
        if counts:  # so that the alert rings, too, where no seal is ever made
            self._metrics.audit_sealed.set(clock().timestamp())

    async def run(self) -> None:
        """Until cancelled. A database that does not answer is told by the figures, and asked again."""
        now = asyncio.get_running_loop().time
        for task in self._tasks:
            task.due = now() + (task.every if task.waits else 0.0)
        while True:
            for task in self._tasks:
                if task.due <= now():
                    await self._carry_out(task)
            due = now() + self._pace.process
            await asyncio.sleep(self._pace.process)
            self._metrics.lag.labels(self._metrics.process).observe(max(0.0, now() - due))

    async def _carry_out(self, task: _Task) -> None:
        now = asyncio.get_running_loop().time
        began = now()
        try:
            await task.look()
        except Unavailable:
            log.warning("not_counted", what=task.name)
        except Exception:
            log.exception("watch_failed", what=task.name)
        task.due = now() + max(task.every, (now() - began) / self._pace.share)

    async def _process(self) -> None:
        metrics, process = self._metrics, self._metrics.process
        used = time.process_time()
        metrics.cpu.labels(process).inc(used - self._cpu)
        self._cpu = used
        metrics.most_files.labels(process).set(resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        files, resident = _used()
        metrics.open_files.labels(process).set(files)
        metrics.resident.labels(process).set(resident)

    async def _catalog(self) -> None:
        """The version that this process serves; asking for it brings it up to date before a buyer has to wait."""
        found = (await self._storage.read(self._worlds.current)).catalog.version
        if found != self._version[0]:
            self._version = (found, self._clock())
        metrics, process = self._metrics, self._metrics.process
        metrics.catalog_version.labels(process).set(found)
        metrics.catalog_age.labels(process).set(_seconds(self._clock() - self._version[1]))

    async def _outbox(self) -> None:
        now = self._clock()
        try:
            waiting = await self._storage.read(lambda work: work.figures.waiting(now, MOST_COUNTED))
        except Unavailable:
            self._metrics.database_up.set(0)
            raise
        self._metrics.database_up.set(1)
        for resting, name in ((False, "well"), (True, "resting")):
            found = waiting.get(resting, Waiting())
            self._metrics.outbox.labels(name).set(found.count)
            self._metrics.outbox_overdue.labels(name).set(_seconds(now - (found.due_since or now)))
        self._counted("outbox", now)

    async def _backup(self) -> None:
        made = await asyncio.to_thread(self._newest_backup)
        if made is not None:
            self._metrics.backup.set(made.timestamp())

    async def _stock(self) -> None:
        now = self._clock()
        standing = await self._storage.read(lambda work: work.orders.counts())
        held, booked = await self._storage.read(lambda work: work.figures.slot_cells(now))
        tickets = await self._storage.read(lambda work: work.issues.counts(now))
        for stage in Stage:  # all of them, or one without rows would keep its last value
            self._metrics.orders.labels(stage.value).set(standing.get(stage, 0))
        self._metrics.slots.labels("held").set(held)
        self._metrics.slots.labels("booked").set(booked)
        self._metrics.tickets.labels("running").set(tickets.running)
        self._metrics.tickets.labels("overdue").set(tickets.overdue)
        self._counted("stock", now)

    async def _books(self) -> None:
        now = self._clock()
        self._metrics.imbalance.set(await self._storage.read(lambda work: work.figures.ledger_sum()))
        self._counted("books", now)

    async def _audit(self) -> None:
        """Seal what is new, where no other process does, and look at some of what was sealed before."""
        now = self._clock()
        await self._sealer.seal(now)
        self._metrics.audit_faults.set(await self._rounds.step(now))
        standing = await self._storage.read(lambda work: work.seals.standing())
        if standing.sealed_at is not None:
            self._metrics.audit_sealed.set(standing.sealed_at.timestamp())

    async def _settlement(self) -> None:
        """See that the timer of the daily run is set, however it was lost."""
        world = await self._storage.read(self._worlds.current)
        if world.rules.settlement.mode != "off":
            await self._storage.run(lambda work: keep_awake(work, world))

    def _counted(self, what: str, began: datetime) -> None:
        """``began``, because what happened while it was counted may be missing from the figures."""
        self._metrics.counted.labels(what).set(began.timestamp())


@dataclass(slots=True)
class _Task:
    name: str
    every: float
    look: Callable[[], Awaitable[None]]
    waits: bool = False
    """Not before it has been due once: a server that has just started has other things to do."""
    due: float = 0.0


def _used() -> tuple[int, int]:
    """Open files and resident bytes of this process, as Linux tells them."""
    files = sum(1 for _ in Path("/proc/self/fd").iterdir())
    return files, int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def _seconds(span: timedelta) -> float:
    return max(0.0, span.total_seconds())
