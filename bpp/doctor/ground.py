"""What the probes stand on: the settings, our keys, and a client that trusts what the system trusts."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import aiohttp

from bpp.keys.own import OwnKeys
from bpp.network.transport import first_bytes
from bpp.settings import Settings

PATIENCE = timedelta(seconds=8)
"""How long one request of a probe may take: more than the network's own five seconds."""

MAX_ANSWER = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """``callback`` is a buyer app's URL to be reached, empty for our own. ``trust`` decides about certificates."""

    settings: Settings
    keys: OwnKeys
    clock: Callable[[], datetime]
    session: aiohttp.ClientSession
    trust: ssl.SSLContext
    callback: str = ""

    @property
    def uri(self) -> str:
        """Our subscriber URI without a final slash."""
        return self.settings.subscriber_uri.rstrip("/")

    @property
    def root(self) -> str:
        """Our host without a path: health is there."""
        parts = urlsplit(self.settings.subscriber_uri)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def registered_at(self) -> str:
        """Where the registry looks for us: the host and path of our subscriber_id, by https (security.md 4.1).

        In the sandbox, whose ids are no hosts, our subscriber URI.
        """
        return self.uri if self.settings.sandbox else f"https://{self.settings.subscriber_id}".rstrip("/")


@asynccontextmanager
async def standing(
    settings: Settings,
    *,
    clock: Callable[[], datetime],
    callback: str = "",
    trust: ssl.SSLContext | None = None,
) -> AsyncIterator[Ground]:
    """The ground for a look at the deployment of these settings."""
    trusted = trust or ssl.create_default_context()
    timeout = aiohttp.ClientTimeout(total=PATIENCE.total_seconds())
    connector = aiohttp.TCPConnector(ssl=trusted)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, trust_env=False) as session:
        yield Ground(
            settings=settings,
            keys=OwnKeys(settings),
            clock=clock,
            session=session,
            trust=trusted,
            callback=callback,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An HTTP answer; ``problem`` instead where there was none."""

    url: str
    status: int = 0
    kind: str = ""
    body: bytes = b""
    location: str = ""
    date: str = ""
    problem: str = ""


async def fetch(ground: Ground, method: str, url: str, body: bytes | None = None) -> Page:
    """One request, redirects not followed; whatever goes wrong is told in the page."""
    headers = {} if body is None else {"Content-Type": "application/json"}
    try:
        async with ground.session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
            return Page(
                url=url,
                status=answer.status,
                kind=answer.content_type,
                body=await first_bytes(answer.content, MAX_ANSWER),
                location=answer.headers.get("Location", ""),
                date=answer.headers.get("Date", ""),
            )
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
        return Page(url=url, problem=f"{type(problem).__name__}: {problem}".rstrip(": "))
