"""The orders of a district, by state, channel and day. Whose they are an officer is not told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bpp.console.district.bounds import Days, district_of, last_days
from bpp.console.district.words import CHANNELS, STAGES, any_of
from bpp.console.page import Day, Visit
from bpp.core.world import World
from bpp.operator.problems import invalid
from bpp.operator.routes import Query
from bpp.orders.model import Channel
from bpp.orders.states import Stage
from bpp.storage.ports import OrderFilter, Work

DAYS, ON_A_PAGE = 30, 50


class OrdersQuery(Query):
    """Made from a day to a day (30 days up to today), in a state, by a channel; ``after`` is the last one shown."""

    first: Day | None = None
    last: Day | None = None
    state: Stage | Literal[""] = ""
    channel: Channel | Literal[""] = ""
    after: str = ""


async def read_orders(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """A page of orders, the newest first."""
    place = district_of(visit)
    query: OrdersQuery = visit.query
    usual = last_days(DAYS, world)
    days = Days(query.first or min(usual.first, query.last or usual.first), query.last or usual.last)
    if days.last < days.first:
        raise invalid("a day that is not after `last` is expected", path="first")
    which = OrderFilter(
        district=place.lgd,
        state=query.state or None,
        channel=query.channel or None,
        first=days.begin,
        until=days.end,
        after=query.after or None,
        limit=ON_A_PAGE + 1,
    )
    rows = await work.orders.find(which)
    page = rows[:ON_A_PAGE]
    return {
        "district": place,
        "rows": page,
        "more": page[-1].ref if len(rows) > len(page) else "",
        "asked": query,
        "days": days,
        "stages": STAGES,
        "stage_choices": any_of(STAGES),
        "channels": CHANNELS,
        "channel_choices": any_of(CHANNELS),
        "providers": world.catalog.providers,
    }
