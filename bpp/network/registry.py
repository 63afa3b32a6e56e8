"""Where participants' records come from: a file, or the network's registry over HTTP. Nothing is cached here.

``bpp.network.keyring`` stands in front of either and decides what may be believed for how long.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import aiohttp
import orjson

from beckn_schemas.registry import Subscriber, parse_lookup, parse_registry_file
from bpp.followed import FollowedFile
from bpp.network.outcome import Nacked, read_answer

MAX_ANSWER = 1 << 20
"""Longest answer of a registry that is read, in bytes."""

LOOKUP_TIMEOUT = timedelta(seconds=5)


class RegistryUnavailable(Exception):
    """The registry did not answer the question; this says nothing about the key that was asked for.

    ``code`` is the registry's own number where it refused the question (security.md 1.7), else empty.
    """

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(reason)
        self.code = code


class Registry(Protocol):
    """A source of subscriber records, as the keyring needs it."""

    def version(self) -> int:
        """A number that changes when all earlier answers are void; constant where nobody can tell."""
        ...

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """All records of exactly this key; none if it is unknown. Raises ``RegistryUnavailable``."""
        ...


class FileRegistry:
    """Records from a local file (security.md 3.5), read again whenever the file changes (``FollowedFile``).

    The first reading must succeed: it raises ``RegistryFileError`` or ``OSError``.
    """

    def __init__(self, path: Path) -> None:
        self._file = FollowedFile(path, lambda data: _by_key(parse_registry_file(data)), name="registry_file")

    def version(self) -> int:
        """How many good states of the file have been seen."""
        return self._file.version()

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """The records as the file has them now."""
        return self._file.state().get((subscriber_id, unique_key_id), ())

    async def of_subscriber(self, subscriber_id: str) -> tuple[Subscriber, ...]:
        """The records of every key of a subscriber."""
        return tuple(record for record in self.records() if record.subscriber_id == subscriber_id)

    def records(self) -> tuple[Subscriber, ...]:
        """Every record of the file."""
        return tuple(record for records in self._file.state().values() for record in records)


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
        found = await self._ask({"subscriber_id": subscriber_id, "ukId": unique_key_id, "country": "IND"})
        return tuple(
            record
            for record in found
            if record.subscriber_id == subscriber_id and record.unique_key_id == unique_key_id
        )

    async def of_subscriber(self, subscriber_id: str) -> tuple[Subscriber, ...]:
        """The records of every key of a subscriber. Raises ``RegistryUnavailable``."""
        found = await self._ask({"subscriber_id": subscriber_id, "country": "IND"})
        return tuple(record for record in found if record.subscriber_id == subscriber_id)

    async def _ask(self, query: Mapping[str, str]) -> tuple[Subscriber, ...]:
        try:
            return parse_lookup(orjson.loads(await self._post(orjson.dumps(query))))
        except TimeoutError as problem:
            raise RegistryUnavailable("no answer in time") from problem
        except (aiohttp.ClientError, ValueError) as problem:
            raise RegistryUnavailable(f"{type(problem).__name__}: {problem}") from problem

    async def _post(self, body: bytes) -> bytes:
        headers = {"Authorization": self._signer(body), "Content-Type": "application/json"}
        async with self._session.post(
            self._url, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
        ) as response:
            answer = await _bounded(response.content)
            if response.status != 200:  # noqa: PLR2004  # HTTP's own number
                refusal = read_answer(response.status, answer)
                code = refusal.code if isinstance(refusal, Nacked) else ""
                raise RegistryUnavailable(f"HTTP {response.status} {code}".rstrip(), code=code)
            return answer


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


AnyRegistry = FileRegistry | HttpRegistry


def registry_at(place: str, session: aiohttp.ClientSession, signer: Callable[[bytes], str]) -> AnyRegistry:
    """The registry that ``BPP_REGISTRY`` names: the base URL of a live one, or the path of a file."""
    if "://" in place:
        return HttpRegistry(base_url=place, session=session, signer=signer)
    return FileRegistry(Path(place))
