"""One attempt to deliver bytes to a peer: ``Transport.post`` and nothing else. When to try again is decided elsewhere.

The bytes that were signed are sent as they are; nothing follows redirects, keeps cookies, uses proxies from the
environment or unpacks compressed answers, and no answer is read beyond a bound.
"""

from __future__ import annotations

import io
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver
from multidict import CIMultiDict

from bpp.network.guard import AddressGuard, ForbiddenAddress, ForbiddenUrl
from bpp.network.outcome import Outcome, Unreachable, read_answer

MAX_RETRY_AFTER = timedelta(days=1)

_HEADERS = {
    "Content-Type": "application/json",
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    "User-Agent": "sewamitra-bpp",
}


ONE_PIECE = 1 << 20
URLS = 1_000


class Transport:
    """A pool of connections to peers, behind the guard. An async context manager: it owns its sockets.

    ``clock`` (aware, UTC) serves only to read a ``Retry-After`` that is a date. ``resolver`` replaces the system's name
    resolution, ``trust`` what decides about certificates. ``answer_limit`` is in bytes.
    """

    def __init__(
        self,
        *,
        guard: AddressGuard,
        clock: Callable[[], datetime],
        total_timeout: timedelta = timedelta(seconds=10),
        connect_timeout: timedelta = timedelta(seconds=3),
        connections: int = 100,
        connections_per_host: int = 32,
        answer_limit: int = 64 * 1024,
        resolver: AbstractResolver | None = None,
        trust: ssl.SSLContext | bool = True,
    ) -> None:
        self._guard = guard
        self._checked = lru_cache(URLS)(guard.check_url)  # peers are few, and say the same of themselves each time
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(
            total=total_timeout.total_seconds(), sock_connect=connect_timeout.total_seconds()
        )
        self._connections = connections
        self._connections_per_host = connections_per_host
        self._answer_limit = answer_limit
        self._resolver = resolver
        self._trust = trust
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        connector = aiohttp.TCPConnector(
            limit=self._connections,
            limit_per_host=self._connections_per_host,
            resolver=self._resolver,
            ssl=self._trust,
            socket_factory=self._guard.make_socket,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=self._timeout,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections; requests under way end as ``Unreachable``."""
        if self._session is not None:
            await self._session.close()

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send the body once and tell what became of it. Raises nothing on account of the peer or of the URL.

        ``headers`` come on top of ours (the signature); ``Content-Type`` is ``application/json`` exactly, since some
        peers refuse a charset parameter.
        """
        if self._session is None:
            raise RuntimeError("a Transport is used inside `async with`")
        started = time.monotonic()
        sent = CIMultiDict(headers)
        sent.update(_HEADERS)
        status: int | None = None
        try:
            async with self._session.post(
                self._checked(url), data=_payload(body), headers=sent, allow_redirects=False
            ) as response:
                status = response.status
                answer = await first_bytes(response.content, self._answer_limit)
                wait = response.headers.get("Retry-After")
                retry_after = None if wait is None else self._retry_after(wait)
                # A long answer leaves bytes in the socket, which therefore serves nobody after this.
                if not response.content.at_eof():
                    response.close()
                return read_answer(status, answer, retry_after=retry_after, duration=_since(started))
        except (aiohttp.ClientError, ForbiddenUrl, TimeoutError, OSError) as problem:
            reason, detail = _reason(problem)
            return Unreachable(status=status, duration=_since(started), reason=reason, detail=detail)

    def _retry_after(self, text: str) -> timedelta | None:
        """Seconds or a date (RFC 9110, 10.2.3); never negative, at most a day."""
        if text.isascii() and text.isdigit():
            wanted = timedelta(seconds=min(int(text[:9]), 10**6))
        else:
            try:
                date = parsedate_to_datetime(text)
            except ValueError:
                return None
            wanted = (date if date.tzinfo else date.replace(tzinfo=UTC)) - self._clock()
        return min(max(wanted, timedelta()), MAX_RETRY_AFTER)


def _payload(body: bytes) -> bytes | io.BytesIO:
    """Aiohttp sends long bytes in one piece, which holds up everybody else; a stream it sends in parts."""
    return body if len(body) <= ONE_PIECE else io.BytesIO(body)


async def first_bytes(stream: aiohttp.StreamReader, limit: int) -> bytes:
    """As much of an answer as there is, ``limit`` bytes at most."""
    answer = await stream.read(limit)
    while len(answer) < limit and not stream.at_eof():
        answer += await stream.read(limit - len(answer))
    return answer


def _since(started: float) -> timedelta:
    return timedelta(seconds=time.monotonic() - started)


def _reason(problem: Exception) -> tuple[str, str]:
    match problem:
        case ForbiddenUrl() | aiohttp.InvalidURL():
            reason = "forbidden_url"
        case TimeoutError():
            reason = "timeout"
        case aiohttp.ClientConnectorDNSError():
            reason = "dns"
        case aiohttp.ClientSSLError():
            reason = "tls"
        case aiohttp.ClientConnectorError():
            reason = "forbidden_address" if isinstance(problem.os_error, ForbiddenAddress) else "connection"
        case _:
            reason = "disconnected"
    return reason, f"{type(problem).__name__}: {problem}"
