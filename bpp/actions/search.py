"""search: what fits, as a catalog; or silence where there is nothing to offer (decision 3)."""

from __future__ import annotations

from beckn_schemas.requests import SearchMessage
from bpp.actions.contract import Outcome, Request, Silence
from bpp.actions.reading import place_of
from bpp.actions.rendered import catalog_reply
from bpp.core.demand import unserved
from bpp.core.find import find
from bpp.core.world import World
from bpp.domains.profile import PROFILES
from bpp.storage.ports import Work
from catalog.places import districts_of_std
from catalog.search import Query

EVERYWHERE = "*"


async def search(request: Request, work: Work, world: World) -> Outcome:
    """Find providers for an intent. ``payment`` in it is a hint, not a filter (decision 19)."""
    message: SearchMessage = request.message
    profile = PROFILES.get(request.context.domain)
    if profile is None or request.context.version != profile.version:
        return Silence()
    query = _query(message, request)
    findings = await find(query, work, world)
    if findings.lack is not None:
        return Silence(unserved=unserved(query, findings.lack, "ondc", world))
    return catalog_reply(findings.found, request.context.domain, request.dialect, world)


def _query(message: SearchMessage, request: Request) -> Query:
    """What the intent asks for; the city of the context stands in for a place that it does not name."""
    intent = message.intent
    place = place_of(intent.place)
    city = request.context.city.removeprefix("std:")
    districts = () if place.known or city in ("", EVERYWHERE) else (districts_of_std(city) or ("",))
    return Query(
        domain=request.context.domain,
        place=place,
        categories=intent.category_ids,
        words=intent.name,
        provider_id=(intent.provider.id if intent.provider else None) or "",
        districts=districts,
        earliest=intent.window.start if intent.window else None,
        latest=intent.window.end if intent.window else None,
    )
