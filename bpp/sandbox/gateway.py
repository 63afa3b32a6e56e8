"""A gateway: takes a buyer's search, acknowledges it, and passes the same bytes on to every seller app registered.

The original ``Authorization`` goes along and the gateway's own signature over the same bytes stands beside it in
``X-Gateway-Authorization``. Answers do not come back this way: each seller app calls the buyer directly.
Source: security.md 1.5 and 1.6; ONDC registry-gateway guide.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web

from beckn_schemas.ack import ack, nack
from beckn_schemas.registry import Role
from bpp.sandbox.directory import ANY, Directory, challenge
from bpp.sandbox.exchange import Json, parsed, part
from bpp.sandbox.identities import GATEWAY, Participant
from bpp.sandbox.listener import Listener
from bpp.sandbox.moments import Clock, utc_now
from signing.errors import SignatureError
from signing.signature import sign

MAX_BODY = 1 << 20
REMEMBERED = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOn:
    """One search passed on to one seller app. ``status`` is None where it could not be reached."""

    url: str
    transaction_id: str
    body: bytes = field(repr=False)
    status: int | None
    answer: bytes = field(repr=False)


class Gateway:
    """A gateway on a loopback port; an async context manager. ``port`` 0 takes a free one.

    ``timeout`` is what one seller app has to acknowledge a search.
    """

    def __init__(
        self,
        *,
        registry: Path,
        participant: Participant = GATEWAY,
        host: str = "127.0.0.1",
        port: int = 0,
        timeout: timedelta = timedelta(seconds=5),
        clock: Clock = utc_now,
    ) -> None:
        self.participant = participant
        self.directory = Directory(registry)
        self.passed_on: deque[PassedOn] = deque(maxlen=REMEMBERED)
        """What was passed on to whom, oldest first."""
        self._news = asyncio.Condition()
        self._clock = clock
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._listener = Listener(host, port, max_body=MAX_BODY)
        self._listener.add_routes([web.post("/search", self._search)])

    async def __aenter__(self) -> Self:
        await self._listener.start()
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(total=self._timeout.total_seconds()),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._listener.stop()
        if self._session is not None:
            await self._session.close()

    @property
    def url(self) -> str:
        """Where buyers send their searches, known once we listen."""
        return self._listener.url

    async def next_passed_on(self, transaction_id: str, *, timeout: float = 10.0) -> PassedOn:  # noqa: ASYNC109
        """The first search of that conversation that was passed on and answered; waits for it, then TimeoutError."""
        async with asyncio.timeout(timeout), self._news:
            while True:
                for one in self.passed_on:
                    if one.transaction_id == transaction_id:
                        return one
                await self._news.wait()

    async def _search(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        authorization = request.headers.getall("Authorization", [])
        document = parsed(body)
        context = part(document, "context")
        try:
            signer = self.directory.signer(authorization, body, Role.BAP, self._clock())
        except SignatureError:
            signer = ""
        if not signer or context.get("bap_id", signer) != signer:
            headers = challenge(self.participant.subscriber_id)
            return web.json_response(nack("10001"), status=401, headers=headers)
        if problem := _problem(document, context):
            return web.json_response(problem, status=400)
        # The acknowledgement leaves before anything is passed on; the connection serves nothing after it.
        response = web.json_response(ack())
        response.force_close()
        await response.prepare(request)
        await response.write_eof()
        await self._pass_on(body, authorization[0], context)
        return response

    async def _pass_on(self, body: bytes, authorization: str, context: Json) -> None:
        city = part(part(context, "location"), "city").get("code") or ANY
        sellers = self.directory.sellers(str(context["domain"]), str(city), self._clock())
        headers = {
            "Content-Type": "application/json",
            "Authorization": authorization,
            "X-Gateway-Authorization": sign(body, self.participant.key, self.participant.key_id, self._clock()),
        }
        transaction_id = str(context["transaction_id"])
        await asyncio.gather(*(self._post(url, body, headers, transaction_id) for url in sellers))

    async def _post(self, url: str, body: bytes, headers: dict[str, str], transaction_id: str) -> None:
        status: int | None = None
        answer = b""
        if self._session is not None:
            try:
                async with self._session.post(
                    f"{url}/search", data=body, headers=headers, allow_redirects=False
                ) as response:
                    status, answer = response.status, await response.read()
            except (aiohttp.ClientError, TimeoutError, OSError):
                pass  # a search is repeated by people, not by gateways
        entry = PassedOn(url=url, transaction_id=transaction_id, body=body, status=status, answer=answer)
        async with self._news:
            self.passed_on.append(entry)
            self._news.notify_all()


def _problem(document: Json, context: Json) -> Json | None:
    """The NACK for what a gateway cannot pass on; None where it can."""
    if not document:
        return nack("10000", "a JSON object with context and message was expected")
    if context.get("action") != "search":
        return nack("10000", "only a search goes through a gateway", "context.action")
    for key in ("domain", "transaction_id"):
        if not isinstance(context.get(key), str):
            return nack("10000", "a text was expected", f"context.{key}")
    return None
