"""A seller with a planted fault: the real server, behind a program that changes what it says.

It stands where the network sees the seller: requests pass through it to the real server, and callbacks pass through it
to the buyer apps. What a fault changes is signed anew with the seller's key, so that the fault is the only one. An
honest one changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from bpp.sandbox.exchange import parsed
from bpp.sandbox.identities import BPP
from bpp.sandbox.listener import Listener
from bpp.sandbox.moments import Clock
from signing.signature import sign

Json = dict[str, Any]
MAX_BODY = 16 << 20
_KEPT = ("Content-Type", "Authorization", "X-Gateway-Authorization")


@dataclass(kw_only=True)
class Story:
    """What passed through so far, oldest first: requests and callbacks as they came from their senders."""

    requests: list[Json] = field(default_factory=list)
    callbacks: list[Json] = field(default_factory=list)

    def request(self, action: str) -> Json:
        """The last request of an action."""
        return next(one for one in reversed(self.requests) if one["context"]["action"] == action)

    def callback(self, action: str) -> Json:
        """The last callback of an action."""
        return next(one for one in reversed(self.callbacks) if one["context"]["action"] == action)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback on its way to a buyer app: to be sent after ``delay`` seconds, signed by ``header`` if that is set."""

    document: Json
    delay: float = 0.0
    header: str | None = None
    body: bytes | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A synchronous answer on its way to a buyer app."""

    status: int
    document: Json
    delay: float = 0.0


class Honest:
    """A seller without a fault; faults override what they change."""

    def pass_on(self, action: str, body: bytes, story: Story) -> bool:
        """Whether a request reaches the real server at all; one that does not is answered by ``reply`` alone."""
        return True

    def reply(self, action: str, request: Json, reply: Reply, story: Story) -> Reply:
        """The synchronous answer that the buyer app gets."""
        return reply

    def callbacks(self, document: Json, story: Story) -> list[Outgoing]:
        """What the buyer app gets where the real server sent one callback."""
        return [Outgoing(document)]

    async def besides(self, action: str, request: Json, send: Callable[[Outgoing], Awaitable[None]]) -> None:
        """What the buyer app gets beside, after a request was answered."""


@dataclass(kw_only=True)
class FaultySeller:
    """The seller as the network sees it: ``url`` is its address, ``backs`` are the addresses of the buyer apps.

    ``fault`` may be changed between runs; ``buyers`` are where the buyer apps really listen, in the order of ``backs``.
    """

    url: str
    backs: tuple[str, ...]
    server: str
    clock: Clock
    session: aiohttp.ClientSession
    buyers: list[str] = field(default_factory=list)
    fault: Honest = field(default_factory=Honest)
    story: Story = field(default_factory=Story)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def plant(self, fault: Honest) -> None:
        """Be that seller from now on."""
        self.fault = fault
        self.story = Story()

    async def settled(self) -> None:
        """Wait for what is still on its way."""
        while self.tasks:
            await asyncio.gather(*self.tasks, return_exceptions=True)

    async def receive(self, request: web.Request) -> web.StreamResponse:
        """A request of a buyer app or gateway."""
        body = await request.read()
        action = request.path.rpartition("/")[2]
        document = parsed(body)
        if document.get("context"):
            self.story.requests.append(document)
        headers = [(name, value) for name, value in request.headers.items() if name in _KEPT]
        reply = Reply(200, {"message": {"ack": {"status": "ACK"}}})
        more: dict[str, str] = {}
        if self.fault.pass_on(action, body, self.story):
            url = f"{self.server}{request.path_qs}"
            async with self.session.request(request.method, url, data=body or None, headers=headers) as answer:
                raw = await answer.read()
                if not parsed(raw):  # a page, or none of JSON's objects: not the network's business
                    return web.Response(status=answer.status, body=raw, content_type=answer.content_type)
                reply = Reply(answer.status, parsed(raw))
                more = {k: v for k, v in answer.headers.items() if k in ("WWW-Authenticate", "Proxy-Authenticate")}
        reply = self.fault.reply(action, document, reply, self.story)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        self._later(self.fault.besides(action, document, self._send))
        return web.json_response(reply.document, status=reply.status, headers=more)

    async def pass_back(self, request: web.Request) -> web.StreamResponse:
        """A callback of the real server."""
        body = await request.read()
        document = parsed(body)
        self.story.callbacks.append(document)
        outgoing = self.fault.callbacks(parsed(body), self.story)
        back = self.backs.index(f"http://{request.host}")
        answer: tuple[int, bytes] = (200, orjson.dumps({"message": {"ack": {"status": "ACK"}}}))
        for one in outgoing:
            unchanged = one.document == document and one.header is None
            header = request.headers["Authorization"] if unchanged else None
            if one.delay:
                self._later(self._post(back, one, one.path or request.path, body if unchanged else None, header))
            else:
                answer = await self._post(back, one, one.path or request.path, body if unchanged else None, header)
        return web.Response(status=answer[0], body=answer[1], content_type="application/json")

    async def _send(self, one: Outgoing) -> None:
        back = self.backs.index(str(one.document["context"]["bap_uri"]).rstrip("/"))
        await self._post(back, one, one.path or f"/{one.document['context']['action']}", None, None)

    async def _post(
        self, back: int, one: Outgoing, path: str, body: bytes | None, header: str | None
    ) -> tuple[int, bytes]:
        if one.delay:
            await asyncio.sleep(one.delay)
        body = body or one.body or orjson.dumps(one.document)
        header = one.header or header or sign(body, BPP.key, BPP.key_id, self.clock())
        headers = {"Content-Type": "application/json", "Authorization": header}
        async with self.session.post(f"{self.buyers[back]}{path}", data=BytesIO(body), headers=headers) as answer:
            return answer.status, await answer.read()

    def _later(self, doing: Any) -> None:
        task = asyncio.ensure_future(doing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@asynccontextmanager
async def faulty_seller(*, server: str, clock: Clock, buyers: int = 2) -> AsyncIterator[FaultySeller]:
    """Listen on free ports before the server at ``server``, which need not listen yet."""
    async with AsyncExitStack() as stack:
        listeners = [Listener("127.0.0.1", 0, max_body=MAX_BODY) for _ in range(1 + buyers)]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        seller = FaultySeller(url="", backs=(), server=server, clock=clock, session=session)
        listeners[0].add_routes([web.route("*", "/{tail:.*}", seller.receive)])
        for one in listeners[1:]:
            one.add_routes([web.post("/{tail:.*}", seller.pass_back)])
        for one in listeners:
            await one.start()
            stack.push_async_callback(one.stop)
        seller.url, *backs = (one.url for one in listeners)
        seller.backs = tuple(backs)
        yield seller
        await seller.settled()
