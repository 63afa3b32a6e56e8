"""Whose key may be believed, and for how long: the cache between incoming messages and the registry.

An attacker chooses the key ids that are looked up here, so every look-up is paid from a budget, one look-up serves all
who wait for the same key, and nothing grows without bound. When the registry is down and nothing usable is cached, the
answer is ``Unavailable`` (503, so that the sender tries again), never an accepted message.

Source: security.md 3.4; decision 8 (a forced refetch is due at most once per key and minute, whatever the age of the
cached copy); decision 24 (sandbox keys elsewhere).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from beckn_schemas.registry import Subscriber
from bpp.bounded import Recent, TokenBucket
from bpp.errors import Unavailable
from bpp.network.registry import Registry, RegistryUnavailable
from signing.errors import KeyFormatError
from signing.header import KeyId
from signing.keys import load_signing_public_key

log = structlog.get_logger(__name__)

Records = tuple[Subscriber, ...]

STRICT_ACTIONS = frozenset({"confirm", "cancel"})
"""Actions that bind somebody to pay: never on a stale key (ONDC asks for a real-time lookup at confirm)."""

NOTICES_PER_SECOND, NOTICES_AT_ONCE = 1, 20
"""Lines in the log about keys that were not obtained."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyringLimits:
    """How long and how much. ``refetch`` is the least time between two forced refetches of one key."""

    positive: timedelta = timedelta(hours=1)
    negative: timedelta = timedelta(seconds=60)
    stale: timedelta = timedelta(hours=24)
    refetch: timedelta = timedelta(seconds=60)
    outage_pause: timedelta = timedelta(seconds=5)
    """After a failed look-up the registry is left alone for this long, per key, so that requests do not queue up."""
    valid_from_grace: timedelta = timedelta()
    entries: int = 10_000
    outstanding: int = 32
    unknown_per_minute: int = 120


@dataclass(frozen=True, slots=True)
class _Entry:
    records: Records
    fetched_at: datetime
    fresh_until: datetime
    good: bool
    """Held an active key when it was fetched."""


class _Throttled(RegistryUnavailable):
    """We did not ask, by our own limits: no reason to believe a stale copy."""


