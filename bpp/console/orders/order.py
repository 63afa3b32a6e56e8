"""One order: how it stands in words, its whole life, and what may be done to it now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bpp.console.language import gettext
from bpp.console.orders import words
from bpp.console.orders.actions import possible_actions
from bpp.console.orders.messages import conversation, quotes_sent, steps
from bpp.console.orders.quotes import prices
from bpp.console.orders.steps import choices, events, life, money
from bpp.console.orders.told import Names, called
from bpp.console.page import Visit
from bpp.console.reach import sees_ticket
from bpp.console.tickets.rows import READERS, Row, row
from bpp.console.tickets.words import LOOKS, STATUSES
from bpp.core.otp import OTP_TOLD, current_token
from bpp.core.world import World
from bpp.operator.bookings_lookup import booking_detail
from bpp.operator.bookings_order_models import Booking
from bpp.operator.order_models import Fulfillment
from bpp.operator.orders import order_at
from bpp.operator.ticket_views import summary
from bpp.orders.model import Order
from bpp.people.model import Role
from bpp.storage.ports import Work
from catalog.places import district

RAW = frozenset({Role.ENGINEER, Role.ADMIN})
"""Who sees messages as they were sent, and sends one again."""


async def read_order(visit: Visit, work: Work, world: World) -> Mapping[str, Any]:
    """The order as far as this person may see it."""
    order = await order_at(visit.call(), work)
    booking = await booking_detail(order, work, world, reader=visit.caller.reader)
    said = await conversation(order, work)
    names = Names(visit.caller.reader, world)
    role = visit.person.role
    chosen = [] if role is Role.WORKER else await work.assignments.of_order(order.ref)
    return {
        "order": booking,
        "called": called(order, world),
        "provider": world.catalog.providers.get(booking.provider_id),
        "visits": [_visit(one, booking.billing) for one in booking.fulfillments],
        "life": life(steps(said), choices(chosen, names), events(booking, names), money(booking.ledger, names)),
        "prices": prices(order, quotes_sent(said), called(order, world)),
        "actions": possible_actions(order, role, world),
        "token": await _token(visit, order, work, world),
        "raw": role in RAW,
        "callbacks": said.callbacks if role in RAW else (),
        "review": await work.feedback.get(order.ref),
        "ticket_statuses": STATUSES,
        "ticket_looks": LOOKS,
        "complaints": await _complaints(visit, order, work, world),
        "words": words,
        "tags": _tags(booking),
    }


async def _complaints(visit: Visit, order: Order, work: Work, world: World) -> Sequence[Row]:
    """The complaints about an order that are this person's business."""
    person = visit.person
    tickets = await work.issues.of_order(order.ref) if person.role in READERS else ()
    return [row(summary(one, world), world.now) for one in tickets if sees_ticket(person, one)]


def _tags(order: Booking) -> list[str]:
    return [gettext(words.STATUSES[order.order_status]), gettext(words.CHANNELS[order.channel])]


def _visit(one: Fulfillment, billing: Mapping[str, Any]) -> Mapping[str, Any]:
    """A visit with its customer's name, telephone and address; the bill's where none stands with the visit."""
    place, contact = (_object(one.customer.get(name)) for name in ("location", "contact"))
    parts = (_text(place.get(name)) for name in ("address", "city", "area_code"))
    return {
        "visit": one,
        "name": _text(one.customer.get("person")) or _text(billing.get("name")),
        "phone": _text(contact.get("phone")) or _text(billing.get("phone")),
        "place": ", ".join(dict.fromkeys(filter(None, parts))),
        "district": district(one.district or ""),
    }


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str:
    """A part of what a buyer app sent, which may be a text or an object with a name."""
    if isinstance(value, dict):
        return _text(value.get("name"))
    return str(value) if isinstance(value, str | int | float) else ""


async def _token(visit: Visit, order: Order, work: Work, world: World) -> str:
    """The OTP in force, for whoever it was told to by the desk's own call: that stands in the order's life."""
    otp = order.visit.otp
    told = [one for one in await work.orders.events(order.ref) if one.event == OTP_TOLD]
    if otp is None or not told or order.peer is not None:
        return ""
    last = told[-1].detail
    mine = last.get("by") == visit.caller.name and last.get("serial") == otp.serial
    return (current_token(order, order.visit, world.otp_secret, world.now) or "") if mine else ""
