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
from itertools import compress
from typing import NamedTuple

from catalog.codes import covers, is_wildcard
from catalog.geo import pincodes, polygon
from catalog.memo import Memo
from catalog.model import Area, Gps, Location, Offering, Provider
from catalog.ranking import bayesian
from catalog.sale import offered, offered_in, serviceable
from catalog.words import tokens

CELL = 0.1
"""The side of a cell of the grid in degrees, about 11 km: an area of 25 km around a place takes in three dozen."""
MOST_CELLS = 400
"""Of one area: a larger one counts as everywhere in the districts chosen."""
_KM_OF_DEGREE = 110.0  # less than any degree of latitude measures, so that no cell is left out
_EDGE = 1e-6
_FURTHEST = 180.0


class Kind(NamedTuple):
    """What words know an offering by: the service it is, and the words of its own name and description."""

    sub_service_id: str
    words: frozenset[str]


Entry = tuple[float, int, str, "Shelf"]
"""A provider in a posting list: best rated first, then by the lowest price (paise) there may be of the key, then id."""


class Shelf:
    """See the module. Two are never equal: one is made anew when anything of its provider or its offerings changes."""

    __slots__ = (
        "_codes",
        "_domains",
        "_kinds",
        "_lows",
        "_prefixes",
        "kinds",
        "memo",
        "offerings",
        "provider",
        "whole",
    )

    def __init__(self, provider: Provider, offerings: tuple[Offering, ...]) -> None:
        """Offerings in the order of their ids."""
        self.provider = provider
        self.offerings = offerings
        self.whole = (1 << len(offerings)) - 1
        self.memo = Memo()
        domains: dict[str, int] = defaultdict(int)
        codes: dict[str, int] = defaultdict(int)
        prefixes: dict[str, int] = defaultdict(int)
        kinds: dict[Kind, int] = defaultdict(int)
        lows: dict[Hashable, int] = {}
        for number, one in enumerate(offerings):
            bit, kind = 1 << number, kind_of(one)
            kinds[kind] |= bit
            keys: list[Hashable] = [kind, WHOLE]
            if one.on_network:
                domains[one.domain] |= bit
                keys.append(domain_key(one.domain))
            if one.category:
                prefix = one.category[:_PREFIX].upper()
                codes[one.category] |= bit
                prefixes[prefix] |= bit
                keys += (code_key(one.category), prefix_key(prefix))
            low = min((one.price, *one.district_prices.values())).paise
            for key in keys:
                if low < lows.get(key, low + 1):
                    lows[key] = low
        self._domains, self._codes, self._prefixes, self._kinds = (
            dict(domains),
            dict(codes),
            dict(prefixes),
            dict(kinds),
        )
        self._lows = lows
        self.kinds = frozenset(kinds)

    def entries(self) -> Iterator[tuple[Hashable, Entry]]:
        """Under which keys the provider is found, with its place in the list of each."""
        if not self.offerings:
            return
        best, low = -bayesian(self.provider.rating), self._lows[WHOLE]
        for key, lowest in self._lows.items():
            yield key, (best, lowest, self.provider.id, self)
        anywhere = (best, low, self.provider.id, self)
        for key in _ground(self.provider):
            yield key, anywhere

    def of_door(self, domain: str) -> int:
        """What is sold in a domain of the network; everything, by our own channels, where it is empty."""
        return self._domains.get(domain, 0) if domain else self.whole

    def in_category(self, code: str) -> int:
        """What a category asked for takes in."""
        return self._prefixes.get(code[:_PREFIX].upper(), 0) if is_wildcard(code) else self._codes.get(code, 0)

    def known_by(self, kinds: frozenset[Kind]) -> int:
        """What is of any of these kinds."""
        mask = 0
        for kind in self.kinds & kinds:
            mask |= self._kinds[kind]
        return mask

    def offered(self, today: date) -> int:
        """What is offered on a day."""
        return self.memo.once(today, lambda: self._mask(offered(one, today) for one in self.offerings))

    def sold_in(self, district: str) -> int:
        """What is sold in a district (LGD code)."""
        return self.memo.once(
            ("district", district),
            lambda: self._mask(offered_in(self.provider, one, district) for one in self.offerings),
        )

    def areas(self) -> tuple[tuple[Area, Location, int], ...]:
        """The areas of the provider, each with its location and what is sold in it."""
        return self.memo.once("areas", self._areas)

    def cheapest(self, mask: int, district: str | None) -> int:
        """The lowest price (paise) of some offerings, one at least, in a district."""
        by_price = self.memo.once(("prices", district), lambda: self._by_price(district))
        return next(paise for paise, bit in by_price if mask & bit)

    def picked(self, mask: int) -> tuple[Offering, ...]:
        """The offerings of a mask in the order of their ids."""
        if mask == self.whole:
            return self.offerings
        return self.memo.once(mask, lambda: tuple(compress(self.offerings, map(int, f"{mask:b}"[::-1]))))

    def _areas(self) -> tuple[tuple[Area, Location, int], ...]:
        by_category: dict[str, int] = defaultdict(int)
        for number, one in enumerate(self.offerings):
            by_category[one.area_category] |= 1 << number
        found = []
        for area in self.provider.areas:
            mask = sum(bits for category, bits in by_category.items() if covers(area.category, category))
            if mask and (location := self.provider.location(area.location_id)):
                found.append((area, location, mask))
        return tuple(found)

    def _by_price(self, district: str | None) -> tuple[tuple[int, int], ...]:
        return tuple(sorted((one.price_in(district).paise, 1 << number) for number, one in enumerate(self.offerings)))

    @staticmethod
    def _mask(answers: Iterable[bool]) -> int:
        return sum(1 << number for number, yes in enumerate(answers) if yes)


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
