"""A storage that keeps nothing: what a select and its delivery ask is answered out of memory.

The server over it is the product's, with the same handlers, door of the network, delivery loop and client. What it is
compared with shows what durability costs. It answers a select's questions and no others.
"""

from __future__ import annotations

import asyncio
import heapq
import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, TypeVar, cast

from bpp.bench.memory_slots import MemorySlots
from bpp.orders.choice import Choice
from bpp.orders.model import Draft
from bpp.storage.engine import open_storage
from bpp.storage.messages import body_digest
from bpp.storage.ports import (
    Arrival,
    Attempt,
    Callback,
    CallbackState,
    LogEntry,
    MessageKey,
    NewCallback,
    Notice,
    Seen,
    Settled,
    Storage,
    Timer,
    Unit,
    Versions,
    Work,
)
from catalog.load import CatalogData
from catalog.snapshot import Ratings

T = TypeVar("T")
VERSIONS = Versions(catalog=1, ratings=0, rates=0)
_NEW = tuple(one.name for one in fields(NewCallback))


class MemoryStorage:
    """See ``bpp.storage.ports.Storage``: a unit runs at once, and nothing is undone where it fails.

    The catalog is that of the database behind ``url``, read once.
    """

    def __init__(self, url: str, **_observers: object) -> None:
        """Nothing is read yet."""
        self._url = url
        self._work: MemoryWork | None = None

    async def run(self, unit: Unit[T]) -> T:
        """Run a unit."""
        return await unit(cast("Work", self._work or await self._opened()))

    async def read(self, unit: Unit[T]) -> T:
        """The same."""
        return await self.run(unit)

    async def look(self, unit: Unit[T]) -> T:
        """The same."""
        return await self.run(unit)

    async def follow(self, heard: Callable[[frozenset[Notice]], None]) -> None:
        """There is nobody else."""
        del heard
        await asyncio.Event().wait()

    def waiting(self) -> int:
        """Nobody waits."""
        return 0

    async def close(self) -> None:
        """There is nothing to close."""

    async def _opened(self) -> MemoryWork:
        storage: Storage = open_storage(self._url)
        try:
            data = await storage.read(lambda work: work.directory.load())
        finally:
            await storage.close()
        self._work = MemoryWork(directory=MemoryDirectory(data))
        return self._work


class MemoryMessages:
    """Which messages were seen; the log is thrown away."""

    def __init__(self) -> None:
        self._seen: dict[MessageKey, Seen] = {}

    async def arrival(self, key: MessageKey) -> Arrival:
        """An earlier message with the same ids; nobody fails, and no search was kept."""
        return Arrival(versions=VERSIONS, seen=self._seen.get(key))

    async def accept(self, key: MessageKey, digest: str, _at: datetime, callback_seq: int | None = None) -> None:
        """Note a message as seen."""
        self._seen[key] = Seen(digest=digest, callback_seq=callback_seq)

    async def answered_by(self, key: MessageKey, callback_seq: int) -> None:
        """Which callback answers it."""
        self._seen[key] = Seen(digest=self._seen[key].digest, callback_seq=callback_seq)

    async def log(self, entry: LogEntry) -> None:
        """Keep nothing."""


