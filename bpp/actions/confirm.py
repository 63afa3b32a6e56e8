"""confirm: the draft becomes an order; or why it cannot."""

from __future__ import annotations

from beckn_schemas.context import MOST_AHEAD
from beckn_schemas.requests import ConfirmMessage
from bpp.actions.contract import Deferred, Outcome, Request
from bpp.actions.dialects import in_dialect
from bpp.actions.on_order import not_made, on_confirm
from bpp.actions.reading import customer_of, customer_stop, lines_of, money_of, offers_of, paid_of, place_of
from bpp.core.book import Confirmation, book
from bpp.core.world import World
from bpp.errors import InvalidRequest
from bpp.storage.ports import Work
from catalog.moments import parse_moment, wire_time


async def confirm(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_confirm, now or when the provider has accepted.

    The slot is the one held, whatever range a confirm shows (protocol.md 1.6); the order id is the buyer app's.
    """
    message: ConfirmMessage = request.message
    order = message.order
    original = request.original["message"]["order"]
    stop = customer_stop(order.fulfillments)
    initialised = await work.orders.draft(request.context.bap_id, request.context.transaction_id)
    draft = in_dialect(initialised, request.dialect)
    confirmation = Confirmation(
        order_id=order.id or "",
        provider_id=order.provider.id,
        lines=lines_of(order.items, request),
        total=money_of(order.quote.price.value if order.quote and order.quote.price else None),
        payments=paid_of(order.payments),
        customer=customer_of(request, stop),
        place=place_of(stop[2].location if stop else None),
        created_at=_created_at(original.get("created_at"), request, world),
        said_at=request.context.timestamp,
        message_id=request.context.message_id,
        offers=offers_of(order.offers),
    )
    booked = await book(draft, confirmation, work, world)
    if booked.error is not None:
        return not_made(booked.order, world, booked.error, booked.alternatives)
    order_now = booked.order
    return on_confirm(order_now, world) if order_now.accepted or order_now.confirm_sent else Deferred()


def _created_at(text: object, request: Request, world: World) -> str:
    """The buyer app's moment in the one spelling that we emit, since it is echoed; now where it says none.

    Raises InvalidRequest for one well after the message that tells it: all later times of the order would follow it.
    """
    said = parse_moment(text) if isinstance(text, str) else None
    if said is not None and said > max(world.now, request.context.timestamp) + MOST_AHEAD:
        raise InvalidRequest("a time not after that of the message is expected", path="message.order.created_at")
    return wire_time(said or world.now)
