"""The look into the database once all is quiet: what the seller has on record, to be compared with what others have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from bpp.ledger.model import Account
from bpp.orders.model import Order
from bpp.orders.states import Event
from bpp.storage.tables import inbox, order_events, orders, outbox, slot_cells
from bpp.storage.tables_ledger import ledger_lines, ledger_postings
from bpp.storage.types import decode as read_document
from catalog.money import Money
from tests.machine.town import books_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A callback in the outbox."""

    seq: int
    lane: str
    action: str
    bap_id: str
    transaction_id: str
    message_id: str
    state: str
    order_ref: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What identifies it to a buyer app."""
        return self.bap_id, self.action, self.message_id


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """A message in the inbox, and the number of the callback that answers it."""

    bap_id: str
    action: str
    transaction_id: str
    message_id: str
    callback_seq: int | None


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting: whose, of which part, and what its lines come to."""

    id: str
    ref: str
    part: str
    paise: int
    reverses: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What stands in the database. Orders and events by reference."""

    orders: Mapping[str, Order]
    events: Mapping[str, tuple[tuple[str, str], ...]]
    inbox: tuple[TakenIn, ...]
    outbox: tuple[Sent, ...]
    booked: Mapping[str, frozenset[tuple[str, datetime]]]
    postings: tuple[Posted, ...]
    sums: Mapping[str, Mapping[str, Mapping[Account, Money]]]


def read(connection: Connection) -> Books:
    """Everything at once, on one connection."""
    found = connection.execute(select(orders.c.ref, orders.c.doc))
    events: dict[str, list[tuple[str, str]]] = {}
    columns = order_events.c
    for ref, event, actor, source, target in connection.execute(
        select(columns.ref, columns.event, columns.actor, columns.source, columns.target).order_by(columns.seq)
    ):
        if event != Event.START or source != target:  # a wrong token stands in the timeline, too
            events.setdefault(ref, []).append((event, actor))
    booked: dict[str, set[tuple[str, datetime]]] = {}
    for ref, worker_id, cell in connection.execute(
        select(slot_cells.c.ref, slot_cells.c.worker_id, slot_cells.c.cell).where(slot_cells.c.expires_at.is_(None))
    ):
        booked.setdefault(ref, set()).add((worker_id, cell))
    return Books(
        orders={ref: read_document(Order, doc) for ref, doc in found},
        events={ref: tuple(some) for ref, some in events.items()},
        inbox=tuple(
            TakenIn(
                bap_id=bap_id, action=action, transaction_id=transaction_id, message_id=message_id, callback_seq=seq
            )
            for bap_id, action, transaction_id, message_id, seq in connection.execute(
                select(inbox.c.bap_id, inbox.c.action, inbox.c.transaction_id, inbox.c.message_id, inbox.c.callback_seq)
            )
        ),
        outbox=_outbox(connection),
        booked={ref: frozenset(cells) for ref, cells in booked.items()},
        postings=_postings(connection),
        sums=books_in(connection),
    )


def _outbox(connection: Connection) -> tuple[Sent, ...]:
    rows = connection.execute(select(outbox).order_by(outbox.c.seq))
    return tuple(
        Sent(
            seq=row.seq,
            lane=row.lane,
            action=row.action,
            bap_id=row.peer,
            transaction_id=row.transaction_id,
            message_id=row.message_id,
            state=row.state,
            order_ref=row.order_ref,
        )
        for row in rows
    )


def _postings(connection: Connection) -> tuple[Posted, ...]:
    sums: dict[str, int] = {}
    for posting_id, paise in connection.execute(select(ledger_lines.c.posting_id, ledger_lines.c.paise)):
        sums[posting_id] = sums.get(posting_id, 0) + paise
    return tuple(
        Posted(row.id, row.ref, row.part, sums.get(row.id, 0), row.reverses)
        for row in connection.execute(select(ledger_postings))
    )


async def look(url: str) -> Books:
    """What stands in a database now."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(read)
    finally:
        await engine.dispose()


async def waiting(url: str) -> list[tuple[int, str, str]]:
    """The callbacks that are still to go out: number, buyer app and transaction, in order."""
    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            columns = (outbox.c.seq, outbox.c.peer, outbox.c.transaction_id)
            query = select(*columns).where(outbox.c.state == "pending").order_by(outbox.c.seq)
            return [(seq, peer, transaction) for seq, peer, transaction in await connection.execute(query)]
    finally:
        await engine.dispose()
