"""Health that tells the truth: whether this process should live, and whether it should be given work.

*Live* asks for nothing but the process itself: the event loop turns, for it answers, and the delivery loop has not
ended. A database that is gone is no reason to start the process anew. *Ready* asks each part that a message needs, the
database by writing to it through the door. An answer comes within ``WITHIN`` seconds whatever hangs; each part is asked
at most once at a time and once in ``KEPT`` seconds, so whoever may ask us costs nothing. Parts are named, with a word
on what is not well that anybody may read.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from aiohttp import web

from bpp.context import APP_CONTEXT, AppContext
from bpp.errors import Unavailable

WITHIN = 2.0
KEPT = 1.0
OK = "ok"
NO_ANSWER = f"no answer within {WITHIN:g} s"
Ask = Callable[[AppContext], Awaitable[str]]
NAME = f"readiness\n{secrets.token_hex(8)}"
"""What this process writes under, as an idempotency key that nobody sends and that has expired at once."""


async def database(context: AppContext) -> str:
    """Whether the database takes a write, through the same door as every message."""
    now = context.clock()
    try:
        await context.storage.run(lambda work: work.keys.remember(NAME, "", 0, b"", now, now=now))
    except Unavailable:
        return "takes no writes"
    return OK


async def catalog(context: AppContext) -> str:
    """Whether the catalog of now is there to be sold from."""
    try:
        version = (await context.storage.read(context.worlds.current)).catalog.version
    except Unavailable:
        return "cannot be read"
    return OK if version else "is empty"


async def keys(context: AppContext) -> str:
    """Whether we have a key that signs now."""
    ends = context.keys.current().signing.valid_until
    return OK if ends is None or ends > context.clock() else "the signing key has ended"


async def registry(context: AppContext) -> str:
    """Whether the registry answered last: peers whose keys are known are served without it."""
    return OK if context.keyring.answers else "did not answer when asked last"


PARTS: Mapping[str, Ask] = {"database": database, "catalog": catalog, "keys": keys, "registry": registry}
BEARABLE = frozenset({"registry"})
"""Parts without which much goes on: if every process refused all work for them, nobody would be served at all."""


class Probe:
    """One part, asked once at a time; what hangs is not asked again until it ends."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asked: asyncio.Task[str] | None = None
        self._at = 0.0

    async def look(self, context: AppContext) -> str:
        """What the part says, or that it says nothing."""
        now = asyncio.get_running_loop().time()
        if self._asked is None or (self._asked.done() and now - self._at >= KEPT):
            self._asked, self._at = asyncio.create_task(self._said(context)), now
        if not self._asked.done():
            await asyncio.wait({self._asked}, timeout=max(0.0, self._at + WITHIN - now))
        return self._asked.result() if self._asked.done() else NO_ANSWER

    async def _said(self, context: AppContext) -> str:
        return await self._ask(context)


PROBES = web.AppKey("PROBES", Mapping[str, Probe])


async def live(request: web.Request) -> web.Response:
    """Whether the process should go on; 503 says that it should be started anew."""
    if request.app[APP_CONTEXT].life.failed.is_set():
        return _says("failed", {"delivery": "has ended"}, HTTPStatus.SERVICE_UNAVAILABLE)
    return _says("live", {"delivery": OK}, HTTPStatus.OK)


async def ready(request: web.Request) -> web.Response:
    """Whether the process should be given work; 503 names what is not well."""
    context = request.app[APP_CONTEXT]
    if context.life.draining:
        return _says("draining", {}, HTTPStatus.SERVICE_UNAVAILABLE)
    probes = request.app[PROBES]
    said = await asyncio.gather(*(probe.look(context) for probe in probes.values()))
    parts = dict(zip(probes, said, strict=True))
    if context.life.failed.is_set():
        parts["delivery"] = "has ended"
    if any(said != OK for part, said in parts.items() if part not in BEARABLE):
        return _says("not ready", parts, HTTPStatus.SERVICE_UNAVAILABLE)
    return _says("ready", parts, HTTPStatus.OK)


def _says(status: str, parts: Mapping[str, str], http: HTTPStatus) -> web.Response:
    return web.json_response({"status": status, "parts": parts}, status=http, headers={"Cache-Control": "no-store"})


def add_health_routes(app: web.Application) -> None:
    """At the host's root; named, since they are answered however full we are."""
    app[PROBES] = {name: Probe(ask) for name, ask in PARTS.items()}
    app.router.add_get("/health/live", live, name="live")
    app.router.add_get("/health/ready", ready, name="ready")
