"""Find: what can be booked, for whom, when. The answer to a search in any channel."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from itertools import islice

from bpp.core.shifts import Shifts
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.availability import between_mask, cells_mask, horizon
from catalog.customization import Offer
from catalog.discounts import in_force
from catalog.model import Offering, Provider
from catalog.money import Money
from catalog.search import Match, Place, Query, search, understood
from catalog.snapshot import service_id_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookable:
    """An offering with its price at the place and the starts that are open."""

    offering: Offering
    price: Money
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A provider with what can be booked there; ``starts`` are those open for every item of it.

    ``offers`` are those in force today.
    """

    provider: Provider
    km: float
    items: tuple[Bookable, ...]
    offers: tuple[Offer, ...] = ()

    @property
    def starts(self) -> tuple[datetime, ...]:
        """A buyer may pick any of these for any of the items."""
        first, *others = {id(item.starts): item.starts for item in self.items}.values()  # many are the same value
        return tuple(sorted(set(first).intersection(*others))) if others else first

    @property
    def listed(self) -> frozenset[str]:
        """The ids of the offerings listed."""
        return frozenset(item.offering.id for item in self.items)


class Lack(Enum):
    """Why nobody could serve a search: the first of these that holds."""

    NOT_UNDERSTOOD = "not_understood"
    OUTSIDE = "outside"
    NO_PROVIDER = "no_provider"
    OUT_OF_REACH = "out_of_reach"
    NO_FREE_SLOT = "no_free_slot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What a search found, best first; where that is nothing, why."""

    found: tuple[Found, ...]
    lack: Lack | None = None


async def find(query: Query, work: Work, world: World) -> Findings:
    """Providers with something bookable that fits; or why there is none. Searches of every channel come through here.

    Providers with nothing free are passed over, so slots are looked up group by group until enough are found.
    """
    matches = search(world.catalog, query, local_day(world.now))
    enough = world.rules.providers_per_search
    found: list[Found] = []
    matched = False
    while len(found) < enough and (group := list(islice(matches, enough))):
        matched = True
        found += await _with_slots(group, query, work, world)
    return Findings(found=tuple(found[:enough]), lack=None if found else _lack(query, world, matched=matched))


async def find_one(offering: Offering, place: Place, work: Work, world: World) -> Found | None:
    """One offering at a place, for whoever has chosen it, as ``find`` would find it; None where it would not."""
    asked = Query(domain="", place=place, provider_id=offering.provider_id)
    match = next(search(world.catalog, asked, local_day(world.now)), None)
    if match is None or offering not in match.offerings:
        return None
    found = await _with_slots([replace(match, offerings=(offering,))], asked, work, world)
    return found[0] if found else None


def _lack(query: Query, world: World, *, matched: bool) -> Lack:
    """What is missing for a search without an answer: the one place that knows of unserved demand."""
    if matched:
        return Lack.NO_FREE_SLOT
    if query.words and not understood(query.words):
        return Lack.NOT_UNDERSTOOD
    if not query.place.known:
        return Lack.NO_PROVIDER
    if query.place.district is None:
        return Lack.OUTSIDE
    of_district = replace(query, place=Place(), districts=(query.place.district,))
    near = next(search(world.catalog, of_district, local_day(world.now)), None)
    return Lack.OUT_OF_REACH if near else Lack.NO_PROVIDER


async def _with_slots(matches: Sequence[Match], query: Query, work: Work, world: World) -> list[Found]:
    shifts = [Shifts(one.provider, query.place.district, world) for one in matches]
    wanted = [{service_id_of(offering) for offering in one.offerings} for one in matches]
    ids = {
        worker
        for own, services in zip(shifts, wanted, strict=True)
        for service in services
        for worker in own.workers(service)
    }
    span = horizon(world.now, world.rules.horizon_days)
    taken = await work.slots.taken(ids, span.start, span.end, world.now, "") if ids else {}
    busy = {worker: cells_mask(cells, span) for worker, cells in taken.items()}
    asked = between_mask(query.earliest, query.latest, span)
    found = []
    for one, own in zip(matches, shifts, strict=True):
        items = _items(one, query, own.open(busy, asked))
        if items:
            ranked = sorted(items, key=lambda item: (item.price, item.offering.id))
            kept = bounded(ranked, world.rules.items_per_provider)
            found.append(Found(provider=one.provider, km=one.km, items=kept, offers=_offers(one.provider, world)))
    return found


def _items(one: Match, query: Query, starts: Callable[[Offering], tuple[datetime, ...]]) -> list[Bookable]:
    district = query.place.district
    return [
        Bookable(offering=offering, price=offering.price_in(district), starts=free)
        for offering in one.offerings
        if (free := starts(offering))
    ]


def bounded(items: Sequence[Bookable], most: int) -> tuple[Bookable, ...]:
    """As many as fit into so many items of the wire, in order, customisations counted; one in any case.

    An offering goes with all its customisations or not at all: without one that is mandatory it could not be booked.
    """
    kept: list[Bookable] = []
    size = 0
    for item in items:
        own = 1 + sum(one.active for one in item.offering.customizations)
        if size + own <= most or not kept:
            kept.append(item)
            size += own
    return tuple(kept)


def _offers(provider: Provider, world: World) -> tuple[Offer, ...]:
    today = local_day(world.now)
    return tuple(one for one in provider.offers if in_force(one, today))
