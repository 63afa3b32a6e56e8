"""An endpoint of network observability that we do not own: it takes, refuses, fails, is slow, and is started anew."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Self

import orjson
from aiohttp import web

from bpp.metrics import Metrics
from bpp.network.transport import Transport
from bpp.observability.entries import Telling
from bpp.observability.masking import Masker
from bpp.observability.push import Endpoint, Pusher, PushLimits
from bpp.observability.reader import Reader
from bpp.observability.types import told
from bpp.storage.ports import LogEntry, Storage
from bpp.storage.ports_observability import DayTold
from tests.support.clock import FakeClock
from tests.support.couriers import LOOPBACK
from tests.support.network import free_port

TOKEN = "token-of-the-portal"
ACKED = b'{"message":{"ack":{"status":"ACK"}}}'
QUICK = timedelta(milliseconds=5)
PATIENCE_S = 120.0
PATIENT = timedelta(seconds=60)
"""For each try, where a test is not about an endpoint that is slow."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What the endpoint does with a request: ``delay`` in seconds, ``headers`` and errors by their codes."""

    status: int = 200
    errors: tuple[str, ...] = ()
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)


TAKES = Answer()
ACCEPTING = 3
"""Turns of the loop from a connection that is accepted to one that the server knows."""
Judge = Callable[[str, dict[str, Any]], Answer]


@dataclass(kw_only=True)
class Observatory:
    """Remembers what it took, each entry once by its key, and how often it was asked. ``judge`` decides about each."""

    judge: Judge = lambda _type, _data: TAKES
    keep: Callable[[dict[str, Any]], dict[str, Any]] = lambda body: body
    """What is remembered of an entry: of a whole day not all of it."""
    took: dict[str, dict[str, Any]] = field(default_factory=dict)
    repeated: Counter[str] = field(default_factory=Counter)
    asked: int = 0
    strangers: int = 0
    port: int = field(default_factory=free_port)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *problem: object) -> None:
        await self.stop()

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_post("/v1/api/push-txn-logs", self._take)
        self._runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True).start()

    async def stop(self) -> None:
        server = self._runner.server
        await self._runner.cleanup()
        for _ in range(ACCEPTING):
            await asyncio.sleep(0)
        if server is not None:
            await server.shutdown()  # whoever was accepted while it stopped

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1/api/push-txn-logs"

    @property
    def types(self) -> list[str]:
        return [one["type"] for one in self.took.values()]

    async def _take(self, request: web.Request) -> web.Response:
        self.asked += 1
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            self.strangers += 1
            return web.Response(status=401)
        body = orjson.loads(await request.read())
        answer = self.judge(body["type"], body["data"])
        await asyncio.sleep(answer.delay)
        if answer.status < 300 and not {"4001", "4002", "4003"} & set(answer.errors):
            key = request.headers["Idempotency-Key"]
            if key in self.took:
                self.repeated[key] += 1
            self.took.setdefault(key, self.keep(body))
        errors = [{"message": "m", "error_code": one, "path": "$", "error_description": ""} for one in answer.errors]
        return web.json_response({"errors": errors} if errors else {}, status=answer.status, headers=answer.headers)


def logged(document: dict[str, Any], clock: FakeClock, **changes: Any) -> LogEntry:
    """An acknowledged message in the log."""
    context = document["context"]
    given = {
        "at": clock(),
        "direction": "out" if context["action"].startswith("on_") else "in",
        "peer": context["bap_id"],
        "action": context["action"],
        "transaction_id": context["transaction_id"],
        "message_id": context["message_id"],
        "body": orjson.dumps(document),
        "answer": ACKED,
        "http_status": 200,
        "outcome": "ACK",
    }
    return LogEntry(**{**given, **changes})


async def log_all(storage: Storage, *entries: LogEntry) -> None:
    async def unit(work: Any) -> None:
        for one in entries:
            await work.messages.log(one)

    await storage.run(unit)


@asynccontextmanager
async def a_pusher(
    storage: Storage,
    observatory: Observatory,
    clock: FakeClock,
    *,
    holder: str = "one",
    token: str = TOKEN,
    also: tuple[str, ...] = (),
    metrics: Metrics | None = None,
    **limits: Any,
) -> AsyncIterator[Pusher]:
    """One that does not run yet, with its connections."""
    given = PushLimits(**{"idle": QUICK, "count": QUICK, "patience": PATIENT, **limits})
    telling = Telling(actions=told(also), masker=Masker(b"secret of the tests"), subscriber_id="seller.example")
    patience = given.patience
    async with Transport(guard=LOOPBACK, clock=clock, total_timeout=patience, connect_timeout=patience) as transport:
        yield Pusher(
            storage=storage,
            transport=transport,
            reader=Reader(storage, telling),
            endpoint=Endpoint(url=observatory.url, token=token),
            clock=clock,
            holder=holder,
            metrics=metrics or Metrics(),
            limits=given,
        )


@asynccontextmanager
async def pushing(storage: Storage, observatory: Observatory, clock: FakeClock, **given: Any) -> AsyncIterator[Pusher]:
    """A pusher at work; stopped in the end, when what is under way has ended."""
    async with a_pusher(storage, observatory, clock, **given) as pusher:
        running = asyncio.create_task(pusher.run())
        try:
            yield pusher
        finally:
            pusher.stop()
            await asyncio.wait_for(running, PATIENCE_S)


async def figures(storage: Storage) -> DayTold:
    """What was told of all days together."""
    found = await storage.read(lambda work: work.observability.days(date.min, date.max))
    return DayTold(
        day=date.min, **{name: sum(getattr(one, name) for one in found) for name in ("pushed", "warned", "refused")}
    )


async def seq_of(storage: Storage) -> int:
    """How far the log was told."""
    cursor = await storage.read(lambda work: work.observability.cursor())
    return cursor.seq if cursor else 0
