"""``bpp serve`` as a process of its own, to be killed."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.identities import BPP, BUYER, write_registry
from tests.support.network import OPERATOR_TOKEN, free_port

ROOT = Path(__file__).parent.parent.parent
PATIENCE = 60.0


class Server:
    """``bpp serve`` as a process of its own, on a database that outlives it.

    ``patience`` is how many seconds it may take to start or to stop.
    """

    patience = PATIENCE

    def __init__(self, database_url: str, folder: Path, **more: str) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.registry = folder / "registry.json"
        self.log = folder / "server.log"
        self.environ = {
            # Whoever starts it may not want to compile for good; a server that is started often must not do so each time.
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "BPP_DATABASE_URL": database_url,
            "BPP_REGISTRY": str(self.registry),
            "BPP_PORT": str(self.port),
            "BPP_SUBSCRIBER_URI": self.url,
            "BPP_OPERATOR_TOKEN": OPERATOR_TOKEN,
            "BPP_DELIVERY_LEASE": "PT1S",
            "BPP_SANDBOX_BUYER_PORT": "0",
            "BPP_SANDBOX_GATEWAY_PORT": "0",
            **more,
        }
        self.command = [str(Path(sys.executable).with_name("bpp")), "serve"]
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self, *, may_die: bool = False) -> None:
        """Until it is ready; or, where it ``may_die`` before that, until it is dead."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(self.command, cwd=ROOT, env=self.environ, stdout=log, stderr=log)
        async with aiohttp.ClientSession() as session, asyncio.timeout(self.patience):
            while True:
                if may_die and self.process.poll() is not None:
                    return
                assert self.process.poll() is None, self.log.read_text()
                try:
                    async with session.get(f"{self.url}/health/ready") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    await asyncio.sleep(0.05)

    def children(self) -> list[int]:
        """The processes that answer on its port, where there are several."""
        assert self.process is not None
        pid = self.process.pid
        found = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return [one for one in found if b"resource_tracker" not in Path(f"/proc/{one}/cmdline").read_bytes()]

    def kill(self) -> None:
        """As a power cut does: no handler runs, nothing is flushed."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> int:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=self.patience)


@asynccontextmanager
async def running(database_url: str, folder: Path, **more: str) -> AsyncIterator[tuple[Server, Buyer]]:
    server = Server(database_url, folder, **more)
    write_registry(server.registry, (BPP.at(server.url), BUYER))
    async with Buyer(registry=server.registry, patience=timedelta(seconds=PATIENCE)) as buyer:
        write_registry(server.registry, (BPP.at(server.url), BUYER.at(buyer.url)))
        try:
            await server.start()  # one that is not ready in time is stopped, too
            yield server, buyer
        finally:
            server.stop()
