"""An order with a further quotation: as it would be, and as it is once the buyer has taken it. Pure."""

from __future__ import annotations

from dataclasses import replace

from beckn_schemas.base import MAX_PARTS
from beckn_schemas.requests import MAX_ITEMS
from bpp.orders.model import Order, Proposal
from bpp.orders.states import Stage
from catalog.quote import Quote

MOST_ITEMS, MOST_PAYMENTS = MAX_ITEMS, MAX_PARTS
"""An order has no more: what a buyer app sends back of it must be within what we read."""
MOST_WAITING = 5
"""Quotations of one order that may wait at once: each may hold a worker's time."""


def room_for(order: Order, *, items: int = 0, payments: int = 0) -> bool:
    """Whether an order may grow by so many items and payments."""
    return len(order.items) + items <= MOST_ITEMS and len(order.payments) + payments <= MOST_PAYMENTS


def shown(order: Order) -> Order:
    """The order as the buyer is told of it: with its newest open quotation, where one waits (assertion 47).

    The sum of its payments is the price of its quote either way.
    """
    waiting = order.open_proposals
    return _with(order, waiting[-1]) if waiting else order


def done_part(order: Order) -> Order | None:
    """The order as far as its visits are completed, for its invoice; None while nothing is.

    What is still to be done is not billed. Where all is done, or the rest was given up, it is the order itself, whose
    quote says what is kept and what goes back.
    """
    done = [one for one in order.fulfillments if one.stage is Stage.COMPLETED]
    if not done or len(done) == len(order.fulfillments) or order.cancellation is not None:
        return order if done else None
    items = tuple(item for visit in done for item in order.of_visit(visit))
    ids = {item.item_id for item in items}
    lines = tuple(line for line in order.quote.lines if line.item_id in ids)
    first = order.fulfillments[0].id
    payments = tuple(one for one in order.payments if (one.fulfillment_id or first) in {visit.id for visit in done})
    return replace(order, items=items, quotes=(replace(order.quote, lines=lines),), payments=payments)


def taken(order: Order, proposal: Proposal) -> Order:
    """The order once a quotation was taken; the others that waited are withdrawn."""
    proposals = tuple(
        replace(one, state="accepted" if one.id == proposal.id else "withdrawn") if one.state == "open" else one
        for one in order.proposals
    )
    return replace(_with(order, proposal), proposals=proposals)


def _with(order: Order, proposal: Proposal) -> Order:
    quote = Quote(
        lines=(*order.quote.lines, *proposal.lines), ttl=proposal.ttl, valid_until=proposal.valid_until, id=proposal.id
    )
    return replace(
        order,
        items=(*order.items, *proposal.items),
        quotes=(*order.quotes, quote),
        payments=(*order.payments, *proposal.payments),
        fulfillments=(*order.fulfillments, *((proposal.visit,) if proposal.visit else ())),
    )
