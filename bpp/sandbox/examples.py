"""Example messages that are valid today: flows played once with the seller app, told so that others can play them.

What the seller app answered is told as it came. What the buyer app sent is told anew at every asking: with the reader's
own bap_id, transaction and slot, a fresh message_id and the time of now, so that it may be signed and sent as it is.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from beckn_schemas.base import parse_timestamp
from bpp.sandbox import journey
from bpp.sandbox.buyer import SERVICES, Buyer
from bpp.sandbox.exchange import Callback, Json
from bpp.sandbox.field import Field
from bpp.sandbox.identities import DOMAINS
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.journey import Exchange
from bpp.sandbox.messages import Customer
from bpp.sandbox.moments import IST, wire_time
from bpp.sandbox.offers import Offer, otp, read_offers, state, window
from bpp.sandbox.places import GOMTI_NAGAR, Place

KEPT = timedelta(minutes=10)
"""How long a set of examples is told before it is played anew."""
LEAST_STARTS = 5
"""Free times on one day that an offer needs: one is for the play, the others are for readers."""
AHEAD = timedelta(days=1)
"""How far ahead they are booked: late enough to be moved and given up for nothing, whatever the hour of the day is."""
PATIENCE = 10.0


class NothingToShow(LookupError):
    """The seller app has nothing that the examples could be made with; the text says what was sought."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One line of a flow. ``kind`` is ``send``, ``expect`` or ``seller``: then ``name`` is what its people do."""

    kind: str
    name: str
    document: Json = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who asks, and as whom: empty texts leave what the sandbox's own buyer app would say. ``slot`` counts from 1."""

    bap_id: str = ""
    bap_uri: str = ""
    transaction_id: str = ""
    slot: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A flow as it was played at the first of ``starts``, the free times of one day."""

    title: str
    lines: tuple[Example, ...]
    starts: tuple[datetime, ...]
    at: datetime
    transaction_id: str

    def request(self, name: str, reader: Reader, buyer: Buyer) -> Json:
        """A request of the flow as this reader may send it now. Raises LookupError for an unknown one or slot."""
        if not 1 <= reader.slot < len(self.starts) - 1:
            raise LookupError(f"slot: a number from 1 to {len(self.starts) - 2} is expected")
        document = copy.deepcopy(self._found("send", name))
        transaction_id = reader.transaction_id or self.transaction_id
        now = wire_time(buyer.clock())
        document["context"] |= {
            "bap_id": reader.bap_id or buyer.participant.subscriber_id,
            "bap_uri": reader.bap_uri or buyer.url,
            "transaction_id": transaction_id,
            "message_id": buyer.new_id(),
            "timestamp": now,
        }
        return _readdressed(document, order_id=f"O-{transaction_id}", now=now, moved=self._moved(reader.slot))

    def callback(self, name: str) -> Json:
        """What the seller app said, as it came. Raises LookupError for an unknown one."""
        return self._found("expect", name)

    def _found(self, kind: str, name: str) -> Json:
        for one in self.lines:
            if (one.kind, one.name) == (kind, name):
                return one.document
        raise LookupError(f"{name}: no such message in this flow")

    def _moved(self, slot: int) -> Mapping[str, datetime]:
        """Each free time of the play and the one that the reader of a slot is given instead."""
        return {wire_time(old): new for old, new in zip(self.starts, self.starts[slot:], strict=False)}


class Examples:
    """The flows of one seller app, played by the sandbox's buyer app. ``field_`` is None where nobody acts for it."""

    def __init__(self, buyer: Buyer, field_: Field | None, *, place: Place = GOMTI_NAGAR) -> None:
        self._buyer = buyer
        self._field = field_
        self._place = place
        self._flows: Mapping[str, Played] = {}
        self._playing = asyncio.Lock()

    async def flows(self, *, anew: bool = False) -> Mapping[str, Played]:
        """The flows by name; played where they are missing, too old, or wanted ``anew``.

        Raises ``NothingToShow``, and what a step raises that the seller app refuses.
        """
        async with self._playing:
            now = self._buyer.clock()
            if anew or not self._flows or any(now - one.at > KEPT for one in self._flows.values()):
                self._flows = {name: await _play(self, title, flow) for name, (title, flow) in FLOWS.items()}
            return self._flows

    async def begin(self) -> _Stage:
        """Search for something that can be booked on one day several times."""
        for domain in (SERVICES, *(one for one in DOMAINS if one != SERVICES)):
            category = f"{domain.removeprefix('ONDC:')}-*"
            try:
                found = await journey.search(self._buyer, category=category, place=self._place, domain=domain)
            except NoCallback:
                continue
            for offer in read_offers(found.callback.message):
                starts = _one_day(offer, self._buyer.clock() + AHEAD)
                if not offer.choices and len(starts) >= LEAST_STARTS:
                    stage = _Stage(buyer=self._buyer, people=self._field, place=self._place, offer=offer, starts=starts)
                    stage.tell("search", found)
                    return stage
        raise NothingToShow(
            f"nothing without choices is free {LEAST_STARTS} times on one day at {self._place.area_code}"
        )


