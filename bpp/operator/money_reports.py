"""Reports: commission by day and rate, tax by provider; each also as a file."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field, PlainSerializer, TypeAdapter

from bpp.core.world import World
from bpp.ledger.reports import commission_report, tax_report
from bpp.operator.files import CSV, GivesFile
from bpp.operator.money_fields import MONEY_ROLES, Period, PeriodView, Rupees, as_file, bounds, wire
from bpp.operator.routes import Answer, Call, Handler, Route
from bpp.storage.ports import Work
from catalog.money import total

Percent = Annotated[Decimal, PlainSerializer(lambda value: f"{value:f}", return_type=str)]


class CommissionRowView(BaseModel):
    """Bookings of one day and rate; amounts are what was posted in the period."""

    booked_on: date
    rate: Percent = Field(description="per cent, in force on the day of the booking")
    bookings: int
    gross: Rupees
    commission: Rupees
    gst: Rupees


class CommissionView(PeriodView):
    """The Samiti's share of a period."""

    items: list[CommissionRowView]
    gross: Rupees
    commission: Rupees
    gst: Rupees


class TaxRowView(BaseModel):
    """One provider's figures of a period, from what was posted in it."""

    provider_id: str
    gstin: str
    bookings: int
    gross: Rupees
    tcs_central: Rupees = Field(description="section 52 of the CGST Act, for GSTR-8")
    tcs_state: Rupees
    tds: Rupees = Field(description="section 194-O of the Income-tax Act")
    gst_9_5: Rupees = Field(description="paid by the operator under section 9(5)")
    gst_on_commission: Rupees


class TaxView(PeriodView):
    """Tax figures of a period by provider."""

    items: list[TaxRowView]
    tcs: Rupees
    tds: Rupees
    gst_9_5: Rupees
    gst_on_commission: Rupees


COMMISSION_COLUMNS = tuple(CommissionRowView.model_fields)
TAX_COLUMNS = tuple(TaxRowView.model_fields)


async def get_commission(call: Call, work: Work, world: World) -> Answer:
    """The Samiti's share, by the rate in force on the day of each booking."""
    del world
    return Answer(content=await _commission(call, work))


async def get_commission_file(call: Call, work: Work, world: World) -> Answer:
    """The same as a file."""
    del world
    found = await _commission(call, work)
    return as_file(found["items"], COMMISSION_COLUMNS, f"commission-{found['from']}-{found['until']}")


async def get_tax(call: Call, work: Work, world: World) -> Answer:
    """Tax figures by provider."""
    del world
    return Answer(content=await _tax(call, work))


async def get_tax_file(call: Call, work: Work, world: World) -> Answer:
    """The same as a file."""
    del world
    found = await _tax(call, work)
    return as_file(found["items"], TAX_COLUMNS, f"tax-{found['from']}-{found['until']}")


async def _commission(call: Call, work: Work) -> dict[str, Any]:
    rows = commission_report(await work.payouts.moved(*bounds(call.query)))
    found = CommissionView(
        from_=call.query.from_,
        until=call.query.until,
        items=[CommissionRowView.model_validate(one, from_attributes=True) for one in rows],
        gross=str(total(one.gross for one in rows)),
        commission=str(total(one.commission for one in rows)),
        gst=str(total(one.gst for one in rows)),
    )
    return wire(found)


async def _tax(call: Call, work: Work) -> dict[str, Any]:
    rows = tax_report(await work.payouts.moved(*bounds(call.query)))
    found = TaxView(
        from_=call.query.from_,
        until=call.query.until,
        items=[TaxRowView.model_validate(one, from_attributes=True) for one in rows],
        tcs=str(total(one.tcs_central + one.tcs_state for one in rows)),
        tds=str(total(one.tds for one in rows)),
        gst_9_5=str(total(one.gst_9_5 for one in rows)),
        gst_on_commission=str(total(one.gst_on_commission for one in rows)),
    )
    return wire(found)


def _route(name: str, path: str, summary: str, handler: Handler, answer: TypeAdapter[Any] | GivesFile) -> Route:
    return Route(
        method="GET",
        path=path,
        name=name,
        tag="money",
        summary=summary,
        handler=handler,
        query=Period,
        answer=answer,
        roles=MONEY_ROLES,
    )


FILE = GivesFile(media_types=(CSV,))
ROUTES = (
    _route(
        "get-commission",
        "/reports/commission",
        "The Samiti's share by day of booking, with the rate in force on it",
        get_commission,
        TypeAdapter(CommissionView),
    ),
    _route("get-commission-file", "/reports/commission.csv", "The same as a CSV file", get_commission_file, FILE),
    _route("get-tax", "/reports/tax", "TCS, TDS and GST 9(5) by provider", get_tax, TypeAdapter(TaxView)),
    _route("get-tax-file", "/reports/tax.csv", "The same as a CSV file", get_tax_file, FILE),
)