class MemoryOutbox:
    """Callbacks under way; a delivered one is forgotten."""

    def __init__(self) -> None:
        self._waiting: dict[int, Callback] = {}
        self._due: list[tuple[datetime, int]] = []
        self._last = 0

    async def enqueue(self, callback: NewCallback) -> int:
        """Keep it until it is claimed."""
        self._last += 1
        values = {name: getattr(callback, name) for name in _NEW}
        values["digest"] = callback.digest or body_digest(callback.body)
        self._waiting[self._last] = Callback(**values, seq=self._last, state="pending", attempts=1)
        heapq.heappush(self._due, (callback.due_at, self._last))
        return self._last

    async def claim(
        self,
        now: datetime,
        _lease: timedelta,
        limit: int,
        released: Collection[int],
        busy_peers: Collection[str],
        *,
        due: bool,
        under_way: Collection[int],
    ) -> Sequence[Callback]:
        """What is released or due, but for peers that have enough; each once."""
        lapsed = {seq for at, seq in self._due if at <= now} if due and self._due and self._due[0][0] <= now else set()
        ready = (
            one for seq in sorted({*released, *lapsed}) if seq not in under_way and (one := self._waiting.get(seq))
        )
        claimed = list(islice((one for one in ready if one.peer not in busy_peers), limit))
        for one in claimed:
            del self._waiting[one.seq]
        return claimed

    async def settle(self, _seq: int, _state: CallbackState, _due_at: datetime | None, _attempt: Attempt) -> Settled:
        """One attempt is all that there is, and nobody fails."""
        return Settled(failing=False)

    async def next_due(self, _now: datetime) -> datetime | None:
        """When the next one is due that waits."""
        while self._due and self._due[0][1] not in self._waiting:
            heapq.heappop(self._due)
        return self._due[0][0] if self._due else None

    async def peer_failing_since(self, _peer: str) -> datetime | None:
        """Nobody fails."""
        return None

    async def peer_failed(self, peer: str, at: datetime, not_before: datetime) -> None:
        """Nobody is given rest."""

    async def peer_well(self, peer: str) -> None:
        """Everybody is."""


class MemoryOrders:
    """Drafts."""

    def __init__(self) -> None:
        self._drafts: dict[tuple[str, str], Draft] = {}

    async def draft(self, bap_id: str, transaction_id: str) -> Draft | None:
        """The draft of a transaction."""
        return self._drafts.get((bap_id, transaction_id))

    async def save_draft(self, draft: Draft, _now: datetime) -> None:
        """Keep it, as it is."""
        if draft.peer is not None:
            self._drafts[draft.peer.bap_id, draft.peer.transaction_id] = draft


class MemoryDirectory:
    """A catalog that does not change."""

    def __init__(self, data: CatalogData) -> None:
        self._data = data

    async def version(self) -> int:
        """The only one."""
        return 1

    async def versions(self) -> Versions:
        """Of a catalog that does not change."""
        return VERSIONS

    async def write_out(self) -> None:
        """Nothing waits."""

    async def load(self) -> CatalogData:
        """All of it."""
        return self._data

    async def changes_since(self, _known: Collection[int]) -> None:
        """It does not change: load it."""

    async def ratings(self) -> Ratings:
        """Nobody has been rated."""
        return Ratings()


class MemoryTimers:
    """No timer is ever set by a select."""

    async def next_due(self) -> datetime | None:
        """There is none."""
        return None

    async def claim(self, _now: datetime, _lease: timedelta, _limit: int) -> Sequence[Timer]:
        """There is none."""
        return ()


class MemoryKeys:
    """Secrets for as long as the process lives."""

    async def secret(self, _name: str) -> bytes:
        """A new one."""
        return secrets.token_bytes(32)


class MemoryTraits:
    """How peers spell, as learned."""

    def __init__(self) -> None:
        self._known: defaultdict[str, dict[str, str]] = defaultdict(dict)

    async def of(self, peer: str) -> Mapping[str, str]:
        """What is known of a peer."""
        return self._known[peer]

    async def learn(self, one: Any) -> None:
        """Note it."""
        self._known[one.peer][one.trait] = one.value


class MemoryAssignments:
    """Choices are thrown away."""

    async def keep(self, choice: Choice) -> None:
        """Keep nothing."""


@dataclass(slots=True, kw_only=True)
class MemoryWork:
    """The stores that a select asks; see ``bpp.storage.ports.Work``."""

    directory: MemoryDirectory
    messages: MemoryMessages = field(default_factory=MemoryMessages)
    outbox: MemoryOutbox = field(default_factory=MemoryOutbox)
    orders: MemoryOrders = field(default_factory=MemoryOrders)
    slots: MemorySlots = field(default_factory=MemorySlots)
    timers: MemoryTimers = field(default_factory=MemoryTimers)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    traits: MemoryTraits = field(default_factory=MemoryTraits)
    assignments: MemoryAssignments = field(default_factory=MemoryAssignments)
