"""Whether a place is within a provider's reach: the districts it has chosen and the areas around its locations. Pure.

Sources: rule R4; protocol.md 3 (serviceability).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum

from catalog.codes import covers
from catalog.geo import Serviceability, serves
from catalog.model import Area, Location, Offering, Provider
from catalog.query import Place
from catalog.sale import offered_in

MEASURED = ("10", "13")  # kinds of areas that need coordinates: a radius, an outline


class Reach(Enum):
    """Whether a provider serves a place with an offering, and if not, why."""

    SERVED = "served"
    OUTSIDE = "outside"
    TOO_FAR = "too_far"


def reach(provider: Provider, offering: Offering, place: Place) -> Reach:
    """Whether a provider serves a place with an offering: the district chosen (rule R4) and an area around it."""
    return reaches(provider, (offering,), place)[0]


def reaches(provider: Provider, offerings: Sequence[Offering], place: Place) -> list[Reach]:
    """What ``reach`` says of each of some offerings; the provider's areas are measured once for all of them."""
    if place.district is None:
        return [Reach.OUTSIDE] * len(offerings)  # a place in no district of ours, whatever the area says
    areas = [
        (area.category, answer(area, location, place))
        for area in provider.areas
        if (location := provider.location(area.location_id))
    ]
    return [
        _reach_of({answer for category, answer in areas if covers(category, one.area_category)})
        if offered_in(provider, one, place.district)
        else Reach.OUTSIDE
        for one in offerings
    ]


def _reach_of(answers: Collection[Serviceability]) -> Reach:
    if Serviceability.YES in answers:
        return Reach.SERVED
    return Reach.TOO_FAR if answers == {Serviceability.TOO_FAR} else Reach.OUTSIDE


def answer(area: Area, location: Location, place: Place) -> Serviceability:
    """Whether an area around a location takes in a place."""
    if place.by_district and area.kind in MEASURED:
        return Serviceability.YES if location.district == place.district else Serviceability.OUTSIDE
    return serves(area, location, place.gps, place.area_code or None)
