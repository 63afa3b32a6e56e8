"""Reading the log of messages with a cursor of its own: which rows are next, and what is told of them.

The theory. The log is written on the path of messages and read here, beside it: rows up to its horizon alone, a page at
a time, on connections of those who report. What is read becomes entries in a thread, since masking a catalog of a
megabyte takes as long as many messages do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from bpp.observability.entries import Entry, Page, Telling, entries_of
from bpp.storage.ports import Storage
from bpp.storage.ports_horizon import Horizon
from bpp.storage.ports_observability import DayWaiting, Exchange, Refusal

SPAN = 10_000
"""Rows of the log, told or not, that one page may reach over."""


class Reader:
    """Reads on one storage; it knows how far the log is final."""

    def __init__(self, storage: Storage, telling: Telling) -> None:
        """Nothing is read yet."""
        self._storage = storage
        self._telling = telling
        self._horizon = Horizon()

    async def page(self, seq: int, limit: int) -> Page:
        """What is told of the first ``limit`` rows after ``seq`` that are told at all."""
        self._horizon = await self._storage.look(lambda work: work.observability.horizon(self._horizon))
        final = min(self._horizon.final, seq + SPAN)
        if final <= seq:
            return Page(entries=(), end=seq, more=False)
        actions = self._telling.actions
        rows = await self._storage.read(lambda work: work.observability.after(seq, final, limit, actions))
        end = rows[-1].seq if len(rows) == limit else final
        return Page(entries=await self._entries(rows), end=end, more=end < self._horizon.final)

    async def refused(self, refusals: Sequence[Refusal]) -> Sequence[Entry]:
        """What is told now of what was refused before."""
        wanted = {(one.seq, one.part) for one in refusals}
        rows = await self._storage.read(lambda work: work.observability.exchanges({seq for seq, _ in wanted}))
        return [one for one in await self._entries(rows) if (one.seq, one.part) in wanted]

    async def waiting(self, most: int) -> Sequence[DayWaiting]:
        """How much is yet to be told, by day; of the rows after the cursor the first ``most`` are looked at."""
        actions = self._telling.actions
        return await self._storage.read(lambda work: work.observability.waiting(actions, most))

    async def _entries(self, rows: Sequence[Exchange]) -> Sequence[Entry]:
        return await asyncio.to_thread(lambda: [one for row in rows for one in entries_of(row, self._telling)])
