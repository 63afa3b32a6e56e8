"""Counting what is stored, for those who watch over the server: bounded, or seldom (``bpp.watch``)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import case, func, select, text

from bpp.storage.connection import Connection
from bpp.storage.ports_figures import Waiting
from bpp.storage.tables import PENDING, outbox, peers, slot_cells
from bpp.storage.tables_ledger import ledger_lines


class SqlFigures:
    """See ``bpp.storage.ports_figures.Figures``."""

    def __init__(self, connection: Connection) -> None:
        """On the unit's connection."""
        self._connection = connection

    async def waiting(self, now: datetime, most: int) -> Mapping[bool, Waiting]:
        """Pending callbacks, by whether their peer rests; at most ``most`` are looked at, the longest due first."""
        first = (
            select(outbox.c.peer, outbox.c.due_at).where(text(PENDING)).order_by(outbox.c.due_at).limit(most).subquery()
        )
        resting = case((peers.c.not_before > now, 1), else_=0).label("resting")
        query = (
            select(resting, func.count(), func.min(first.c.due_at))
            .select_from(first.outerjoin(peers, peers.c.subscriber_id == first.c.peer))
            .group_by(resting)
        )
        return {bool(row[0]): Waiting(row[1], row[2]) for row in await self._connection.execute(query)}

    async def slot_cells(self, now: datetime) -> tuple[int, int]:
        """Cells of workers' time from now on: held, booked. Looks at every cell there is."""
        held = func.sum(case((slot_cells.c.expires_at > now, 1), else_=0))
        booked = func.sum(case((slot_cells.c.expires_at.is_(None), 1), else_=0))
        row = (await self._connection.execute(select(held, booked).where(slot_cells.c.cell >= now))).one()
        return int(row[0] or 0), int(row[1] or 0)

    async def ledger_sum(self) -> int:
        """The sum of all lines of the books in paise: zero, or a posting does not balance. Looks at every line."""
        return int((await self._connection.execute(select(func.sum(ledger_lines.c.paise)))).scalar() or 0)
