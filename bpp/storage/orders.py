"""Drafts and orders as documents with the columns that queries need, and their events."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, update

from bpp.orders.model import Draft, Order
from bpp.orders.phones import normalised
from bpp.orders.states import TERMINAL, OrderStatus, Stage
from bpp.storage.connection import Connection
from bpp.storage.dialects import Insert, draft_lock, insert, insert_into, transaction_lock
from bpp.storage.ports import OrderEvent, OrderFilter, OrderRow, VersionConflict
from bpp.storage.ports_orders import VisitsOf
from bpp.storage.statement import DatabaseName, Statement
from bpp.storage.tables import drafts, order_events, orders
from bpp.storage.types import decode, encode
from catalog.money import Money


def _draft(*, locked: bool) -> Select[str]:
    query = select(drafts.c.doc).where(
        drafts.c.bap_id == bindparam("bap_id"), drafts.c.transaction_id == bindparam("transaction_id")
    )
    return query.with_for_update() if locked else query


def _save_draft(database: DatabaseName) -> Insert:
    statement = insert_into(drafts, database)
    return statement.on_conflict_do_update(
        index_elements=["bap_id", "transaction_id"],
        set_={name: statement.excluded[name] for name in ("ref", "updated_at", "doc")},
    )


_DRAFT = Statement(lambda _: _draft(locked=False))
_DRAFT_LOCKED = Statement(lambda _: _draft(locked=True))
_SAVE_DRAFT = Statement(_save_draft)


class SqlOrders:
    """See ``bpp.storage.ports.OrderStore``."""

    def __init__(self, connection: Connection, locks: set[str] | None) -> None:
        """On the unit's connection. What is read stays as it is until the unit ends, unless ``locks`` is None.

        They are those of drafts that the unit has already.
        """
        self._connection = connection
        self._locks = locks
        self._locking = locks is not None

    async def draft(self, bap_id: str, transaction_id: str) -> Draft | None:
        """The draft of a buyer app's transaction, locked, or None."""
        # Also where there is no row yet to be locked: a transaction selects one after the other.
        if self._locks is not None and (lock := draft_lock(bap_id, transaction_id)) not in self._locks:
            await transaction_lock(self._connection, lock)
            self._locks.add(lock)
        query = _DRAFT_LOCKED if self._locking else _DRAFT
        key = {"bap_id": bap_id, "transaction_id": transaction_id}
        found = await self._connection.seen(query, key, about=(bap_id, transaction_id))
        return decode(Draft, found[0][0]) if found else None

    async def save_draft(self, draft: Draft, now: datetime) -> None:
        """Store a draft in the place of the one before it in the same transaction."""
        key = (draft.peer.bap_id, draft.peer.transaction_id) if draft.peer else ("", draft.ref)
        fields = {"ref": draft.ref, "updated_at": now, "doc": encode(draft)}
        await self._connection.later(_SAVE_DRAFT, {"bap_id": key[0], "transaction_id": key[1], **fields}, about=key)

    async def draft_of(self, ref: str) -> Draft | None:
        """The draft of our reference, whoever's it is, or None. Not locked: it is for looking at."""
        text = (await self._connection.execute(select(drafts.c.doc).where(drafts.c.ref == ref))).scalar()
        return None if text is None else decode(Draft, text)

    async def get(self, ref: str) -> Order | None:
        """The order of our reference, locked, or None."""
        return await self._one(orders.c.ref == ref)

    async def by_network_id(self, bap_id: str, order_id: str) -> Order | None:
        """The order of a buyer app's order id, locked, or None: another buyer app's id is unknown (decision 5)."""
        return await self._one(orders.c.bap_id == bap_id, orders.c.order_id == order_id)

    async def add(self, order: Order, now: datetime) -> bool:
        """Store a new order; False when the buyer app already has one of that id."""
        statement = (
            insert(self._connection, orders)
            .values(ref=order.ref, version=0, created_at=now, **_columns(order))
            .on_conflict_do_nothing()
        )
        return (await self._connection.execute(statement)).rowcount == 1

    async def save(self, order: Order) -> Order:
        """Store a changed order; raises VersionConflict when it was changed by another since it was read."""
        statement = (
            update(orders)
            .where(orders.c.ref == order.ref, orders.c.version == order.version)
            .values(version=order.version + 1, **_columns(order))
        )
        if (await self._connection.execute(statement)).rowcount != 1:
            raise VersionConflict(order.ref)
        return _with_version(order, order.version + 1)

    async def find(self, which: OrderFilter) -> Sequence[OrderRow]:
        """Orders that fit, newest first; up to ``limit``."""
        return [_order_row(row) for row in await self._connection.execute(_matching(which))]

    async def found(self, which: OrderFilter) -> Sequence[tuple[OrderRow, Order]]:
        """The same with the orders themselves, which are not locked: they are for looking at."""
        rows = await self._connection.execute(_matching(which))
        return [(_order_row(row), _with_version(decode(Order, row.doc), row.version)) for row in rows]

    async def open_of(self, provider_id: str) -> Sequence[Order]:
        """The orders of a provider with a visit that is under way or to come, oldest first; not locked."""
        query = select(orders.c.doc, orders.c.version).where(
            orders.c.provider_id == provider_id,
            orders.c.state.in_([stage.value for stage in Stage if stage not in TERMINAL]),
        )
        found = await self._connection.execute(query.order_by(orders.c.created_at, orders.c.ref))
        return [_with_version(decode(Order, row.doc), row.version) for row in found]

    async def visits_of(self, which: VisitsOf) -> Sequence[Order]:
        """The orders of a provider that fit, by the time of their visit; not locked: they are for looking at."""
        query = select(orders.c.doc, orders.c.version).where(
            orders.c.provider_id == which.provider_id,
            orders.c.slot_start >= which.first,
            orders.c.slot_start < which.last,
        )
        if which.stages:
            query = query.where(orders.c.state.in_(sorted(which.stages)))
        if which.waiting:
            query = query.where(orders.c.order_status == OrderStatus.CREATED.value)
        found = await self._connection.execute(query.order_by(orders.c.slot_start, orders.c.ref).limit(which.limit))
        return [_with_version(decode(Order, row.doc), row.version) for row in found]

    async def without_worker(self, first: datetime, last: datetime, after: str | None, limit: int) -> Sequence[Order]:
        """The orders, locked, whose visit has no worker and begins in [first, last): by its start, up to ``limit``.

        ``after`` is the reference of the last one before.
        """
        query = select(orders.c.doc, orders.c.version).order_by(orders.c.slot_start, orders.c.ref).limit(limit)
        query = query.where(
            orders.c.state == Stage.PENDING.value, orders.c.slot_start >= first, orders.c.slot_start < last
        )
        if after is not None:
            start = select(orders.c.slot_start).where(orders.c.ref == after).scalar_subquery()
            query = query.where(
                (orders.c.slot_start > start) | ((orders.c.slot_start == start) & (orders.c.ref > after))
            )
        if self._locking:
            query = query.with_for_update()
        return [_with_version(decode(Order, row.doc), row.version) for row in await self._connection.execute(query)]

    async def record(self, event: OrderEvent) -> None:
        """Append to the order's life."""
        await self._connection.execute(
            order_events.insert().values(
                ref=event.ref,
                at=event.at,
                fulfillment_id=event.fulfillment_id,
                event=event.event,
                actor=event.actor,
                source=event.source,
                target=event.target,
                detail=json.dumps(dict(event.detail), ensure_ascii=False),
            )
        )

    async def events(self, ref: str) -> Sequence[OrderEvent]:
        """The order's life, in order."""
        query = select(order_events).where(order_events.c.ref == ref).order_by(order_events.c.seq)
        return [
            OrderEvent(
                at=row.at,
                ref=row.ref,
                fulfillment_id=row.fulfillment_id,
                event=row.event,
                actor=row.actor,
                source=row.source,
                target=row.target,
                detail=json.loads(row.detail),
            )
            for row in await self._connection.execute(query)
        ]

    async def counts(self) -> Mapping[Stage, int]:
        """How many orders stand in each stage."""
        query = select(orders.c.state, func.count()).group_by(orders.c.state)
        return {Stage(state): count for state, count in await self._connection.execute(query)}

    async def fill_districts(self, after: str, limit: int) -> tuple[int, str]:
        """Write the district into orders of before it was kept: how many of the next ``limit``, and the last looked at.

        By reference from ``after`` on; the last is empty where there was none left.
        """
        query = select(orders.c.ref, orders.c.doc).where(orders.c.district == "", orders.c.ref > after)
        rows = (await self._connection.execute(query.order_by(orders.c.ref).limit(limit))).all()
        known = [(row.ref, decode(Order, row.doc).visit.district) for row in rows]
        for ref, district in known:
            if district:
                found = orders.c.ref == ref, orders.c.district == ""
                await self._connection.execute(update(orders).where(*found).values(district=district))
        return sum(bool(district) for _, district in known), rows[-1].ref if rows else ""

    async def _one(self, *where: Any) -> Order | None:
        query = select(orders.c.doc, orders.c.version).where(*where)
        if self._locking:
            query = query.with_for_update()
        row = (await self._connection.execute(query)).first()
        return None if row is None else _with_version(decode(Order, row.doc), row.version)


