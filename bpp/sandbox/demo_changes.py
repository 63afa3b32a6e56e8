"""The acts of the demonstration in which something changes after the booking: another hour, and more work."""

from __future__ import annotations

from bpp.sandbox import journey
from bpp.sandbox.demo_stage import BUYER_APP, SELLER_APP, WORKER, Stage, adds_up
from bpp.sandbox.exchange import Callback
from bpp.sandbox.moments import wire_time
from bpp.sandbox.narrate import Check, lines, pick
from bpp.sandbox.offers import Offer, state, window

MORE_WORK = {"title": "New mixer cartridge", "price": "350.00", "count": 1}
"""What the plumber finds: a line of a quotation, tax included."""


async def another_hour(stage: Stage, confirmed: Callback, offer: Offer) -> None:
    """The customer moves the visit by update; the old hour goes back on offer in the same moment."""
    booked = window(confirmed.order)
    later = next((start for start in offer.starts if booked and start >= booked[1]), None)
    if later is None:
        return
    stage.narrator.chapter("The customer needs another hour")
    stage.narrator.tell(
        "An order can be changed by update, which names the part that is meant. Here it is the visit: the seller app "
        "gives the old hour back and takes the new one in a single step, so that the customer is never without one."
    )
    exchange = await journey.reschedule(stage.buyer, confirmed, later, lasting=offer.slot)
    order = exchange.callback.order
    moved = window(order)
    stage.narrator.message(
        BUYER_APP,
        "update",
        SELLER_APP,
        [("message.update_target", "fulfillments"), ("time.range.start", wire_time(later))],
    )
    stage.narrator.message(
        SELLER_APP,
        "on_update",
        BUYER_APP,
        [("message.order.status", order.get("status")), ("time.range.start", moved and wire_time(moved[0]))],
    )
    stage.check_exchange(
        exchange,
        Check(text="the visit is at the new hour", held=bool(moved) and moved is not None and moved[0] == later),
        Check(text="the price is what it was", held=order.get("quote") == confirmed.order.get("quote")),
    )


async def more_work(stage: Stage, confirmed: Callback, ref: str) -> None:
    """The worker finds more to do: a further quotation, which the customer takes and pays."""
    stage.narrator.chapter("The plumber finds more to do")
    stage.narrator.tell(
        "Nobody may simply be charged more. The provider quotes for the extra work; the buyer app shows the new price "
        "with the old one in it, and the customer says yes or no. A no would leave the order as it was."
    )
    await stage.field.event(ref, "requote", lines=[MORE_WORK], valid_for="PT2H")
    quoted = await stage.buyer.next_callback(confirmed.transaction_id, "on_update", timeout=stage.patience)
    stage.narrator.message(WORKER, f"requote: {MORE_WORK['title']}, {MORE_WORK['price']}", SELLER_APP)
    stage.narrator.message(
        SELLER_APP,
        "on_update",
        BUYER_APP,
        [
            ("message.order.status", quoted.order.get("status")),
            *lines(quoted.document, "message.order.quote.price.value", "message.order.payments[1].params.amount"),
        ],
    )
    stage.check_unasked(
        quoted,
        stage.asked(confirmed.transaction_id),
        adds_up(quoted),
        Check(text="the order waits for the customer's word", held=quoted.order.get("status") == "PENDING"),
        Check(
            text="what was paid stays as it was",
            held=pick(quoted.order, "payments[0]") == pick(confirmed.order, "payments[0]"),
        ),
    )
    exchange = await journey.answer_quote(stage.buyer, quoted, takes=True)
    order = exchange.callback.order
    stage.narrator.message(
        BUYER_APP,
        "update",
        SELLER_APP,
        [("message.update_target", "payments"), ("message.order.payments[1].status", "PAID")],
    )
    stage.narrator.message(
        SELLER_APP,
        "on_update",
        BUYER_APP,
        [
            ("message.order.status", order.get("status")),
            *lines(exchange.callback.document, "message.order.payments[1].status"),
        ],
    )
    stage.check_exchange(
        exchange,
        Check(text="the work goes on", held=(order.get("status"), state(order)) == ("IN-PROGRESS", "At-Location")),
        Check(text="the extra work is paid", held=pick(order, "payments[1].status") == "PAID"),
    )
