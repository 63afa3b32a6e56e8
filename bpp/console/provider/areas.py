"""How far a provider goes: the areas round its places of business. One more, another extent, one less.

What the provider chooses holds at once: no approval is needed (rule R4). A customer is served where both fit, the
district that the provider has chosen and an area (``catalog.reach``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field

from bpp.console.language import msg
from bpp.console.page import Deed, Done, Page, Visit
from bpp.console.provider.common import OWNERS, Boxes, address, change_provider, found_by, provider_of
from bpp.core.world import World
from bpp.operator.documents import shown
from bpp.operator.problems import CONFLICT, UNPROCESSABLE, ApiProblem, invalid, not_found
from bpp.operator.routes import Query
from bpp.storage.ports import Work
from catalog.geo import WHOLE_STATE
from catalog.model import Area, Provider
from catalog.places import District, district, pincodes_of

PIN = "pin_"
"""How the boxes of pincodes begin."""
RADIUS, PINCODES, STATE, OUTLINE = "10", "11", "12", "13"
KINDS: Mapping[str, str] = {
    RADIUS: msg("within some kilometres"),
    PINCODES: msg("in chosen pincodes"),
    STATE: msg("everywhere in our districts"),
    OUTLINE: msg("within an outline on the map"),
}
TRADES: Mapping[str, str] = {
    "SRV10-*": msg("Repair of appliances"),
    "SRV11-*": msg("Home services"),
    "SRV12-*": msg("Beauty and care"),
}
"""What the wildcards of areas stand for; an area of one code alone is told by the code."""


class SearchQuery(Query):
    """Districts or pincodes with a text in them."""

    q: str = Field(default="", max_length=60)


class Reach(Boxes):
    """How far an area goes; ``pin_…`` are the pincodes ticked."""

    kind: Literal["10", "11", "12"]
    km: str = Field(default="", max_length=12)


class NewArea(Reach):
    """Also what stays for good: round which place of business, and for which trade."""

    start: str = Field(default="", max_length=64)
    trade: Literal["SRV10-*", "SRV11-*", "SRV12-*"]


def area_key(one: Area) -> str:
    """By what an area is named in an address."""
    return f"{one.location_id}~{one.category}~{one.kind}"


def areas_of(provider: Provider) -> Sequence[tuple[str, Any, Area, str]]:
    """Each area with its name in an address, its place of business and its extent."""
    return [(area_key(one), provider.location(one.location_id), one, _extent(one)) for one in provider.areas]


def _extent(one: Area) -> str:
    """How much an area takes in: kilometres, or how many pincodes."""
    if one.kind == PINCODES:
        return str(len(one.val.split(",")))
    return one.val if one.kind == RADIUS else ""


async def read_area(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """One area, with the pincodes of the provider's districts to choose from."""
    del work
    provider = provider_of(visit, world)
    one = _area(visit, provider)
    return {
        **_of_form(provider, visit),
        "area": one,
        "place": provider.location(one.location_id),
        "trade": TRADES.get(one.category, one.category),
        "kind": one.kind,
        "chosen": one.val.split(",") if one.kind == PINCODES else [],
        "km": one.val if one.kind == RADIUS else "",
        "last": len(provider.areas) == 1,
    }


