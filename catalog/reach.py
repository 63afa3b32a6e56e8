"""Whether a provider serves a place, from where, and how far that is. Pure.

Source: rules R4 and R5.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from enum import Enum

from catalog.codes import covers
from catalog.geo import WHOLE_STATE, Serviceability, distance_km, serves
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
        (area.category, area_answer(area, location, place))
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


def area_answer(area: Area, location: Location, place: Place) -> Serviceability:
    """Whether an area around a location takes in a place."""
    if place.by_district and area.kind in MEASURED:
        return Serviceability.YES if location.district == place.district else Serviceability.OUTSIDE
    if area.val == WHOLE_STATE and place.known:  # its district was decided by the very rule
        return Serviceability.YES if place.district is not None else Serviceability.OUTSIDE
    return serves(area, location, place.gps, place.area_code or None)


def nearest_km(provider: Provider, place: Place) -> float:
    """The distance to the provider's nearest location; 0 where the place has no gps."""
    if place.gps is None:
        return 0.0
    return min(distance_km(location.gps, place.gps) for location in provider.locations)


def location_for(provider: Provider, offering: Offering, place: Place) -> Location:
    """The location an offering is served from: of its own, the nearest to the place."""
    choice = [one for one in provider.locations if one.id in offering.location_ids] or list(provider.locations)
    if place.gps is None:
        return next((one for one in choice if one.district == place.district), choice[0])
    return min(choice, key=lambda one: distance_km(one.gps, place.gps or one.gps))
