"""The same search on SQL: with FTS5 and R*Tree as a careful engineer would, and naively; what ours is held against.

Both find in SQL who may answer, decide in Python what SQL cannot (outlines, kilometres, the providers' choices), and
order as ours does; the results are the same. What words mean is looked up in the product's own word index by all
three. To their favour both have providers and offerings in memory and fetch only rows' ids and stored JSON.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import orjson
import shapely

from catalog.codes import covers, is_wildcard
from catalog.geo import Serviceability, distance_km, polygon
from catalog.load import CatalogData
from catalog.model import Offering, Provider
from catalog.ranking import bayesian, distance_band
from catalog.reach import area_answer, nearest_km
from catalog.search import Query, understood
from catalog.snapshot import offered, offered_in, on_sale, service_id_of
from catalog.words import tokens

Answer = list[tuple[str, tuple[str, ...]]]
"""Providers, best first, each with the ids of its offerings that fit, in order."""

_KM_OF_DEGREE = 110.0
_SCHEMA = """
CREATE TABLE offerings (n INTEGER PRIMARY KEY, id TEXT, provider_id TEXT, domain TEXT, category TEXT,
  sub_service_id TEXT, own_words TEXT, doc TEXT);
CREATE INDEX by_category ON offerings (category, provider_id);
CREATE INDEX by_sub_service ON offerings (sub_service_id, provider_id);
CREATE TABLE providers (id TEXT PRIMARY KEY, doc TEXT);
CREATE TABLE chosen (district TEXT, provider_id TEXT, PRIMARY KEY (district, provider_id)) WITHOUT ROWID;
CREATE TABLE pincodes (area_code TEXT, area INTEGER, PRIMARY KEY (area_code, area)) WITHOUT ROWID;
CREATE TABLE areas (n INTEGER PRIMARY KEY, provider_id TEXT, place INTEGER);
CREATE VIRTUAL TABLE boxes USING rtree(n, west, east, south, north);
CREATE VIRTUAL TABLE words USING fts5(own, content='',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'");
"""
_FROM_AREAS = """
SELECT areas.provider_id, areas.place FROM boxes JOIN areas ON areas.n = boxes.n
  JOIN chosen ON chosen.district = ?3 AND chosen.provider_id = areas.provider_id
  WHERE west <= ?1 AND east >= ?1 AND south <= ?2 AND north >= ?2
"""
_FROM_PINCODES = """
SELECT areas.provider_id, areas.place FROM pincodes JOIN areas ON areas.n = pincodes.area
  JOIN chosen ON chosen.district = ?2 AND chosen.provider_id = areas.provider_id WHERE pincodes.area_code IN (?1, '*')
"""
_OF_PROVIDERS = (
    "SELECT id, provider_id, doc FROM offerings WHERE provider_id IN (SELECT value FROM json_each(?))"
    " AND domain = ? AND category <> '' AND "
)
_OF_ALL = (
    "SELECT offerings.id, provider_id, offerings.doc, providers.doc FROM offerings"
    " JOIN providers ON providers.id = provider_id WHERE domain = ? AND category <> '' AND "
)


class SqlSearch:
    """A catalog in an SQLite database in memory, so that no disk is measured."""

    def __init__(self, data: CatalogData, today: date) -> None:
        """Fill it."""
        self.today = today
        self.providers: Mapping[str, Provider] = {one.id: one for one in data.providers}
        self.offerings: Mapping[str, Offering] = {one.id: one for one in data.offerings}
        self.connection = sqlite3.connect(":memory:", cached_statements=512)
        self.connection.executescript(_SCHEMA)
        self._fill(data)

    def _fill(self, data: CatalogData) -> None:
        many = self.connection.executemany
        rows = list(enumerate(data.offerings))
        own = {one.id: " ".join(sorted(own_words(one))) for one in data.offerings}
        many(
            "INSERT INTO offerings VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (n, one.id, one.provider_id, one.domain, one.category, one.sub_service_id, f" {own[one.id]} ", doc(one))
                for n, one in rows
            ),
        )
        many("INSERT INTO words (rowid, own) VALUES (?, ?)", ((n, own[one.id]) for n, one in rows))
        many("INSERT INTO providers VALUES (?, ?)", ((one.id, doc(one)) for one in data.providers))
        many("INSERT INTO chosen VALUES (?, ?)", ((lgd, one.id) for one in data.providers for lgd in one.districts))
        places = [(one, place) for one in data.providers for place in range(len(one.areas))]
        many("INSERT INTO areas VALUES (?, ?, ?)", ((n, one.id, place) for n, (one, place) in enumerate(places)))
        many(
            "INSERT INTO boxes VALUES (?, ?, ?, ?, ?)",
            ((n, *box) for n, (one, place) in enumerate(places) if (box := _box(one, place))),
        )
        many(
            "INSERT OR IGNORE INTO pincodes VALUES (?, ?)",
            ((code, n) for n, (one, place) in enumerate(places) for code in _codes(one, place)),
        )

    def fts(self, query: Query) -> Answer:
        """R*Tree and pincodes say who is near, FTS5 whose words fit, an index which categories."""
        served = self._served(query)
        if not served:
            return []
        where, values = self._what(query, fts=True)
        ids = orjson.dumps(list(served)).decode()
        rows = self.connection.execute(_OF_PROVIDERS + where, (ids, query.domain, *values))
        return self._answer(rows, served, query)

    def naive(self, query: Query) -> Answer:
        """An index on the category, LIKE for words, every row's JSON read, every distance measured in Python."""
        where, values = self._what(query, fts=False)
        rows = self.connection.execute(_OF_ALL + where, (query.domain, *values)).fetchall()
        read = [
            (offering, provider, orjson.loads(text), orjson.loads(other)) for offering, provider, text, other in rows
        ]
        names = dict.fromkeys(provider for _, provider, _, _ in read)
        served = {name: found for name in names if (found := list(self._areas_at(name, query)))}
        return self._answer(((offering, provider, "") for offering, provider, _, _ in read), served, query)

    def _what(self, query: Query, *, fts: bool) -> tuple[str, Sequence[str]]:
        """The condition on offerings: a category, and words."""
        parts, values = [], []
        if query.category and not is_wildcard(query.category):  # that of a domain takes in all of it
            parts.append("category = ?")
            values.append(query.category)
        if query.words:
            meant = sorted(understood(query.words))
            marks = ", ".join("?" * len(meant))
            asked = tokens(query.words)
            if fts:
                named = "n IN (SELECT rowid FROM words WHERE words MATCH ?)"
                own = [" AND ".join(f'"{word}"' for word in asked)]
            else:
                named = " AND ".join("own_words LIKE ?" for _ in asked)
                own = [f"% {word} %" for word in asked]
            parts.append(f"(sub_service_id IN ({marks}) OR ({named}))")
            values += [*meant, *own]
        return " AND ".join(parts) or "1", values

    def _served(self, query: Query) -> Mapping[str, list[str]]:
        """The providers whose areas take in the place, with the categories of these areas."""
        place = query.place
        hits: set[tuple[str, int]] = set()
        if place.gps is not None:
            hits |= set(self.connection.execute(_FROM_AREAS, (place.gps.lon, place.gps.lat, place.district)))
        if place.area_code:
            hits |= set(self.connection.execute(_FROM_PINCODES, (place.area_code, place.district)))
        found: defaultdict[str, list[str]] = defaultdict(list)
        for name, number in sorted(hits):
            provider = self.providers[name]
            area = provider.areas[number]
            location = provider.location(area.location_id)
            if location and area_answer(area, location, place) is Serviceability.YES:
                found[name].append(area.category)
        return found

    def _areas_at(self, name: str, query: Query) -> Iterator[str]:
        provider, place = self.providers[name], query.place
        for area in provider.areas:
            location = provider.location(area.location_id)
            if location and area_answer(area, location, place) is Serviceability.YES:
                yield area.category

    def _answer(self, rows: Iterable[tuple[str, str, str]], served: Mapping[str, list[str]], query: Query) -> Answer:
        found: defaultdict[str, list[Offering]] = defaultdict(list)
        district = query.place.district or ""
        for key, name, _ in rows:
            one, provider = self.offerings[key], self.providers[name]
            if (
                offered(one, self.today)
                and name in served
                and any(covers(category, one.area_category) for category in served[name])
                and offered_in(provider, one, district)
            ):
                found[name].append(one)
        ranked = []
        for name, offerings in found.items():
            provider = self.providers[name]
            if on_sale(provider, self.today):
                band = distance_band(nearest_km(provider, query.place))
                rank = (band, -bayesian(provider.rating), min(one.price_in(district).paise for one in offerings), name)
                ranked.append((rank, tuple(sorted(one.id for one in offerings))))
        return [(rank[3], ids) for rank, ids in sorted(ranked)]


def own_words(one: Offering) -> frozenset[str]:
    """The words of an offering's own names and description."""
    return frozenset(tokens(f"{one.name} {one.name_hi} {one.short_desc}"))


def doc(one: Offering | Provider) -> str:
    """What a store keeps of it: as much as an on_search says."""
    shown: dict[str, Any]
    if isinstance(one, Offering):
        shown = {
            "id": one.id,
            "name": one.name,
            "short_desc": one.short_desc,
            "long_desc": f"{one.long_desc} ({one.name_hi})",
            "image": one.image,
            "price": str(one.price),
            "service": service_id_of(one),
        }
    else:
        shown = {"id": one.id, "name": one.name, "phone": one.phone, "areas": [area.val for area in one.areas]}
    return orjson.dumps(shown).decode()


def _box(provider: Provider, place: int) -> tuple[float, float, float, float] | None:
    """West, east, south and north of an area that coordinates decide on; None for one by pincodes."""
    area = provider.areas[place]
    location = provider.location(area.location_id)
    if area.kind == "12":
        return -180.0, 180.0, -90.0, 90.0
    if location is None or area.kind == "11":
        return None
    if area.kind == "13":
        west, south, east, north = shapely.bounds(polygon(area.val))
        return west, east, south, north
    high = float(area.val) / _KM_OF_DEGREE
    edge = type(location.gps)(location.gps.lat, location.gps.lon + 1)
    wide = float(area.val) / distance_km(location.gps, edge) * 1.02
    lat, lon = location.gps.lat, location.gps.lon
    return lon - wide, lon + wide, lat - high, lat + high


def _codes(provider: Provider, place: int) -> Iterable[str]:
    """The pincodes that an area is decided by; within its own pincode a radius needs no coordinates."""
    area = provider.areas[place]
    location = provider.location(area.location_id)
    if area.kind == "11":
        return area.val.split(",")
    if area.kind == "12":
        return ("*",)
    return (location.area_code,) if area.kind == "10" and location else ()
