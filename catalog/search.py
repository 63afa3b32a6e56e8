"""Which offerings fit a query, from which provider and place, in which order. Pure.

Sources: rules R2, R4, R5 and R18; protocol.md 3 (search variants); order of decision 19.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import lru_cache

from catalog.codes import covers
from catalog.geo import Serviceability, distance_km, serves
from catalog.model import Gps, Location, Offering, Provider
from catalog.places import district_of
from catalog.ranking import bayesian, distance_band
from catalog.snapshot import Catalog, offered, on_sale, service_id_of, serviceable, word_index
from catalog.words import tokens


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


MEASURED = ("10", "13")  # kinds of areas that need coordinates: a radius, an outline


class Reach(Enum):
    """Whether a provider serves a place with an offering, and if not, why."""

    SERVED = "served"
    OUTSIDE = "outside"
    TOO_FAR = "too_far"


def match(catalog: Catalog, query: Query, today: date) -> list[Match]:
    """Every provider on sale that serves the place with something that fits, best first."""
    wanted = understood(query.words)
    found = []
    for provider in _candidates(catalog, query):
        if not on_sale(provider, today) or (query.provider_id and provider.id != query.provider_id):
            continue
        offerings = tuple(
            one
            for one in catalog.offerings_of.get(provider.id, ())
            if _of_door(one, query)
            and offered(one, today)
            and _in_category(one, query)
            and (not query.words or one.sub_service_id in wanted or _named(one, query.words))
            and _served(provider, one, query)
        )
        if offerings:
            found.append(Match(provider=provider, km=nearest_km(provider, query.place), offerings=offerings))
    return sorted(found, key=lambda one: _order(one, query.place))


def _candidates(catalog: Catalog, query: Query) -> Iterator[Provider]:
    """Whoever may be found at all; what ``match`` asks of each is asked none the less."""
    if query.provider_id:
        ids: Iterable[str] = (query.provider_id,)
    elif query.place.known:
        ids = catalog.serving.get(query.place.district or "", ())
    elif query.districts:
        ids = dict.fromkeys(key for district in query.districts for key in catalog.serving.get(district, ()))
    else:
        ids = catalog.providers
    return (provider for key in ids if (provider := catalog.providers.get(key)))


def reach(provider: Provider, offering: Offering, place: Place) -> Reach:
    """Whether a provider serves a place with an offering: the district chosen (rule R4) and an area around it."""
    if place.district is None or not offered_in(provider, offering, place.district):
        return Reach.OUTSIDE  # so is a place in no district of ours, whatever the area says
    answers = [
        _within_district(location, place)
        if place.by_district and area.kind in MEASURED
        else serves(area, location, place.gps, place.area_code or None)
        for area in provider.areas
        if covers(area.category, offering.area_category) and (location := provider.location(area.location_id))
    ]
    if Serviceability.YES in answers:
        return Reach.SERVED
    return Reach.TOO_FAR if answers and set(answers) == {Serviceability.TOO_FAR} else Reach.OUTSIDE


def offered_in(provider: Provider, offering: Offering, district: str) -> bool:
    """Whether an offering is sold in a district: chosen by the provider, for the service and for the offering (R4)."""
    if district not in serviceable(provider) or (offering.districts and district not in offering.districts):
        return False
    chosen = provider.services.get(district)
    return chosen is None or service_id_of(offering) in chosen


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


def prices(offerings: Iterable[Offering], place: Place) -> Sequence[int]:
    """The paise of one unit of each offering at a place."""
    return [one.price_in(place.district).paise for one in offerings]


def _served(provider: Provider, offering: Offering, query: Query) -> bool:
    if query.place.known:
        return reach(provider, offering, query.place) is Reach.SERVED
    return any(offered_in(provider, offering, one) for one in query.districts or provider.districts)


def _of_door(offering: Offering, query: Query) -> bool:
    """A buyer app asks in a domain, for what is on the network; our own channels sell everything."""
    return not query.domain or (offering.domain == query.domain and offering.on_network)


def _in_category(offering: Offering, query: Query) -> bool:
    wanted = [code for code in (query.category, *query.categories) if code]
    return not wanted or any(covers(code, offering.category) for code in wanted)


def _within_district(location: Location, place: Place) -> Serviceability:
    return Serviceability.YES if location.district == place.district else Serviceability.OUTSIDE


def understood(words: str) -> frozenset[str]:
    """The sub-services that words mean; none for words that no service of ours is known by."""
    return frozenset(word_index().match(words)) if words else frozenset()


def _named(offering: Offering, words: str) -> bool:
    """Whether a provider's own name or description of an offering has every word asked for."""
    asked = tokens(words)
    return bool(asked) and _own_words(offering.name, offering.name_hi, offering.short_desc).issuperset(asked)


@lru_cache(maxsize=16_384)  # many offerings bear the name of their sub-service
def _own_words(*texts: str) -> frozenset[str]:
    return frozenset(tokens(" ".join(texts)))


def _order(one: Match, place: Place) -> tuple[int, float, int, str]:
    return (
        distance_band(one.km),
        -bayesian(one.provider.rating),
        min(prices(one.offerings, place)),
        one.provider.id,
    )
