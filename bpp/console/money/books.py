"""The books: one rupee explained, every account on its side, wallets, and the statement of any account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.money.bookings import explained, statement_link
from bpp.console.money.overview import MOST_BARS, moments, period_of
from bpp.console.money.periods import Span, WrongPeriod, written
from bpp.console.money.tables import Column, Found, ListQuery, PeriodQuery, Table, credit, debit, rupees_of
from bpp.console.money.words import PARTIES, account_name, holder, told
from bpp.console.page import Day, Visit
from bpp.console.plots import Plot, Series, plot
from bpp.console.shown import rupees, said
from bpp.core.world import World
from bpp.ledger.model import Account, Party, Purpose
from bpp.ledger.statement import Statement, trial_balance
from bpp.operator.money_wallets import statement_of
from bpp.operator.problems import ApiProblem
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.availability import Horizon
from catalog.money import Money

TOO_MUCH = msg("There is too much in this period for one statement. Please choose a shorter one.")


class BooksQuery(ListQuery):
    """As the books stood at the end of a day; empty: as they stand."""

    until: Day | None = None


class StatementQuery(PeriodQuery):
    """Whose statement, of which account, of which days."""

    party: Party
    id: str = ""
    purpose: Purpose


async def read_books(visit: Visit, work: Work, world: World) -> Found:
    """The trial balance and the wallets."""
    day = visit.query.until
    found = trial_balance(await work.ledger.balances(AccountFilter(), Horizon(day, 1).end if day else None))
    wallets = [(account, amount) for account, amount in found.rows if account.purpose is Purpose.WALLET]
    return Found(
        tables=(
            Table(name="wallets", title=msg("Wallets"), columns=_wallet_columns(world), rows=wallets, sums=True),
            Table(
                name="trial-balance",
                title=msg("Trial balance (every account on its side)"),
                columns=_account_columns(world),
                rows=found.rows,
                sums=True,
            ),
        ),
        more={"balance": found, "until": day},
    )


def _wallet_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Kind"), lambda row: told(PARTIES, row[0].party)),
        Column(
            msg("Whose wallet"),
            lambda row: holder(row[0].party, row[0].party_id, world),
            link=lambda row: statement_link(row[0]),
        ),
        Column(msg("Number"), lambda row: row[0].party_id),
        Column(msg("The Samiti owes"), lambda row: credit(row[1]), "money"),
        Column(msg("Owes the Samiti"), lambda row: debit(row[1]), "money"),
    )


def _account_columns(world: World) -> Sequence[Column]:
    return (
        Column(msg("Account"), lambda row: account_name(row[0], world), link=lambda row: statement_link(row[0])),
        Column(msg("Debit (is owed, or there)"), lambda row: debit(row[1]), "money"),
        Column(msg("Credit (owes, or earned)"), lambda row: credit(row[1]), "money"),
    )


@dataclass(frozen=True, slots=True)
class _Balance:
    """A row of a statement that is no entry: the balance before or after."""

    at: datetime
    words: str
    balance: Money
    ref: str = ""


async def read_statement(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """An account's entries with the balance before and after each, and the balance over time."""
    query: StatementQuery = visit.query
    account = Account(query.party, query.id, query.purpose)
    try:
        found = await statement_of(account, period_of(span), work)
    except ApiProblem as problem:
        raise WrongPeriod(TOO_MUCH) from problem  # the account and the days are what they should be
    first, last = moments(span)
    rows = [
        _Balance(first, gettext("Balance before"), found.opening),
        *found.entries,
        _Balance(last - timedelta(minutes=1), gettext("Balance after"), found.closing),
    ]
    return Found(
        tables=(Table(name="statement", title=msg("Statement"), columns=STATEMENT, rows=rows),),
        more={
            "account": account,
            "account_name": account_name(account, world),
            "statement": found,
            "plot": over_time(found, span, local_day(world.now)),
            "bank": account.purpose is Purpose.WALLET,
        },
    )


def _words(row: Any) -> str:
    return str(row.words) if isinstance(row, _Balance) else said({"en": row.words, "hi": row.words_hi})


def _moved(row: Any, side: str) -> Decimal | None:
    return None if isinstance(row, _Balance) else debit(getattr(row, side))


def _note(row: Any) -> str:
    """What somebody noted with a receipt or a payout; an order's postings say no more than their words."""
    return "" if row.ref or isinstance(row, _Balance) else str(row.memo)


STATEMENT = (
    Column(msg("When"), lambda row: row.at, "moment"),
    Column(msg("What"), _words),
    Column(msg("Order"), lambda row: row.ref, link=lambda row: explained(row.ref)),
    Column(msg("Debit"), lambda row: _moved(row, "debit"), "money"),
    Column(msg("Credit"), lambda row: _moved(row, "credit"), "money"),
    Column(msg("Balance (what the holder is owed)"), lambda row: rupees_of(row.balance), "money"),
    Column(msg("Note"), _note),
)


def over_time(found: Statement, span: Span, today: date) -> Plot:
    """What the holder was owed at the end of each day up to today; of a longer period, of each month."""
    moved = {local_day(one.at): one.balance for one in found.entries}
    balance, points = found.opening, []
    last = min(span.last, today)
    days = (last - span.first).days + 1
    for day in (span.first + timedelta(days=ahead) for ahead in range(days)):
        balance = moved.get(day, balance)
        if days <= MOST_BARS or day == last or (day + timedelta(days=1)).day == 1:
            points.append((day, balance))
    labels = [written(day, "d MMM" if days <= MOST_BARS else "MMM yy") for day, _ in points]
    title = gettext("Balance over time")
    values = [amount.paise / 100 for _, amount in points]
    return plot(title, labels, [Series(name=title, values=values)], kind="lines", shown=_rupees)


def _rupees(value: float) -> str:
    return rupees(Decimal(str(round(value, 2))))
