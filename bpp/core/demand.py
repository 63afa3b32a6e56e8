"""Unserved demand: what a search that nobody could serve was for, where and when, without whose it was."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from bpp.core.find import Lack
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.orders.model import Channel
from bpp.storage.ports_demand import Reason, Unserved
from catalog.availability import KOLKATA
from catalog.codes import covers
from catalog.places import districts_of_pincode
from catalog.search import Query
from catalog.services import SUB_SERVICES
from catalog.snapshot import sub_service, word_index

NOWHERE = ("",)
"""The districts of a city code that is none of ours, as ``bpp.actions.search`` says it."""
REASONS: Mapping[Lack, Reason] = {
    Lack.NOT_UNDERSTOOD: "no_service",
    Lack.OUTSIDE: "no_provider",
    Lack.NO_PROVIDER: "no_provider",
    Lack.OUT_OF_REACH: "no_provider",
    Lack.NO_FREE_SLOT: "no_slot",
}
SURE = 0.999
"""Sub-services that fit the words as well as the best one does, but for rounding."""


def unserved(query: Query, lack: Lack, channel: Channel, world: World) -> Unserved | None:
    """What to count of a search that found nothing, for what it lacked.

    None for a place that is not ours to serve, and for words that mean a service of another domain: there it is found.
    """
    place = query.place
    (district,) = query.districts if len(query.districts) == 1 else ("",)
    ours = place.district is not None if place.known else query.districts != NOWHERE
    meant = word_index().match(query.words) if query.words else {}
    if not ours or (meant and all(query.domain not in ("", sub_service(one).domain) for one in meant)):
        return None
    return Unserved(
        day=local_day(world.now),
        hour=_hour(world.now),
        channel=channel,
        district=place.district or district,
        area_code=place.area_code if districts_of_pincode(place.area_code) else "",
        service_id=_service_of(query, meant),
        reason=REASONS[lack],
    )


def _service_of(query: Query, meant: Mapping[str, float]) -> str:
    """The trade that a search means; empty where it means several, or says nothing of it."""
    if query.words:
        best = max(meant.values(), default=0.0)
        services = {sub_service(one).service_id for one, score in meant.items() if score >= best * SURE}
    else:
        asked = [code for code in (query.category, *query.categories) if code]
        services = {
            one.service_id
            for one in SUB_SERVICES.values()
            if one.code and any(covers(code, one.code) for code in asked)
        }
    return services.pop() if len(services) == 1 else ""


def _hour(moment: datetime) -> int:
    return moment.astimezone(KOLKATA).hour
