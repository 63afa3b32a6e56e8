"""The cockpit's one box: orders of a caller, or who can do what the caller says; and what this person saw last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import Field

from bpp.console.desk.asked import Asked, Kind, asked
from bpp.console.page import Visit
from bpp.core.channel import held_quotes
from bpp.core.naming import hindi_names
from bpp.core.world import World
from bpp.issues.ticket import Ticket
from bpp.operator.bookings_find import find_services, services_for, services_meant
from bpp.operator.bookings_lookup import booking_summary, list_bookings
from bpp.operator.bookings_models import FindAnswer, FindQuery
from bpp.operator.bookings_order_models import BookingPage, BookingQuery, BookingSummary
from bpp.operator.bookings_quote import session_of
from bpp.operator.routes import Query
from bpp.orders.numbers import read_number
from bpp.orders.words import Words, what
from bpp.storage.ports import OrderFilter, Work
from bpp.storage.ports_audit import ReadFilter
from catalog.places import district_of
from catalog.search import understood

MOST_ORDERS = 10
MOST_PROVIDERS, MOST_SERVICES, STARTS = 8, 4, 3
"""So much of what was found is shown; who wants the rest says it more exactly."""
MOST_READS, MOST_RECENT = 60, 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A time that is kept for a caller: by which quote, for what, and until when."""

    ref: str
    work: Words
    start: datetime
    until: datetime


class CallQuery(Query):
    """What is known of a call while it lasts: what was typed, where it is wanted, whose telephone, the last quote."""

    q: str = Field(default="", max_length=200)
    pincode: str = Field(default="", max_length=20)
    phone: str = Field(default="", max_length=20)
    quote: str = Field(default="", max_length=64)

    @property
    def known(self) -> Mapping[str, str]:
        """The same as parts of an address."""
        given = {name: getattr(self, name) for name in CallQuery.model_fields}
        return {name: value for name, value in given.items() if value}


async def read_desk(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The whole page: what was asked by the button is meant, so that demand which nobody serves is counted."""
    return await _found(visit, work, world, meant=True)


async def read_find(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """What is found while somebody types: half a word is nobody's wish, and counts for nothing."""
    return await _found(visit, work, world, meant=False)


async def _found(visit: Visit, work: Work, world: World, *, meant: bool) -> Mapping[str, Any]:
    query: CallQuery = visit.query
    heard = asked(query.q, query.pincode)
    orders, older = await _orders(heard, visit, work, world)
    wanted = heard.by_words and not orders and (heard.kind is Kind.WORDS or bool(understood(heard.text)))
    services = None
    if wanted and heard.pincode:
        services = await _services(heard, visit, work, world, meant=meant)
    phone = heard.text if heard.kind is Kind.PHONE else query.phone
    call = {name: value for name, value in query.known.items() if name != "q" or heard.by_words}
    return {
        "heard": heard,
        "kind": heard.kind.name,
        "orders": orders,
        "older": older,
        "complaint": await _complaint(heard, work) if not orders else None,
        "services": services,
        "shown": services.items[:MOST_PROVIDERS] if services else (),
        "most_services": MOST_SERVICES,
        "understood": services_meant(heard.text) if wanted and not services else (),
        "outside": bool(heard.pincode) and district_of(heard.pincode, None) is None,
        "held": await _held(visit, work, world) if heard.kind is Kind.NOTHING else (),
        "recent": await _recent(visit, work) if heard.kind is Kind.NOTHING else (),
        "providers": world.catalog.providers,
        "call": {**call, **({"pincode": heard.pincode} if heard.pincode else {})},
        "phone": phone,
    }


async def _orders(heard: Asked, visit: Visit, work: Work, world: World) -> tuple[Sequence[BookingSummary], bool]:
    """The newest orders that fit, and whether there are older ones."""
    for name in heard.look_ups:
        which = BookingQuery.model_validate({name: heard.text, "limit": MOST_ORDERS})
        answer = await list_bookings(visit.call(query=which), work, world)
        assert isinstance(answer.content, BookingPage)  # noqa: S101  this is what it answers
        if answer.content.items:
            return answer.content.items, answer.content.next is not None
    return (), False


async def _complaint(heard: Asked, work: Work) -> Ticket | None:
    """The complaint of a number that is no order's: callers are told it, and say it when they call again."""
    number = read_number(heard.text) if heard.kind is Kind.NUMBER else None
    return await work.issues.get(number) if number else None


async def _services(heard: Asked, visit: Visit, work: Work, world: World, *, meant: bool) -> FindAnswer:
    which = FindQuery(q=heard.text, pincode=heard.pincode, starts=STARTS)
    if not meant:
        return (await services_for(which, work, world))[0]
    answer = await find_services(visit.call(query=which), work, world)
    assert isinstance(answer.content, FindAnswer)  # noqa: S101  this is what it answers
    return answer.content


async def _held(visit: Visit, work: Work, world: World) -> Sequence[Kept]:
    """The times that this person keeps for callers; what lapses first leads."""
    found = await held_quotes("call_centre", session_of(visit.caller), work, world)
    return [
        Kept(
            ref=draft.ref,
            work=what(draft.items, hindi_names(draft, world.catalog)),
            start=draft.fulfillments[0].slot.start,
            until=until,
        )
        for draft, until in found
    ]


async def _recent(visit: Visit, work: Work) -> Sequence[BookingSummary]:
    """The orders that this person booked or looked at last, the last one first."""
    which = ReadFilter(kind="order", who=visit.caller.name, limit=MOST_READS)
    refs = list(dict.fromkeys(read.subject for _, read in await work.audit.reads(which)))[:MOST_RECENT]
    found = await work.orders.found(OrderFilter(refs=tuple(refs), limit=MOST_RECENT)) if refs else ()
    return sorted((booking_summary(row, order) for row, order in found), key=lambda one: refs.index(one.ref))
