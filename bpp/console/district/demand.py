"""Unserved demand of a district: what people searched for in vain, by service and by pincode."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from bpp.console.district.bounds import district_of, last_days
from bpp.console.district.words import LACKS, any_of
from bpp.console.language import gettext, msg
from bpp.console.page import Visit
from bpp.console.plots import Plot, Series, plot
from bpp.console.shown import named, number
from bpp.core.world import World
from bpp.operator.routes import Query
from bpp.storage.ports import Work
from bpp.storage.ports_demand import DemandFilter, Dimension, Reason
from catalog.services import SERVICES

PERIODS = ("7", "30", "90", "365")
MOST_ROWS, MOST_BARS = 500, 15
MOST_SERVICES = len(SERVICES) + 1
"""Every service, and what was not understood."""
BY_SERVICE: tuple[Dimension] = ("service_id",)
BY_PINCODE: tuple[Dimension] = ("area_code",)
NO_SERVICE, NO_PINCODE = msg("Service not understood"), msg("Pincode not said")


class GapsQuery(Query):
    """Of how many days up to today, of which service, and why."""

    days: Literal["7", "30", "90", "365"] = "30"
    service_id: str = ""
    reason: Reason | None = None


async def read_demand(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Searches of the district that nobody could serve, most first; the sums are of all, also where the list is cut."""
    place = district_of(visit)
    query: GapsQuery = visit.query
    days = last_days(int(query.days), world)
    which = DemandFilter(
        first=days.first,
        last=days.last,
        district=place.lgd,
        service_id=query.service_id or None,
        reason=query.reason,
    )
    services = [
        (service_name(key), count) for (key,), count in await work.demand.report(which, BY_SERVICE, MOST_SERVICES)
    ]
    pincodes = [(pincode_name(key), count) for (key,), count in await work.demand.report(which, BY_PINCODE, MOST_BARS)]
    rows = await work.demand.report(which, (*BY_PINCODE, *BY_SERVICE, "reason"), MOST_ROWS)
    return {
        "district": place,
        "asked": query,
        "periods": PERIODS,
        "days": days,
        "rows": [(*values, searches) for values, searches in rows],
        "most": MOST_ROWS,
        "whole": sum(count for _, count in services),
        "services": [("", gettext("All")), *((key, named(one)) for key, one in SERVICES.items())],
        "reasons": LACKS,
        "reason_choices": any_of(LACKS),
        "by_service": _bars(gettext("Unserved searches by service"), services),
        "by_pincode": _bars(gettext("Unserved searches by pincode"), pincodes),
        "service_name": service_name,
        "pincode_name": pincode_name,
    }


def service_name(service_id: str | None) -> str:
    """A service in the language spoken."""
    found = SERVICES.get(service_id or "")
    return named(found) if found else gettext(NO_SERVICE)


def pincode_name(area_code: str | None) -> str:
    """A pincode, or that none was said."""
    return area_code or gettext(NO_PINCODE)


def _bars(title: str, counted: Sequence[tuple[str, int]]) -> Plot:
    most = counted[:MOST_BARS]
    series = [Series(name=gettext("Searches"), values=[searches for _, searches in most])]
    return plot(title, [label for label, _ in most], series, kind="rows", shown=number)
