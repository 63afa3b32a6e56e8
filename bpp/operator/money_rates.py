"""Rates of fees and taxes: what was, is and will be in force, and adding one for a day to come."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel, Field, TypeAdapter

from bpp.core.accounts import add_rate
from bpp.core.world import World
from bpp.ledger.rates import DatedRate, RateRefused, published, units
from bpp.operator.money_fields import MONEY_ROLES, Day, Name, Note
from bpp.operator.problems import invalid
from bpp.operator.routes import Answer, Body, Call, Query, Route
from bpp.storage.ports import Work


class RateQuery(Query):
    """Which rates."""

    on: Day | None = Field(default=None, description="only those in force on this day, in Asia/Kolkata")
    name: str | None = Field(default=None, description="only this one")


class NewRate(Body):
    """A rate from a day on. Orders booked before keep theirs."""

    name: Name = Field(examples=["commission"])
    valid_from: Day = Field(description="first day, today or later, in Asia/Kolkata", examples=["2027-04-01"])
    value: str = Field(max_length=20, description="per cent, or rupees", examples=["10"])
    base: Literal["", "net", "gross"] = Field(default="", description="empty: as before")
    scope: Literal["", "all", "released"] = Field(default="", description="empty: as before")
    note: Note = Field(default="", description="the decision it comes of")


class RateView(BaseModel):
    """A rate from a day until the next one of its name."""

    name: str
    valid_from: str
    value: str
    unit: str = Field(description="percent or rupees")
    base: str = Field(description="net: of the price without tax; gross: with it")
    scope: str = Field(description="all prices, or only money that is released to the provider")
    note: str


class RateList(BaseModel):
    """Rates by name and day."""

    items: list[RateView]


async def list_rates(call: Call, work: Work, world: World) -> Answer:
    """The dated table, or what of it is in force on a day."""
    del work
    query: RateQuery = call.query
    rows = world.rates.on(query.on).rows.values() if query.on else world.rates.rows
    return Answer(content=_list(one for one in rows if query.name in (None, one.name)))


async def post_rate(call: Call, work: Work, world: World) -> Answer:
    """Add a rate; the answer is the rates of that name."""
    body: NewRate = call.body
    more = {"base": body.base, "scope": body.scope, "note": body.note}
    try:
        await add_rate(body.name, body.valid_from, body.value, call.caller.name, work, world, **more)
    except RateRefused as problem:
        raise invalid(str(problem), path=problem.field) from problem
    added = published().with_added(await work.ledger.rates())
    return Answer(content=_list(one for one in added.rows if one.name == body.name), status=201)


def _list(rows: Iterable[DatedRate]) -> RateList:
    return RateList(items=[_view(one) for one in sorted(rows, key=lambda one: (one.name, one.valid_from))])


def _view(one: DatedRate) -> RateView:
    return RateView(
        name=one.name,
        valid_from=one.valid_from.isoformat(),
        value=f"{one.value:f}",
        unit=units()[one.name],
        base=one.base,
        scope=one.scope,
        note=one.note,
    )


ROUTES = (
    Route(
        method="GET",
        path="/rates",
        name="list-rates",
        tag="money",
        summary="Rates of fees and taxes with the days from which they are in force",
        handler=list_rates,
        query=RateQuery,
        answer=TypeAdapter(RateList),
        roles=MONEY_ROLES,
    ),
    Route(
        method="POST",
        path="/rates",
        name="add-rate",
        tag="money",
        summary="Add a rate from a day on, today or later",
        handler=post_rate,
        body=TypeAdapter(NewRate),
        answer=TypeAdapter(RateList),
        status=201,
        problems={422: "an unknown name, a day that is over, or a value that cannot be"},
        roles=MONEY_ROLES,
    ),
)
