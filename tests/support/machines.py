"""Several servers on one database, each a process of its own that can be stopped, killed and started again.

They are forked from one process that has imported the program: to import it anew for each takes most of a start.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.support.network import OPERATOR_TOKEN, free_port
from tests.support.server import PATIENCE, ROOT

FORKING = r"""
import asyncio, os, signal, sys
from bpp.app import prepare
from bpp.logs import configure_logs
from bpp.serve import _serve_alone
from bpp.settings import load_settings

configure_logs("info", json=True)  # not to stdout, which is for numbers
asyncio.run(prepare(load_settings(os.environ)))
forked = []
for line in sys.stdin:
    port, log = line.split()
    forked.append(os.fork())
    if not forked[-1]:
        for stream in (1, 2):
            os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644), stream)
        os._exit(_serve_alone(load_settings({**os.environ, "BPP_PORT": port})))
    print(forked[-1], flush=True)
for pid in forked:  # whoever started us has gone
    os.kill(pid, signal.SIGKILL)
"""


@dataclass
class Machine:
    """One server process; ``port`` is where it listens."""

    log: Path
    pid: int
    port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def delivered(self) -> int:
        """How many attempts to deliver it made."""
        return self.log.read_text().count('"callback_attempted"')

    def kill(self) -> None:
        """As a power cut does."""
        os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """As a restart does; returns when it has ended."""
        os.kill(self.pid, signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            while _lives(self.pid):  # noqa: ASYNC110  another process
                await asyncio.sleep(0.02)


@dataclass
class Machines:
    """The machines of one database."""

    folder: Path
    forking: asyncio.subprocess.Process
    started: list[Machine] = field(default_factory=list)

    async def start(self, again: Machine | None = None) -> Machine:
        """Another machine, or one that was stopped."""
        machine = again or Machine(self.folder / f"machine-{len(self.started)}.log", 0)
        assert self.forking.stdin is not None
        assert self.forking.stdout is not None
        self.forking.stdin.write(f"{machine.port} {machine.log}\n".encode())
        said = await self.forking.stdout.readline()
        assert said, "the servers' parent has ended"
        machine.pid = int(said)
        if again is None:
            self.started.append(machine)
        async with aiohttp.ClientSession() as session, asyncio.timeout(PATIENCE):
            while True:
                try:
                    async with session.get(f"{machine.url}/health/ready") as answer:
                        if answer.status == 200:
                            return machine
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)


@asynccontextmanager
async def machines(database_url: str, folder: Path, **more: str) -> AsyncIterator[Machines]:
    """Nothing is started yet but the process that they come from."""
    environ = {
        **os.environ,
        "BPP_DATABASE_URL": database_url,
        "BPP_REGISTRY": str(folder / "registry.json"),
        "BPP_OPERATOR_TOKEN": OPERATOR_TOKEN,
        "BPP_SANDBOX_BUYER_PORT": "0",
        "BPP_SANDBOX_GATEWAY_PORT": "0",
        **more,
    }
    pipe = asyncio.subprocess.PIPE
    forking = await asyncio.create_subprocess_exec(
        sys.executable, "-c", FORKING, cwd=ROOT, env=environ, stdin=pipe, stdout=pipe
    )
    found = Machines(folder, forking)
    try:
        yield found
    finally:
        for one in found.started:
            if _lives(one.pid):
                await one.stop()
        assert forking.stdin is not None
        forking.stdin.close()
        await forking.wait()


def _lives(pid: int) -> bool:
    """Whether a process does anything still; one that has ended waits for its parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@asynccontextmanager
async def balanced(backends: list[Machine]) -> AsyncIterator[str]:
    """The address of what stands before machines: each request goes to the next one that takes it."""
    turn = 0

    async def forward(request: web.Request) -> web.Response:
        nonlocal turn
        body = await request.read()
        headers = {name: value for name, value in request.headers.items() if name != "Host"}
        for _ in range(10 * len(backends)):
            turn += 1
            machine = backends[turn % len(backends)]
            try:
                async with session.request(
                    request.method, f"{machine.url}{request.path_qs}", data=body, headers=headers
                ) as answer:
                    if answer.status != 503:
                        kept = {name: answer.headers[name] for name in ("Content-Type",) if name in answer.headers}
                        return web.Response(status=answer.status, body=await answer.read(), headers=kept)
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.02)
        return web.Response(status=502)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", forward)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True), auto_decompress=False) as session,
        TestServer(app) as server,
    ):
        yield f"http://127.0.0.1:{server.port}"