def _matching(which: OrderFilter) -> Select[Any]:
    """Orders that fit, newest first."""
    query = select(orders).order_by(orders.c.created_at.desc(), orders.c.ref.desc()).limit(which.limit)
    for name in ("bap_id", "order_id", "transaction_id", "phone", "state", "provider_id", "district", "channel"):
        value = getattr(which, name)
        if value is not None and name == "phone":
            value = normalised(value) or value
        if value is not None:
            query = query.where(orders.c[name] == value)
    if which.refs is not None:
        query = query.where(orders.c.ref.in_(which.refs))
    if which.first is not None:
        query = query.where(orders.c.created_at >= which.first)
    if which.until is not None:
        query = query.where(orders.c.created_at < which.until)
    if which.starts_from is not None:
        query = query.where(orders.c.slot_start >= which.starts_from)
    if which.starts_before is not None:
        query = query.where(orders.c.slot_start < which.starts_before)
    if which.after is not None:
        last = select(orders.c.created_at).where(orders.c.ref == which.after).scalar_subquery()
        older = orders.c.created_at < last
        query = query.where(older | ((orders.c.created_at == last) & (orders.c.ref < which.after)))
    return query


def _with_version(order: Order, version: int) -> Order:
    return replace(order, version=version)


def _columns(order: Order) -> dict[str, Any]:
    visit = order.visit
    return {
        "bap_id": order.peer.bap_id if order.peer else "",
        "order_id": order.order_id,
        "transaction_id": order.peer.transaction_id if order.peer else "",
        "channel": order.channel,
        "state": visit.stage.value,
        "order_status": order.status.value,
        "provider_id": order.seller.provider_id,
        "worker_id": visit.assignee.worker_id if visit.assignee else "",
        "phone": normalised(str(order.billing.get("phone") or "")),
        "slot_start": visit.slot.start,
        "total_paise": order.quote.total.paise,
        "updated_at": order.updated_at,
        "doc": encode(order),
        "forgotten": order.forgotten_at is not None,
        "district": visit.district or "",
    }


def _order_row(row: Row[Any]) -> OrderRow:
    return OrderRow(
        ref=row.ref,
        bap_id=row.bap_id,
        order_id=row.order_id,
        transaction_id=row.transaction_id,
        channel=row.channel,
        state=row.state,
        order_status=row.order_status,
        provider_id=row.provider_id,
        worker_id=row.worker_id,
        slot_start=row.slot_start,
        total=str(Money(row.total_paise)),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
