"""Which offerings fit a query, from which provider and place, in which order. Pure.

Sources: rules R2, R4, R5 and R18; protocol.md 3 (search variants); order of decision 19.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from heapq import heappop, heappush, merge
from operator import or_
from typing import TypeVar

from catalog.geo import Serviceability, Spot, distance_km
from catalog.index import Index, Posting, place_in_list
from catalog.model import Location, Offering, Provider
from catalog.query import Match, Place, Query
from catalog.ranking import bayesian, distance_band
from catalog.reach import Reach, answer, reach
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

__all__ = [
    "Match",
    "Place",
    "Query",
    "Reach",
    "location_for",
    "match",
    "nearest_km",
    "reach",
    "search",
    "understood",
]

LONGEST_KNOWN, MOST_KNOWN = 200, 50  # letters, and categories, of a query that is remembered


T = TypeVar("T")


def match(catalog: Catalog, query: Query, today: date) -> list[Match]:
    """Every provider on sale that serves the place with something that fits, best first."""
    return list(search(catalog, query, today))


def search(catalog: Catalog, query: Query, today: date) -> Iterator[Match]:
    """The same, one by one: who wants the first few looks at little more than these (decision 19).

    A list of candidates bears what the rank needs but for the price, of which it says the least there may be; so a
    match goes out as soon as nobody behind can be before it. Bands of distance are known of none before they are
    measured, so around a point all who are near are looked at first.
    """
    index, place = catalog.index, query.place
    if not place.known or query.provider_id:
        asked = _Asked(index, query, today)
        return map(_match, (_merged if place.gps is None else _ranked)(asked.listed(), asked))
    key = _key(query, today)
    if place.gps is None:  # no distance is measured, so the answer is the same for all who ask on a day
        return iter(_once(index, ("there", key), key, lambda: _there(_Asked(index, query, today))))
    asked = _Asked(index, query, today)
    candidates = _once(index, ("near", cell_key(place.gps), key), key, lambda: tuple(asked.near()))
    return map(_match, _ranked(candidates, asked))


def _key(query: Query, today: date) -> Hashable | None:
    """What the candidates around a place depend on beside its cell; None for a strangely long query."""
    place = query.place
    if len(query.words) + len(place.area_code) > LONGEST_KNOWN or len(query.categories) > MOST_KNOWN:
        return None
    asked = query.domain, query.category, query.categories, query.words
    return asked, place.district, place.area_code, place.by_district, today


def _once(index: Index, key: Hashable, known: Hashable | None, make: Callable[[], tuple[T, ...]]) -> tuple[T, ...]:
    """People ask for the same again and again nearby; what is strange is not remembered."""
    return make() if known is None else index.memo.once(key, make)


def _there(asked: _Asked) -> tuple[Match, ...]:
    return tuple(map(_match, _ranked(asked.near(), asked)))


_Candidate = tuple[Entry, int]
"""Somebody on a list, with what fits but for the area around a place."""
_Ranked = tuple[int, float, int, str, float, int, Shelf]
"""The rank of decision 19 (band, rating, lowest price, id), and with it kilometres, what fits, and whose it is."""


def _ranked(candidates: Iterable[_Candidate], asked: _Asked) -> Sequence[_Ranked]:
    """Whoever fits, in order; all of the candidates are looked at."""
    return sorted([one for entry, fits in candidates if (one := asked.rank(entry, fits))])


def _merged(candidates: Iterable[_Candidate], asked: _Asked) -> Iterator[_Ranked]:
    """Whoever fits, in order; of the candidates, in the order of lists, no more are looked at than it takes."""
    waiting: list[_Ranked] = []
    for entry, fits in candidates:
        while waiting and waiting[0][1:4] <= entry[:3]:
            yield heappop(waiting)
        if one := asked.rank(entry, fits):
            heappush(waiting, one)
    yield from sorted(waiting)


def _match(ranked: _Ranked) -> Match:
    *_, km, fits, shelf = ranked
    return Match(provider=shelf.provider, km=km, offerings=shelf.picked(fits))


class _Asked:
    """A query in the terms of an index and its shelves."""

    def __init__(self, index: Index, query: Query, today: date) -> None:
        self._index = index
        self._query = query
        self._place = query.place
        self._spot = Spot.of(query.place.gps) if query.place.gps is not None else None
        self._today = today
        # A buyer app asks in a domain, for what is on the network; our own channels sell everything.
        self._door = domain_key(query.domain) if query.domain else WHOLE
        self._codes = tuple(asked_key(code) for code in (query.category, *query.categories) if code)

    def near(self) -> Iterator[_Candidate]:
        """Whoever may serve the place with something that fits."""
        return self._candidates(self._postings(_keys_of(self._place)))

    def listed(self) -> Iterator[_Candidate]:
        """Whoever may be found where nothing is known of the place, or of one provider."""
        return self._candidates(self._lists())

    def rank(self, entry: Entry, fits: int) -> _Ranked | None:
        """The rank of a candidate; None for one of which nothing fits."""
        _, _, key, shelf = entry
        place = self._place
        away = shelf.km_from(self._spot) if self._spot is not None else ()
        if place.known and not (fits := _reached(shelf, fits, place, away)):
            return None
        km = min(away, default=0.0)
        return distance_band(km), entry[0], shelf.cheapest(fits, place.district), key, km, fits, shelf

    def _candidates(self, lists: Sequence[Posting]) -> Iterator[_Candidate]:
        kinds = self._kinds()
        return ((entry, fits) for entry in _once_each(lists) if (fits := self._fits(entry[3], kinds)))

    def _lists(self) -> list[Posting]:
        query, kinds = self._query, self._kinds()
        if query.provider_id:
            shelf = self._index.shelves.get(query.provider_id)
            return [((-bayesian(shelf.provider.rating), 0, query.provider_id, shelf),)] if shelf else []
        if query.districts:
            return self._postings(map(district_key, query.districts))
        return self._postings(kinds if kinds is not None else self._codes or (self._door,))

    def _postings(self, keys: Iterable[Hashable]) -> list[Posting]:
        return [found for key in keys if (found := self._index.postings.get(key))]

    def _fits(self, shelf: Shelf, kinds: frozenset[Kind] | None) -> int:
        """What is asked for and sold on the day, in the district or in one of them."""
        masks = shelf.masks
        fits = masks.get(self._door, 0)
        if self._codes:
            fits &= _any(masks, self._codes)
        if fits and kinds is not None:
            fits &= _any(masks, shelf.kinds & kinds)
        if not fits or not (fits := fits & shelf.on_day(self._today)):
            return 0
        if self._place.known:
            return fits & shelf.sold_in(self._place.district or "")
        return fits & reduce(or_, map(shelf.sold_in, self._query.districts or shelf.provider.districts), 0)

    def _kinds(self) -> frozenset[Kind] | None:
        """The kinds of offerings that the words mean, or that their providers describe in every one of them."""
        if not (words := self._query.words):
            return None
        asked, kinds = tokens(words), self._index.kinds
        meant = (kinds.get(one, _NONE) for one in understood(words))
        return (self._index.named(asked) if asked else _NONE).union(*meant)


def _once_each(lists: Sequence[Posting]) -> Iterator[Entry]:
    """The entries of lists in their order, each provider at its first."""
    if len(lists) == 1:
        yield from lists[0]
        return
    seen: set[str] = set()
    for entry in merge(*lists, key=place_in_list):
        if entry[2] not in seen:
            seen.add(entry[2])
            yield entry


def _any(masks: Mapping[Hashable, int], keys: Iterable[Hashable]) -> int:
    found = 0
    for key in keys:
        found |= masks.get(key, 0)
    return found


def _reached(shelf: Shelf, fits: int, place: Place, away: Sequence[float]) -> int:
    """What of a shelf is served at a place, as ``reach`` says of one offering; ``away`` are its locations in km.

    Circles and lists of pincodes, which nearly all areas are, are decided here as ``serves`` decides them.
    """
    reached = 0
    measured = bool(away) and not place.by_district
    pincode = place.area_code.strip()
    for area, location, number, sold, km, pincodes in shelf.areas():
        here = sold & fits & ~reached
        if not here:
            continue
        if km is not None and measured:
            served = away[number] <= km
        elif pincodes:
            served = pincode in pincodes
        else:
            served = answer(area, location, place) is Serviceability.YES
        if served:
            reached |= here
    return reached


def _keys_of(place: Place) -> tuple[Hashable, ...]:
    """The lists on which everybody is who may serve a place of which something is known."""
    if place.district is None:
        return ()
    if place.by_district:
        return (district_key(place.district),)
    keys = wide_key(place.district), pincode_key(place.area_code.strip())
    return keys if place.gps is None else (*keys, cell_key(place.gps))


_NONE: frozenset[Kind] = frozenset()


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


def understood(words: str) -> frozenset[str]:
    """The sub-services that words mean; none for words that no service of ours is known by."""
    return frozenset(word_index().match(words)) if words else frozenset()
