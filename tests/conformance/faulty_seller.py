"""A seller with a planted fault: the real server, behind a program that changes what it says.

It stands where the network sees the seller: requests pass through it to the real server, and callbacks pass through it
to the buyer apps. What a fault changes is signed anew with the seller's key, so that the fault is the only one. An
honest one changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, nullcontext
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
import orjson
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from beckn_schemas.ack import ack
from bpp.sandbox.exchange import parsed
from bpp.sandbox.identities import BPP
from bpp.sandbox.listener import Listener
from bpp.sandbox.moments import Clock
from signing.signature import sign

Json = dict[str, Any]
MAX_BODY = 16 << 20
_OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding", "accept", "accept-encoding"}
_CHALLENGES = ("WWW-Authenticate", "Proxy-Authenticate")
ACK: Json = ack()


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
class Incoming:
    """A request on its way to the real server."""

    action: str
    body: bytes
    headers: CIMultiDict[str]
    query: str

    @property
    def document(self) -> Json:
        """The body as JSON; empty where it is none."""
        return parsed(self.body)

    @property
    def authorization(self) -> str:
        """The first signature; empty where there is none."""
        return self.headers.get("Authorization", "")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A callback on its way to a buyer app: to be sent after ``delay`` seconds, signed by ``header`` if that is set.

    ``signs`` changes the header that it would have; ``more`` are headers beside the usual ones, which they replace.
    """

    document: Json
    delay: float = 0.0
    header: str | None = None
    body: bytes | None = None
    path: str | None = None
    signs: Callable[[str], str | list[str]] | None = None
    more: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """A synchronous answer on its way to a buyer app."""

    status: int
    document: Json
    delay: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)


class Honest:
    """A seller without a fault; faults override what they change."""

    one_at_a_time = False
    """Whether a callback waits until the one before it was answered, whoever that is meant for."""

    def request(self, incoming: Incoming, story: Story) -> Incoming | Reply:
        """What reaches the real server, or the seller's own answer."""
        return incoming

    def answer(self, document: Json, status: int, body: bytes) -> tuple[int, bytes]:
        """How the seller understands a buyer app's answer to a callback."""
        return status, body

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
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

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
        headers = CIMultiDict((k, v) for k, v in request.headers.items() if k.lower() not in _OF_THE_CONNECTION)
        action = request.path.rpartition("/")[2]
        came = Incoming(action, await request.read(), headers, request.query_string)
        document = came.document
        if document.get("context"):
            self.story.requests.append(document)
        reply: Reply | web.Response = Reply(200, ACK)
        if self.fault.pass_on(action, came.body, self.story):
            passed = self.fault.request(came, self.story)
            reply = await self._asked(request, passed) if isinstance(passed, Incoming) else passed
        if isinstance(reply, web.Response):
            return reply
        reply = self.fault.reply(action, document, reply, self.story)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        self._later(self.fault.besides(action, document, self._send))
        return web.json_response(reply.document, status=reply.status, headers=reply.headers)

    async def _asked(self, request: web.Request, passed: Incoming) -> Reply | web.Response:
        """What the real server answers; a page, or none of JSON's objects, is not the network's business."""
        url = URL(f"{self.server}{request.path}").with_query(passed.query)
        async with self.session.request(
            request.method, url, data=passed.body or None, headers=passed.headers, allow_redirects=False
        ) as answer:
            raw = await answer.read()
            if not parsed(raw):
                return web.Response(status=answer.status, body=raw, content_type=answer.content_type)
            more = {name: value for name, value in answer.headers.items() if name in _CHALLENGES}
            return Reply(answer.status, parsed(raw), headers=more)

    async def pass_back(self, request: web.Request) -> web.StreamResponse:
        """A callback of the real server."""
        body = await request.read()
        document = parsed(body)
        self.story.callbacks.append(document)
        outgoing = self.fault.callbacks(parsed(body), self.story)
        back = self._back(request.url)
        answer: tuple[int, bytes] = (200, orjson.dumps(ACK))
        async with self.turn if self.fault.one_at_a_time else nullcontext():
            for one in outgoing:
                unchanged = one.document == document and one.header is None
                header = request.headers["Authorization"] if unchanged else None
                sending = self._post(back, one, one.path or request.path, body if unchanged else None, header)
                if one.delay:
                    self._later(sending)
                    continue
                try:
                    answer = await sending
                except aiohttp.ClientError:
                    answer = (503, b"")  # the buyer app hung up
        status, told = self.fault.answer(document, *answer)
        return web.Response(status=status, body=told, content_type="application/json")

    def _back(self, url: URL) -> int:
        """Which buyer app is meant: an address may be written in several ways."""
        return [URL(one).port for one in self.backs].index(url.port)

    async def _send(self, one: Outgoing) -> None:
        back = self._back(URL(one.document["context"]["bap_uri"]))
        await self._post(back, one, one.path or f"/{one.document['context']['action']}", None, None)

    async def _post(
        self, back: int, one: Outgoing, path: str, body: bytes | None, header: str | None
    ) -> tuple[int, bytes]:
        if one.delay:
            await asyncio.sleep(one.delay)
        body = body or one.body or orjson.dumps(one.document)
        header = one.header or header or sign(body, BPP.key, BPP.key_id, self.clock())
        values = one.signs(header) if one.signs else header
        headers = CIMultiDict({"Content-Type": "application/json", **one.more})
        for value in [values] if isinstance(values, str) else values:
            headers.add("Authorization", value)
        async with self.session.post(f"{self.buyers[back]}{path}", data=BytesIO(body), headers=headers) as answer:
            return answer.status, await answer.read()

    def _later(self, doing: Any) -> None:
        task = asyncio.ensure_future(doing)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)


@asynccontextmanager
async def faulty_seller(*, clock: Clock, buyers: int = 2) -> AsyncIterator[FaultySeller]:
    """Listen on free ports; ``server`` is to be set to the address of the real one before the first request."""
    async with AsyncExitStack() as stack:
        listeners = [Listener("127.0.0.1", 0, max_body=MAX_BODY) for _ in range(1 + buyers)]
        session = await stack.enter_async_context(aiohttp.ClientSession())
        seller = FaultySeller(url="", backs=(), server="", clock=clock, session=session)
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
