"""What a person does with a buyer app: look around, book, follow the order, give it up, rate it.

Remembers searches and bookings in memory, so that a person names numbers from a list and not ids. Every answer is a
JSON object; what cannot be done is a ``Complaint`` that says what to do instead.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from bpp.sandbox import journey, messages
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback, Json
from bpp.sandbox.identities import DOMAINS
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.messages import Customer
from bpp.sandbox.moments import in_words, wire_time
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.places import Place
from bpp.sandbox.telling import conversation, told

SHOWN_SLOTS = 12
SHOWN_OFFERS = 50
REMEMBERED = 500
QUOTED = "PENDING"
MORE_ANSWERS = 1.0
"""Seconds that further answers to one search may take after the first."""

T = TypeVar("T")


class Complaint(Exception):
    """Something that cannot be done. ``status`` is HTTP's number for it; ``more`` goes into the answer."""

    def __init__(self, status: int, code: str, message: str, **more: object) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.more = more


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """An offer with the catalog it stands in and the place it was sought for."""

    offer: Offer
    callback: Callback
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A booked offer."""

    offer: Offer
    confirmed: Callback


class Desk:
    """One buyer app's counter. ``gateway`` tells where searches go; ``patience`` is in seconds."""

    def __init__(self, buyer: Buyer, *, gateway: Callable[[], str], patience: float = 4.0) -> None:
        self._buyer = buyer
        self._gateway = gateway
        self._patience = patience
        self._lists: OrderedDict[str, tuple[Found, ...]] = OrderedDict()
        self._bookings: OrderedDict[str, Booking] = OrderedDict()

    async def search(self, *, what: str, category: str, place: Place, domain: str = "") -> Json:
        """Look for a service in one domain, or in all of the sandbox where none is named.

        Each domain is a conversation of its own; a seller app that has nothing to offer stays silent.
        """
        domains = _domains(category, domain)
        message = messages.search_message(words=what, category=category, place=place)
        waiting: dict[str, str] = {}
        for one in domains:
            answer = await self._buyer.send(
                "search", message, to=self._gateway(), context=journey.search_context(place, one)
            )
            if not answer.acked:
                raise journey.Refused(answer)
            waiting[answer.request.transaction_id] = one
        found = tuple(
            Found(offer=offer, callback=callback, place=place)
            for callback in await self._answers(set(waiting))
            for offer in read_offers(callback.message)
        )
        if not found:
            raise Complaint(404, "nothing_found", f"nobody offers this at {place.area_code}; try other words")
        for transaction_id in waiting:
            _remember(self._lists, transaction_id, found)
        return {
            "place": {"name": place.name, "pincode": place.area_code, "gps": place.gps},
            "offers": [_offered(number, one) for number, one in enumerate(found[:SHOWN_OFFERS], 1)],
            "more": max(0, len(found) - SHOWN_OFFERS),
        }

    async def book(self, *, offer: int, slot: int, customer: Customer, transaction_id: str = "", **chosen: Any) -> Json:
        """Select, initialise and confirm an offer of the last search, or of the one with that transaction_id.

        ``chosen`` are the ``choices`` and ``savings`` of a select.
        """
        found = _chosen(self._list(transaction_id), offer, "offer")
        start = _chosen(found.offer.starts[:SHOWN_SLOTS], slot, "slot")
        if found.callback.transaction_id in self._bookings:
            raise Complaint(409, "already_booked", "this search led to an order already; search again for another one")
        selected = (
            await journey.select(self._buyer, found.callback, found.offer, start, found.place, **chosen)
        ).callback
        _check(selected)
        initialised = (await journey.init(self._buyer, selected, customer, found.place)).callback
        _check(initialised)
        confirmed = (await journey.confirm(self._buyer, initialised)).callback
        _check(confirmed)
        booking = Booking(offer=found.offer, confirmed=confirmed)
        _remember(self._bookings, confirmed.transaction_id, booking)
        return self.order(transaction_id=confirmed.transaction_id)

    def order(self, *, transaction_id: str = "") -> Json:
        """The order as last heard of; asks nobody."""
        booking = self._booking(transaction_id)
        return told(self._last(booking), booking.offer)

    async def status(self, *, transaction_id: str = "") -> Json:
        """Ask the seller app how the order stands."""
        booking = self._booking(transaction_id)
        answer = (await journey.status(self._buyer, booking.confirmed)).callback
        _check(answer)
        return told(answer, booking.offer)

    async def cancel(self, *, reason: str, transaction_id: str = "") -> Json:
        """Give the order up."""
        booking = self._booking(transaction_id)
        answer = (await journey.cancel(self._buyer, booking.confirmed, reason)).callback
        _check(answer)
        return told(answer, booking.offer)

    async def reschedule(self, *, slot: int, transaction_id: str = "") -> Json:
        """Move the visit to another of the offer's slots, numbered as in the search."""
        booking = self._booking(transaction_id)
        start = _chosen(booking.offer.starts[:SHOWN_SLOTS], slot, "slot")
        last = self._last(booking)
        answer = (await journey.reschedule(self._buyer, last, start, lasting=booking.offer.slot)).callback
        _check(answer)
        return told(answer, booking.offer)

    async def answer_quote(self, *, takes: bool, transaction_id: str = "") -> Json:
        """Take or refuse the seller's further quotation."""
        booking = self._booking(transaction_id)
        last = self._last(booking)
        if last.order.get("status", "").upper() != QUOTED:
            raise Complaint(409, "no_quote", "no further quotation waits for an answer")
        answer = (await journey.answer_quote(self._buyer, last, takes=takes)).callback
        _check(answer)
        return told(answer, booking.offer)

    async def rate(self, *, value: int, transaction_id: str = "") -> Json:
        """Rate the provider."""
        booking = self._booking(transaction_id)
        answer = (await journey.rate(self._buyer, booking.confirmed, value)).callback
        _check(answer)
        return {"in_words": f"{booking.offer.provider_name} was given {value} of 5.", "value": value}

    async def support(self, *, transaction_id: str = "") -> Json:
        """Ask whom to call."""
        answer = (await journey.support(self._buyer, self._booking(transaction_id).confirmed)).callback
        _check(answer)
        return {"support": answer.message.get("support", {})}

    def messages(self, *, transaction_id: str = "") -> Json:
        """Everything said in one conversation, in order; the last one where none is named."""
        known = transaction_id or next(reversed(self._bookings), "") or next(reversed(self._lists), "")
        if not known:
            raise Complaint(404, "nothing_yet", "nothing was said yet; search first")
        said = conversation(self._buyer, known)
        if not said:
            raise Complaint(404, "unknown_transaction", "no message of this transaction_id is remembered")
        return {"transaction_id": known, "messages": said}

    async def _answers(self, waiting: set[str]) -> list[Callback]:
        """The on_search of each conversation; after the first, the others get little time."""
        clock = asyncio.get_running_loop().time
        until = clock() + self._patience
        came: list[Callback] = []
        while waiting:
            try:
                callback = await self._buyer.next_callback(
                    None,
                    "on_search",
                    where=lambda one: one.transaction_id in waiting,
                    timeout=max(0.0, until - clock()),
                )
            except NoCallback:
                break
            waiting.discard(callback.transaction_id)
            came.append(callback)
            until = min(until, clock() + MORE_ANSWERS)
        return sorted(came, key=lambda one: str(one.context.get("domain")))

    def _list(self, transaction_id: str) -> tuple[Found, ...]:
        if not self._lists:
            raise Complaint(409, "nothing_searched", "search first, then book an offer of the list")
        if transaction_id and transaction_id not in self._lists:
            raise Complaint(404, "unknown_transaction", "no search with this transaction_id is remembered")
        return self._lists[transaction_id or next(reversed(self._lists))]

    def _last(self, booking: Booking) -> Callback:
        """What was heard last of an order."""
        order_id = booking.confirmed.order["id"]
        heard = [one for one in self._buyer.callbacks if not one.problem and one.order.get("id") == order_id]
        return heard[-1] if heard else booking.confirmed

    def _booking(self, transaction_id: str) -> Booking:
        if not self._bookings:
            raise Complaint(404, "no_order", "nothing was booked yet")
        if transaction_id and transaction_id not in self._bookings:
            raise Complaint(404, "unknown_transaction", "no order with this transaction_id is remembered")
        return self._bookings[transaction_id or next(reversed(self._bookings))]


