"""What services usually cost and how long they take, by the trade: our own table, no survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from catalog.codes import domains
from catalog.load_tables import read_table
from catalog.model import SubService
from catalog.services import SERVICES, published_category

COMMON = ("SM-PLB", "SM-ELC", "SM-CRP", "SM-PNT", "SM-ACT", "SM-HCL")
"""The trades that every district can serve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """The range of prices (rupees, tax included) and of minutes of a trade's sub-services."""

    low: int
    high: int
    shortest: int
    longest: int
    unit: str
    sac: str


@cache
def rates() -> Mapping[str, Rate]:
    """By service id."""
    return MappingProxyType({row["service_id"]: _rate(row) for row in read_table("typical_rates")})


@cache
def trades() -> Mapping[str, tuple[tuple[SubService, str], ...]]:
    """The sub-services of each service that can be published, with the category of each."""
    found = {
        service.id: tuple(
            (sub, category)
            for sub in service.sub_services
            if sub.domain in domains() and (category := published_category(sub, service.policy))
        )
        for service in SERVICES.values()
    }
    return MappingProxyType({service: subs for service, subs in found.items() if subs})


def _rate(row: Mapping[str, str]) -> Rate:
    return Rate(
        low=int(row["low"]),
        high=int(row["high"]),
        shortest=int(row["shortest"]),
        longest=int(row["longest"]),
        unit=row["unit"],
        sac=row["sac"],
    )
