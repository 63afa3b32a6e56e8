"""Find: what a caller wants, in spoken words, at a pincode; who can come, for how much, when; or why nobody can."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bpp.core.channel import place_at
from bpp.core.demand import unserved
from bpp.core.find import Bookable, Found, find
from bpp.core.world import World
from bpp.operator.bookings_fields import InWords
from bpp.operator.bookings_models import (
    Choice,
    ChoiceGroup,
    FindAnswer,
    FindQuery,
    NothingFound,
    OfferFound,
    PlaceFound,
    ProviderFound,
    ServiceFound,
    Understood,
)
from bpp.operator.problems import invalid
from bpp.operator.routes import Answer, Call
from bpp.orders.words import NOTHING, Words
from bpp.storage.ports import Work
from bpp.storage.ports_demand import Unserved
from catalog.availability import KOLKATA
from catalog.geo import parse_gps
from catalog.model import Offering
from catalog.places import district
from catalog.ranking import bayesian
from catalog.search import Place, Query, understood
from catalog.services import SUB_SERVICES

MOST_UNDERSTOOD = 10


async def find_services(call: Call, work: Work, world: World) -> Answer:
    """The same search as a buyer app's, over everything that is offered, with the reason where nobody can come."""
    answer, missed = await services_for(call.query, work, world)
    if missed is not None:
        await work.demand.count(missed)
    return Answer(content=answer)


async def services_for(query: FindQuery, work: Work, world: World) -> tuple[FindAnswer, Unserved | None]:
    """What a search finds; and what is to be counted as demand that nobody serves, if this is all that was meant."""
    place = where(query.pincode, query.gps)
    earliest, latest = _day(query.day) if query.day else (None, None)
    asked = Query(
        domain="",
        place=place,
        words=query.q,
        provider_id=query.provider_id or "",
        earliest=earliest,
        latest=latest,
    )
    findings = await find(asked, work, world)
    missed = unserved(asked, findings.lack, query.channel, world) if findings.lack else None
    reason = findings.lack.value if findings.lack else None
    answer = FindAnswer(
        understood=services_meant(query.q),
        place=_place(place),
        items=[_provider(one, place, query.starts) for one in findings.found],
        nothing=NothingFound(reason=reason, words=in_words(NOTHING[reason])) if reason else None,
    )
    return answer, missed


def services_meant(words: str) -> list[Understood]:
    """The services that words mean."""
    return [
        Understood(id=one, name=InWords(en=SUB_SERVICES[one].name_en, hi=SUB_SERVICES[one].name_hi))
        for one in sorted(understood(words))[:MOST_UNDERSTOOD]
    ]


def where(pincode: str | None, gps: str | None) -> Place:
    """The place that a call names. Raises ApiProblem 422 where it names none."""
    if not pincode and not gps:
        raise invalid("the pincode, or the coordinates, of the place are expected", path="pincode")
    return place_at(parse_gps(gps) if gps else None, pincode or "")


def in_words(words: Words) -> InWords:
    """A text of both languages as the API shows it."""
    return InWords(en=words.en, hi=words.hi)


def _day(day: date) -> tuple[datetime, datetime]:
    start = datetime(day.year, day.month, day.day, tzinfo=KOLKATA)
    return start, start + timedelta(days=1)


def _place(place: Place) -> PlaceFound:
    found = district(place.district or "")
    name = InWords(en=found.name_en, hi=found.name_hi) if found else None
    return PlaceFound(pincode=place.area_code, district=place.district, district_name=name)


def _provider(one: Found, place: Place, starts: int) -> ProviderFound:
    rating = one.provider.rating
    return ProviderFound(
        provider_id=one.provider.id,
        name=InWords(en=one.provider.name, hi=one.provider.name_hi or one.provider.name),
        phone=one.provider.phone,
        rating=f"{bayesian(rating):.1f}" if rating.count else None,
        ratings=rating.count,
        km=round(one.km, 1) if place.gps else None,
        services=[_service(item, starts) for item in one.items],
        offers=[
            OfferFound(
                id=offer.id, name=InWords(en=offer.name, hi=offer.name_hi or offer.name), description=offer.short_desc
            )
            for offer in one.offers
        ],
    )


def _service(item: Bookable, starts: int) -> ServiceFound:
    one = item.offering
    return ServiceFound(
        item_id=one.id,
        name=InWords(en=one.name, hi=one.name_hi or one.name),
        description=one.short_desc,
        price=str(item.price),
        unit=one.unit,
        minutes=one.duration,
        payment_types=list(one.payment_types),
        starts=list(item.starts[:starts]),
        choices=_choices(one),
    )


def _choices(one: Offering) -> list[ChoiceGroup]:
    return [
        ChoiceGroup(
            id=group.id,
            name=group.name,
            mandatory=group.mandatory,
            min=group.min_selection,
            max=group.max_selection,
            choices=[
                Choice(item_id=choice.id, name=choice.name, price=str(choice.price))
                for choice in one.customizations
                if choice.active and group.id in choice.category_ids
            ],
        )
        for group in sorted(one.categories, key=lambda group: group.seq)
    ]
