"""Find: what can be booked, for whom, when. The answer to a search in any channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from bpp.core.slots import Roster, Visit, open_starts, roster
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.storage.ports import Work
from catalog.availability import horizon
from catalog.choices import earliest_hours, least_minutes
from catalog.customization import Offer
from catalog.discounts import in_force
from catalog.model import Offering, Provider
from catalog.money import Money
from catalog.search import Match, Place, Query, match, understood
from catalog.snapshot import service_id_of

Taken = Mapping[str, Sequence[datetime]]


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
        common = set(self.items[0].starts)
        for item in self.items[1:]:
            common &= set(item.starts)
        return tuple(sorted(common))


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
    matches = match(world.catalog, query, local_day(world.now))
    enough = world.rules.providers_per_search
    found: list[Found] = []
    for first in range(0, len(matches), enough):
        found += await _with_slots(matches[first : first + enough], query, work, world)
        if len(found) >= enough:
            break
    return Findings(found=tuple(found[:enough]), lack=None if found else _lack(query, matches, world))


def _lack(query: Query, matches: Sequence[Match], world: World) -> Lack:
    """What is missing for a search without an answer: the one place that knows of unserved demand."""
    if matches:
        return Lack.NO_FREE_SLOT
    if query.words and not understood(query.words):
        return Lack.NOT_UNDERSTOOD
    if not query.place.known:
        return Lack.NO_PROVIDER
    if query.place.district is None:
        return Lack.OUTSIDE
    of_district = replace(query, place=Place(), districts=(query.place.district,))
    near = match(world.catalog, of_district, local_day(world.now))
    return Lack.OUT_OF_REACH if near else Lack.NO_PROVIDER


async def _with_slots(matches: Sequence[Match], query: Query, work: Work, world: World) -> list[Found]:
    span = horizon(world.now, world.rules.horizon_days)
    ids = {worker.id for one in matches for worker in world.catalog.workers_of.get(one.provider.id, ())}
    taken = await work.slots.taken(ids, span.start, span.end, world.now, "") if ids else {}
    found = []
    for one in matches:
        teams = _teams(one, query, taken, world)
        items = tuple(
            item for offering in one.offerings if (item := _bookable(one, offering, query, teams, world)).starts
        )
        if items:
            ranked = sorted(items, key=lambda item: (item.price, item.offering.id))
            kept = bounded(ranked, world.rules.items_per_provider)
            found.append(Found(provider=one.provider, km=one.km, items=kept, offers=_offers(one.provider, world)))
    return found


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


def _teams(one: Match, query: Query, taken: Taken, world: World) -> Mapping[str, Roster]:
    """Who may come for each service: the same people for all its offerings, so they are looked up once."""
    of_service = {service_id_of(offering): offering for offering in one.offerings}
    return {
        service: roster(visit_for(one.provider, offering, query.place), taken, world)
        for service, offering in of_service.items()
    }


def _bookable(one: Match, offering: Offering, query: Query, teams: Mapping[str, Roster], world: World) -> Bookable:
    visit = visit_for(one.provider, offering, query.place)
    starts = open_starts(visit, teams[service_id_of(offering)], world)
    return Bookable(
        offering=offering,
        price=offering.price_in(query.place.district),
        starts=tuple(start for start in starts if _within(start, query)),
    )


def visit_for(provider: Provider, offering: Offering, place: Place) -> Visit:
    """The shortest visit that one unit of an offering makes, at the times at which there may be one."""
    return Visit(
        provider=provider,
        service_ids=frozenset({service_id_of(offering)}),
        place=place,
        minutes=least_minutes(offering),
        hours=earliest_hours(offering),
    )


def _within(start: datetime, query: Query) -> bool:
    after = query.earliest is None or start >= query.earliest
    return after and (query.latest is None or start < query.latest)
