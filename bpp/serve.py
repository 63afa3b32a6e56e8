"""The life of a server: one process or several on one port, with the sandbox's buyer app and gateway beside them.

How a process stops (ADR 43): it says that it is not ready, and serves on for ``BPP_DRAIN_DELAY``, its answers with
``Connection: close``; then it accepts nothing more, finishes what it took in and what it is delivering, and ends within
``BPP_DRAIN_TIMEOUT``. Whatever hangs then is cut off: it is as durable as after a kill.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import structlog
import uvloop
from aiohttp import web

from bpp.app import build_app, prepare, prepare_people, with_operator_token
from bpp.console.app import CONSOLE_PATH
from bpp.console.sandbox_people import PEOPLE, sandbox_password
from bpp.context import APP_CONTEXT, Life
from bpp.inbound.door import DoorRunner
from bpp.logs import configure_logs
from bpp.metrics import join, shared
from bpp.sandbox.serve import start_sandbox
from bpp.settings import Settings, load_settings
from bpp.supervisor import BACKLOG, Supervisor, bound, drained_within
from bpp.tracing import traces_by_environment

log = structlog.get_logger(__name__)
LINGER, LINGER_BESIDE_SUCCESSOR, LOOK_AGAIN = 0.5, 2.0, 0.02
"""Seconds in which connections that are open when we accept no more may still send a request, if any are."""
STOPPED_AT_ONCE = 1


def serve(settings: Settings) -> int:
    """Migrate, seed, listen until SIGINT or SIGTERM; returns the exit status."""
    settings, new_token = with_operator_token(settings)
    configure_logs(settings.log_level, json=settings.json_logs, foreign=settings.sandbox)
    uvloop.run(prepare(settings))
    if settings.sandbox:
        uvloop.run(prepare_people(settings))
        print(banner(settings, new_token=new_token), flush=True)  # noqa: T201  for the person who started it
    if settings.workers == 1:
        return _serve_alone(settings)
    with shared():
        return asyncio.run(Supervisor(settings, _child, _reread).run())


def _reread() -> Settings:
    return with_operator_token(load_settings(os.environ))[0]


@dataclass(kw_only=True)
class _Told:
    """What a process was told by signals or by the end of its parent: to stop, and whether a successor is there."""

    stop: asyncio.Event = field(default_factory=asyncio.Event)
    succeeded: bool = False

    def stops(self) -> None:
        self.stop.set()

    def stops_or_ends(self) -> None:
        if self.stop.is_set():
            os._exit(STOPPED_AT_ONCE)
        self.stop.set()

    def retires(self) -> None:
        self.succeeded = True
        self.stop.set()


def _serve_alone(settings: Settings) -> int:
    async def run() -> int:
        told, loop = _Told(), asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, told.stops_or_ends)
        loop.add_signal_handler(signal.SIGHUP, told.stops)  # a terminal that closes; there is nobody to take over
        return await _serve_one(settings, told, with_sandbox=settings.sandbox)

    return uvloop.run(run())


def _child(settings: Settings, number: int, figures: int, listener: socket.socket, says: Connection) -> None:
    """One of several. The parent alone decides: Ctrl-C reaches all, and its end is seen by all."""

    async def run() -> int:
        told, loop = _Told(), asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, lambda: None)
        loop.add_signal_handler(signal.SIGTERM, told.stops)
        loop.add_signal_handler(signal.SIGHUP, told.retires)
        parent = multiprocessing.parent_process()
        if parent is not None:

            def orphaned() -> None:
                loop.remove_reader(parent.sentinel)
                log.error("parent_died", pid=os.getpid())
                told.stops()

            loop.add_reader(parent.sentinel, orphaned)
        first = settings.sandbox and number == 0
        return await _serve_one(settings, told, with_sandbox=first, at=listener, says=says, process=number)

    configure_logs(settings.log_level, json=settings.json_logs, process=number, foreign=settings.sandbox)
    join(figures)
    sys.exit(uvloop.run(run()))


async def _serve_one(
    settings: Settings,
    told: _Told,
    *,
    with_sandbox: bool,
    at: socket.socket | None = None,
    says: Connection | None = None,
    process: int = 0,
) -> int:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(listening(settings, at, process=process))
        if with_sandbox:
            await stack.enter_async_context(
                start_sandbox(
                    Path(settings.registry),
                    host=settings.host,
                    buyer_port=settings.sandbox_buyer_port,
                    gateway_port=settings.sandbox_gateway_port,
                    bpp_url=settings.subscriber_uri,
                    operator_token=settings.operator_token,
                )
            )
        log.info("server_started", pid=os.getpid(), host=settings.host, port=server.port)
        if says is not None:
            says.send(True)  # noqa: FBT003  a word for the parent
            says.close()
        await _first(told.stop, server.life.failed)
        server.life.draining, server.life.succeeded = True, told.succeeded
        signal.setitimer(signal.ITIMER_REAL, drained_within(settings))  # ends us, even if nothing turns any more
        log.info("server_stopping", pid=os.getpid(), failed=server.life.failed.is_set())
        if not told.succeeded and not server.life.failed.is_set():
            await asyncio.sleep(settings.drain_delay.total_seconds())
    return 1 if server.life.failed.is_set() else 0


async def _first(*events: asyncio.Event) -> None:
    waits = {asyncio.create_task(one.wait()) for one in events}
    await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    for one in waits:
        one.cancel()


@dataclass(frozen=True, slots=True)
class Listening:
    """A running server: its port, and its life to be ended."""

    port: int
    life: Life


@asynccontextmanager
async def listening(
    settings: Settings, at: socket.socket | None = None, *, process: int = 0
) -> AsyncIterator[Listening]:
    """A running server, on a socket that listens already or on one of its own. Raises ``OSError`` for a port in use."""
    app = build_app(settings, process=process, traces=traces_by_environment())
    patience = settings.drain_timeout.total_seconds()
    runner = DoorRunner(app, idle=settings.idle_timeout, patience=patience)
    await runner.setup()
    try:
        life = app[APP_CONTEXT].life
        listener = at or bound(settings.host, settings.port)
        port = listener.getsockname()[1]
        opened = await asyncio.get_running_loop().create_server(
            lambda: _connection(runner, settings.connections), sock=listener, backlog=BACKLOG
        )
        try:
            yield Listening(port, life)
        finally:
            await asyncio.sleep(0)  # what the kernel accepted for us until now is ours
            opened.close()
            if life.draining:
                await _deserted(runner, LINGER_BESIDE_SUCCESSOR if life.succeeded else LINGER)
    finally:
        await runner.cleanup()


async def _deserted(runner: web.AppRunner, patience: float) -> None:
    """Wait until every connection was closed by its client, whom each answer asks for that; not for long."""
    loop = asyncio.get_running_loop()
    until = loop.time() + patience
    while runner.server is not None and runner.server.connections and loop.time() < until:  # noqa: ASYNC110  it tells nobody
        await asyncio.sleep(LOOK_AGAIN)


class _NoRoom(asyncio.Protocol):
    """A connection beyond the most: closed before a byte of it is read."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _connection(runner: web.AppRunner, most: int) -> asyncio.BaseProtocol:
    server = runner.server
    if server is None or len(server.connections) >= most:
        return _NoRoom()
    return server()


def banner(settings: Settings, *, new_token: bool) -> str:
    """What a person who has just started the sandbox wants to know."""
    base = f"http://{settings.host}:{settings.port}"
    lines = [
        f"Sewamitra BPP ({settings.env}) on {base}",
        f"  console         {base}{CONSOLE_PATH}/",
        f"                  login {', '.join(login for login, _, _ in PEOPLE)}",
        f"                  password {sandbox_password(settings.database_url)} (kept beside the database)",
        "                  a worker signs in by telephone; the code is printed here",
        f"  operator API    {base}/api/v1/ (description: {base}/api/v1/openapi.json)",
        f"  metrics         {base}/metrics",
        f"  health          {base}/health/ready",
        f"  sandbox buyer   http://{settings.host}:{settings.sandbox_buyer_port} (bpp buyer --help)",
        f"  sandbox gateway http://{settings.host}:{settings.sandbox_gateway_port}",
        f"  for buyer apps  {settings.subscriber_uri.rstrip('/')}/docs (what we support, examples, how to join)",
    ]
    if new_token:
        lines.append(f"  operator token  {settings.operator_token} (kept beside the database)")
    return "\n".join([*lines, "Ctrl-C stops it."])