async def read_new_area(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """An empty form."""
    del work
    provider = provider_of(visit, world)
    return {
        **_of_form(provider, visit),
        "places": [(one.id, f"{one.address}, {one.city}") for one in provider.locations],
        "trades": TRADES,
        "kind": PINCODES,
        "chosen": [],
        "km": "",
    }


def _of_form(provider: Provider, visit: Visit) -> dict[str, Any]:
    """What the extent of an area is chosen from: kinds, and the pincodes of the provider's districts."""
    text = visit.query.q
    near = [place for lgd in provider.districts if (place := district(lgd)) is not None]
    return {"provider": provider, "kinds": KINDS, "groups": list(_groups(near, text)), "query": visit.query}


def _groups(near: Iterable[District], text: str) -> Iterator[tuple[District, Sequence[str]]]:
    """Districts with the pincodes that fit a text; one that lies in two of them stands once, so that it is one box."""
    seen: set[str] = set()
    for place in near:
        whole = found_by(place, text)
        pins = [pin for pin in pincodes_of(place.lgd) if pin not in seen and (whole or pin.startswith(text))]
        seen.update(pins)
        if pins:
            yield place, pins


def _area(visit: Visit, provider: Provider) -> Area:
    key = visit.path["area"]
    found = next((one for one in provider.areas if area_key(one) == key), None)
    if found is None:
        raise not_found("area", key)
    return found


async def add(visit: Visit, work: Work, world: World) -> Done:
    """Serve one more area."""
    provider, form = provider_of(visit, world), visit.form
    places = sorted(one.id for one in provider.locations)
    if form.start not in places:
        raise invalid("a place of the provider is expected", path="start", allowed=places)
    one = Area(location_id=form.start, category=form.trade, kind=form.kind, val=_val(form))
    return await _store([*provider.areas, _alone(one, provider.areas)], visit, work, world)


async def reach_out(visit: Visit, work: Work, world: World) -> Done:
    """Serve another area round a place of business."""
    provider, form = provider_of(visit, world), visit.form
    before = _area(visit, provider)
    others = [one for one in provider.areas if one is not before]
    after = _alone(replace(before, kind=form.kind, val=_val(form, before)), others)
    return await _store([after if one is before else one for one in provider.areas], visit, work, world)


async def give_up(visit: Visit, work: Work, world: World) -> Done:
    """Serve an area no more."""
    provider = provider_of(visit, world)
    gone = _area(visit, provider)
    return await _store([one for one in provider.areas if one is not gone], visit, work, world)


def _alone(one: Area, others: Iterable[Area]) -> Area:
    """The area, where no other is named like it; raises ApiProblem: two of a kind would be one area said twice."""
    if area_key(one) in map(area_key, others):
        raise ApiProblem(CONFLICT, "area_exists", "there is an area of this kind already", path="kind")
    return one


def _val(form: Reach, before: Area | None = None) -> str:
    """What the form makes of an area: what was not shown, and the form cannot say, stays as it was ``before``."""
    if form.kind == RADIUS:
        if not form.km:
            raise invalid("a number of kilometres is expected", path="km")
        return form.km
    if form.kind == STATE:
        return before.val if before is not None and before.kind == STATE else WHOLE_STATE
    known = before.val.split(",") if before is not None and before.kind == PINCODES else ()
    pincodes = form.applied(known, PIN)
    if not pincodes:
        raise ApiProblem(UNPROCESSABLE, "no_pincode", "at least one pincode is expected", path="kind")
    return ",".join(pincodes)


async def _store(areas: Iterable[Area], visit: Visit, work: Work, world: World) -> Done:
    to = address(visit, "coverage")
    return await change_provider(visit, work, world, to, fields={"val": "km"}, areas=[shown(one) for one in areas])


AREA = "/provider/{provider}/areas/{area}"
PAGES = (
    Page(
        path=AREA,
        name="provider-area",
        title=msg("How far we go"),
        roles=OWNERS,
        read=read_area,
        template="provider_area.html",
        query=SearchQuery,
    ),
    Page(
        path="/provider/{provider}/new-area",
        name="provider-new-area",
        title=msg("A new area"),
        roles=OWNERS,
        read=read_new_area,
        template="provider_new_area.html",
        query=SearchQuery,
    ),
)
STORED = msg("Stored. Buyer apps are told at once.")
DEEDS = (
    Deed(
        path="/provider/{provider}/areas",
        name="provider-area-add",
        roles=OWNERS,
        act=add,
        page="provider-new-area",
        said=STORED,
        form=NewArea,
        alters_catalog=True,
    ),
    Deed(
        path=f"{AREA}/reach",
        name="provider-area-choose",
        roles=OWNERS,
        act=reach_out,
        page="provider-area",
        said=STORED,
        form=Reach,
        alters_catalog=True,
    ),
    Deed(
        path=f"{AREA}/give-up",
        name="provider-area-drop",
        roles=OWNERS,
        act=give_up,
        page="provider-area",
        said=STORED,
        alters_catalog=True,
    ),
)
