"""A buyer app: sends signed requests, receives signed callbacks, and answers them as a script tells it.

It knows the network's rules and nothing of the seller's program. Tests, the demonstration and the sandbox use this one.
With an agency as its participant it is a settlement agency, which is told settles and reports.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import aiohttp
import orjson
from aiohttp import web

from beckn_schemas.context import CORE_VERSION, DEFAULT_TTL
from beckn_schemas.registry import Role
from bpp.sandbox.directory import Directory, challenge
from bpp.sandbox.exchange import ACKED, Answer, Callback, Json, Sent, SyncAnswer, nacked, parsed, sellers_key
from bpp.sandbox.identities import BPP, BUYER, Participant
from bpp.sandbox.inbox import Inbox, NoCallback, Script, Wanted
from bpp.sandbox.listener import Listener
from bpp.sandbox.moments import Clock, utc_now, wire_time
from bpp.sandbox.posting import posted
from signing.errors import SignatureError
from signing.signature import sign

LUCKNOW = "std:0522"
SERVICES = "ONDC:SRV11"
MAX_BODY = 16 << 20
"""Longest callback that is read, in bytes: catalogs of 671 KB were seen (protocol 1.2)."""
KEPT_BYTES = 256 << 20
"""Bytes of callbacks that a buyer app which forgets nothing takes in."""

HeaderValue = str | Iterable[str] | None
Headers = Mapping[str, HeaderValue] | None


class Buyer:
    """A buyer app on a loopback port; an async context manager.

    ``registry`` is the registry file (read again when it changes), ``bpp`` the subscriber_id of the seller app meant by
    default and ``bpp_url`` its address where that is not the registry's. ``port`` 0 takes a free one. ``public_url`` is
    what we call ourselves, where another server stands before our port. ``timeout`` is for an answer at once,
    ``patience`` for a callback. ``keep`` is how many messages of either kind are remembered; the oldest one makes room
    for the next, unless ``forgets`` is false: then no callback is taken in once there are so many, or ``KEPT_BYTES`` of
    them, and HTTP 503 answers it.
    """

    def __init__(
        self,
        *,
        registry: Path,
        participant: Participant = BUYER,
        bpp: str = BPP.subscriber_id,
        bpp_url: str = "",
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str = "",
        timeout: timedelta = timedelta(seconds=10),
        patience: timedelta = timedelta(seconds=10),
        clock: Clock = utc_now,
        new_id: Callable[[], str] = lambda: str(uuid4()),
        keep: int = 5000,
        forgets: bool = True,
    ) -> None:
        self.participant = participant
        self.directory = Directory(registry)
        self.clock = clock
        self.new_id = new_id
        self.answers: deque[SyncAnswer] = deque(maxlen=keep)
        """What we sent and what came back at once, oldest first."""
        self._bpp = bpp
        self._bpp_url = bpp_url.rstrip("/")
        self._public_url = public_url
        self._timeout = timeout
        self._patience = patience.total_seconds()
        self._forgets = forgets
        self._inbox = Inbox(keep, KEPT_BYTES)
        self._script = Script()
        self._arrivals = 0
        self._session: aiohttp.ClientSession | None = None
        self._listener = Listener(host, port, max_body=MAX_BODY)
        self._listener.add_routes(
            [web.post("/{action:on_[a-z_]+|issue|issue_status|recon|settle|report}", self._receive)]
        )

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
        self._script.close()
        if self._session is not None:
            await self._session.close()
        await self._listener.stop()

    @property
    def url(self) -> str:
        """Our bap_uri, known once we listen."""
        return self._public_url or self._listener.url

    @property
    def listening_at(self) -> str:
        """Where our port is, whatever we call ourselves. Known once we listen."""
        return self._listener.url

    @property
    def bpp_url(self) -> str:
        """Where the seller app is reached: as told, else as the registry says now."""
        return self._bpp_url or self.directory.url_of(self._bpp) or ""

    @property
    def callbacks(self) -> deque[Callback]:
        """What came to us, in the order of arrival, refused messages and repetitions included."""
        return self._inbox.callbacks

    @property
    def full(self) -> bool:
        """Whether no more callbacks are taken in."""
        return not self._forgets and self._inbox.full

    def add_routes(self, routes: Iterable[web.AbstractRouteDef]) -> None:
        """Serve more than callbacks on the same port; before the start."""
        self._listener.add_routes(routes)

    # Sending

    def envelope(
        self,
        action: str,
        message: Any,
        *,
        transaction_id: str,
        message_id: str | None = None,
        context: Mapping[str, Any] | None = None,
    ) -> Json:
        """Context and message, ready to be sent. ``context`` replaces keys of the context; None takes a key out."""
        made: Json = {
            "domain": SERVICES,
            "location": {"city": {"code": LUCKNOW}, "country": {"code": "IND"}},
            "action": action,
            "version": CORE_VERSION,
            "timestamp": wire_time(self.clock()),
            "ttl": DEFAULT_TTL,
            "bap_id": self.participant.subscriber_id,
            "bap_uri": self.url,
            "transaction_id": transaction_id,
            "message_id": message_id or self.new_id(),
        }
        if action != "search":  # who the seller is, is what a search finds out
            made |= {"bpp_id": self._bpp, "bpp_uri": self.bpp_url}
        made |= context or {}
        return {"context": {key: value for key, value in made.items() if value is not None}, "message": message}

    def authorization(self, body: bytes) -> str:
        """Our signature over exactly these bytes."""
        return sign(body, self.participant.key, self.participant.key_id, self.clock())

    async def send(
        self,
        action: str,
        message: Any,
        *,
        transaction_id: str | None = None,
        message_id: str | None = None,
        to: str = "",
        context: Mapping[str, Any] | None = None,
        headers: Headers = None,
    ) -> SyncAnswer:
        """Sign and send a request to ``to`` (the seller app by default) and return its synchronous answer.

        ``headers`` replaces or adds headers: None takes one out, several values repeat it. Raises ``Unreachable``.
        """
        made = self.envelope(
            action, message, transaction_id=transaction_id or self.new_id(), message_id=message_id, context=context
        )
        return await self.post(action, orjson.dumps(made), to=to, headers=headers)

    async def post(
        self, action: str, body: bytes, *, to: str = "", query: str = "", headers: Headers = None
    ) -> SyncAnswer:
        """Send exactly these bytes, signed unless ``headers`` says otherwise. Raises ``Unreachable``.

        ``query`` stands behind the address, such as ``?scenario=one``.
        """
        if self._session is None:
            raise RuntimeError("a Buyer is used inside `async with`")
        url = f"{to.rstrip('/') or self.bpp_url}/{action}{query}"
        fields: dict[str, HeaderValue] = {"Content-Type": "application/json", "Authorization": self.authorization(body)}
        fields |= headers or {}
        pairs = [(name, value) for name, values in fields.items() for value in _each(values)]
        sent = Sent(action=action, url=url, body=body, headers=dict(pairs), at=self.clock(), document=parsed(body))
        answer = await posted(self._session, sent, pairs)
        self.answers.append(answer)
        return answer

    # Receiving

    async def next_callback(
        self,
        transaction_id: str | None = None,
        action: str | None = None,
        *,
        timeout: float | None = None,  # noqa: ASYNC109  # the caller's patience is part of what it asks for
        message_id: str | None = None,
        where: Wanted = lambda _: True,
    ) -> Callback:
        """The first callback with a valid signature that fits and that nobody has taken yet; waits for it.

        Each is given out once. ``timeout`` is in seconds, ``patience`` where it is not said. Raises ``NoCallback``.
        """
        patience = self._patience if timeout is None else timeout

        def wants(one: Callback) -> bool:
            asked = transaction_id in (None, one.transaction_id) and action in (None, one.action)
            return asked and message_id in (None, one.message_id) and where(one)

        try:
            return await self._inbox.take(wants, patience)
        except TimeoutError:
            came = [one for one in self.callbacks if transaction_id in (None, one.transaction_id)]
            seen = [f"{one.action} ({one.problem})" if one.problem else one.action for one in came]
            text = f"no {action or 'callback'} within {patience:g} s; there came: {', '.join(seen) or 'nothing'}"
            raise NoCallback(text) from None

    def script(self, action: str, *answers: Answer) -> None:
        """Answer the next callbacks of this action so, one after the other; after them as before."""
        self._script.next(action, *answers)

    def unscript(self, action: str) -> None:
        """Forget what was scripted for an action and met no callback."""
        self._script.forget(action)

    def always(self, action: str, answer: Answer = ACKED) -> None:
        """Answer every callback of this action so, where no script says otherwise."""
        self._script.always(action, answer)

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        if self.full:
            return web.Response(status=503)
        body = await request.read()
        action = request.match_info["action"]
        document = parsed(body)
        problem = self._problem(action, body, document, request.headers.getall("Authorization", []))
        self._arrivals += 1
        callback = Callback(
            action=action,
            url=str(request.url),
            body=body,
            headers=request.headers.copy(),
            at=self.clock(),
            document=document,
            number=self._arrivals,
            arrived=asyncio.get_running_loop().time(),
            problem=problem,
            answer=_refusal(problem, self.participant.subscriber_id) if problem else self._script.take(action),
        )
        self._inbox.put(callback)
        return await self._script.perform(request, callback.answer)

    def _problem(self, action: str, body: bytes, document: Json, authorization: list[str]) -> str:
        """Why a message is refused; empty if it is not."""
        try:
            signer = self.directory.signer(authorization, body, Role.BPP, self.clock())
        except SignatureError as problem:
            return problem.reason
        context = document.get("context")
        if not isinstance(context, dict):
            return "not_json"
        if context.get(sellers_key(action)) != signer:
            return "sender"
        return "" if context.get("action") == action else "action"


def _refusal(problem: str, realm: str) -> Answer:
    if problem in {"not_json", "action"}:
        return nacked("20006", status=400)
    return replace(nacked("20001", status=401), headers=challenge(realm))


def _each(values: HeaderValue) -> list[str]:
    if values is None:
        return []
    return [values] if isinstance(values, str) else list(values)
