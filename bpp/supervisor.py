"""Several server processes on one port: the parent that starts, watches, replaces and stops them.

The theory. The parent binds one listening socket for each child, all on the same port, and keeps them: the kernel
spreads connections over the sockets, and what waits at one of them outlives the child that served it. So a child that
dies, or gives its place to another, loses nobody who was not taken in yet: its successor accepts from the same socket.
A child that does not come up is started again after a growing pause, its socket closed meanwhile, so that the others
get what would wait in vain. Children end when the parent does, however it ends: they see its end of a pipe close.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Literal

import structlog

from bpp.settings import Settings, SettingsProblems

log = structlog.get_logger(__name__)
BACKLOG = 1024
"""Connections that the kernel keeps for us until they are accepted."""
LEAST_PAUSE, LONGEST_PAUSE = 0.5, 30.0
STEADY = 3.0
"""Seconds of service after which a child that ends counts as having been well."""
READY_WITHIN = 60.0
"""Seconds a successor may take to serve before the old process is kept instead."""
MARGIN = 8.0
"""Seconds beyond ``BPP_DRAIN_DELAY`` and ``BPP_DRAIN_TIMEOUT`` after which a process that has not ended is killed."""
Serves = Callable[[Settings, int, int, socket.socket, Connection], None]
"""What a child does: serve as its number at its socket, keep its figures as another, and say so through the pipe."""
KEPT = ("host", "port", "workers")
"""Settings that are those of the parent, whatever a reload reads."""


def bound(host: str, port: int, *, shared: bool = False) -> socket.socket:
    """A listening socket; ``shared`` ones of one port get connections in turn. Raises ``OSError``."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    listener = socket.create_server(address[:2], family=family, backlog=BACKLOG, reuse_port=shared)
    listener.setblocking(False)  # noqa: FBT003  the signature is the library's
    return listener


def pause_after(failures: int) -> float:
    """Seconds before a child that failed so many times in a row is started again: none, then ever more."""
    return 0.0 if failures <= 1 else min(LONGEST_PAUSE, LEAST_PAUSE * 2 ** (failures - 2))


def drained_within(settings: Settings) -> float:
    """Seconds in which a process that is told to stop must have ended."""
    return settings.drain_delay.total_seconds() + settings.drain_timeout.total_seconds() + MARGIN


@dataclass(eq=False, kw_only=True)
class _Child:
    process: BaseProcess
    figures: int
    started: float
    ready: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    succeeded: asyncio.Event = field(default_factory=asyncio.Event)
    retired: bool = False

    def told(self, number: signal.Signals) -> None:
        if self.process.pid is not None and not self.over.is_set():
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, number)


