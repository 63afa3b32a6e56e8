"""The reconciliation of a period: totals and three lists, and every booking as a file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.recon import reconciled
from bpp.core.world import World
from bpp.ledger.readings import readings
from bpp.ledger.recon import Reconciliation
from bpp.ledger.recon_rows import ROW_COLUMNS, readings_of, rows_of, stray_rows_of, totals_of
from bpp.operator.files import CSV, GivesFile
from bpp.operator.money_fields import MONEY_ROLES, Amount, Period, PeriodView, as_file, bounds, wire
from bpp.operator.routes import Answer, Call, Route
from bpp.storage.ports import Work
from catalog.money import Money


class BookingRow(BaseModel):
    """One booking with its money, amounts in rupees."""

    ref: str
    provider_id: str
    channel: str
    completed_at: str
    gross: str
    collected_by: str = Field(description="BAP: the buyer app, BPP: our side, both, none")
    mode: str = Field(description="online, cash, mixed, none")
    online: str
    cash: str
    missing: str = Field(description="charged and not seen")
    tax: str = Field(description="all that goes to the tax office through us")
    commission_due: str = Field(description="with the GST on it")
    commission_received: str
    waits_for: str = Field(description="whose money is missing: consumer, provider, buyer_app")
    wallet_credit: str


class StrayRow(BaseModel):
    """A wallet's credit that no booking explains."""

    at: str
    posting_id: str
    ref: str
    part: str
    party: str
    party_id: str
    amount: str
    reason: str = Field(description="no booking, or work not done")


class TotalsView(BaseModel):
    """The sums of all bookings of the period."""

    bookings: int
    gross: str
    online: str
    cash: str
    missing: str
    tax: str
    commission: str
    commission_gst: str
    commission_received: str
    wallet_credit: str
    wallet_held: str = Field(description="of it: not paid out, since the money was not seen")
    topped_up: str = Field(description="paid into wallets by providers")
    into_wallets: str = Field(description="wallet_credit - wallet_held + topped_up")
    cash_in_hand: str = Field(description="with workers at the end of the period")
    owed_by_providers: str = Field(description="wallets in debit then: cash jobs, penalties, work taxed after a payout")


class ReconciliationQuery(Period):
    """Which days, and a figure to be explained."""

    figure: Amount | None = Field(default=None, description="money said to be in wallets: which reading of it fits?")


class CheckView(BaseModel):
    """One equation of a reading."""

    says: str
    expected: str
    found: str
    holds: bool


class ReadingView(BaseModel):
    """One meaning of a figure; consistent where all its equations hold."""

    reading: str
    says: str
    consistent: bool
    checks: list[CheckView]


class ReconciliationView(PeriodView):
    """Bookings against money."""

    totals: TotalsView
    completed_no_money_seen: list[BookingRow]
    wallet_credit_without_booking: list[StrayRow]
    commission_due_not_received: list[BookingRow]
    readings: list[ReadingView] = Field(description="of the figure, where one was given")


async def get_reconciliation(call: Call, work: Work, world: World) -> Answer:
    """Totals and the three lists."""
    del world
    found = await reconciled(*bounds(call.query), work)
    query: ReconciliationQuery = call.query
    figure = query.figure
    meanings = readings_of(readings(found.totals, Money.parse(figure))) if figure else []
    view = ReconciliationView(from_=query.from_, until=query.until, **_lists(found), readings=meanings)
    return Answer(content=wire(view))


async def get_bookings_file(call: Call, work: Work, world: World) -> Answer:
    """Every booking of the period."""
    del world
    found = await reconciled(*bounds(call.query), work)
    return as_file(rows_of(found.rows), ROW_COLUMNS, f"bookings-{call.query.from_}-{call.query.until}")


def _lists(found: Reconciliation) -> dict[str, Any]:
    return {
        "totals": totals_of(found.totals),
        "completed_no_money_seen": rows_of(found.no_money_seen),
        "wallet_credit_without_booking": stray_rows_of(found.credit_without_booking),
        "commission_due_not_received": rows_of(found.commission_not_received),
    }


ROUTES = (
    Route(
        method="GET",
        path="/reconciliation",
        name="get-reconciliation",
        tag="money",
        summary="Bookings against money: totals, and three lists of what does not match",
        handler=get_reconciliation,
        query=ReconciliationQuery,
        answer=TypeAdapter(ReconciliationView),
        roles=MONEY_ROLES,
    ),
    Route(
        method="GET",
        path="/reconciliation/bookings.csv",
        name="get-reconciliation-file",
        tag="money",
        summary="Every completed booking of a period with its money, as a CSV file",
        handler=get_bookings_file,
        query=Period,
        answer=GivesFile(media_types=(CSV,)),
        roles=MONEY_ROLES,
    ),
)
