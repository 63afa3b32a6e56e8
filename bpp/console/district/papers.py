"""Papers about to lapse: agreements, police verifications and certificates of a district, by their last day."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from bpp.console.district.bounds import cut, district_of
from bpp.console.district.providers import Number
from bpp.console.district.words import PAPERS, any_of
from bpp.console.page import Visit
from bpp.core.privacy import read_worker
from bpp.core.world import World
from bpp.operator import parties
from bpp.operator.parties import ExpiryQuery, LapsingList
from bpp.operator.routes import Query
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.services import SERVICES

AHEAD = ("30", "60", "90")


class PapersQuery(Query):
    """How many days ahead, which papers, whether those too that have lapsed; and which page of them."""

    days: Literal["30", "60", "90"] = "30"
    kind: Literal["", "agreement", "verification", "certificate"] = ""
    lapsed: Literal["", "yes"] = ""
    page: Number = 1


async def read_papers(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """Papers of the district by their last day; whoever is shown by name leaves a row."""
    place = district_of(visit)
    query: PapersQuery = visit.query
    which = ExpiryQuery(days=int(query.days), district=place.lgd, lapsed=bool(query.lapsed))
    told: LapsingList = (await parties.expiring(visit.call(query=which), work, world)).content  # type: ignore[assignment]
    found = cut([one for one in told.items if query.kind in ("", one.kind)], query.page)
    workers = {one.worker_id: world.catalog.workers[one.worker_id] for one in found.items if one.worker_id}
    for worker in workers.values():
        await read_worker(worker, visit.caller.reader, work, world)
    return {
        "district": place,
        "list": found,
        "asked": query,
        "ahead": AHEAD,
        "kinds": PAPERS,
        "choices": any_of(PAPERS),
        "providers": world.catalog.providers,
        "workers": workers,
        "services": SERVICES,
        "today": local_day(world.now),
    }