class Supervisor:
    """The parent. ``serves`` runs in each child; ``reread`` gives the settings of now at SIGHUP."""

    def __init__(self, settings: Settings, serves: Serves, reread: Callable[[], Settings]) -> None:
        self._settings = settings
        self._serves = serves
        self._reread = reread
        self._spawn = multiprocessing.get_context("spawn")
        self._listeners: dict[int, socket.socket] = {}
        self._children: dict[int, _Child] = {}
        self._alive: set[_Child] = set()
        self._stopping = asyncio.Event()
        self._at_once = asyncio.Event()
        self._reload = asyncio.Event()

    async def run(self) -> int:
        """Serve until SIGTERM or SIGINT; the second stops at once. SIGHUP replaces one child after the other."""
        loop = asyncio.get_running_loop()
        for told in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(told, self._told_to_stop)
        loop.add_signal_handler(signal.SIGHUP, self._reload.set)
        if not self._settings.port:  # any free one, but the same for all
            self._settings = self._settings.model_copy(update={"port": self._listener(0).getsockname()[1]})
        for number in range(self._settings.workers):
            self._start(number)
        keepers = [asyncio.create_task(self._keep(number)) for number in range(self._settings.workers)]
        reloading = asyncio.create_task(self._reloads())
        waits: set[asyncio.Task[Literal[True]]] = set()
        try:
            await self._stopping.wait()
            log.info("server_stopping", pid=os.getpid(), processes=len(self._alive))
            for listener in self._listeners.values():  # the children have theirs; whoever comes after them is refused
                listener.close()
            for child in self._alive:
                child.told(signal.SIGTERM)
            waits = {asyncio.create_task(one) for one in (self._all_ended(keepers), self._at_once.wait())}
            await asyncio.wait(waits, timeout=drained_within(self._settings), return_when="FIRST_COMPLETED")
        finally:
            for child in self._alive:
                log.error("server_process_killed", pid=child.process.pid)
                child.told(signal.SIGKILL)
            for task in (*keepers, *waits, reloading):
                task.cancel()
        return 0

    async def _all_ended(self, keepers: Collection[asyncio.Task[None]]) -> Literal[True]:
        await asyncio.gather(*keepers, *(child.over.wait() for child in self._alive))
        return True

    def _told_to_stop(self) -> None:
        if self._stopping.is_set():
            self._at_once.set()
        self._stopping.set()

    async def _keep(self, number: int) -> None:
        """One place among the children, taken by one after the other."""
        failures = 0
        while True:
            child = self._children[number]
            await child.over.wait()
            if child.retired:
                await child.succeeded.wait()
            if self._children[number] is not child:
                continue
            if self._stopping.is_set():
                return
            served = child.ready.is_set() and asyncio.get_running_loop().time() - child.started > STEADY
            failures = 1 if served else failures + 1
            log.error(
                "server_process_died",
                pid=child.process.pid,
                exitcode=child.process.exitcode,
                failures=failures,
                again_in=pause_after(failures),
            )
            while not await self._restarted(number, failures):
                failures += 1

    async def _restarted(self, number: int, failures: int) -> bool:
        """Start a child in a place after its pause. False where the system would not: no port, no process to be had."""
        pause = pause_after(failures)
        if pause and number in self._listeners:
            self._listeners.pop(number).close()
        with suppress(TimeoutError):
            async with asyncio.timeout(pause):
                await self._stopping.wait()
        if self._stopping.is_set():
            return True
        try:
            self._start(number)
        except OSError as problem:
            log.error("server_process_not_started", number=number, reason=problem.strerror)  # noqa: TRY400  it is tried again
            return False
        return True

    def _start(self, number: int) -> _Child:
        loop = asyncio.get_running_loop()
        before = self._children.get(number)
        figures = number if before is None else self._figures_after(before)
        listener = self._listener(number)
        says, said = self._spawn.Pipe(duplex=False)
        process = self._spawn.Process(
            target=self._serves,
            args=(self._settings, number, figures, listener, said),
            name=f"bpp-{number}",
        )
        process.start()
        said.close()
        child = _Child(process=process, figures=figures, started=loop.time())
        if before is not None:
            before.succeeded.set()
        self._children[number] = child
        self._alive.add(child)

        def spoke() -> None:
            loop.remove_reader(says)
            with suppress(EOFError):
                child.started = loop.time()
                if says.recv():
                    child.ready.set()
            says.close()

        def ended() -> None:
            loop.remove_reader(process.sentinel)
            process.join()
            self._alive.discard(child)
            child.over.set()

        loop.add_reader(says, spoke)
        loop.add_reader(process.sentinel, ended)
        return child

    def _figures_after(self, before: _Child) -> int:
        """As whom a successor keeps its figures: it goes on with those of the dead, and writes beside the living."""
        if before.over.is_set():
            return before.figures
        return (before.figures + self._settings.workers) % (2 * self._settings.workers)

    def _listener(self, number: int) -> socket.socket:
        if number not in self._listeners:
            self._listeners[number] = bound(self._settings.host, self._settings.port, shared=True)
        return self._listeners[number]

    async def _reloads(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            try:
                read = self._reread()
            except SettingsProblems as problem:
                log.error("reload_refused", problems=problem.problems)  # noqa: TRY400  nothing of ours broke
                continue
            kept = {name: getattr(self._settings, name) for name in KEPT}
            before, self._settings = self._settings, read.model_copy(update=kept)
            log.info("reload_began", pid=os.getpid())
            if await self._all_replaced():
                log.info("reload_ended", pid=os.getpid())
            else:
                self._settings = before  # whoever must be started again shall come up

    async def _all_replaced(self) -> bool:
        for number in range(self._settings.workers):
            if not await self._replaced(number):
                return False
        return True

    async def _replaced(self, number: int) -> bool:
        """Whether a successor has a child's place; else the child keeps it. Nobody is replaced once all stop.

        The successor serves before the other stops, but for the process that has the sandbox's own ports.
        """
        if self._stopping.is_set():
            return False
        old = self._children[number]
        ports = self._settings.sandbox_buyer_port, self._settings.sandbox_gateway_port
        first = self._settings.sandbox and number == 0 and any(ports)
        if first:
            await self._retired(old)
            if self._stopping.is_set():
                old.succeeded.set()
                return False
        child = self._start(number)
        waits = {asyncio.create_task(one.wait()) for one in (child.ready, child.over)}
        await asyncio.wait(waits, timeout=READY_WITHIN, return_when="FIRST_COMPLETED")
        for one in waits:
            one.cancel()
        if child.ready.is_set():
            await self._retired(old)
            return True
        log.error("reload_failed", pid=child.process.pid, number=number)
        if not first:
            self._children[number] = old
            child.told(signal.SIGKILL)
        return False

    async def _retired(self, child: _Child) -> None:
        child.retired = True
        child.told(signal.SIGHUP)
        try:
            async with asyncio.timeout(drained_within(self._settings)):
                await child.over.wait()
        except TimeoutError:
            child.told(signal.SIGKILL)
            await child.over.wait()
