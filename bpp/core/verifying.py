"""Verifying the audit chain: every seal, every row that it covers and every body that is still there, from the first.

A part of the chain is read at a time, each in one consistent state, so that neither memory nor the database's log grows
with its length and retention may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from bpp.audit.chain import Head, Sealed
from bpp.audit.check import Fault, KeptBody, Lawful, Walk, check_bodies, check_head, check_rows, check_seal
from bpp.audit.sources import MESSAGES, SOURCES, Record
from bpp.storage.ports import Storage, Work

SEALS_AT_ONCE = 10
"""Seals that are read and checked in one state of the database."""
MOST_FAULTS = 100
"""Faults after which nobody needs the rest to know that the records cannot be trusted."""

BELOW_ALL = -(1 << 62)
"""Where the first seal of a source begins to look: a number below 1 was never given to a row."""


@dataclass(slots=True)
class Verified:
    """What a walk along the whole chain came to; ``sealed_at``: all that was final then is covered."""

    sealed_at: datetime | None
    seals: int = 0
    rows: int = 0
    head: Head | None = None
    faults: list[Fault] = field(default_factory=list)


async def verify(storage: Storage, now: datetime, *, least_kept: timedelta, kept: Sequence[Head] = ()) -> Verified:
    """Walk along the whole chain; ``kept`` are heads that were kept elsewhere, each of which must be in it.

    ``least_kept`` is how old rows and bodies must have been before they were dropped or erased.
    """
    standing = await storage.read(lambda work: work.seals.standing())
    found = Verified(sealed_at=standing.sealed_at)
    walk, wanted = Walk(), {one.number: one for one in kept}
    async for seals, faults in walked(storage, walk, now, least_kept):
        found.faults += faults
        for one in seals:
            if (head := wanted.pop(one.seal.number, None)) and (fault := check_head(head, one.seal)):
                found.faults.append(fault)
        if len(found.faults) >= MOST_FAULTS:
            break
    else:
        found.faults += [fault for head in wanted.values() if (fault := check_head(head, None))]
    found.faults += await storage.read(lambda work: work.seals.strangers())
    found.seals, found.rows, found.head = walk.head.number if walk.head else 0, walk.rows, walk.head
    return found


class Rounds:
    """Walks along the chain over and over, some seals at a time, beside whatever else a server does."""

    def __init__(self, storage: Storage, least_kept: timedelta) -> None:
        self._storage = storage
        self._least_kept = least_kept
        self._begin(0)

    def _begin(self, before: int) -> None:
        self._walk, self._found, self._before = Walk(), 0, before

    async def step(self, now: datetime) -> int:
        """Check the next seals; returns how many faults are known, of this round or of the one before it."""
        parts = await self._storage.read(partial(_read, self._walk.head.number if self._walk.head else 0))
        self._found += sum(1 for part in parts for _ in _checked(part, self._walk, now, self._least_kept))
        known = max(self._found, self._before)
        if not parts:
            self._begin(self._found)
        return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """A seal, and what it covers as it is now; all of one state of the database."""

    one: Sealed
    records: Sequence[Record]
    lawful: Lawful
    bodies: Sequence[KeptBody]


async def walked(
    storage: Storage, walk: Walk, now: datetime, least_kept: timedelta
) -> AsyncIterator[tuple[Sequence[Sealed], Sequence[Fault]]]:
    """The seals after those where the walk stands, some at a time, with what does not hold of them."""
    while parts := await storage.read(partial(_read, walk.head.number if walk.head else 0)):
        faults = [fault for part in parts for fault in _checked(part, walk, now, least_kept)]
        yield [part.one for part in parts], faults


async def _read(after: int, work: Work) -> Sequence[_Part]:
    return [await _part(one, work) for one in await work.seals.chain(after, SEALS_AT_ONCE)]


async def _part(one: Sealed, work: Work) -> _Part:
    seal = one.seal
    if seal.source not in SOURCES:
        return _Part(one=one, records=(), lawful=Lawful(), bodies=())
    first = seal.first if seal.first > 1 else BELOW_ALL
    return _Part(
        one=one,
        records=await work.seals.records(seal.source, first, seal.last),
        lawful=await work.seals.lawful(seal.source, seal.first, seal.last),
        bodies=await work.seals.bodies(seal.first, seal.last) if seal.source == MESSAGES else (),
    )


def _checked(part: _Part, walk: Walk, now: datetime, least_kept: timedelta) -> Iterator[Fault]:
    yield from check_seal(part.one, walk)
    if part.one.seal.source in SOURCES:
        yield from check_rows(part.one, part.records, part.lawful, least_kept, now)
        yield from check_bodies(part.bodies, part.lawful.emptied, least_kept, now)
