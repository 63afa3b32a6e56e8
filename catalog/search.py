"""Which offerings fit a query, from which provider and place, in which order. Pure.

Sources: rules R2, R4, R5 and R18; protocol.md 3 (search variants); order of decision 19.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import reduce
from heapq import heappop, heappush, merge
from operator import itemgetter, or_

from catalog.geo import Serviceability, Spot
from catalog.index import Index, Posting, place_in_list
from catalog.query import Match, Place, Query
from catalog.ranking import distance_band
from catalog.reach import Reach, area_answer, location_for, nearest_km, reach
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

LONGEST_KNOWN = 200  # letters of words that are remembered
MOST_CODES = 4  # categories asked for at once whose answers are remembered


def match(catalog: Catalog, query: Query, today: date) -> list[Match]:
    """Every provider on sale that serves the place with something that fits, best first."""
    return list(search(catalog, query, today))


def search(catalog: Catalog, query: Query, today: date) -> Iterator[Match]:
    """The same, one by one: who wants the first few looks at little more than these (decision 19).

    Of whoever may serve a known place all are looked at, since bands of distance are known of none before they are
    measured. Where no place is named, a list of candidates bears what the rank needs but for the price, of which it
    says the least there may be; so a match goes out as soon as nobody behind can be before it.
    """
    asked = _Asked(catalog.index, query, today)
    ranked = asked.near() if query.place.known else _merged(asked.listed(), asked)
    return map(_MATCH, ranked)


_Ranked = tuple[int, float, int, str, Match]
"""The rank of decision 19 (band, rating, lowest price, id), and whose it is."""
_MATCH = itemgetter(4)


def _merged(candidates: Iterable[tuple[Entry, int]], asked: _Asked) -> Iterator[_Ranked]:
    """Whoever fits, in order; of the candidates, in the order of lists, no more are looked at than it takes."""
    waiting: list[_Ranked] = []
    for entry, fits in candidates:
        while waiting and waiting[0][1:4] <= entry[:3]:
            yield heappop(waiting)
        heappush(waiting, asked.anywhere(entry[3], fits))
    yield from sorted(waiting)


class _Asked:
    """A query in the terms of an index and its shelves."""

    def __init__(self, index: Index, query: Query, today: date) -> None:
        self._index = index
        self._query = query
        self._place = query.place
        self._today = today
        # A buyer app asks in a domain, for what is on the network; our own channels sell everything.
        self._door = domain_key(query.domain) if query.domain else WHOLE
        self._codes = tuple([asked_key(code) for code in (query.category, *query.categories) if code])
        self._kinds = _kinds(index, query.words)

    def near(self) -> Sequence[_Ranked]:
        """Whoever serves the place, which is known, with something that fits, in order."""
        place = self._place
        if place.district is None:
            return ()
        fitting = self._fitting_in(place.district)
        listed = self._postings(_keys_of(place, place.district))
        near = {entry[3]: fits for entries in listed for entry in entries if (fits := fitting.get(entry[3]))}
        if place.gps is None:
            served = ((shelf, fits & _served_in(shelf, place)) for shelf, fits in near.items())
            return sorted([self.anywhere(shelf, fits) for shelf, fits in served if fits])
        spot = Spot.of(place.gps)
        return sorted([one for shelf, fits in near.items() if (one := self._at(spot, shelf, fits))])

    def listed(self) -> Iterator[tuple[Entry, int]]:
        """Whoever may be found where nothing is known of the place, with what fits."""
        for entry in _once_each(self._lists()):
            shelf = entry[3]
            if fits := self._sold_by(shelf, self._query.districts or shelf.provider.districts) & self._fits(shelf):
                yield entry, fits

    def anywhere(self, shelf: Shelf, fits: int) -> _Ranked:
        """The rank of who has something that fits, where no distance is measured."""
        low, found = shelf.match(fits, self._place.district)
        return 0, shelf.merit, low, found.provider.id, found

    def _at(self, spot: Spot, shelf: Shelf, fits: int) -> _Ranked | None:
        """The same around a point; None for one who does not come there with any of it."""
        away = shelf.km_from(spot)
        if not (fits := _reached(shelf, fits, self._place, away)):
            return None
        low, found = shelf.match(fits, self._place.district)
        km = min(away)
        provider = found.provider
        match = Match(provider=provider, km=km, offerings=found.offerings)
        return distance_band(km), shelf.merit, low, provider.id, match

    def _fitting_in(self, district: str) -> Mapping[Shelf, int]:
        """What is sold there and asked for, by each who sells it: of a district the same things are asked for."""
        asked = self._query
        if asked.provider_id or len(self._codes) > MOST_CODES or len(asked.words) > LONGEST_KNOWN:
            return self._fitting(self._sold_in(district))
        key = district, self._today, self._door, self._codes, self._kinds
        return self._index.fitting.once(key, lambda: self._fitting(self._sold_in(district)))

    def _fitting(self, sold: Mapping[Shelf, int]) -> Mapping[Shelf, int]:
        return {shelf: fits for shelf, here in sold.items() if (fits := here & self._fits(shelf))}

    def _sold_in(self, district: str) -> Mapping[Shelf, int]:
        """What is sold in a district on the day behind our door, by each who may serve it; or by the one asked for."""
        wanted = self._query.provider_id
        if wanted:
            shelf = self._index.shelves.get(wanted)
            return {shelf: self._sold_by(shelf, (district,))} if shelf else {}
        return self._index.memo.once((district, self._today, self._door), lambda: self._sold_by_all(district))

    def _sold_by_all(self, district: str) -> Mapping[Shelf, int]:
        listed = self._index.postings.get(district_key(district), ())
        return {shelf: sold for *_, shelf in listed if (sold := self._sold_by(shelf, (district,)))}

    def _sold_by(self, shelf: Shelf, districts: Iterable[str]) -> int:
        """What is sold behind our door on the day in one of some districts."""
        sold = shelf.masks.get(self._door, 0) & shelf.on_day(self._today)
        return sold and sold & reduce(or_, map(shelf.sold_in, districts), 0)

    def _fits(self, shelf: Shelf) -> int:
        """What is asked for by categories and words."""
        fits = _any(shelf.masks, self._codes) if self._codes else _ALL
        if self._kinds is not None and fits:
            fits &= _any(shelf.masks, shelf.kinds & self._kinds)
        return fits

    def _lists(self) -> list[Posting]:
        query = self._query
        if query.provider_id:
            shelf = self._index.shelves.get(query.provider_id)
            return [((shelf.merit, 0, query.provider_id, shelf),)] if shelf else []
        if query.districts:
            return self._postings(map(district_key, query.districts))
        return self._postings(self._kinds if self._kinds is not None else self._codes or (self._door,))

    def _postings(self, keys: Iterable[Hashable]) -> list[Posting]:
        return [found for key in keys if (found := self._index.postings.get(key))]


def _kinds(index: Index, words: str) -> frozenset[Kind] | None:
    """The kinds of offerings that words mean; None for no words. People say the same words again and again."""
    if not words:
        return None
    return _meant(index, words) if len(words) > LONGEST_KNOWN else index.memo.once(words, lambda: _meant(index, words))


def _meant(index: Index, words: str) -> frozenset[Kind]:
    """Those of the sub-services that words mean, and those whose providers describe them in every one of the words."""
    asked = tokens(words)
    meant = (index.kinds.get(one, _NONE) for one in understood(words))
    return (index.named(asked) if asked else _NONE).union(*meant)


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


def _served_in(shelf: Shelf, place: Place) -> int:
    """What of a shelf is served at a place without coordinates: in a pincode, always the same."""
    if place.by_district:
        return _reached(shelf, _ALL, place, ())
    return shelf.memo.once(place.area_code, lambda: _reached(shelf, _ALL, place, ()))


_ALL = -1  # every bit


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
            served = area_answer(area, location, place) is Serviceability.YES
        if served:
            reached |= here
            if reached == fits:
                break
    return reached


def _keys_of(place: Place, district: str) -> tuple[Hashable, ...]:
    """The lists on which everybody is who may serve a place in a district."""
    if place.by_district:
        return (district_key(district),)
    keys = wide_key(district), pincode_key(place.area_code.strip())
    return keys if place.gps is None else (*keys, cell_key(place.gps))


_NONE: frozenset[Kind] = frozenset()


def understood(words: str) -> frozenset[str]:
    """The sub-services that words mean; none for words that no service of ours is known by."""
    return frozenset(word_index().match(words)) if words else frozenset()
