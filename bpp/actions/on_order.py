"""An order in on_confirm, on_status, on_update and on_cancel: one rendering, so that they cannot disagree."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bpp.actions.contract import Json, Reply
from bpp.actions.init import account
from bpp.core.command import Advanced
from bpp.core.otp import current_token
from bpp.core.papers import invoice_urls, payment_links
from bpp.core.world import World
from bpp.errors import BusinessError, SlotUnavailable
from bpp.orders import wire
from bpp.orders.model import Order
from bpp.orders.proposals import shown
from bpp.orders.states import OrderStatus
from catalog.moments import wire_time


def on_confirm(order: Order, world: World, error: BusinessError | None = None) -> Reply:
    """The order as it was made."""
    return Reply(
        message={"order": render(order, world)},
        error=error,
        order_ref=order.ref,
        updated_at=order.updated_at,
    )


def not_made(order: Order, world: World, error: BusinessError, alternatives: Sequence[datetime] = ()) -> Reply:
    """An on_confirm that says why there is no order, with starts that can be booked instead of a lost one."""
    rendered = render(order, world, label="rejected")
    if alternatives:
        rendered["items"] = _timed(rendered["items"], alternatives, order)
    return Reply(message={"order": rendered}, error=error, updated_at=order.updated_at)


def on_status(order: Order, world: World, error: BusinessError | None = None) -> Reply:
    """The order as it is."""
    shown = {"order": render(order, world)}
    return Reply(message=shown, error=error, order_ref=order.ref, updated_at=order.updated_at)


def on_update(advanced: Advanced, world: World) -> Reply:
    """The order as it is after an update, with its newest open quotation; starts to choose from where a slot was lost.

    A visit that could not be moved keeps its slot, which is shown as confirmed.
    """
    order = advanced.order
    rendered = render(order, world)
    if isinstance(advanced.error, SlotUnavailable):
        rendered["items"] = _timed(rendered["items"], advanced.alternatives, order)
    return Reply(message={"order": rendered}, error=advanced.error, order_ref=order.ref, updated_at=order.updated_at)


def _timed(items: list[Json], starts: Sequence[datetime], order: Order) -> list[Json]:
    slots = {visit.id: visit.slot for visit in order.fulfillments}
    return [{**one, "time": wire.instead(starts, slots[one["fulfillment_ids"][0]])} for one in items]


def on_cancel(order: Order, world: World) -> Reply:
    """The order as it was given up."""
    return Reply(message={"order": render(order, world)}, order_ref=order.ref, updated_at=order.updated_at)


def render(order: Order, world: World, *, label: str = "confirmed") -> Json:
    """``message.order``. The table of protocol.md 1.7 decides which times, token and documents it shows.

    ``label`` says whether the slot is ``confirmed`` or ``rejected``. A token is shown only where it is in force at the
    callback's own timestamp, which is never before that of the message it answers nor before the order's last change
    (decision 7). What was made and not given up may be rated; on_status says so as on_confirm does (the specification's
    ``fulfillments.rateable``).
    """
    rateable = label == "confirmed" and order.status is not OrderStatus.CANCELLED
    dialect = world.dialects.kept(order.peer)
    settlement = account(world.identity.account)
    at = max(world.now, order.updated_at, world.said_at or world.now)
    links = payment_links(order, world)  # not of what is only quoted for
    waiting = order.open_proposals
    order = shown(order)
    tokens = {one.id: current_token(order, one, world.otp_secret, at) for one in order.fulfillments}
    rendered: Json = {
        "id": order.order_id,
        "status": dialect.spell_status(order.status),
        "provider": wire.provider(order.seller, rateable=rateable),
        "items": [wire.item(one, one.fulfillment_id or order.fulfillments[0].id) for one in order.items],
        "billing": order.billing,
        "fulfillments": [
            wire.fulfillment(order, visit, token=tokens[visit.id], rateable=rateable, label=label)
            for visit in order.fulfillments
        ],
        **wire.offers(order.quote),
        "quote": wire.quote(order.quote),
        "payments": [wire.payment(one, settlement, order.finder_fee, dialect.finder_fee) for one in order.payments],
        "cancellation_terms": wire.terms(order),
        "created_at": order.created_at,
        "updated_at": wire_time(order.updated_at),
    }
    if label == "confirmed":  # nobody is asked to pay for an order that could not be made
        rendered["payments"] = wire.with_links(rendered["payments"], links)
    if order.cancellation is not None:
        by = "CONSUMER" if order.cancellation.cancelled_by == "CONSUMER" else dialect.cancelled_by_seller
        reason = {"descriptor": {"code": order.cancellation.reason}}
        rendered["cancellation"] = {"cancelled_by": by, "reason": reason}
    if len(waiting) > 1:  # the quote shown is the newest; the buyer may take any
        rendered["tags"] = wire.open_quotes(waiting, order.quotes[-2])
    if order.status is OrderStatus.COMPLETED:
        rendered["documents"] = [{"url": url, "label": "INVOICE"} for url in invoice_urls(order, world)]
    return rendered
