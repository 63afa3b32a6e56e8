"""A service that was found: its fee and rating are said, a time is chosen, and kept while the caller is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter, field_validator, model_validator
from pydantic_core import PydanticCustomError
from yarl import URL

from bpp.console.desk.choices import CHOICE, ONE, PART, chosen, groups
from bpp.console.desk.look import CallQuery
from bpp.console.page import Done, Form, Visit
from bpp.core.find import find_one
from bpp.core.selection import MOST_UNITS
from bpp.core.slots import TOO_MANY_HELD
from bpp.core.world import World
from bpp.operator.bookings_fields import Pincode
from bpp.operator.bookings_find import where
from bpp.operator.bookings_models import QuoteAnswer, QuoteItem, QuoteRequest
from bpp.operator.bookings_quote import post_quote
from bpp.operator.problems import CONFLICT, ApiProblem, not_found
from bpp.storage.ports import Work
from catalog.availability import KOLKATA
from catalog.model import Offering
from catalog.moments import wire_time
from catalog.ranking import bayesian

DESK = "/console/desk"
GONE = "slot_unavailable"


def checked(kind: str, model: Any) -> AfterValidator:
    """Check a field by a model of the operator API; what is wrong is a fault of this ``kind``, which has its words."""
    adapter = TypeAdapter[str](model)

    def check(text: str) -> str:
        try:
            return adapter.validate_python(text)
        except ValueError as fault:
            raise PydanticCustomError("said_wrongly_" + kind, "{fault}", {"fault": str(fault)}) from fault

    return AfterValidator(check)


PLACE = checked("pincode", Pincode)


class OfferQuery(CallQuery):
    """The service, and the call that it is for."""

    offering: str = Field(max_length=300)


class HoldForm(Form):
    """A time and, where something is to be chosen, the choices; ``quote`` is the one that this replaces."""

    offering: str = Field(max_length=300)
    pincode: Annotated[str, PLACE]
    phone: str = Field(default="", max_length=20)
    quote: str = Field(default="", max_length=64)
    q: str = Field(default="", max_length=200)
    start: AwareDatetime
    count: int = Field(default=1, ge=1, le=MOST_UNITS)
    choices: Mapping[str, str] = {}

    @model_validator(mode="before")
    @classmethod
    def _gathered(cls, given: Mapping[str, str]) -> Mapping[str, Any]:
        """The fields of choices, whose names depend on the service, in one."""
        choices = {name: value for name, value in given.items() if name.startswith((CHOICE, ONE, PART))}
        return {**{name: value for name, value in given.items() if name not in choices}, "choices": choices}

    @field_validator("choices")
    @classmethod
    def _numbers(cls, choices: Mapping[str, str]) -> Mapping[str, str]:
        for units in (value for name, value in choices.items() if name.startswith(CHOICE)):
            if not units.isdecimal():
                raise PydanticCustomError("int_parsing", "a number is expected")
            if len(units) > len(str(MOST_UNITS)):
                raise PydanticCustomError("less_than_equal", "a smaller number is expected")
        return choices


async def read_offer(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What the caller is told before anything is booked, and the free starts; nothing is held yet."""
    query: OfferQuery = visit.query
    offering = offering_of(query.offering, world)
    place = where(query.pincode, None)
    found = await find_one(offering, place, work, world)
    provider = world.catalog.providers[offering.provider_id]
    return {
        "offering": offering,
        "provider": provider,
        "rating": f"{bayesian(provider.rating):.1f}" if provider.rating.count else "",
        "price": offering.price_in(place.district),
        "days": by_day(others(visit) or (found.items[0].starts if found else ())),
        "groups": groups(offering),
        "query": query,
        "call": query.known,
    }


async def hold(visit: Visit, work: Work, world: World) -> Done:
    """Price what was chosen and keep the time for the caller; a time that is gone is refused, with what is left."""
    form: HoldForm = visit.form
    offering = offering_of(form.offering, world)
    items = (QuoteItem(item_id=offering.id, count=form.count), *chosen(offering, form.choices))
    ref = await kept(offering.provider_id, items, form.start, form.quote, form.pincode, visit, work, world)
    call = {name: value for name, value in (("q", form.q), ("phone", form.phone)) if value}
    return Done(to=str(URL(f"{DESK}/quotes/{ref}").with_query(call)))


async def kept(
    provider_id: str,
    items: tuple[QuoteItem, ...],
    start: datetime,
    replaces: str,
    pincode: str,
    visit: Visit,
    work: Work,
    world: World,
) -> str:
    """The reference of a quote whose time is kept; raises ApiProblem 409 where something stands against it."""
    body = QuoteRequest(provider_id=provider_id, items=items, pincode=pincode, start=start, replaces=replaces)
    answer = await post_quote(visit.call(body=body), work, world)
    told = answer.content
    assert isinstance(told, QuoteAnswer)  # noqa: S101  this is what it answers
    if told.against is not None:
        gone = told.against.code != TOO_MANY_HELD
        free = [wire_time(one) for one in told.alternatives if gone]
        raise ApiProblem(CONFLICT, told.against.code, told.against.message, path="start" if free else "", allowed=free)
    assert told.ref is not None  # noqa: S101  what is held is kept
    return told.ref


def others(visit: Visit) -> Sequence[datetime]:
    """The starts that can be had instead, where a form is shown again because its time cannot."""
    lost = next((one for one in visit.problems if one.code == GONE), None)
    return [datetime.fromisoformat(one) for one in lost.allowed] if lost else ()


def offering_of(offering_id: str, world: World) -> Offering:
    """A service by its id; ApiProblem 404 for none."""
    offering = world.catalog.offerings.get(offering_id)
    if offering is None:
        raise not_found("offering", offering_id)
    return offering


def by_day(starts: Sequence[datetime]) -> Sequence[tuple[date, Sequence[datetime]]]:
    """Starts by their day in India, as a list of times is easily read."""
    return [(day, list(times)) for day, times in groupby(starts, key=lambda one: one.astimezone(KOLKATA).date())]
