"""Points and areas: reading gps, distances, and whether a provider's area takes in a customer's place.

Order of coordinates is the one trap here: on the wire a point is ``"lat,lon"``, in GeoJSON it is ``[lon, lat]``.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

import shapely
from shapely.geometry.base import BaseGeometry

from catalog.model import Area, Gps, Location
from catalog.places import is_in_uttar_pradesh

_EARTH_RADIUS_KM = 6371.0088  # mean radius (IUGG); differs from the ellipsoid by 0.04 % over 270 km here
WHOLE_STATE = "IN-UP"
"""``val`` of an area of kind 12 that is the state alone."""
_HALF_RADIAN = math.pi / 360  # half of a degree
_POINT = re.compile(r"\s*([+-]?[0-9]{1,3}(?:\.[0-9]*)?)\s*,\s*([+-]?[0-9]{1,3}(?:\.[0-9]*)?)\s*")
_PINCODE = re.compile(r"[1-9][0-9]{5}")
_INDIA_LAT = (6.0, 38.0)
_INDIA_LON = (68.0, 98.0)


class Serviceability(Enum):
    """Whether a place is served; the value of a refusal is the network's error code."""

    YES = ""
    OUTSIDE = "30009"
    TOO_FAR = "30010"


def parse_gps(text: str) -> Gps:
    """Read ``"lat,lon"`` in degrees, with any precision and with spaces around the comma.

    A pair that is outside India as it stands and inside when swapped is swapped: some buyer apps send
    ``"lon,lat"``. Raises ValueError for anything that is no point on the earth.
    """
    match = _POINT.fullmatch(text)
    if not match:
        raise ValueError(f"not a gps position 'lat,lon': {text!r}")
    lat, lon = float(match[1]), float(match[2])
    if not _in_india(lat, lon) and _in_india(lon, lat):
        lat, lon = lon, lat
    if abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004 - the poles and the date line
        raise ValueError(f"not on the earth: {text!r}")
    return Gps(lat, lon)


class Spot(NamedTuple):
    """A point as distances are measured from it: its latitude in radians, the cosine of that, its longitude."""

    lat: float
    cos_lat: float
    lon: float

    @classmethod
    def of(cls, gps: Gps) -> Spot:
        """The spot of a position in degrees."""
        lat = math.radians(gps.lat)
        return cls(lat, math.cos(lat), gps.lon)

    def km(self, other: Spot) -> float:
        """The great-circle distance in kilometres (haversine)."""
        lat, cos_lat, lon = self
        other_lat, other_cos_lat, other_lon = other
        along = math.sin((other_lat - lat) / 2)
        across = math.sin((other_lon - lon) * _HALF_RADIAN)
        half = along * along + cos_lat * other_cos_lat * across * across
        return 2 * _EARTH_RADIUS_KM * math.asin(math.sqrt(half) if half < 1 else 1.0)


def distance_km(a: Gps, b: Gps) -> float:
    """The great-circle distance between two points in kilometres (haversine)."""
    return Spot.of(a).km(Spot.of(b))


def serves(area: Area, location: Location, gps: Gps | None, area_code: str | None) -> Serviceability:
    """Whether an area of a provider takes in a place given by gps, pincode or both.

    Beyond a radius (kind 10) a place is TOO_FAR, beyond any other area OUTSIDE. What is needed and not given is not
    served, except that within the location's own pincode a radius needs no gps. ``area`` must belong to
    ``location``; its category is not looked at. Raises ValueError for an area whose ``val`` cannot be read.
    """
    pincode = (area_code or "").strip()
    match area.kind:
        case "10":
            return _within_radius(float(area.val), location, gps, pincode)
        case "11":
            return _answer(inside=pincode in pincodes(area.val))
        case "12":
            return _answer(inside=_within_country(area.val, gps, pincode))
        case "13":
            inside = gps is not None and shapely.intersects_xy(polygon(area.val), gps.lon, gps.lat)
            return _answer(inside=bool(inside))


@lru_cache(maxsize=4096)
def polygon(geojson: str) -> BaseGeometry:
    """The area of a GeoJSON FeatureCollection, Feature or geometry given as text, prepared for many tests.

    Coordinates are longitude first (RFC 7946). Raises ValueError for what is no GeoJSON, no polygon, not valid, or
    far from India, as an area with latitude first is.
    """
    try:
        shape = shapely.from_geojson(geojson)
    except shapely.errors.GEOSException as problem:
        raise ValueError(f"not GeoJSON: {problem}") from problem
    parts = list(shapely.get_parts(shape))
    if not parts or any(part.geom_type not in {"Polygon", "MultiPolygon"} for part in parts):
        raise ValueError("the GeoJSON holds something else than polygons")
    if not all(part.is_valid for part in parts):
        raise ValueError(f"a polygon is not valid: {shapely.is_valid_reason(parts[0])}")
    union = shapely.union_all(parts)
    centre = union.centroid
    if not _in_india(centre.y, centre.x):
        raise ValueError("the area lies outside India: coordinates are longitude first")
    shapely.prepare(union)
    return union


def _in_india(lat: float, lon: float) -> bool:
    return _INDIA_LAT[0] <= lat <= _INDIA_LAT[1] and _INDIA_LON[0] <= lon <= _INDIA_LON[1]


def _answer(*, inside: bool) -> Serviceability:
    return Serviceability.YES if inside else Serviceability.OUTSIDE


def _within_radius(radius_km: float, location: Location, gps: Gps | None, pincode: str) -> Serviceability:
    if gps is None:
        return _answer(inside=pincode == location.area_code)
    return Serviceability.YES if distance_km(location.gps, gps) <= radius_km else Serviceability.TOO_FAR


def _within_country(val: str, gps: Gps | None, pincode: str) -> bool:
    if val == WHOLE_STATE:
        return is_in_uttar_pradesh(gps=gps, area_code=pincode or None)
    if val != "IND":
        raise ValueError(f"not a country or state we know: {val!r}")
    return _in_india(gps.lat, gps.lon) if gps else _PINCODE.fullmatch(pincode) is not None


@lru_cache(maxsize=4096)
def pincodes(val: str) -> frozenset[str]:
    """The pincodes that an area of kind 11 lists."""
    return frozenset(part.strip() for part in val.split(","))
