"""The booking of a customer, step by step: each sends a message built from the callback before it and awaits the next.

``messages`` builds, ``Buyer`` sends and receives, and here the two meet. Every step returns an ``Exchange``; a refusal
is raised. An ``error`` inside a callback is the caller's to judge: an on_select may offer other times with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bpp.sandbox import messages
from bpp.sandbox.buyer import SERVICES, Buyer
from bpp.sandbox.exchange import Callback, Json, SyncAnswer
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import HOUR, Offer
from bpp.sandbox.places import Place

PATIENCE = 15.0
"""Seconds that a step waits for its callback: half a message's ttl."""


class Refused(Exception):
    """The other side answered NACK, or not as the network demands."""

    def __init__(self, answer: SyncAnswer) -> None:
        said = answer.error.get("message") or answer.body[:200].decode(errors="replace")
        super().__init__(f"{answer.request.action} was refused with HTTP {answer.status} {answer.error_code}: {said}")
        self.answer = answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What was sent, how it was acknowledged, and the callback that answered it."""

    answer: SyncAnswer
    callback: Callback

    @property
    def acked_first(self) -> bool:
        """Whether the ACK came before the callback; the network has an error code for the opposite, 20008."""
        return self.answer.arrived <= self.callback.arrived


async def ask(
    buyer: Buyer,
    action: str,
    message: Json,
    *,
    transaction_id: str,
    to: str = "",
    context: Mapping[str, Any] | None = None,
    patience: float = PATIENCE,
) -> Exchange:
    """Send a request and await the callback that answers it. Raises Refused, Unreachable or NoCallback."""
    answer = await buyer.send(action, message, transaction_id=transaction_id, to=to, context=context)
    if not answer.acked:
        raise Refused(answer)
    callback = await buyer.next_callback(
        transaction_id, f"on_{action}", message_id=answer.request.message_id, timeout=patience
    )
    return Exchange(answer=answer, callback=callback)


async def search(
    buyer: Buyer,
    *,
    words: str = "",
    category: str = "",
    place: Place,
    range_: tuple[datetime, datetime] | None = None,
    domain: str = SERVICES,
    transaction_id: str = "",
    to: str = "",
    patience: float = PATIENCE,
) -> Exchange:
    """Look for a service; ``to`` is a gateway's URL or, by default, the seller app itself."""
    message = messages.search_message(words=words, category=category, place=place, range_=range_)
    return await ask(
        buyer,
        "search",
        message,
        transaction_id=transaction_id or buyer.new_id(),
        to=to,
        context=search_context(place, domain),
        patience=patience,
    )


async def select(
    buyer: Buyer,
    found: Callback,
    offer: Offer,
    start: datetime,
    place: Place,
    *,
    payment_type: str = "",
    choices: Mapping[str, int] | None = None,
    savings: Sequence[str] = (),
) -> Exchange:
    """Choose an offer of an on_search and a time, with customisations and the network's offers by their ids."""
    message = messages.select_message(offer, start, place, payment_type=payment_type, choices=choices, savings=savings)
    return await _continue(buyer, "select", found, message)


async def init(buyer: Buyer, selected: Callback, customer: Customer, place: Place) -> Exchange:
    """Say who pays, after an on_select."""
    return await _continue(buyer, "init", selected, messages.init_message(selected.order, customer, place))


async def confirm(buyer: Buyer, initialised: Callback, *, order_id: str = "", payment_id: str = "") -> Exchange:
    """Make the order of an on_init firm; ids are made where none are given."""
    message = messages.confirm_message(
        initialised.order,
        order_id=order_id or f"O-{buyer.new_id()}",
        now=buyer.clock(),
        payment_id=payment_id or f"UPI-{buyer.new_id()}",
    )
    return await _continue(buyer, "confirm", initialised, message)


async def status(buyer: Buyer, confirmed: Callback) -> Exchange:
    """Ask how the order of an on_confirm stands."""
    return await _continue(buyer, "status", confirmed, messages.status_message(confirmed.order["id"]))


async def track(buyer: Buyer, confirmed: Callback) -> Exchange:
    """Ask where the worker is."""
    return await _continue(buyer, "track", confirmed, messages.track_message(confirmed.order["id"]))


async def support(buyer: Buyer, confirmed: Callback) -> Exchange:
    """Ask whom to call."""
    return await _continue(buyer, "support", confirmed, messages.support_message(confirmed.order["id"]))


async def cancel(buyer: Buyer, confirmed: Callback, reason: str = "001") -> Exchange:
    """Give the order up."""
    return await _continue(buyer, "cancel", confirmed, messages.cancel_message(confirmed.order["id"], reason))


async def reschedule(buyer: Buyer, last: Callback, start: datetime, *, lasting: timedelta = HOUR) -> Exchange:
    """Move the visit of the order that a callback shows."""
    message = messages.reschedule_message(last.order, start, start + lasting)
    return await _continue(buyer, "update", last, message)


async def answer_quote(buyer: Buyer, quoted: Callback, *, takes: bool, payment_id: str = "") -> Exchange:
    """Take or refuse the further quotation of an on_update."""
    payment_id = payment_id or f"UPI-{buyer.new_id()}"
    message = messages.quote_answer_message(quoted.order, takes=takes, payment_id=payment_id)
    return await _continue(buyer, "update", quoted, message)


async def rate(buyer: Buyer, confirmed: Callback, value: int | str, *, category: str = "Provider") -> Exchange:
    """Rate the provider, or the whole ``Order``, of an on_confirm."""
    subject = confirmed.order["id"] if category == "Order" else confirmed.order["provider"]["id"]
    return await _continue(buyer, "rating", confirmed, messages.rating_message(category, subject, value))


def search_context(place: Place, domain: str) -> Json:
    """The context keys of a search: in which domain and city."""
    return {"domain": domain, "location": {"city": {"code": place.std}, "country": {"code": "IND"}}}


def following(callback: Callback) -> Json:
    """The context keys that a conversation keeps: domain, place, and the seller app that answered."""
    return {key: callback.context[key] for key in ("domain", "location", "bpp_id", "bpp_uri")}


async def _continue(buyer: Buyer, action: str, last: Callback, message: Json) -> Exchange:
    return await ask(
        buyer,
        action,
        message,
        transaction_id=last.transaction_id,
        to=str(last.context["bpp_uri"]),
        context=following(last),
    )
