"""Sealing: one of all processes, on whatever machine, seals what is final of each table. No request waits for it.

Who seals is decided by a lease in the database. Two who both believe that they are the one do no harm: a seal's number
is taken once, and the other begins anew from the chain as it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import structlog

from bpp.audit.chain import Head, Sealed, sealed
from bpp.audit.sources import CHANGES, SOURCES
from bpp.orders.assignment import local_day
from bpp.storage.ports import Storage, Work
from bpp.storage.ports_horizon import Horizon
from bpp.storage.ports_sealing import Standing

log = structlog.get_logger(__name__)
ROWS = 250
"""Rows that one seal covers at most: what is read again to check one of them."""
AT_ONCE = 40
"""Seals that are made in one go; what is behind by more catches up in several."""
LEASE = timedelta(minutes=5)
"""After so long without a word of whoever seals, another process does."""


class Sealer:
    """One process's part in the sealing; ``name`` is its own among all."""

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._name = name
        self._known: dict[str, Horizon] = {}
        self._told = ""

    async def seal(self, now: datetime) -> Standing | None:
        """Seal what is final, ``AT_ONCE`` seals at most, unless another process does: then None."""
        if not await self._storage.run(lambda work: work.seals.lease(self._name, now, LEASE)):
            self._known.clear()
            return None
        self._known = dict(await self._storage.look(self._horizons))
        behind = await self._storage.read(lambda work: work.seals.sealed())
        room = AT_ONCE
        for source in SOURCES:
            room = await self._up_to(source, behind.get(source, 0) + 1, self._known[source].final, now, room)
        if room:
            await self._storage.run(lambda work: work.seals.done(self._name, now))
        standing = await self._storage.read(lambda work: work.seals.standing())
        self._tell(standing.head, now)
        return standing

    async def _horizons(self, work: Work) -> Mapping[str, Horizon]:
        return {source: await work.seals.horizon(source, self._known.get(source, Horizon())) for source in SOURCES}

    async def _up_to(self, source: str, first: int, final: int, now: datetime, room: int) -> int:
        """Seal the rows of a source, so many at a time, each time by itself; returns for how many seals room is left.

        None is left where somebody else's lease began in the meantime.
        """
        while first <= final and room:
            one = await self._storage.read(partial(_next, source, first, final, now))
            room = room - 1 if await self._storage.run(partial(_append, one)) else 0
            first = one.seal.last + 1
        return room

    def _tell(self, head: Head | None, now: datetime) -> None:
        """Once a day the head goes to the log, which is kept elsewhere."""
        day = local_day(now).isoformat()
        if head is not None and day != self._told:
            self._told = day
            log.info("audit_head", head=str(head))


async def _next(source: str, first: int, final: int, now: datetime, work: Work) -> Sealed:
    last = await work.seals.span(source, first, final, ROWS)
    records = await work.seals.records(source, first, last)
    before = (await work.seals.standing()).head
    return sealed(SOURCES[source], (first, last), records, before=before, at=now, random=secrets.token_bytes)


async def _append(one: Sealed, work: Work) -> bool:
    stored = await work.seals.append(one)
    if stored and one.seal.source == CHANGES:
        await work.seals.salts_gone(one.seal.first, one.seal.last)
    return stored
