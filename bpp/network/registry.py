"""Where participants' records come from: a file, or the network's registry over HTTP. Nothing is cached here.

``bpp.network.keyring`` stands in front of either and decides what may be believed for how long.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import aiohttp
import orjson
import structlog

from beckn_schemas.registry import RegistryFileError, Subscriber, parse_lookup, parse_registry_file

log = structlog.get_logger(__name__)

MAX_ANSWER = 1 << 20
"""Longest answer of a registry that is read, in bytes."""

LOOKUP_TIMEOUT = timedelta(seconds=5)


class RegistryUnavailable(Exception):
    """The registry did not answer the question; this says nothing about the key that was asked for."""


class Registry(Protocol):
    """A source of subscriber records."""

    def version(self) -> int:
        """A number that changes when all earlier answers are void; constant where nobody can tell."""
        ...

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """All records of exactly this key; none if it is unknown. Raises ``RegistryUnavailable``."""
        ...


class FileRegistry:
    """Records from a local file (security.md 3.5), read again whenever the file changes.

    A change that does not parse, or a file that vanished, leaves the last good records in force and is logged once.
    The first reading must succeed: it raises ``RegistryFileError`` or ``OSError``.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stamp: tuple[int, int, int] | None = self._stat()
        self._records = _by_key(parse_registry_file(path.read_bytes()))
        self._version = 1

    def version(self) -> int:
        """How many good states of the file have been seen. Looks at the file, which costs microseconds."""
        self._follow()
        return self._version

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """The records as the file has them now."""
        self._follow()
        return self._records.get((subscriber_id, unique_key_id), ())

    def records(self) -> tuple[Subscriber, ...]:
        """Every record of the file."""
        self._follow()
        return tuple(record for records in self._records.values() for record in records)

    def _follow(self) -> None:
        try:
            stamp = self._stat()
        except OSError as problem:
            if self._stamp is not None:
                log.warning("registry_file_missing", path=str(self._path), problem=problem.strerror)
            self._stamp = None
            return
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._records = _by_key(parse_registry_file(self._path.read_bytes()))
        except (OSError, RegistryFileError) as problem:
            log.warning("registry_file_refused", path=str(self._path), problem=str(problem))
            return
        self._version += 1
        log.info("registry_file_read", path=str(self._path), keys=len(self._records))

    def _stat(self) -> tuple[int, int, int]:
        status = self._path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino


class HttpRegistry:
    """The network's registry: ``POST {base_url}/v2.0/lookup``, signed like any other message.

    ``signer`` makes the Authorization header for a body. Any answer but a 200 with an array means that the registry
    is unavailable, never that the key is unknown.
    """

    def __init__(
        self,
        *,
        base_url: str,
        session: aiohttp.ClientSession,
        signer: Callable[[bytes], str],
        timeout: timedelta = LOOKUP_TIMEOUT,
    ) -> None:
        self._url = base_url.rstrip("/") + "/v2.0/lookup"
        self._session = session
        self._signer = signer
        self._timeout = aiohttp.ClientTimeout(total=timeout.total_seconds())

    def version(self) -> int:
        """Constant: a live registry does not announce changes."""
        return 0

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """Ask for this key and keep only records of exactly this key.

        ONDC's own documents disagree on the filter's name (``ukId`` or ``ukid``); a registry that ignores it returns
        every key of the subscriber. ``country`` makes sure that two filters remain then, the least it accepts. No
        domain and no city: records are per domain, and a filter would hide valid keys.
        """
        body = orjson.dumps({"subscriber_id": subscriber_id, "ukId": unique_key_id, "country": "IND"})
        try:
            answer = await self._post(body)
            records = parse_lookup(orjson.loads(answer))
        except TimeoutError as problem:
            raise RegistryUnavailable("no answer in time") from problem
        except (aiohttp.ClientError, ValueError) as problem:
            raise RegistryUnavailable(f"{type(problem).__name__}: {problem}") from problem
        return tuple(
            record
            for record in records
            if record.subscriber_id == subscriber_id and record.unique_key_id == unique_key_id
        )

    async def _post(self, body: bytes) -> bytes:
        headers = {"Authorization": self._signer(body), "Content-Type": "application/json"}
        async with self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        ) as response:
            if response.status != 200:  # noqa: PLR2004  # HTTP's own number
                raise RegistryUnavailable(f"HTTP {response.status}")
            return await _bounded(response.content)


async def _bounded(stream: aiohttp.StreamReader) -> bytes:
    try:
        await stream.readexactly(MAX_ANSWER + 1)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
    raise RegistryUnavailable("the answer is too long")


def _by_key(records: tuple[Subscriber, ...]) -> dict[tuple[str, str], tuple[Subscriber, ...]]:
    grouped: defaultdict[tuple[str, str], list[Subscriber]] = defaultdict(list)
    for record in records:
        grouped[record.subscriber_id, record.unique_key_id].append(record)
    return {key: tuple(found) for key, found in grouped.items()}
