"""What the Samiti's share came to by day and rate, and what the tax office is told of each provider."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bpp.console.language import msg
from bpp.console.money.overview import period_of
from bpp.console.money.periods import Span
from bpp.console.money.tables import Column, Found, Table
from bpp.console.money.words import holder
from bpp.console.page import Visit
from bpp.core.world import World
from bpp.ledger.rates import DatedRate, RateTable
from bpp.operator.money_reports import get_commission, get_tax
from bpp.storage.ports import Work

COMMISSION = "commission"
PAN = slice(2, 12)
"""Where the permanent account number stands in a GSTIN."""


async def read_commission(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """The Samiti's share by day of booking, and the rates that were in force."""
    report: Any = (await get_commission(visit.call(query=period_of(span)), work, world)).content
    return Found(
        tables=(Table(name="commission", title=TITLE, columns=COLUMNS, rows=report["items"], sums=True),),
        more={"report": report, "rates": in_force(world.rates, COMMISSION, span)},
    )


def in_force(rates: RateTable, name: str, span: Span) -> Sequence[DatedRate]:
    """The rates of a name that were in force on any day of a period, oldest first."""
    days = (span.first + timedelta(days=ahead) for ahead in range((span.last - span.first).days + 1))
    changes = {span.first, *(one.valid_from for one in rates.rows)}
    found = (rates.on(day).rows.get(name) for day in days if day in changes)
    return list(dict.fromkeys(one for one in found if one is not None))


TITLE = msg("Commission by day of booking")
COLUMNS = (
    Column(msg("Booked on"), lambda row: date.fromisoformat(row["booked_on"]), "day"),
    Column(msg("Rate in force that day, per cent"), lambda row: Decimal(row["rate"]), "text"),
    Column(msg("Bookings"), lambda row: row["bookings"], "count"),
    Column(msg("Gross (what the customer is charged)"), lambda row: Decimal(row["gross"]), "money"),
    Column(msg("Commission (the Samiti's share)"), lambda row: Decimal(row["commission"]), "money"),
    Column(msg("GST on the commission"), lambda row: Decimal(row["gst"]), "money"),
)


async def read_tax(visit: Visit, span: Span, work: Work, world: World) -> Found:
    """The figures for GSTR-8, for 26Q, and of the tax that the Samiti pays itself, by provider."""
    report: Any = (await get_tax(visit.call(query=period_of(span)), work, world)).content
    name = Column(msg("Service provider"), lambda row: holder("provider", row["provider_id"], world))
    number = Column(msg("Number of the provider"), lambda row: row["provider_id"])
    gstin = Column(msg("GSTIN"), lambda row: row["gstin"])

    def table(short: str, title: str, *columns: Column) -> Table:
        return Table(name=short, title=title, columns=(name, *columns), rows=report["items"], sums=True)

    return Found(
        tables=(
            table("gstr-8", msg("GSTR-8: TCS (tax collected at source)"), gstin, number, *GSTR_8),
            table("26q", msg("Form 26Q: TDS (income tax deducted at source)"), _pan(), number, *FORM_26Q),
            table("gst", msg("GST that the Samiti pays itself"), gstin, number, *OWN),
        ),
        more={"report": report},
    )


def _pan() -> Column:
    return Column(msg("PAN, as the GSTIN has it"), lambda row: row["gstin"][PAN])


def _money(title: str, *names: str) -> Column:
    return Column(title, lambda row: sum((Decimal(row[one]) for one in names), Decimal(0)), "money")


BOOKINGS = Column(msg("Bookings"), lambda row: row["bookings"], "count")
GROSS = _money(msg("Gross (what the customer is charged)"), "gross")
GSTR_8 = (
    BOOKINGS,
    GROSS,
    _money(msg("TCS, central half"), "tcs_central"),
    _money(msg("TCS, state half"), "tcs_state"),
    _money(msg("TCS together"), "tcs_central", "tcs_state"),
)
FORM_26Q = (BOOKINGS, GROSS, _money(msg("TDS, section 194-O"), "tds"))
OWN = (
    BOOKINGS,
    GROSS,
    _money(msg("GST in the provider's place (section 9(5))"), "gst_9_5"),
    _money(msg("GST on the commission"), "gst_on_commission"),
)
