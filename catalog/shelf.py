"""One provider with what it sells, as a search looks at it: each question about its offerings is a mask of bits.

Bit n stands for the n-th offering in the order of ids. The masks are made by the predicates that decide of one offering
elsewhere (``offered``, ``offered_in``, ``covers``), so a rule is written once; a search is then a few "and"s a provider
instead of some calls an offering.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from catalog.codes import covers, is_wildcard
from catalog.geo import Spot, pincodes, polygon
from catalog.memo import Memo
from catalog.model import Area, Gps, Location, Offering, Provider
from catalog.query import Match
from catalog.ranking import bayesian
from catalog.sale import offered, offered_in, on_sale, serviceable
from catalog.words import tokens

CELL = 0.05
"""The side of a cell of the grid in degrees, about 5 km: an area of 25 km around a place takes in a hundred."""
MOST_CELLS = 900
"""Of one area: a larger one counts as everywhere in the districts chosen."""
MOST_MATCHES = 512
"""Choices of a shelf's offerings, and pincodes, of which it remembers what was worked out."""
_KM_OF_DEGREE = 110.0  # less than any degree of latitude measures, so that no cell is left out
_EDGE = 1e-6
_FURTHEST = 180.0


class Kind(NamedTuple):
    """What words know an offering by: the service it is, and the words of its own name and description."""

    sub_service_id: str
    words: frozenset[str]


class Around(NamedTuple):
    """An area with its location, the number of that among the provider's, and what is sold there.

    ``km`` is the radius of one that is a circle (kind 10), ``pincodes`` the list of one that is a list (kind 11).
    """

    area: Area
    location: Location
    number: int
    sold: int
    km: float | None
    pincodes: frozenset[str]


Entry = tuple[float, int, str, "Shelf"]
"""A provider in a posting list: best rated first, then by the lowest price (paise) there may be of the key, then id."""


class Shelf:
    """See the module. Two are never equal: one is made anew when anything of its provider or its offerings changes.

    ``masks`` are of what is found under a key, ``kinds`` its keys by words; ``merit`` is less, the better it is rated.
    """

    __slots__ = (
        "_areas",
        "_day",
        "_districts",
        "_lows",
        "_on_day",
        "_spots",
        "kinds",
        "masks",
        "memo",
        "merit",
        "offerings",
        "provider",
    )

    def __init__(self, provider: Provider, offerings: tuple[Offering, ...]) -> None:
        """Offerings in the order of their ids."""
        self.provider = provider
        self.offerings = offerings
        self.merit = -bayesian(provider.rating)
        self.memo = Memo(MOST_MATCHES)
        self.masks: dict[Hashable, int] = {}
        self._lows: dict[Hashable, int] = {}
        self._day: date | None = None
        self._on_day = 0
        self._districts: dict[str, int] = {}
        self._areas: tuple[Around, ...] | None = None
        self._spots: tuple[Spot, ...] | None = None
        masks, lows = self.masks, self._lows
        for number, one in enumerate(offerings):
            bit, low = 1 << number, min((one.price, *one.district_prices.values())).paise
            for key in _keys(one):
                masks[key] = masks.get(key, 0) | bit
                if low < lows.get(key, low + 1):
                    lows[key] = low
        self.kinds = frozenset(key for key in masks if isinstance(key, Kind))

    def entries(self) -> Iterator[tuple[Hashable, Entry]]:
        """Under which keys the provider is found, with its place in the list of each."""
        if not self.offerings:
            return
        for key, lowest in self._lows.items():
            yield key, (self.merit, lowest, self.provider.id, self)
        anywhere = (self.merit, self._lows[WHOLE], self.provider.id, self)
        for key in _ground(self.provider):
            yield key, anywhere

    def on_day(self, today: date) -> int:
        """What is sold on a day: nothing by a provider who is not on sale."""
        if self._day != today:
            self._on_day = self._mask(offered(one, today) for one in self.offerings if on_sale(self.provider, today))
            self._day = today
        return self._on_day

    def sold_in(self, district: str) -> int:
        """What is sold in a district (LGD code)."""
        if (mask := self._districts.get(district)) is not None:
            return mask
        if district not in serviceable(self.provider):
            return 0
        mask = self._mask(offered_in(self.provider, one, district) for one in self.offerings)
        self._districts[district] = mask
        return mask

    def areas(self) -> tuple[Around, ...]:
        """The areas in which something is sold."""
        if self._areas is None:
            self._areas = tuple(self._sold_around())
        return self._areas

    def km_from(self, spot: Spot) -> list[float]:
        """How far each location of the provider is, in their order."""
        if self._spots is None:
            self._spots = tuple(Spot.of(one.gps) for one in self.provider.locations)
        return [one.km(spot) for one in self._spots]

    def match(self, mask: int, district: str | None) -> tuple[int, Match]:
        """The lowest price (paise) of some offerings, one at least, in a district; and they as a match without a way.

        Of a provider the same few are found again and again, by whatever search.
        """
        return self.memo.once((mask, district), lambda: self._matched(mask, district))

    def _matched(self, mask: int, district: str | None) -> tuple[int, Match]:
        picked = tuple([self.offerings[number] for number in _numbers(mask)])
        low = min([one.price_in(district).paise for one in picked])
        return low, Match(provider=self.provider, km=0.0, offerings=picked)

    def _sold_around(self) -> Iterator[Around]:
        by_category: dict[str, int] = defaultdict(int)
        for number, one in enumerate(self.offerings):
            by_category[one.area_category] |= 1 << number
        places = [one.id for one in self.provider.locations]
        for area in self.provider.areas:
            mask = sum(bits for category, bits in by_category.items() if covers(area.category, category))
            if mask and area.location_id in places:
                number = places.index(area.location_id)
                km = float(area.val) if area.kind == "10" else None
                listed = pincodes(area.val) if area.kind == "11" else frozenset()
                yield Around(area, self.provider.locations[number], number, mask, km, listed)

    @staticmethod
    def _mask(answers: Iterable[bool]) -> int:
        return sum(1 << number for number, yes in enumerate(answers) if yes)


