"""The booking of the demonstration: select, init, confirm."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from bpp.sandbox import journey
from bpp.sandbox.demo_search import Choice
from bpp.sandbox.demo_stage import BUYER_APP, SELLER_APP, Stage, adds_up
from bpp.sandbox.exchange import Callback, Json
from bpp.sandbox.messages import FEE_AMOUNT, FEE_TYPE, Customer
from bpp.sandbox.moments import in_words, wire_time
from bpp.sandbox.narrate import Check, lines, pick
from bpp.sandbox.offers import Offer, state, stop, window, worker
from bpp.sandbox.places import GOMTI_NAGAR

A_DAY = timedelta(days=1)


async def book(stage: Stage, choice: Choice) -> Callback:
    """Select, init, confirm; the on_confirm."""
    offer = choice.offer
    tomorrow = stage.buyer.clock() + A_DAY  # late enough to be moved, whatever the hour of the day is now
    start = next((one for one in offer.starts if one >= tomorrow), offer.starts[-1])
    selected = await _select(stage, choice, start=start)
    initialised = await _init(stage, selected)
    return await _confirm(stage, initialised, offer)


async def _select(stage: Stage, choice: Choice, start: datetime) -> Callback:
    offer = choice.offer
    stage.narrator.chapter("The customer picks a service and a time")
    stage.narrator.tell(
        "The seller app is asked for a binding price and for that time. It keeps a worker free for ten minutes, so "
        "that nobody else can take the same hour, and answers with the price in lines: work and tax."
    )
    exchange = await journey.select(stage.buyer, choice.found, offer, start, GOMTI_NAGAR)
    order = exchange.callback.order
    stage.narrator.message(
        BUYER_APP,
        "select",
        SELLER_APP,
        lines(
            exchange.answer.request.document,
            "message.order.provider.id",
            "message.order.items[0].id",
            "message.order.fulfillments[0].stops[0].time.range.start",
            "message.order.payments[0].type",
        ),
    )
    stage.narrator.message(
        SELLER_APP,
        "on_select",
        BUYER_APP,
        [
            *lines(
                exchange.callback.document,
                "message.order.fulfillments[0].state.descriptor.code",
                "message.order.fulfillments[0].stops[0].time.label",
            ),
            *_breakup(order),
            ("message.order.quote.price.value", pick(order, "quote.price.value")),
            ("message.order.quote.ttl", pick(order, "quote.ttl")),
        ],
    )
    total = pick(order, "quote.price.value") or "0"
    when = window(order)
    stage.check_exchange(
        exchange,
        Check(text="the hour asked for is the hour confirmed", held=when is not None and when[0] == start),
        adds_up(exchange.callback),
        Check(text="the total is the price of the catalog", held=Decimal(total) == offer.price, detail=total),
    )
    return exchange.callback


async def _init(stage: Stage, selected: Callback) -> Callback:
    stage.narrator.chapter("The customer says who pays and where exactly")
    stage.narrator.tell(
        "Now name, telephone and address go to the seller. Back come the terms: what giving up costs at which moment, "
        "and to which account the buyer app settles, less its own fee, which it named when it searched."
    )
    customer = Customer(name="Meera Demo", address="Demo House 7, Vikas Khand")
    exchange = await journey.init(stage.buyer, selected, customer, GOMTI_NAGAR)
    stage.narrator.message(
        BUYER_APP,
        "init",
        SELLER_APP,
        lines(
            exchange.answer.request.document,
            "message.order.billing.name",
            "message.order.billing.phone",
            "message.order.fulfillments[0].stops[0].location.address",
        ),
    )
    order = exchange.callback.order
    fee = _fee(order)
    stage.narrator.message(
        SELLER_APP,
        "on_init",
        BUYER_APP,
        [
            *lines(
                exchange.callback.document,
                "message.order.payments[0].id",
                "message.order.payments[0].params.amount",
                "message.order.payments[0].collected_by",
            ),
            *((f"giving up, {where}", cost) for where, cost in _terms(order)),
            ("Buyer_Finder_Fee", " ".join(fee)),
        ],
    )
    amount = pick(order, "payments[0].params.amount") or "0"
    stage.check_exchange(
        exchange,
        adds_up(exchange.callback),
        Check(
            text="the amount to pay is the total quoted",
            held=Decimal(amount) == Decimal(pick(order, "quote.price.value") or "-1"),
            detail=amount,
        ),
        Check(text="the buyer app's fee is the one it named", held=fee == (FEE_TYPE, FEE_AMOUNT), detail=str(fee)),
    )
    return exchange.callback


async def _confirm(stage: Stage, initialised: Callback, offer: Offer) -> Callback:
    stage.narrator.chapter("The customer pays and books")
    stage.narrator.tell(
        "The buyer app has taken the money and says so. The seller app turns the kept hour into a booking and names "
        "the worker who comes: verified by the police and certified, as the department demands."
    )
    exchange = await journey.confirm(stage.buyer, initialised)
    stage.narrator.message(
        BUYER_APP,
        "confirm",
        SELLER_APP,
        lines(
            exchange.answer.request.document,
            "message.order.id",
            "message.order.payments[0].status",
            "message.order.payments[0].params.transaction_id",
            "message.order.quote.price.value",
        ),
    )
    confirmed = exchange.callback
    order = confirmed.order
    when = window(order)
    stage.narrator.message(
        SELLER_APP,
        "on_confirm",
        BUYER_APP,
        [
            ("message.order.status", order.get("status")),
            ("message.order.fulfillments[0].state.descriptor.code", state(order)),
            ("worker (start stop, person.name)", worker(order)),
            ("worker (start stop, contact.phone)", pick(stop(order, "start"), "contact.phone")),
            ("visit (end stop, time.range.start)", wire_time(when[0]) if when else ""),
            ("the same in Indian time", in_words(when[0]) if when else ""),
        ],
    )
    stage.check_exchange(
        exchange,
        adds_up(confirmed),
        Check(text="the order is accepted", held=order.get("status") == "ACCEPTED", detail=str(order.get("status"))),
        Check(
            text="the order keeps the buyer app's number",
            held=order.get("id") == pick(exchange.answer.request.document, "message.order.id"),
        ),
        Check(text="it is the provider that was chosen", held=pick(order, "provider.id") == offer.provider_id),
    )
    return confirmed


def _breakup(order: Json) -> list[tuple[str, object]]:
    rows = pick(order, "quote.breakup") or []
    return [
        (f"message.order.quote.breakup[{n}]", f"{row['title']}: {row['price']['value']}") for n, row in enumerate(rows)
    ]


def _terms(order: Json) -> list[tuple[str, str]]:
    found = []
    for term in order.get("cancellation_terms", []):
        amount, percentage = pick(term, "cancellation_fee.amount.value"), pick(term, "cancellation_fee.percentage")
        cost = f"₹{amount}" if amount is not None else f"{percentage} per cent"
        found.append((str(pick(term, "fulfillment_state.descriptor.code")), cost))
    return found


def _fee(order: Json) -> tuple[str, str]:
    """Type and amount of the finder fee as the first payment states it."""
    for tag in pick(order, "payments[0].tags") or []:
        if pick(tag, "descriptor.code") == "Buyer_Finder_Fee":
            values = {pick(row, "descriptor.code"): str(row.get("value")) for row in tag.get("list", [])}
            return values.get("Buyer_Finder_Fee_Type", ""), values.get("Buyer_Finder_Fee_Amount", "")
    return "", ""
