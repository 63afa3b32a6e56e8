"""What the books say of bookings: queries that only read, for payout runs, reports and the reconciliation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, exists, func, literal, or_, select, union_all

from bpp.ledger.booked import MILESTONE, Booked, PartLine
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.payouts import PAYOUT
from bpp.ledger.receipts import RECEIPT, ReceiptKind
from bpp.ledger.recon import StrayCredit
from bpp.orders.rates import OrderRates
from bpp.orders.states import Event, Stage
from bpp.storage.connection import Connection
from bpp.storage.tables import order_events, orders
from bpp.storage.tables_ledger import ledger_lines as lines
from bpp.storage.tables_ledger import ledger_postings as postings
from bpp.storage.tables_projects import projects
from bpp.storage.types import decode
from catalog.money import Money

PROJECT = "project"
"""What stands for the channel of project work."""
COLUMNS = (lines.c.party, lines.c.party_id, lines.c.purpose)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seller:
    gstin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Document:
    """What these queries ask of the document of an order, which has a seller, or of a project with its contractor."""

    seller: _Seller | None = None
    contractor: _Seller | None = None
    rates: OrderRates | None = None


async def unpaid_earnings(connection: Connection, until: datetime | None) -> Mapping[Account, Money]:
    """What wallets were moved by, before a moment, for orders whose consumers owe anything now."""
    owing = (
        select(lines.c.party_id)
        .where(lines.c.party == Party.CONSUMER.value, lines.c.purpose == Purpose.DUE.value)
        .group_by(lines.c.party_id)
        .having(func.sum(lines.c.paise) > 0)
    )
    query = (
        select(*COLUMNS, func.sum(lines.c.paise))
        .join(postings, postings.c.id == lines.c.posting_id)
        .where(postings.c.ref.in_(owing), lines.c.purpose == Purpose.WALLET.value)
        .group_by(*COLUMNS)
    )
    if until is not None:
        query = query.where(postings.c.at < until)
    return {_account(row): Money(int(row[3])) for row in await connection.execute(query)}


async def completed(
    connection: Connection, first: datetime, last: datetime, *, to_date: bool = False
) -> Sequence[Booked]:
    """What was last completed in a period, with everything posted for it before its end, or ``to_date``.

    Of an order that is a visit, of project work a milestone that was accepted.
    """
    visits, milestones = _completions(last), _accepted(last)
    found = [await _orders(connection, visits, first), await _projects(connection, milestones, first)]
    posted = _summed().where(postings.c.ref.in_(_completed_in(first, last)))
    return await _booked(connection, found, posted if to_date else posted.where(postings.c.at < last))


async def moved_later(
    connection: Connection, first: datetime, last: datetime, purposes: Collection[Purpose]
) -> Mapping[Account, Money]:
    """What accounts were moved by after a period for all bookings but those that were completed in it."""
    query = (
        select(*COLUMNS, func.sum(lines.c.paise))
        .join(postings, postings.c.id == lines.c.posting_id)
        .where(
            lines.c.purpose.in_([one.value for one in purposes]),
            postings.c.ref != "",
            postings.c.at >= last,
            postings.c.ref.not_in(_completed_in(first, last)),
        )
        .group_by(*COLUMNS)
    )
    return {_account(row): Money(int(row[3])) for row in await connection.execute(query)}


async def moved(connection: Connection, first: datetime, last: datetime) -> Sequence[Booked]:
    """The bookings for which anything was posted in a period, with that alone; ``completed_at`` is the last posting."""
    inside = (postings.c.ref != "", postings.c.at >= first, postings.c.at < last)
    latest = select(postings.c.ref, func.max(postings.c.at).label("at")).where(*inside).group_by(postings.c.ref)
    found = [await _orders(connection, latest, first), await _projects(connection, latest, first)]
    return await _booked(connection, found, _summed().where(*inside))


async def stray_credits(connection: Connection, first: datetime, last: datetime) -> Sequence[StrayCredit]:
    """Credits of wallets in a period that neither a booking nor a receipt nor a returned payout explains."""
    done = exists().where(order_events.c.ref == orders.c.ref, order_events.c.event == Event.COMPLETE.value)
    explained = or_(done, orders.c.state.in_((Stage.COMPLETED.value, Stage.CANCELLED.value)))
    query = (
        select(postings, *COLUMNS, func.sum(lines.c.paise).label("paise"), orders.c.ref.label("order_ref"))
        .join(lines, lines.c.posting_id == postings.c.id)
        .outerjoin(orders, orders.c.ref == postings.c.ref)
        .outerjoin(projects, projects.c.id == postings.c.ref)
        .where(
            postings.c.at >= first,
            postings.c.at < last,
            lines.c.purpose == Purpose.WALLET.value,
            postings.c.part.not_like(f"{PAYOUT}:%"),
            postings.c.part.not_like(f"{RECEIPT}:%"),
            projects.c.id.is_(None),  # of project work only accepted milestones are posted
            or_(orders.c.ref.is_(None), ~explained),
        )
        .group_by(*postings.c, *COLUMNS, orders.c.ref)
        .having(func.sum(lines.c.paise) < 0)
        .order_by(postings.c.at, postings.c.id)
    )
    return [
        StrayCredit(
            at=row.at,
            posting_id=row.id,
            ref=row.ref,
            part=row.part,
            wallet=Account(Party(row.party), row.party_id, Purpose(row.purpose)),
            amount=Money(-int(row.paise)),
            reason="no booking" if row.order_ref is None else "work not done",
        )
        for row in await connection.execute(query)
    ]


async def topped_up(connection: Connection, first: datetime, last: datetime) -> Money:
    """What providers paid into their wallets in a period."""
    query = (
        select(func.coalesce(func.sum(lines.c.paise), literal(0)))
        .join(postings, postings.c.id == lines.c.posting_id)
        .where(
            postings.c.at >= first,
            postings.c.at < last,
            postings.c.part.like(f"{RECEIPT}:{ReceiptKind.PROVIDER_PAYMENT}:%"),
            lines.c.purpose == Purpose.WALLET.value,
        )
    )
    return Money(-int((await connection.execute(query)).scalar_one()))


def _completions(last: datetime) -> Select[Any]:
    """When each order's last visit so far was completed, before a moment."""
    return (
        select(order_events.c.ref, func.max(order_events.c.at).label("at"))
        .where(order_events.c.event == Event.COMPLETE.value, order_events.c.at < last)
        .group_by(order_events.c.ref)
    )