@dataclass(kw_only=True)
class _Stage:
    """A flow while it is played."""

    buyer: Buyer
    people: Field | None
    place: Place
    offer: Offer
    starts: tuple[datetime, ...]
    lines: list[Example] = field(default_factory=list)
    last: Callback = field(init=False)
    confirmed: Callback = field(init=False)

    def tell(self, name: str, exchange: Exchange) -> None:
        """A request and its answer happened."""
        self.lines.append(Example(kind="send", name=name, document=exchange.answer.request.document))
        self.lines.append(Example(kind="expect", name=f"on_{name}", document=exchange.callback.document))
        self.last = exchange.callback

    async def book(self) -> None:
        """From the offer to on_confirm."""
        self.tell("select", await journey.select(self.buyer, self.last, self.offer, self.starts[0], self.place))
        self.tell("init", await journey.init(self.buyer, self.last, Customer(), self.place))
        self.tell("confirm", await journey.confirm(self.buyer, self.last))
        self.confirmed = self.last

    async def act(self, event: str, **more: Any) -> None:
        """The seller's people do something, and the seller app tells it."""
        people = self.people
        if people is None:
            return
        order = {"bap_id": str(self.confirmed.context["bap_id"]), "order_id": str(self.confirmed.order["id"])}
        await people.event((await people.find(**order))["ref"], event, **more)
        told = await self.buyer.next_callback(self.confirmed.transaction_id, "on_status", timeout=PATIENCE)
        self.lines.append(Example(kind="seller", name=event))
        name = f"on_status_{state(told.order).lower().replace('-', '_')}"
        taken = sum(one.name.startswith(name) for one in self.lines)
        name = f"{name}_{taken + 1}" if taken else name
        self.lines.append(Example(kind="expect", name=name, document=told.document))
        self.last = told


async def _service_completion(stage: _Stage) -> None:
    await stage.book()
    stage.tell("status", await journey.status(stage.buyer, stage.confirmed))
    stage.tell("support", await journey.support(stage.buyer, stage.confirmed))
    await stage.act("depart")
    stage.tell("track", await journey.track(stage.buyer, stage.confirmed))
    if stage.people is None:
        await journey.cancel(stage.buyer, stage.confirmed)
        return
    await stage.act("arrive")
    await stage.act("start", otp=otp(stage.last.order))
    await stage.act("complete")
    stage.tell("rating", await journey.rate(stage.buyer, stage.confirmed, 5))


async def _reschedule(stage: _Stage) -> None:
    await stage.book()
    booked = window(stage.confirmed.order)
    lasting = booked[1] - booked[0] if booked else stage.offer.slot
    update = await journey.reschedule(stage.buyer, stage.confirmed, stage.starts[1], lasting=lasting)
    stage.tell("update", update)
    await journey.cancel(stage.buyer, stage.confirmed)  # what was only shown gives its time back


async def _cancellation(stage: _Stage) -> None:
    await stage.book()
    stage.tell("cancel", await journey.cancel(stage.buyer, stage.confirmed))


FLOWS: Mapping[str, tuple[str, Callable[[_Stage], Any]]] = {
    "buyer_cancellation": ("Booked and given up by the buyer", _cancellation),
    "reschedule": ("Booked and moved to another time", _reschedule),
    "service_completion": ("Booked, carried out and rated", _service_completion),
}


async def _play(examples: Examples, title: str, flow: Callable[[_Stage], Any]) -> Played:
    stage = await examples.begin()
    await flow(stage)
    return Played(
        title=title,
        lines=tuple(stage.lines),
        starts=stage.starts,
        at=stage.buyer.clock(),
        transaction_id=stage.buyer.new_id(),
    )


def _one_day(offer: Offer, after: datetime) -> tuple[datetime, ...]:
    """The free times of the day that has most of them from a moment on, the nearest of such days."""
    later = [start for start in offer.starts if start >= after]
    days: list[tuple[datetime, ...]] = [
        tuple(times) for _, times in groupby(later, lambda start: start.astimezone(IST).date())
    ]
    return max(days, key=len, default=())


def _readdressed(document: Json, *, order_id: str, now: str, moved: Mapping[str, datetime]) -> Json:
    """A request about another order at another time."""
    message: Json = document["message"]
    order: Json = message.get("order", {})
    for holder, key in ((message, "order_id"), (order, "id")):
        if key in holder:
            holder[key] = order_id
    if "ref_id" in message.get("support", {}):
        message["support"]["ref_id"] = order_id
    for key in ("created_at", "updated_at"):
        if key in order:
            order[key] = now
    for visit in order.get("fulfillments", ()):
        _move(visit.get("stops", ()), moved)
    return document


def _move(stops: Sequence[Json], moved: Mapping[str, datetime]) -> None:
    for one in stops:
        times = one.get("time", {}).get("range")
        if times and times.get("start") in moved:
            start = moved[times["start"]]
            lasting = parse_timestamp(times["end"]) - parse_timestamp(times["start"])
            one["time"]["range"] = {"start": wire_time(start), "end": wire_time(start + lasting)}
