"""The accountant's first page: what a period came to, who has its money, and what does not match yet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from bpp.console.language import gettext, msg
from bpp.console.money.network import standing
from bpp.console.money.periods import Span, written
from bpp.console.money.tables import Column, Found, Table, rupees_of
from bpp.console.page import Visit
from bpp.console.plots import Plot, Series, plot
from bpp.console.shown import number, rupees
from bpp.core.recon import reconciled, still_open
from bpp.core.world import World
from bpp.ledger.model import Account, Purpose
from bpp.ledger.recon import Reconciliation, Row
from bpp.ledger.statement import TrialBalance, trial_balance
from bpp.operator.money_fields import Period, bounds
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money, total

MOST_BARS = 62
"""Days that are drawn one by one; of a longer period the months are."""


@dataclass(frozen=True, slots=True)
class Bit:
    """The bookings of one day, or of one month."""

    day: date
    bookings: int
    gross: Money


@dataclass(frozen=True, slots=True)
class Share:
    """Who has what of the money of the period; ``who`` is a text of the catalogs."""

    who: str
    amount: Money
    bookings: int


async def reconciliation_of(span: Span, work: Work, world: World) -> tuple[Reconciliation, Reconciliation]:
    """The bookings of a period against the books as they stood at its end, and as they stand today."""
    then = await reconciled(*moments(span), work)
    return then, (await still_open(*moments(span), work) if span.last < local_day(world.now) else then)


def moments(span: Span) -> tuple[datetime, datetime]:
    """The moment with which a period begins, and the one before which it ends."""
    return bounds(period_of(span))


def period_of(span: Span) -> Period:
    """A period as the calls of the operator API take it."""
    return Period.model_validate({"from": span.first, "until": span.last})


async def read_overview(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """Figures, who collected, bookings per day, what does not match, and how many orders buyer apps have settled."""
    found, today = await reconciliation_of(span, work, world)
    last = moments(span)[1]
    wallets = trial_balance(await work.ledger.balances(AccountFilter(purpose=Purpose.WALLET), last))
    bits = per_day(found.rows, span)
    return Found(
        tables=(
            Table(name="collected", title=msg("Who collected the money"), columns=SHARES, rows=shares(found.rows)),
            Table(name="days", title=msg("Bookings per day"), columns=DAYS, rows=bits, sums=True),
        ),
        more={
            "totals": found.totals,
            "owed_to_wallets": wallets.credit,
            "plots": plots(bits),
            "checks": checks(found, today, await _books_then(last, work), span, local_day(world.now)),
            "network": await standing(visit, work, world),
        },
    )


async def _books_then(last: datetime, work: Work) -> Mapping[Account, Money]:
    return await work.ledger.balances(AccountFilter(), last)


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of a period that is complete; ``says`` is a text of the catalogs, ``count`` what is in the way."""

    says: str
    holds: bool
    count: int = 0
    table: str = ""


def checks(
    found: Reconciliation, still: Reconciliation, then: Mapping[Account, Money], span: Span, today: date
) -> Sequence[Check]:
    """What makes a period complete: it is over, nothing stands in the three lists any more, the books balance."""
    sides: TrialBalance = trial_balance(then)
    unpaid, stray, owing = (
        len(rows) for rows in (still.no_money_seen, found.credit_without_booking, still.commission_not_received)
    )
    return (
        Check(msg("The period is over"), span.last < today),
        Check(msg("The money of every completed booking was seen"), unpaid == 0, unpaid, "unpaid"),
        Check(msg("A booking stands behind all money in wallets"), stray == 0, stray, "stray"),
        Check(msg("All commission due was received"), owing == 0, owing, "owing"),
        Check(msg("Debit and credit of the books are equal"), sides.debit == sides.credit),
    )


def shares(rows: Sequence[Row]) -> Sequence[Share]:
    """Who has the money of bookings: buyer apps, our own bank, whoever was at the door, nobody."""
    by: tuple[tuple[str, Callable[[Row], Money]], ...] = (
        (msg("Buyer apps, for us"), lambda row: row.figures.collected),
        (msg("The Samiti, online"), lambda row: row.figures.online - row.figures.collected),
        (msg("Sewamitras and providers, in cash"), lambda row: row.figures.cash),
        (msg("Nobody yet"), lambda row: row.missing),
    )
    return [
        Share(who, total(amount(row) for row in rows), sum(1 for row in rows if amount(row) > ZERO))
        for who, amount in by
    ]


SHARES = (
    Column(msg("Who"), lambda one: gettext(one.who)),
    Column(msg("Bookings"), lambda one: one.bookings, "count"),
    Column(msg("Amount"), lambda one: rupees_of(one.amount), "money"),
)
DAYS = (
    Column(msg("Day"), lambda one: one.day, "day"),
    Column(msg("Bookings"), lambda one: one.bookings, "count"),
    Column(msg("Gross (what the customer is charged)"), lambda one: rupees_of(one.gross), "money"),
)


def per_day(rows: Sequence[Row], span: Span) -> Sequence[Bit]:
    """The bookings of each day of a period, of days without any too."""
    by: dict[date, list[Row]] = defaultdict(list)
    for row in rows:
        by[local_day(row.booked.completed_at)].append(row)
    days = (span.first + timedelta(days=ahead) for ahead in range((span.last - span.first).days + 1))
    return [Bit(day, len(by[day]), total(row.gross for row in by[day])) for day in days]


def plots(bits: Sequence[Bit]) -> Sequence[Plot]:
    """Bookings and amounts, by days or by months."""
    pattern = "d MMM"
    if len(bits) > MOST_BARS:
        pattern, bits = "MMM yy", per_month(bits)
    labels = [written(one.day, pattern) for one in bits]
    bookings, gross = gettext("Bookings"), gettext("Gross")
    by_month = pattern != "d MMM"
    counted = gettext("Bookings per month") if by_month else gettext("Bookings per day")
    summed = gettext("Gross per month, in rupees") if by_month else gettext("Gross per day, in rupees")
    return (
        plot(counted, labels, [Series(name=bookings, values=[one.bookings for one in bits])], shown=_whole),
        plot(summed, labels, [Series(name=gross, values=[one.gross.paise / 100 for one in bits])], shown=_amount),
    )


def per_month(bits: Sequence[Bit]) -> Sequence[Bit]:
    """Days put together by month."""
    by: dict[date, list[Bit]] = defaultdict(list)
    for one in bits:
        by[one.day.replace(day=1)].append(one)
    return [Bit(day, sum(one.bookings for one in some), total(one.gross for one in some)) for day, some in by.items()]


def _whole(value: float) -> str:
    return number(int(value)) if value == int(value) else ""


def _amount(value: float) -> str:
    return rupees(Decimal(str(round(value, 2))))