def _domains(category: str, domain: str) -> tuple[str, ...]:
    if domain:
        return (domain,)
    named = f"ONDC:{category.partition('-')[0]}"
    return (named,) if category and named in DOMAINS else DOMAINS


def _offered(number: int, found: Found) -> Json:
    offer = found.offer
    return {
        "offer": number,
        "provider": offer.provider_name,
        "rating": offer.rating or None,
        "item": offer.item_name,
        "description": offer.description,
        "price": f"{offer.price:.2f}",
        "currency": "INR",
        "category": offer.category_id,
        "payment_types": list(offer.payment_types),
        "slots": _slots(offer.starts),
        "choices": [
            {"id": one.item_id, "name": one.name, "price": f"{one.price:.2f}", "categories": list(one.category_ids)}
            for one in offer.choices
        ],
        "savings": [{"id": one.id, "name": one.name} for one in offer.savings],
        "transaction_id": found.callback.transaction_id,
    }


def _slots(starts: tuple[datetime, ...]) -> list[Json]:
    return [
        {"slot": number, "when": in_words(start), "start": wire_time(start)}
        for number, start in enumerate(starts[:SHOWN_SLOTS], 1)
    ]


def _chosen(choices: tuple[T, ...], number: int, what: str) -> T:
    if not 1 <= number <= len(choices):
        expected = f"a number from 1 to {len(choices)}" if choices else "another offer: this one has no free time"
        raise Complaint(400, f"unknown_{what}", f"{what}: {expected} was expected")
    return choices[number - 1]


def _check(callback: Callback) -> None:
    """An ``error`` beside the answer ends what a person asked for; the seller's words are passed on."""
    if callback.error:
        said = str(callback.error.get("message", "no reason given"))
        raise Complaint(409, callback.error_code, f"the seller answered: {said}", action=callback.action)


def _remember(kept: OrderedDict[str, T], key: str, value: T) -> None:
    kept[key] = value
    while len(kept) > REMEMBERED:
        kept.popitem(last=False)
