"""One rupee explained: every line in the books of one order in words, and who gets what of what the customer pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.money.bookings import statement_link
from bpp.console.money.tables import Column, Found, ListQuery, Table, credit, debit, rupees_of
from bpp.console.money.words import account_name, line_words
from bpp.console.page import Visit
from bpp.console.shown import said
from bpp.core.world import World
from bpp.ledger.booked import CHARGES
from bpp.ledger.model import Account, Line, Posting, Purpose, balances
from bpp.ledger.statement import words_of
from bpp.operator.bookings_lookup import list_bookings
from bpp.operator.bookings_order_models import BookingQuery
from bpp.orders.model import Order
from bpp.orders.rates import OrderRates
from bpp.storage.ports import Work
from catalog.money import ZERO, Money

SHARED = frozenset({*CHARGES, "share"})
"""The parts that say who gets what of a price."""


class RupeeQuery(ListQuery):
    """The number of an order: ours, the one that is told to the customer, or a buyer app's for it or its purchase."""

    number: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a posting."""

    posting: Posting
    line: Line


@dataclass(frozen=True, slots=True)
class Part:
    """What one account gets of what the customer is charged; ``of_one``: of each rupee, in paise."""

    account: Account
    amount: Money
    of_one: Decimal


async def read_rupee(visit: Visit, work: Work, world: World) -> Found:
    """The order that is meant, with its lines; several where the number does not say which."""
    number = visit.query.number.strip()
    refs = await meant(number, visit, work, world) if number else ()
    if len(refs) != 1:
        return Found(more={"number": number, "refs": refs, "ref": ""})
    (ref,) = refs
    postings = await work.ledger.of_order(ref)
    order = await work.orders.get(ref)
    gross, parts = split_of(postings)
    entries = [Entry(posting, line) for posting in postings for line in posting.lines]
    left = balances(one.line for one in entries)
    return Found(
        tables=(
            Table(name="split", title=msg("Who gets what"), columns=_part_columns(world), rows=parts, sums=True),
            Table(
                name="lines",
                title=msg("Every line in the books"),
                columns=_line_columns(world),
                rows=entries,
                sums=True,
            ),
            Table(
                name="left",
                title=msg("What is left of it today"),
                columns=_left_columns(world),
                rows=list(left.items()),
                sums=True,
            ),
        ),
        more={
            "number": number,
            "refs": refs,
            "ref": ref,
            "order": order,
            "gross": gross,
            "rates": rates_in_words(order),
            "postings": postings,
        },
    )


async def meant(number: str, visit: Visit, work: Work, world: World) -> Sequence[str]:
    """The references of the orders, or of project work, that a number may mean."""
    if await work.orders.get(number) is not None or await work.ledger.of_order(number):
        return (number,)
    for name in ("order_id", "transaction_id"):
        query = BookingQuery.model_validate({name: number})
        content: Any = (await list_bookings(visit.call(query=query), work, world)).content
        if content.items:
            return tuple(one.ref for one in content.items)
    return ()


def split_of(postings: Sequence[Posting]) -> tuple[Money, Sequence[Part]]:
    """What the customer was charged, and who gets what of it, the largest part first."""
    lines = [line for one in postings if one.part.partition(":")[0] in SHARED for line in one.lines]
    sums = balances(lines)
    gross = Money(sum(amount.paise for account, amount in sums.items() if account.purpose is Purpose.DUE))
    parts = [
        Part(account, -amount, (Decimal(-amount.paise * 100) / gross.paise).quantize(Decimal("0.01")))
        for account, amount in sums.items()
        if account.purpose is not Purpose.DUE and gross != ZERO
    ]
    return gross, sorted(parts, key=lambda one: -one.amount.paise)


def rates_in_words(order: Order | None) -> Sequence[tuple[str, Decimal]]:
    """The rates, per cent, that the order was made with."""
    rates: OrderRates | None = order.rates if order else None
    if rates is None:
        return ()
    return (
        (gettext(msg("Commission (the Samiti's share)")), rates.commission.value),
        (gettext(msg("GST on the commission")), rates.gst_on_commission),
        (gettext(msg("TCS (tax collected at source)")), rates.tcs.value),
        (gettext(msg("TDS (income tax deducted at source)")), rates.tds.value),
    )


def _part_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Who"), lambda one: account_name(one.account, world)),
        Column(msg("Amount"), lambda one: rupees_of(one.amount), "money"),
        Column(msg("Of each rupee, in paise"), lambda one: one.of_one, "share"),
    )


def _line_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("When"), lambda one: one.posting.at, "moment"),
        Column(msg("What"), _words),
        Column(
            msg("Account"),
            lambda one: account_name(one.line.account, world),
            link=lambda one: statement_link(one.line.account),
        ),
        Column(msg("In words"), lambda one: line_words(one.line)),
        Column(msg("Debit"), lambda one: debit(one.line.amount), "money"),
        Column(msg("Credit"), lambda one: credit(one.line.amount), "money"),
    )


def _left_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Account"), lambda row: account_name(row[0], world), link=lambda row: statement_link(row[0])),
        Column(msg("Debit"), lambda row: debit(row[1]), "money"),
        Column(msg("Credit"), lambda row: credit(row[1]), "money"),
    )


def _words(one: Entry) -> str:
    english, hindi = words_of(one.posting)
    return said({"en": english, "hi": hindi})
