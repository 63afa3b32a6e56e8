"""Look up for a caller: by telephone, by number, by transaction; each order in words, with what may happen next."""

from __future__ import annotations

from dataclasses import replace

from bpp.core.advance import allowed_events
from bpp.core.naming import hindi_names
from bpp.core.privacy import Reader
from bpp.core.world import World
from bpp.operator.auth import check_look_up
from bpp.operator.bookings_find import in_words
from bpp.operator.bookings_order_models import Booking, BookingPage, BookingQuery, BookingSummary, NextStep, Told
from bpp.operator.order_views import summary
from bpp.operator.orders import order_at, order_detail
from bpp.operator.problems import invalid
from bpp.operator.routes import Answer, Call
from bpp.orders.masking import partly
from bpp.orders.model import Order
from bpp.orders.numbers import read_number
from bpp.orders.states import Actor
from bpp.orders.words import STEPS, Words, confirmation, state
from bpp.storage.ports import OrderFilter, OrderRow, Work


async def list_bookings(call: Call, work: Work, world: World) -> Answer:
    """Orders of a caller, newest first; telephone and name as far as needed to ask whether it is the caller's."""
    del world
    query: BookingQuery = call.query
    check_look_up(query.phone, call.caller)
    if not (query.phone or query.order_id or query.transaction_id):
        raise invalid("a phone, an order_id or a transaction_id is expected", path="phone")
    which = OrderFilter(
        order_id=query.order_id,
        transaction_id=query.transaction_id,
        phone=query.phone,
        after=query.cursor,
        limit=query.limit + 1,
    )
    rows = await work.orders.found(which)
    number = read_number(query.order_id or "")
    if not rows and number is not None:  # no buyer app has it as its id
        rows = await work.orders.found(replace(which, order_id=number))
    page = rows[: query.limit]
    items = [booking_summary(row, order) for row, order in page]
    return Answer(content=BookingPage(items=items, next=page[-1][0].ref if len(rows) > len(page) else None))


async def get_booking(call: Call, work: Work, world: World) -> Answer:
    """One order with everything, in words too."""
    return Answer(content=await booking_detail(await order_at(call, work), work, world, reader=call.caller.reader))


async def booking_detail(order: Order, work: Work, world: World, *, reader: Reader) -> Booking:
    """An order as this unit of work sees it, and as the reader may, in words too."""
    return Booking(
        **dict(await order_detail(order, work, world, reader=reader)),
        told=told(order),
        confirmation=in_words(booked_words(order, world)),
    )


def booked_words(order: Order, world: World) -> Words:
    """What somebody who has booked is told, in both languages."""
    return confirmation(order, world.identity.support_phone, hindi_names(order, world.catalog))


def told(order: Order) -> Told:
    """How an order stands and what may happen to it, in both languages."""
    steps = [
        NextStep(event=event, words=in_words(STEPS[event]))
        for event in allowed_events(order, Actor.SELLER)
        if event in STEPS
    ]
    return Told(state=in_words(state(order)), next_steps=steps)


def booking_summary(row: OrderRow, order: Order) -> BookingSummary:
    """An order as a caller is told: telephone and name as far as needed to ask whether it is the caller's."""
    name, phone = (partly(field, str(order.billing.get(field) or "")) for field in ("name", "phone"))
    return BookingSummary(**dict(summary(row)), name=name, phone=phone, told=told(order))
