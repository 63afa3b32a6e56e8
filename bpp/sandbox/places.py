"""A few places in Uttar Pradesh where the sandbox's customers live.

Coordinates rounded to a few hundred metres; for other pincodes the caller names coordinates.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from beckn_schemas.base import parse_gps


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a customer lives. ``gps`` is ``"lat,lon"`` in degrees, ``std`` the city's code on the network."""

    name: str
    area_code: str
    gps: str
    city: str
    std: str


GOMTI_NAGAR = Place(name="Gomti Nagar", area_code="226010", gps="26.850000,80.999000", city="Lucknow", std="std:0522")

PLACES: Mapping[str, Place] = MappingProxyType(
    {
        one.area_code: one
        for one in (
            GOMTI_NAGAR,
            Place(name="Hazratganj", area_code="226001", gps="26.846700,80.946200", city="Lucknow", std="std:0522"),
            Place(name="Aliganj", area_code="226024", gps="26.889000,80.942000", city="Lucknow", std="std:0522"),
            Place(name="Civil Lines", area_code="208001", gps="26.473400,80.350000", city="Kanpur", std="std:0512"),
        )
    }
)
"""By pincode."""


class UnknownPlace(ValueError):
    """A pincode that is not in the table, without usable coordinates."""


def place_at(area_code: str, gps: str = "") -> Place:
    """The place of a pincode, at the given coordinates if there are any. Raises ``UnknownPlace``."""
    known = PLACES.get(area_code)
    if not gps:
        if known is None:
            names = ", ".join(f"{one.area_code} ({one.name})" for one in PLACES.values())
            raise UnknownPlace(f"for this pincode coordinates are needed, as in 26.8500,80.9990; known are {names}")
        return known
    try:
        lat, lon = parse_gps(gps)
    except ValueError as problem:
        raise UnknownPlace(f'coordinates are expected as "lat,lon" in degrees: {problem}') from problem
    point = f"{lat:.6f},{lon:.6f}"
    if known is not None:
        return Place(name=known.name, area_code=area_code, gps=point, city=known.city, std=known.std)
    return Place(name=area_code, area_code=area_code, gps=point, city="", std="*")
