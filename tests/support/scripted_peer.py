"""A buyer app on a loopback port that answers as it was told and remembers every byte."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import orjson
from aiohttp import web
from aiohttp.test_utils import TestServer

ACK = b'{"message":{"ack":{"status":"ACK"}}}'


@dataclass(frozen=True)
class Answer:
    """One answer. ``held``: it is not given before `ScriptedPeer.let_go`."""

    status: int = 200
    body: bytes = ACK
    headers: Mapping[str, str] = field(default_factory=dict)
    held: bool = False


def nack(code: str) -> Answer:
    """A NACK with an error code of the network."""
    error = {"type": "CONTEXT-ERROR", "code": code, "message": "not like this"}
    return Answer(body=orjson.dumps({"message": {"ack": {"status": "NACK"}}, "error": error}))


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body read."""
        return orjson.loads(self.body)


class ScriptedPeer:
    """Gives the answers of its script one after the other, then ACKs. An async context manager."""

    def __init__(self, *script: Answer, port: int | None = None) -> None:
        self.script = [*script]
        self.received: list[Received] = []
        self.at_once = 0
        self.most_at_once = 0
        self._gone = asyncio.Event()
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._server = TestServer(app, port=port)

    @property
    def url(self) -> str:
        """The peer's ``bap_uri``."""
        return f"http://127.0.0.1:{self._server.port}"

    def let_go(self) -> None:
        """Give the answers that are held back, now and from now on."""
        self._gone.set()

    async def __aenter__(self) -> Self:
        await self._server.start_server()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()
        await self._server.close()

    async def _receive(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            self.received.append(Received(request.path, dict(request.headers), await request.read()))
            answer = self.script.pop(0) if self.script else Answer()
            if answer.held:
                await self._gone.wait()
            return web.Response(status=answer.status, body=answer.body, headers=dict(answer.headers))
        finally:
            self.at_once -= 1
