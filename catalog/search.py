"""Which offerings fit a query, from which provider and place, in which order. Pure.

Sources: rules R2, R4, R5 and R18; protocol.md 3 (search variants); order of decision 19.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import reduce
from heapq import heappop, heappush, merge
from operator import or_

from catalog.codes import covers
from catalog.geo import Serviceability, distance_km, serves
from catalog.model import Area, Gps, Location, Offering, Provider
from catalog.places import district_of
from catalog.ranking import bayesian, distance_band
from catalog.sale import offered_in, on_sale
from catalog.shelf import (
    WHOLE,
    Entry,
    Kind,
    Shelf,
    asked_key,
    cell_key,
    district_key,
    domain_key,
    pincode_key,
    wide_key,
)
from catalog.snapshot import Catalog, word_index
from catalog.words import tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where the service is wanted; each part may be unknown. ``district`` is an LGD code.

    ``by_district``: no more of it is known than its district, so the provider's choice of districts (rule R4) decides
    alone wherever a distance or an outline would have to be measured.
    """

    gps: Gps | None = None
    area_code: str = ""
    district: str | None = None
    by_district: bool = False

    @classmethod
    def of(cls, gps: Gps | None, area_code: str) -> Place:
        """The place with its district, decided by pincode, then by gps (decision 26)."""
        return cls(gps=gps, area_code=area_code, district=district_of(area_code, gps))

    @property
    def known(self) -> bool:
        """Whether anything is said about the place at all."""
        return self.gps is not None or bool(self.area_code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a search asks for. ``category`` is a decimal code or a wildcard; an empty part, or domain, does not filter.

    ``categories`` are further ones, any of which will do. ``districts`` stands in for a missing place: the districts
    of the city code.
    """

    domain: str
    place: Place
    category: str = ""
    categories: tuple[str, ...] = ()
    words: str = ""
    provider_id: str = ""
    districts: tuple[str, ...] = ()
    earliest: datetime | None = None
    latest: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A provider with the offerings that fit, and how far its nearest serving location is."""

    provider: Provider
    km: float
    offerings: tuple[Offering, ...]


MEASURED = ("10", "13")  # kinds of areas that need coordinates: a radius, an outline


class Reach(Enum):
    """Whether a provider serves a place with an offering, and if not, why."""

    SERVED = "served"
    OUTSIDE = "outside"
    TOO_FAR = "too_far"


def match(catalog: Catalog, query: Query, today: date) -> list[Match]:
    """Every provider on sale that serves the place with something that fits, best first."""
    return list(search(catalog, query, today))


def search(catalog: Catalog, query: Query, today: date) -> Iterator[Match]:
    """The same, one by one: who wants the first few looks at little more than these (decision 19).

    A list of candidates bears what the rank needs but for the price, of which it says the least there may be; so a
    match goes out as soon as nobody behind can be before it. Bands of distance are known of none before they are
    measured, so around a point all who are near are looked at first.
    """
    asked = _Asked(catalog, query, today)
    waiting: list[_Ranked] = []
    seen: set[str] = set()
    measured = query.place.gps is not None
    for entry in _candidates(catalog, query, asked.kinds):
        while waiting and not measured and waiting[0][1:4] <= entry[:3]:
            yield asked.match(heappop(waiting))
        if entry[2] not in seen:
            seen.add(entry[2])
            if (one := asked.rank(entry)) is not None:
                heappush(waiting, one)
    while waiting:
        yield asked.match(heappop(waiting))


_Ranked = tuple[int, float, int, str, float, int, Shelf]
"""The rank of decision 19 (band, rating, lowest price, id), and with it kilometres, what fits, and whose it is."""


class _Asked:
    """A query in the terms of shelves."""

    def __init__(self, catalog: Catalog, query: Query, today: date) -> None:
        self._query = query
        self._today = today
        self._codes = [code for code in (query.category, *query.categories) if code]
        self.kinds = _kinds(catalog, query.words) if query.words else None

    def rank(self, entry: Entry) -> _Ranked | None:
        """The rank of a candidate; None for one of which nothing fits."""
        _, _, key, shelf = entry
        fits = self._fits(shelf)
        if not fits:
            return None
        place = self._query.place
        km = nearest_km(shelf.provider, place)
        return distance_band(km), entry[0], shelf.cheapest(fits, place.district), key, km, fits, shelf

    def match(self, ranked: _Ranked) -> Match:
        """The match of a rank."""
        *_, km, fits, shelf = ranked
        return Match(provider=shelf.provider, km=km, offerings=shelf.picked(fits))

    def _fits(self, shelf: Shelf) -> int:
        query = self._query
        fits = shelf.of_door(query.domain)
        if fits and self._codes:
            fits &= reduce(or_, map(shelf.in_category, self._codes))
        if fits and self.kinds is not None:
            fits &= shelf.known_by(self.kinds)
        if not fits or not on_sale(shelf.provider, self._today):
            return 0
        fits &= shelf.offered(self._today)
        if query.place.known:
            return _reached(shelf, fits, query.place) if fits else 0
        return fits & reduce(or_, map(shelf.sold_in, query.districts or shelf.provider.districts), 0)


def _reached(shelf: Shelf, fits: int, place: Place) -> int:
    """What of a shelf is served at a place, as ``reach`` says of one offering."""
    fits &= shelf.sold_in(place.district) if place.district is not None else 0
    reached = 0
    for area, location, within in shelf.areas():
        if within & fits & ~reached and _answer(area, location, place) is Serviceability.YES:
            reached |= within & fits
    return reached


def _candidates(catalog: Catalog, query: Query, kinds: frozenset[Kind] | None) -> Iterable[Entry]:
    """Whoever may be found at all, in the order of lists; what a search asks of each is asked none the less."""
    index = catalog.index
    place = query.place
    if query.provider_id:
        shelf = index.shelves.get(query.provider_id)
        return [(-bayesian(shelf.provider.rating), 0, query.provider_id, shelf)] if shelf else ()
    if place.known:
        keys = _keys_of(place)
    elif query.districts:
        keys = [district_key(one) for one in query.districts]
    elif kinds is not None:
        keys = list(kinds)
    elif codes := [code for code in (query.category, *query.categories) if code]:
        keys = [asked_key(code) for code in codes]
    else:
        keys = [domain_key(query.domain) if query.domain else WHOLE]
    lists = [found for key in keys if (found := index.postings.get(key))]
    return lists[0] if len(lists) == 1 else merge(*lists, key=_first)


def _keys_of(place: Place) -> list[Hashable]:
    """The lists on which everybody is who may serve a place of which something is known."""
    if place.district is None:
        return []
    if place.by_district:
        return [district_key(place.district)]
    keys = [wide_key(place.district), pincode_key(place.area_code.strip())]
    return keys if place.gps is None else [*keys, cell_key(place.gps)]


def _first(entry: Entry) -> tuple[float, int, str]:
    return entry[:3]


def _kinds(catalog: Catalog, words: str) -> frozenset[Kind]:
    """The kinds of offerings that words mean, or that their providers describe in every word of these."""
    index, asked = catalog.index, tokens(words)
    meant = (index.kinds.get(one, _NONE) for one in understood(words))
    return (index.named(asked) if asked else _NONE).union(*meant)


_NONE: frozenset[Kind] = frozenset()


def reach(provider: Provider, offering: Offering, place: Place) -> Reach:
    """Whether a provider serves a place with an offering: the district chosen (rule R4) and an area around it."""
    if place.district is None or not offered_in(provider, offering, place.district):
        return Reach.OUTSIDE  # so is a place in no district of ours, whatever the area says
    answers = [
        _answer(area, location, place)
        for area in provider.areas
        if covers(area.category, offering.area_category) and (location := provider.location(area.location_id))
    ]
    if Serviceability.YES in answers:
        return Reach.SERVED
    return Reach.TOO_FAR if answers and set(answers) == {Serviceability.TOO_FAR} else Reach.OUTSIDE


def _answer(area: Area, location: Location, place: Place) -> Serviceability:
    """Whether an area around a location takes in a place."""
    if place.by_district and area.kind in MEASURED:
        return Serviceability.YES if location.district == place.district else Serviceability.OUTSIDE
    return serves(area, location, place.gps, place.area_code or None)


def nearest_km(provider: Provider, place: Place) -> float:
    """The distance to the provider's nearest location; 0 where the place has no gps."""
    if place.gps is None:
        return 0.0
    return min(distance_km(location.gps, place.gps) for location in provider.locations)


def location_for(provider: Provider, offering: Offering, place: Place) -> Location:
    """The location an offering is served from: of its own, the nearest to the place."""
    choice = [one for one in provider.locations if one.id in offering.location_ids] or list(provider.locations)
    if place.gps is None:
        return next((one for one in choice if one.district == place.district), choice[0])
    return min(choice, key=lambda one: distance_km(one.gps, place.gps or one.gps))


def prices(offerings: Iterable[Offering], place: Place) -> Sequence[int]:
    """The paise of one unit of each offering at a place."""
    return [one.price_in(place.district).paise for one in offerings]


def understood(words: str) -> frozenset[str]:
    """The sub-services that words mean; none for words that no service of ours is known by."""
    return frozenset(word_index().match(words)) if words else frozenset()