def _accepted(last: datetime) -> Select[Any]:
    """When the last milestone of each project so far was accepted, before a moment."""
    return (
        select(postings.c.ref, func.max(postings.c.at).label("at"))
        .where(postings.c.part.like(f"{MILESTONE}:%"), postings.c.at < last)
        .group_by(postings.c.ref)
    )


def _completed_in(first: datetime, last: datetime) -> CompoundSelect[Any]:
    """The references of what was last completed in a period."""
    return union_all(*(_since(one, first) for one in (_completions(last), _accepted(last))))


def _since(latest: Select[Any], first: datetime) -> Select[Any]:
    found = latest.subquery()
    return select(found.c.ref).where(found.c.at >= first)


def _summed() -> Select[Any]:
    """What each part of each order or project moved each account by."""
    by = (postings.c.ref, postings.c.part, *COLUMNS)
    joined = select(*by, func.sum(lines.c.paise).label("paise")).join(lines, lines.c.posting_id == postings.c.id)
    return joined.group_by(*by).order_by(*by)


async def _orders(connection: Connection, latest: Select[Any], first: datetime) -> list[Booked]:
    last = latest.subquery()
    columns = (orders.c.ref, orders.c.provider_id, orders.c.channel, orders.c.total_paise, orders.c.doc)
    query = select(*columns, last.c.at).join(last, last.c.ref == orders.c.ref).where(last.c.at >= first)
    return await _documents(connection, query)


async def _projects(connection: Connection, latest: Select[Any], first: datetime) -> list[Booked]:
    last = latest.subquery()
    columns = (
        projects.c.id.label("ref"),
        projects.c.provider_id,
        literal(PROJECT).label("channel"),
        literal(0).label("total_paise"),  # what of it is not accepted is not owed
        projects.c.doc,
    )
    query = select(*columns, last.c.at).join(last, last.c.ref == projects.c.id).where(last.c.at >= first)
    return await _documents(connection, query)


async def _documents(connection: Connection, query: Select[Any]) -> list[Booked]:
    """Without their lines. Documents are read one after another: of a month they are more than fits in memory."""
    found = []
    async for row in connection.stream(query):
        kept = decode(_Document, row.doc)
        seller = kept.seller or kept.contractor
        booked = Booked(
            ref=row.ref,
            provider_id=row.provider_id,
            channel=row.channel,
            total=Money(row.total_paise),
            completed_at=row.at,
            lines=(),
            day=kept.rates.day if kept.rates else None,
            rate=kept.rates.commission.value if kept.rates else None,
            gstin=seller.gstin if seller else "",
        )
        found.append(booked)
    return found


async def _booked(connection: Connection, found: Sequence[Sequence[Booked]], summed: Select[Any]) -> list[Booked]:
    """Bookings with their lines, by the moment of their completion."""
    of_order: dict[str, list[PartLine]] = defaultdict(list)
    for row in await connection.execute(summed):
        account = Account(Party(row.party), row.party_id, Purpose(row.purpose))
        of_order[row.ref].append(PartLine(row.part, account, Money(int(row.paise))))
    with_lines = [replace(one, lines=tuple(of_order[one.ref])) for kind in found for one in kind]
    return sorted(with_lines, key=lambda one: (one.completed_at, one.ref))


def _account(row: Any) -> Account:
    return Account(Party(row[0]), row[1], Purpose(row[2]))
