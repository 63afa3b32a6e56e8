"""Whether a provider's serviceability tag contains a place. Source: protocol 3, assertion 13; specification tags."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import shapely
from shapely.errors import ShapelyError
from shapely.geometry import shape

from beckn_schemas.base import parse_gps
from beckn_schemas.invariants_base import entries
from beckn_schemas.strict_catalog import tag_code
from bpp.sandbox.exchange import Json, part

_EARTH = 6371.0
_EDGE_KM = 0.2
"""How exactly a distance is known: coordinates lose digits on their way (protocol 1.0, gps)."""


def areas(provider: Json) -> Iterator[dict[str, str]]:
    """The serviceability tags of a provider, each by its codes."""
    for group in provider.get("tags") or ():
        if tag_code(group) == "serviceability":
            yield entries(group)


def serves(provider: Json, gps: str, area_code: str) -> bool | None:
    """Whether any tag contains the place; None where none can be reckoned with what the search said."""
    found = [_contains(area, provider, gps, area_code) for area in areas(provider)]
    if any(found):
        return True
    return None if None in found or not found else False


def _contains(area: dict[str, str], provider: Json, gps: str, area_code: str) -> bool | None:
    unit, val = area["unit"], area["val"]  # participants write type 13 with km, and mean km (protocol 3)
    if unit == "country":
        return True
    if unit == "pincode":
        return _among(val, area_code) if area_code else None
    if not gps:
        return None
    if unit == "km":
        centre = _location(provider, area.get("location", ""))
        return _distance(centre, parse_gps(gps)) <= float(val) + _EDGE_KM
    lat, lon = parse_gps(gps)
    try:
        return bool(_polygons(val).covers(shapely.Point(lon, lat)))
    except ShapelyError as problem:
        raise ValueError(f"no polygon: {problem}") from problem


def _among(val: str, area_code: str) -> bool:
    for one in val.replace(" ", "").split(","):
        first, _, last = one.partition("-")
        if int(first) <= int(area_code) <= int(last or first):
            return True
    return False


def _location(provider: Json, location_id: str) -> tuple[float, float]:
    places = provider["locations"]
    place = next((one for one in places if one.get("id") == location_id), places[0])
    return parse_gps(place["gps"])


def _polygons(val: str) -> Any:
    document = json.loads(val)
    features = document.get("features") or [document]
    return shapely.unary_union([shape(part(one, "geometry") or one) for one in features])


def _distance(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Along the great circle, in kilometres."""
    lat, lon, lat2, lon2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat) / 2) ** 2 + math.cos(lat) * math.cos(lat2) * math.sin((lon2 - lon) / 2) ** 2
    return 2 * _EARTH * math.asin(math.sqrt(half))
