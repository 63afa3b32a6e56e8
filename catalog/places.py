"""The 75 districts of Uttar Pradesh, their pincodes and telephone codes, and which district a place lies in.

The telephone code of a search is only a hint: ONDC's own table names the wrong one for six districts. The district
is decided by the pincode, then by gps (decision 26).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

import shapely

from catalog.load_tables import listed, read_table
from catalog.model import Gps

_PINCODE = re.compile(r"[1-9][0-9]{5}")
_POSTAL_CIRCLE = ("20", "21", "22", "23", "24", "25", "26", "27", "28")
"""First digits of pincodes of Uttar Pradesh and Uttarakhand; 802131, which serves Ballia, is in the table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StdCodes:
    """A district's telephone codes: as ONDC's validator has them, and the real ones."""

    ondc: tuple[str, ...]
    real: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Both without repetition, ONDC's first: what a seller accepts in ``city.code``."""
        return tuple(dict.fromkeys((*self.ondc, *self.real)))


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district: LGD code, names, former names and aliases, division, headquarters, telephone codes.

    ``headquarters`` is a town-level point, right to 1 to 5 km.
    """

    lgd: str
    name_en: str
    name_hi: str
    aliases: tuple[str, ...]
    division: str
    headquarters_name: str
    headquarters: Gps
    std: StdCodes


@lru_cache(maxsize=1)
def districts() -> Mapping[str, District]:
    """All 75 districts by LGD code."""
    return MappingProxyType({row["lgd"]: _district(row) for row in read_table("districts")})


def district(lgd: str) -> District | None:
    """The district of an LGD code, or None."""
    return districts().get(lgd)


def find_district(name: str) -> District | None:
    """The district of a name, an alias or a former name, English or Hindi, whatever the case; or None."""
    return _by_name().get(name.strip().casefold())


def std_codes(lgd: str) -> StdCodes:
    """The telephone codes of a district, ONDC's and the real ones. Raises KeyError for an unknown LGD code."""
    return districts()[lgd].std


def districts_of_std(std: str) -> tuple[str, ...]:
    """LGD codes of the districts with a telephone code; takes ``0522`` and ``std:0522``. Some codes have two."""
    code = std.removeprefix("std:")
    return tuple(place.lgd for place in districts().values() if code in place.std.all)


def districts_of_pincode(area_code: str) -> tuple[str, ...]:
    """LGD codes of the districts a pincode lies in: none outside the state, two or more for 94 of them."""
    return _pincodes().get(area_code.strip(), ())


@lru_cache(maxsize=128)
def pincodes_of(lgd: str) -> tuple[str, ...]:
    """The pincodes that lie in a district, some of them also in another."""
    return tuple(sorted(pincode for pincode, places in _pincodes().items() if lgd in places))


def district_of(area_code: str | None, gps: Gps | None) -> str | None:
    """The LGD code of the district a place lies in, or None outside Uttar Pradesh.

    The pincode decides. Where it spans districts, gps chooses the nearest headquarters among them (the first without
    gps). A pincode that is missing from the table but could be of the state, or none at all, leaves it to gps: the
    nearest headquarters, right for four places in five.
    """
    if area_code and (found := districts_of_pincode(area_code)):
        return _nearest(found, gps) if gps else found[0]
    return _nearest(districts(), gps) if gps and _lies_in_the_state(area_code, gps) else None


def is_in_uttar_pradesh(*, gps: Gps | None = None, area_code: str | None = None) -> bool:
    """Whether a place lies in the state, by the same rule as ``district_of``; at the border right to about 8 km."""
    if area_code and districts_of_pincode(area_code):
        return True
    return gps is not None and _lies_in_the_state(area_code, gps)


def _lies_in_the_state(area_code: str | None, gps: Gps) -> bool:
    """Whether a point does, where its pincode is none of the table."""
    return _may_be_ours(area_code) and bool(shapely.intersects_xy(_outline(), gps.lon, gps.lat))


def _may_be_ours(area_code: str | None) -> bool:
    text = (area_code or "").strip()
    return not _PINCODE.fullmatch(text) or text.startswith(_POSTAL_CIRCLE)


def _nearest(candidates: Iterable[str], gps: Gps) -> str:
    """The district whose headquarters is nearest; a flat projection ranks well enough within one state."""
    shrink = math.cos(math.radians(gps.lat))

    def square(lgd: str) -> float:
        place = districts()[lgd].headquarters
        return (place.lat - gps.lat) ** 2 + ((place.lon - gps.lon) * shrink) ** 2

    return min(candidates, key=square)


@lru_cache(maxsize=1)
def _pincodes() -> Mapping[str, tuple[str, ...]]:
    return {row["pincode"]: tuple(row["districts"].split()) for row in read_table("pincodes")}


@lru_cache(maxsize=1)
def _by_name() -> Mapping[str, District]:
    return {
        name.casefold(): place
        for place in districts().values()
        for name in (*place.aliases, place.name_en, place.name_hi)
    }


@lru_cache(maxsize=1)
def _outline() -> shapely.Polygon:
    polygon = shapely.Polygon([(float(row["lon"]), float(row["lat"])) for row in read_table("uttar_pradesh")])
    shapely.prepare(polygon)
    return polygon


def _district(row: Mapping[str, str]) -> District:
    return District(
        lgd=row["lgd"],
        name_en=row["name_en"],
        name_hi=row["name_hi"],
        aliases=listed(row["aliases"]),
        division=row["division"],
        headquarters_name=row["hq"],
        headquarters=Gps(float(row["hq_lat"]), float(row["hq_lon"])),
        std=StdCodes(ondc=tuple(row["std_ondc"].split()), real=tuple(row["std_real"].split())),
    )