class Keyring:
    """Registry records by key id. All times are arguments; one instance serves one event loop."""

    def __init__(
        self, registry: Registry, *, limits: KeyringLimits | None = None, refused_keys: frozenset[str] = frozenset()
    ) -> None:
        """``refused_keys``: signing public keys in base64 whose records do not exist for us (the sandbox's, elsewhere).

        Raises ``KeyFormatError`` for a refused key that is not one.
        """
        self._registry = registry
        self._limits = limits = limits or KeyringLimits()
        self._refused = frozenset(load_signing_public_key(key) for key in refused_keys)
        self._version = registry.version()
        self._entries: Recent[KeyId, _Entry] = Recent(limits.entries)
        self._failed: Recent[KeyId, datetime] = Recent(limits.entries)
        self._refetched: Recent[KeyId, datetime] = Recent(limits.entries)
        self._refetch_failed: Recent[KeyId, datetime] = Recent(limits.entries)
        self._known: Recent[str, None] = Recent(limits.entries)
        self._unknown: Recent[str, deque[datetime]] = Recent(limits.entries)
        self._turns: dict[KeyId, asyncio.Event] = {}
        self._outstanding = 0
        self._notices = TokenBucket(NOTICES_PER_SECOND, NOTICES_AT_ONCE)
        self.answers = True
        """Whether the registry answered when it was asked last."""

    async def records(self, key_id: KeyId, now: datetime, *, action: str) -> Records:
        """The registry's records of exactly this key, from the cache where allowed; none if the key is unknown.

        The records may be inactive or of any role: that is the caller's question. Raises ``Unavailable``.
        """
        self._follow_registry()
        entry = self._entries.get(key_id)
        if entry is not None and now < entry.fresh_until:
            return entry.records
        try:
            async with self._turn(key_id):
                renewed = self._entries.get(key_id)
                if renewed is not None and now < renewed.fresh_until:
                    return renewed.records
                return await self._ask(key_id, now)
        except RegistryUnavailable as problem:
            entry = self._entries.get(key_id)
            throttled = isinstance(problem, _Throttled)
            if entry is not None and not throttled and self._may_be_stale(entry, now, action):
                log.warning("stale_key_used", subscriber_id=key_id.subscriber_id, reason=str(problem))
                return entry.records
            raise self._unavailable(key_id, problem, now) from problem

    async def refetch(self, key_id: KeyId, tried: Records, now: datetime) -> Records | None:
        """Other records than those ``tried``, after a check against them failed; None if there are none to be had.

        Concurrent callers share one look-up, and whoever comes after a renewal gets what it brought. Raises
        ``Unavailable`` when the registry cannot say whether the peer changed its key: the sender shall try again,
        since a refusal would be final for a message that may be good.
        """
        self._follow_registry()
        async with self._turn(key_id):
            entry = self._entries.get(key_id)
            if entry is not None and entry.records != tried:
                return entry.records
            if entry is not None and not entry.good:
                return None  # asked less than a minute ago, and it will be asked again by itself
            last = self._refetched.get(key_id)
            if last is not None and now - last < self._limits.refetch:
                if self._refetch_failed.get(key_id) == last:
                    raise self._unavailable(key_id, RegistryUnavailable("the last refetch failed"), now)
                return None
            self._refetched.put(key_id, now)
            try:
                renewed = await self._ask(key_id, now)
            except RegistryUnavailable as problem:
                self._refetch_failed.put(key_id, now)
                raise self._unavailable(key_id, problem, now) from problem
            return renewed if renewed != tried else None

    def is_active(self, record: Subscriber, now: datetime) -> bool:
        """Whether the record's key may sign at ``now``, with the grace that the limits grant to ``valid_from``."""
        return record.is_active(now, self._limits.valid_from_grace)

    def _follow_registry(self) -> None:
        version = self._registry.version()
        if version != self._version:
            self._version = version
            for memory in (self._entries, self._failed, self._refetched, self._refetch_failed, self._unknown):
                memory.clear()

    def _may_be_stale(self, entry: _Entry, now: datetime, action: str) -> bool:
        active = any(self.is_active(record, now) for record in entry.records)
        return active and action not in STRICT_ACTIONS and now - entry.fetched_at <= self._limits.stale

    async def _ask(self, key_id: KeyId, now: datetime) -> Records:
        """One look-up, stored. Raises ``RegistryUnavailable``, also when we may not ask now."""
        failed_at = self._failed.get(key_id)
        if failed_at is not None and now - failed_at < self._limits.outage_pause:
            raise RegistryUnavailable("the registry failed a moment ago")
        if self._outstanding >= self._limits.outstanding:
            raise _Throttled("too many look-ups under way")
        spent = self._spend(key_id, now)
        version = self._version
        self._outstanding += 1
        try:
            found = await self._registry.lookup(key_id.subscriber_id, key_id.unique_key_id)
        except RegistryUnavailable:
            self._failed.put(key_id, now)
            self.answers = False
            raise
        finally:
            self._outstanding -= 1
        records = tuple(record for record in found if not self._is_refused(record))
        active = [record for record in records if self.is_active(record, now)]
        if active:
            self._known.put(key_id.subscriber_id, None)
            if spent is not None and now in spent:
                spent.remove(now)
        if version == self._version:
            self._entries.put(key_id, _Entry(records, now, now + self._lifetime(active, now), bool(active)))
        self._failed.drop(key_id)
        self.answers = True
        return records

    def _lifetime(self, active: list[Subscriber], now: datetime) -> timedelta:
        """How long an answer is fresh; one without an active key counts as unknown, so that it heals quickly."""
        if not active:
            return self._limits.negative
        ends = [record.valid_until - now for record in active if record.valid_until is not None]
        return min(self._limits.positive, *ends) if ends else self._limits.positive

    def _spend(self, key_id: KeyId, now: datetime) -> deque[datetime] | None:
        """Take one look-up of an unknown key from the minute's budget; it is given back if the key turns out good.

        Subscribers known to us have a budget each: strangers who invent key ids cannot use up what a peer needs when
        it rotates its key.
        """
        entry = self._entries.get(key_id)
        if entry is not None and entry.good:
            return None
        payer = key_id.subscriber_id if self._known.has(key_id.subscriber_id) else ""
        spent = self._unknown.get(payer)
        if spent is None:
            spent = self._unknown.put(payer, deque())
        while spent and now - spent[0] >= timedelta(minutes=1):
            spent.popleft()
        if len(spent) >= self._limits.unknown_per_minute:
            raise _Throttled("too many unknown keys in a minute")
        spent.append(now)
        return spent

    def _is_refused(self, record: Subscriber) -> bool:
        try:
            refused = load_signing_public_key(record.signing_public_key) in self._refused
        except KeyFormatError:
            return False
        if refused:
            log.warning("sandbox_key_refused", subscriber_id=record.subscriber_id)
        return refused

    @asynccontextmanager
    async def _turn(self, key_id: KeyId) -> AsyncIterator[None]:
        """One at a time per key. Whoever is cancelled in the middle only passes the turn on."""
        while (busy := self._turns.get(key_id)) is not None:
            await busy.wait()
        done = self._turns[key_id] = asyncio.Event()
        try:
            yield
        finally:
            del self._turns[key_id]
            done.set()

    def _unavailable(self, key_id: KeyId, problem: RegistryUnavailable, now: datetime) -> Unavailable:
        if self._notices.spend(now):  # strangers choose how often it happens
            log.warning("key_not_obtained", subscriber_id=key_id.subscriber_id, reason=str(problem))
        return Unavailable("The registry cannot be reached; please try again", reason=f"registry: {problem}")
