"""Reports read off ledger lines: the Samiti's commission by day of booking, and tax figures by provider."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bpp.ledger.booked import Booked, figures, is_charge
from bpp.ledger.model import Purpose
from catalog.money import ZERO, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class CommissionRow:
    """Bookings of one day and rate: ``rate`` (per cent) is the Samiti's share that was in force on the day.

    Amounts are what was posted in the period of the report; what was given back is taken off.
    """

    booked_on: date
    rate: Decimal
    bookings: int
    gross: Money
    commission: Money
    gst: Money


def commission_report(moved: Iterable[Booked]) -> tuple[CommissionRow, ...]:
    """The commission of a period's postings, by the day of the booking and its rate."""
    by: dict[tuple[date, Decimal], list[Booked]] = defaultdict(list)
    for one in moved:
        if one.day is not None and one.rate is not None and _charged(one):
            by[one.day, one.rate].append(one)
    return tuple(_commission(day, rate, members) for (day, rate), members in sorted(by.items()))


def _commission(day: date, rate: Decimal, members: Sequence[Booked]) -> CommissionRow:
    found = [figures(one.lines) for one in members]
    return CommissionRow(
        booked_on=day,
        rate=rate,
        bookings=len(members),
        gross=total(one.gross for one in found),
        commission=total(one.commission_due for one in found),
        gst=total(one.commission_gst for one in found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxRow:
    """A provider's figures of a period, from the lines that were posted in it.

    ``gross`` is what consumers were charged, tax included; ``tcs`` is section 52 of the CGST Act (GSTR-8) in its two
    halves, ``tds`` section 194-O of the Income-tax Act, ``gst_9_5`` the tax that the operator pays in the provider's
    stead, ``gst_on_commission`` that on the Samiti's own share.
    """

    provider_id: str
    gstin: str
    bookings: int
    gross: Money
    tcs_central: Money
    tcs_state: Money
    tds: Money
    gst_9_5: Money
    gst_on_commission: Money


def tax_report(moved: Iterable[Booked]) -> tuple[TaxRow, ...]:
    """The tax figures of a period's postings, by provider."""
    by: dict[str, list[Booked]] = defaultdict(list)
    for one in moved:
        if _charged(one):
            by[one.provider_id].append(one)
    return tuple(_tax(provider_id, members) for provider_id, members in sorted(by.items()))


def _tax(provider_id: str, members: Sequence[Booked]) -> TaxRow:
    sums: dict[Purpose, Money] = defaultdict(lambda: ZERO)
    for line in (line for one in members for line in one.lines):
        sums[line.account.purpose] -= line.amount
    central = sums[Purpose.TCS].times(Decimal("0.5"))
    return TaxRow(
        provider_id=provider_id,
        gstin=next((one.gstin for one in reversed(members) if one.gstin), ""),
        bookings=len(members),
        gross=total(figures(one.lines).gross for one in members),
        tcs_central=central,
        tcs_state=sums[Purpose.TCS] - central,
        tds=sums[Purpose.TDS],
        gst_9_5=sums[Purpose.GST_9_5],
        gst_on_commission=sums[Purpose.GST_ON_COMMISSION],
    )


def _charged(one: Booked) -> bool:
    """Whether a price was divided, or that taken back; payments alone are no supply."""
    return any(is_charge(line) for line in one.lines)
