"""The district at a glance: who serves, what is booked, what is missing, what is about to lapse; and all districts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bpp.console.district.applications import waiting
from bpp.console.district.bounds import Days, district_of, last_days
from bpp.console.district.standing import fitness, providers_of, standing, workers_of
from bpp.console.district.words import CHANNELS, STAGES
from bpp.console.language import gettext
from bpp.console.page import Visit
from bpp.console.plots import Plot, Series, plot
from bpp.console.shown import day_and_month, named, number
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.parties.expiry import lapsing
from bpp.storage.ports import Work
from bpp.storage.ports_demand import DemandFilter
from bpp.storage.ports_figures import Booked
from catalog.places import District, districts

DAYS = 30
"""How far the figures of the first page look back, and papers ahead."""
MOST_DISTRICTS = 20


@dataclass(frozen=True, slots=True)
class Served:
    """How a district is served: providers that sell of all, workers who may be sent of all, searches in vain."""

    district: District
    selling: int
    providers: int
    verified: int
    workers: int
    unserved: int


async def read_dashboard(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The figures of a district and its bookings day by day."""
    place = district_of(visit)
    days = last_days(DAYS, world)
    today = local_day(world.now)
    booked = await work.figures.booked(place.lgd, days.begin, days.end)
    in_vain = await work.demand.report(
        DemandFilter(first=days.first, last=days.last, district=place.lgd), ("day",), DAYS
    )
    by_state = Counter[str]()
    for one in booked:
        by_state[one.state] += one.orders
    papers = [one for one in lapsing(world.catalog, today, DAYS) if one.district == place.lgd]
    providers = Counter(standing(one, today) for one in providers_of(world.catalog, place.lgd))
    workers = Counter(fitness(one, today) for one in workers_of(world.catalog, place.lgd))
    return {
        "district": place,
        "days": days,
        "providers": providers,
        "workers": workers,
        "booked": by_state,
        "stages": STAGES,
        "unserved": sum(searches for _, searches in in_vain),
        "papers": len(papers),
        "waiting": len(await waiting(place.lgd, work)),
        "plot": bookings_plot(booked, days),
    }


def bookings_plot(booked: Sequence[Booked], days: Days) -> Plot:
    """Bookings by day and channel; only channels by which somebody booked."""
    counted = Counter[tuple[object, str]]()
    for one in booked:
        counted[one.day, one.channel] += one.orders
    used = [name for name in CHANNELS if any(channel == name for _, channel in counted)]
    return plot(
        gettext("Bookings by day and channel"),
        [day_and_month(one) for one in days.each],
        [Series(name=gettext(CHANNELS[name]), values=[counted[one, name] for one in days.each]) for name in used],
        kind="stacked",
        shown=number,
    )


async def read_districts(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """All districts with how they are served, and where most searches were in vain."""
    del visit
    days, today = last_days(DAYS, world), local_day(world.now)
    which = DemandFilter(first=days.first, last=days.last)
    in_vain = {
        values[0]: count for values, count in await work.demand.report(which, ("district",), len(districts()) + 1)
    }
    providers, selling = Counter[str](), Counter[str]()
    for one in world.catalog.providers.values():
        providers.update(one.districts)
        selling.update(one.districts if standing(one, today) == "on_sale" else ())
    workers, verified = Counter[str](), Counter[str]()
    for worker in world.catalog.workers.values():
        workers.update(worker.districts)
        verified.update(worker.districts if fitness(worker, today) == "verified" else ())
    rows = [
        Served(place, selling[key], providers[key], verified[key], workers[key], in_vain.get(key, 0))
        for key, place in districts().items()
    ]
    worst = sorted((one for one in rows if one.unserved), key=lambda one: -one.unserved)[:MOST_DISTRICTS]
    shown = plot(
        gettext("Unserved searches by district"),
        [named(one.district) for one in worst],
        [Series(name=gettext("Searches"), values=[one.unserved for one in worst])],
        kind="rows",
        shown=number,
    )
    return {"rows": sorted(rows, key=lambda one: named(one.district)), "plot": shown, "days": days}
