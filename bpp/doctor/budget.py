"""The five seconds between a request and its callback: measured as a buyer app measures, where we can be one.

In the sandbox a buyer app searches, signed, and waits for on_search. Elsewhere no buyer app is ours, so the parts are
measured that can be: an answer of the server that reads its database, a signature made and verified, and a write.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from pathlib import Path

from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground, fetch
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.places import place_at
from bpp.sandbox.posting import Unreachable
from bpp.storage.condition import condition
from signing.header import SignatureHeader
from signing.signature import verify

NAME = "five seconds"
LIMIT, TIGHT = 5.0, 2.5
PLACE = "226010"
MESSAGE = b"x" * 4096
"""As long as a usual request."""

READY = "a ready answer"
Parts = Mapping[str, float]


async def look(ground: Ground) -> list[Finding]:
    """A search as a buyer app sees it, or the parts of our own time."""
    if ground.settings.sandbox and not ground.settings.live_registry:
        return await _search(ground)
    started = time.monotonic()
    page = await fetch(ground, "GET", f"{ground.root}/health/ready")
    if page.status != HTTPStatus.OK:
        said = page.problem or f"HTTP {page.status} {page.body[:200].decode(errors='replace')}"
        return [failure(NAME, f"{page.url}: {said}", ("31001",), do="start the server, and see what it logs")]
    parts = {READY: time.monotonic() - started}
    started = time.monotonic()
    header = SignatureHeader.parse(ground.keys.header(MESSAGE, ground.clock()))
    verify(header, MESSAGE, ground.keys.current().signing.signing_key.public_key)
    parts["a signature made and verified"] = time.monotonic() - started
    parts["a database opened and written"] = (await condition(ground.settings.database_url)).wrote.total_seconds()
    return list(judge(parts))


def judge(parts: Parts) -> Iterator[Finding]:
    """Of what was measured, in seconds by what took them."""
    total = sum(parts.values())
    said = f"{total:.2f} s for " + ", ".join(f"{what} {seconds:.2f}" for what, seconds in parts.items())
    faster = "see the database's disk, the processes (BPP_WORKERS) and the distance to server and database"
    if total > LIMIT:
        yield failure(NAME, said, ("20009",), do=faster)
    elif total > TIGHT:
        yield warning(NAME, said, ("20009",), do=faster)
    else:
        yield ok(NAME, said)


async def _search(ground: Ground) -> list[Finding]:
    settings = ground.settings
    buyer = Buyer(registry=Path(settings.registry), bpp=settings.subscriber_id, bpp_url=ground.uri, clock=ground.clock)
    async with buyer:
        started = time.monotonic()
        try:
            await journey.search(buyer, words="tap repair", place=place_at(PLACE), patience=LIMIT)
        except (journey.Refused, NoCallback, Unreachable) as problem:
            return [
                failure(
                    NAME,
                    f"a signed search of the sandbox's buyer app: {problem}",
                    ("20009",),
                    do="see that the server runs, and that the registry file has the sandbox's buyer app",
                )
            ]
        return list(judge({"a signed search and its on_search": time.monotonic() - started}))
