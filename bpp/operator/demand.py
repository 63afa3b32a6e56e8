"""Unserved demand: what was searched for and could not be had, by district, pincode, service, hour and reason."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field, TypeAdapter

from bpp.core.world import World
from bpp.operator.problems import invalid
from bpp.operator.routes import Answer, Call, Query, Route
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from bpp.storage.ports_demand import DIMENSIONS, DemandFilter, Dimension, Reason
from catalog.places import district, find_district
from catalog.services import SERVICES

DAYS = timedelta(days=30)


def _dimensions(value: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(value).split(",") if part.strip())


class DemandQuery(Query):
    """Which days and what of them; what is left out does not filter."""

    first: date | None = Field(default=None, description="first day, Asia/Kolkata; 30 days before the last")
    last: date | None = Field(default=None, description="last day; today")
    by: Annotated[tuple[Dimension, ...], BeforeValidator(_dimensions)] = Field(
        default=("district", "service_id", "reason"),
        description="what to count by, separated by commas: " + ", ".join(DIMENSIONS),
        min_length=1,
    )
    district: str | None = Field(default=None, description="LGD code or name")
    area_code: str | None = Field(default=None, description="pincode")
    service_id: str | None = Field(default=None, examples=["SM-PLB"])
    channel: str | None = None
    reason: Reason | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most rows")] = 100


class DemandRow(BaseModel):
    """So many searches of one kind. A part that was not counted by is null; one that no search said is empty."""

    day: date | None = None
    hour: int | None = Field(default=None, description="0 to 23, Asia/Kolkata")
    channel: str | None = None
    district: str | None = Field(default=None, description="LGD code")
    district_name: str | None = None
    area_code: str | None = None
    service_id: str | None = None
    service_name: str | None = None
    reason: Reason | None = None
    searches: int


class DemandReport(BaseModel):
    """Rows, most searches first."""

    first: date
    last: date
    items: list[DemandRow]


async def unserved_demand(call: Call, work: Work, world: World) -> Answer:
    """Count the searches that nobody could serve."""
    query: DemandQuery = call.query
    last = query.last or local_day(world.now)
    first = query.first or last - DAYS
    if first > last:
        raise invalid("a day that is not after `last` is expected", path="first")
    which = DemandFilter(
        first=first,
        last=last,
        district=_district(query.district),
        area_code=query.area_code,
        service_id=query.service_id,
        channel=query.channel,
        reason=query.reason,
    )
    rows = await work.demand.report(which, query.by, query.limit)
    items = [_row(dict(zip(query.by, values, strict=True)), searches) for values, searches in rows]
    return Answer(content=DemandReport(first=first, last=last, items=items))


def _district(text: str | None) -> str | None:
    if text is None:
        return None
    found = district(text) or find_district(text)
    if found is None:
        raise invalid("the LGD code or name of a district of Uttar Pradesh is expected", path="district")
    return found.lgd


def _row(values: dict[str, str], searches: int) -> DemandRow:
    place = district(values.get("district", ""))
    service = SERVICES.get(values.get("service_id", ""))
    return DemandRow.model_validate(
        {
            **values,
            "searches": searches,
            "district_name": place.name_en if place else None,
            "service_name": service.name_en if service else None,
        }
    )


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/demand/unserved",
        name="unserved-demand",
        tag="demand",
        summary="Searches that nobody could serve, counted; nothing in it is personal",
        handler=unserved_demand,
        query=DemandQuery,
        answer=TypeAdapter(DemandReport),
    ),
)
