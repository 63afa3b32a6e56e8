"""What a search asks, of which place, and one match of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.model import Gps, Offering, Provider
from catalog.places import district_of


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