def _numbers(mask: int) -> Iterator[int]:
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest


def _keys(one: Offering) -> Iterator[Hashable]:
    """What an offering is found under."""
    yield kind_of(one)
    yield WHOLE
    if one.on_network:
        yield domain_key(one.domain)
        yield code_key(one.category)
        yield prefix_key(one.category[:_PREFIX].upper())


WHOLE: Hashable = "*"
_PREFIX = len("SRV11-")


def domain_key(domain: str) -> Hashable:
    """The key of what is sold in a domain of the network."""
    return "domain", domain


def code_key(code: str) -> Hashable:
    """The key of what is published under a category."""
    return "code", code


def prefix_key(prefix: str) -> Hashable:
    """The key of what a wildcard takes in, by the beginning of its codes."""
    return "prefix", prefix


def asked_key(code: str) -> Hashable:
    """The key of what a category asked for takes in."""
    return prefix_key(code[:_PREFIX].upper()) if is_wildcard(code) else code_key(code)


def district_key(district: str) -> Hashable:
    """The key of who may serve a district at all."""
    return "district", district


def wide_key(district: str) -> Hashable:
    """The key of who has an area that no smaller part of the map bounds, in a district chosen."""
    return "wide", district


def pincode_key(pincode: str) -> Hashable:
    """The key of who may serve a pincode by its number."""
    return "pincode", pincode


def cell_key(gps: Gps) -> Hashable:
    """The key of who has an area that takes in some of the cell around a point."""
    return "cell", math.floor(gps.lat / CELL), math.floor(gps.lon / CELL)


def kind_of(offering: Offering) -> Kind:
    """What words know an offering by."""
    return _kind(offering.sub_service_id, offering.name, offering.name_hi, offering.short_desc)


@lru_cache(maxsize=65_536)  # many offerings bear the name of their sub-service
def _kind(sub_service_id: str, *texts: str) -> Kind:
    return Kind(sub_service_id, frozenset(tokens(" ".join(texts))))


def _ground(provider: Provider) -> set[Hashable]:
    """The keys of the places that a provider may serve: more than it does serve, never less."""
    keys: set[Hashable] = {district_key(district) for district in serviceable(provider)}
    places: Mapping[str, Location] = {one.id: one for one in reversed(provider.locations)}
    for area in provider.areas:
        if location := places.get(area.location_id):
            keys |= _of_area(area, location) or {wide_key(district) for district in serviceable(provider)}
    return keys


def _of_area(area: Area, location: Location) -> set[Hashable]:
    """The cells and pincodes of an area; none where it cannot be said, or would be too many."""
    try:
        match area.kind:
            case "10":  # its own pincode is served without a distance
                near = _cells(*_box(location.gps, float(area.val)))
                return near | {pincode_key(location.area_code)} if near else near
            case "11":
                return {pincode_key(one) for one in pincodes(area.val)}
            case "13":
                west, south, east, north = polygon(area.val).bounds
                return _cells(south, west, north, east)
    except ValueError:  # whoever asks there is told of an area that cannot be read, and nobody else
        return set()
    return set()


def _box(gps: Gps, radius_km: float) -> tuple[float, float, float, float]:
    """South, west, north and east of a circle, a little more than less."""
    high = radius_km / _KM_OF_DEGREE
    shrink = math.cos(math.radians(min(90.0, abs(gps.lat) + high)))
    wide = radius_km / (_KM_OF_DEGREE * shrink) if shrink > _EDGE else _FURTHEST
    return gps.lat - high, gps.lon - wide, gps.lat + high, gps.lon + wide


def _cells(south: float, west: float, north: float, east: float) -> set[Hashable]:
    if not (math.isfinite(south) and west >= -_FURTHEST and east <= _FURTHEST):
        return set()
    rows = range(math.floor((south - _EDGE) / CELL), math.floor((north + _EDGE) / CELL) + 1)
    columns = range(math.floor((west - _EDGE) / CELL), math.floor((east + _EDGE) / CELL) + 1)
    if len(rows) * len(columns) > MOST_CELLS:
        return set()
    return {("cell", row, column) for row in rows for column in columns}
