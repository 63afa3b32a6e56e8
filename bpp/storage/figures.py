"""Counting what is stored, for those who watch over the server or a district: bounded, or seldom (``bpp.watch``)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import BigInteger, ColumnElement, case, cast, func, select, text, type_coerce

from bpp.orders.states import Stage
from bpp.storage.connection import Connection
from bpp.storage.ports_figures import Booked, BookedWith, Waiting
from bpp.storage.tables import PENDING, orders, outbox, peers, slot_cells
from bpp.storage.tables_ledger import ledger_lines

KOLKATA = timedelta(hours=5, minutes=30)
"""Asia/Kolkata is so far ahead of UTC the whole year, so that days are counted by the database."""
DAY = timedelta(days=1)
MICROSECOND = timedelta(microseconds=1)


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

    async def booked(self, district: str, first: datetime, until: datetime) -> Sequence[Booked]:
        """The orders of a district that were made in [first, until): by day, channel and state, in the index alone."""
        made = type_coerce(orders.c.created_at, BigInteger)
        day = cast((made + KOLKATA // MICROSECOND) // (DAY // MICROSECOND), BigInteger).label("day")
        query = select(day, orders.c.channel, orders.c.state, func.count()).where(*_made(district, first, until))
        rows = await self._connection.execute(query.group_by(day, orders.c.channel, orders.c.state).order_by(day))
        return [Booked(date(1970, 1, 1) + int(row[0]) * DAY, row[1], row[2], row[3]) for row in rows]

    async def booked_with(self, district: str, first: datetime, until: datetime) -> Sequence[BookedWith]:
        """The same orders by their provider, most first."""
        done, gone = orders.c.state == Stage.COMPLETED.value, orders.c.state == Stage.CANCELLED.value
        count = func.count()
        query = (
            select(
                orders.c.provider_id,
                count,
                func.sum(case((done, 1), else_=0)),
                func.sum(case((gone, 1), else_=0)),
                func.sum(case((done, orders.c.total_paise), else_=0)),
            )
            .where(*_made(district, first, until))
            .group_by(orders.c.provider_id)
            .order_by(count.desc(), orders.c.provider_id)
        )
        return [BookedWith(row[0], *map(int, row[1:])) for row in await self._connection.execute(query)]

    async def orders_within(self, district: str, refs: Collection[str]) -> frozenset[str]:
        """Those of some orders that are of a district."""
        query = select(orders.c.ref).where(orders.c.ref.in_(refs), orders.c.district == district)
        return frozenset((await self._connection.execute(query)).scalars())


def _made(district: str, first: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    return orders.c.district == district, orders.c.created_at >= first, orders.c.created_at < until
