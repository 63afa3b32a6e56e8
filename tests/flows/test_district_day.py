"""The example day of a district: orders from ONDC and from every channel of ours together, from nine to six.

Customers differ only in how they talk to us: a buyer app over signed HTTP, or somebody who calls for them. What they
want, and what workers and providers do, is one script for both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from bpp.ledger.model import Party, Posting
from bpp.orders.model import Order
from bpp.orders.states import Stage
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.offers import read_offers
from catalog.availability import KOLKATA
from catalog.money import ZERO, Money
from tests.support.callers import CALLER, happens, otp
from tests.support.conversation import check_conversation, orders
from tests.support.network import Network, end_stop, otp_of

WORDS = {
    "GOMTI-TAP": "tap repair",
    "GOMTI-FAN": "fan repair",
    "AMIN-BATH": "bathroom cleaning",
    "INDIRA-PAINT": "painting consultation",
}
EXTRA: Any = [{"title": "Putty and primer", "price": "1500.00"}]
LATE_FEE = Money.parse("50.00")


@dataclass(kw_only=True)
class Plan:
    """One customer's day: by which door, for what, at which hour, and what becomes of it."""

    channel: str
    item: str
    hour: int
    story: str = "done"
    later: int = 0


MORNING = (
    Plan(channel="ondc", item="GOMTI-TAP", hour=10),
    Plan(channel="call_centre", item="GOMTI-TAP", hour=10),
    Plan(channel="csc", item="GOMTI-TAP", hour=10, story="wrong_otp"),
    Plan(channel="ondc", item="GOMTI-FAN", hour=11, story="wrong_otp"),
    Plan(channel="portal", item="AMIN-BATH", hour=11),
    Plan(channel="call_centre", item="AMIN-BATH", hour=12, story="cancelled_on_the_way"),
    Plan(channel="ondc", item="AMIN-BATH", hour=12, story="cancelled_on_the_way"),
    Plan(channel="department", item="AMIN-BATH", hour=13),
    Plan(channel="call_centre", item="INDIRA-PAINT", hour=14, story="quoted", later=16),
    Plan(channel="app", item="GOMTI-TAP", hour=15, story="given_up"),
    Plan(channel="ondc", item="GOMTI-TAP", hour=15, story="given_up"),
    Plan(channel="ondc", item="GOMTI-FAN", hour=15, later=17),
    Plan(channel="call_centre", item="GOMTI-FAN", hour=16, story="quote_refused"),
    Plan(channel="ondc", item="GOMTI-TAP", hour=16, story="quoted"),
)
AFTER_A_MOVE = Plan(channel="ondc", item="INDIRA-PAINT", hour=14)
"""Takes the hour that a caller of the morning gave back."""


class Customer(Protocol):
    """What a customer can do, by whatever door."""

    plan: Plan
    ref: str

    async def books(self) -> None: ...
    async def moves(self, start: datetime) -> None: ...
    async def gives_up(self) -> None: ...
    async def token(self, not_this: str = "") -> str: ...
    async def answers(self, *, takes: bool) -> None: ...
    async def pays(self) -> None: ...
    async def rates(self, value: int) -> None: ...


@dataclass(kw_only=True)
class OnTheNetwork:
    """Whoever uses a buyer app."""

    plan: Plan
    network: Network
    buyer: Buyer
    ref: str = ""
    last: Callback = field(init=False)

    async def books(self) -> None:
        network, buyer = self.network, self.buyer
        found, _ = await network.offers(WORDS[self.plan.item], buyer=buyer)
        offer = next(one for one in read_offers(found.message) if one.item_id == self.plan.item)
        start = at(network, self.plan.hour)
        selected = (await journey.select(buyer, found, offer, start, network.place)).callback
        assert not selected.error, selected.error
        ready = (await journey.init(buyer, selected, network.customer, network.place)).callback
        self.last = (await journey.confirm(buyer, ready)).callback
        assert not self.last.error, self.last.error
        self.ref = await network.ref(self.last)

    async def moves(self, start: datetime) -> None:
        moved = (await journey.reschedule(self.buyer, self.last, start)).callback
        assert not moved.error, moved.error

    async def gives_up(self) -> None:
        gone = (await journey.cancel(self.buyer, self.last)).callback
        assert not gone.error, gone.error

    async def token(self, not_this: str = "") -> str:
        told = await self.pushed("on_status", lambda one: "authorization" in end_stop(one) and otp_of(one) != not_this)
        return otp_of(told)

    async def answers(self, *, takes: bool) -> None:
        quoted = await self.pushed("on_update", lambda one: one.order["status"] == "PENDING")
        answer = (await journey.answer_quote(self.buyer, quoted, takes=takes)).callback
        assert not answer.error, answer.error

    async def pays(self) -> None:
        """Nothing is left: the buyer app was paid before it said yes."""

    async def rates(self, value: int) -> None:
        assert not (await journey.rate(self.buyer, self.last, value)).callback.error

    async def pushed(self, action: str, fits: Any) -> Callback:
        return await self.buyer.next_callback(self.last.transaction_id, action, where=fits)


@dataclass(kw_only=True)
class AtOurDoors:
    """Whoever calls, comes to a service centre, uses the portal or buys for a department."""

    plan: Plan
    network: Network
    number: int
    ref: str = ""

    async def books(self) -> None:
        item, call = self.plan.item, self.network.call
        query = f"q={WORDS[item]}&pincode=226010&provider_id=P-{item.split('-')[0]}&starts=60"
        _, found = await call("GET", f"/find?{query}")
        start = f"{at(self.network, self.plan.hour):%Y-%m-%dT%H:%M}:00.000Z"
        (service,) = (one for one in found["items"][0]["services"] if one["item_id"] == item)
        assert start in service["starts"]
        body = {
            "provider_id": found["items"][0]["provider_id"],
            "items": [{"item_id": item}],
            "pincode": "226010",
            "start": start,
            "channel": self.plan.channel,
            "session": f"seat {self.number}",
        }
        _, priced = await call("POST", "/quotes", body)
        assert priced["held"], priced
        buyer = {"name": "PWD", "gstin": "09AAAAA0000A1Z5", "purchase_order": "PO 7"}
        more = {"department": buyer} if self.plan.channel == "department" else {}
        phone = f"98000010{self.number:02d}"
        status, order = await call("POST", "/bookings", {"quote": priced["ref"], **CALLER, "phone": phone, **more})
        assert status == 201, order
        self.ref = order["ref"]
        _, again = await call("GET", f"/bookings?phone=%2B91{phone}")
        assert [one["order_id"] for one in again["items"]] == [order["order_id"]]

    async def moves(self, start: datetime) -> None:
        _, said = await self.network.call("GET", f"/orders/{self.ref}/slots?by=consumer&limit=60")
        wanted = f"{start:%Y-%m-%dT%H:%M}:00.000Z"
        assert wanted in said["starts"]
        await self.happens("reschedule", by="consumer", start=wanted, expect_fee=said["fee"])

    async def gives_up(self) -> None:
        _, said = await self.network.call("GET", f"/orders/{self.ref}/cancellation?by=consumer")
        await self.happens("cancel", by="consumer", reason="012", expect_fee=said["fee"])

    async def token(self, not_this: str = "") -> str:
        del not_this
        return await otp(self.network.call, {"ref": self.ref})

    async def answers(self, *, takes: bool) -> None:
        await self.happens("accept_quote" if takes else "reject_quote")

    async def pays(self) -> None:
        """By our page what is not paid at the door."""
        _, order = await self.network.call("GET", f"/bookings/{self.ref}")
        for number, one in enumerate(one for one in order["payments"] if one["status"] != "PAID"):
            await self.happens("pay", payment_id=one["id"], transaction_id=f"UPI-{self.number}-{number}")

    async def rates(self, value: int) -> None:
        status, answer = await self.network.call(
            "POST", f"/orders/{self.ref}/rating", {"rater": "phone", "provider": value}
        )
        assert status == 200, answer

    async def happens(self, name: str, **more: Any) -> None:
        await happens(self.network.call, {"ref": self.ref}, name, **more)


def at(network: Network, hour: int) -> datetime:
    """An hour of the day on which it all happens."""
    today = network.clock().astimezone(KOLKATA)
    return today.replace(hour=hour, minute=0, second=0, microsecond=0).astimezone(network.clock().tzinfo)


async def later(network: Network, moment: datetime) -> None:
    """Time goes on when nothing is on its way, for what is signed before a jump would be too old behind it."""
    await network.settled()
    network.clock.set(max(network.clock(), moment))


async def visited(network: Network, customer: Customer) -> None:
    """A visit, as its story has it, from when the worker sets off."""
    plan, order = customer.plan, {"ref": customer.ref}
    if plan.story == "given_up":
        await happens(network.call, order, "cancel", reason="016")
        return
    await happens(network.call, order, "depart")
    if plan.story == "cancelled_on_the_way":
        await customer.gives_up()
        return
    await later(network, network.clock() + timedelta(minutes=5))
    await happens(network.call, order, "arrive")
    token = await customer.token()
    if plan.story == "wrong_otp":
        status, _ = await network.call(
            "POST", f"/orders/{customer.ref}/events", {"event": "start", "otp": f"{(int(token) + 1) % 10_000:04d}"}
        )
        assert status == 422
        token = await customer.token(not_this=token)
    await happens(network.call, order, "start", otp=token)
    if plan.story in {"quoted", "quote_refused"}:
        await happens(network.call, order, "requote", lines=EXTRA)
        await customer.answers(takes=plan.story == "quoted")
    await later(network, network.clock() + timedelta(minutes=20))
    await happens(network.call, order, "complete")
    await customer.pays()
    await customer.rates(5 if plan.story == "done" else 3)


async def stored(network: Network, customer: Customer) -> Order:
    order = await network.context.storage.read(lambda work: work.orders.get(customer.ref))
    assert order is not None
    return order


async def held_by(network: Network, ref: str) -> Mapping[str, Sequence[datetime]]:
    return await network.context.storage.read(lambda work: work.slots.held_by(ref))


async def postings_of(network: Network, ref: str) -> Sequence[Posting]:
    return await network.context.storage.read(lambda work: work.ledger.of_order(ref))


async def test_a_day_of_a_district_is_accounted_for_in_every_channel(network: Network) -> None:
    def customer(number: int, plan: Plan) -> Customer:
        if plan.channel == "ondc":
            buyer = (network.buyer, network.second_buyer)[number % 2]
            return OnTheNetwork(plan=plan, network=network, buyer=buyer)
        return AtOurDoors(plan=plan, network=network, number=number)

    customers = [customer(number, plan) for number, plan in enumerate(MORNING)]
    await asyncio.gather(*(one.books() for one in customers))  # at once, by every door
    for one in customers:
        if one.plan.later:
            await one.moves(at(network, one.plan.later))
    last = customer(len(customers), AFTER_A_MOVE)
    await last.books()
    customers.append(last)

    for one in sorted(customers, key=lambda one: one.plan.later or one.plan.hour):
        start = (await stored(network, one)).visit.slot.start
        await later(network, start - timedelta(minutes=10))
        await visited(network, one)
    await network.settled()

    made = [await stored(network, one) for one in customers]
    everything_is_accounted_for(customers, made)
    nobody_is_at_two_places(made)
    for order in made:
        gone = order.cancellation is not None
        held = await held_by(network, order.ref)
        assert set(held) == (set() if gone else {order.visit.assignee.worker_id if order.visit.assignee else ""})
        postings = await postings_of(network, order.ref)
        parties = {line.account.party for one in postings for line in one.lines}
        assert gone or Party.CONSUMER in parties
        assert order.channel == "ondc" or Party.BUYER_APP not in parties
    assert len(await orders(network)) == len(customers)
    told = await network.context.storage.read(lambda work: work.outbox.find(None, None, 500))
    networked = {order.ref for order in made if order.channel == "ondc"}
    assert {one.order_ref for one in told if one.order_ref} == networked
    assert {one.state for one in told} == {"delivered"}
    ratings = await network.context.storage.read(lambda work: work.directory.ratings())
    # A customer has one voice for a provider (ADR 0029), and those of the buyer apps have one telephone.
    voices = {(one.billing["phone"], one.seller.provider_id) for one in made if one.cancellation is None}
    assert sum(one.count for one in ratings.providers.values()) == len(voices)
    check_conversation(network)


def everything_is_accounted_for(customers: list[Customer], made: list[Order]) -> None:
    """Each order has its channel, its end and its money, as its story says."""
    for customer, order in zip(customers, made, strict=True):
        story, plan = customer.plan.story, customer.plan
        assert order.channel == plan.channel
        assert (order.peer is not None) is (plan.channel == "ondc")
        paid = sum(one.amount.paise for one in order.payments if one.status == "PAID")
        if story == "given_up":
            assert (order.visit.stage, order.quote.total) == (Stage.CANCELLED, ZERO)
        elif story == "cancelled_on_the_way":
            assert order.cancellation is not None
            assert (order.visit.stage, order.quote.total) == (Stage.CANCELLED, LATE_FEE)
            assert order.cancellation.refund.paise == max(paid - LATE_FEE.paise, 0)
        else:
            assert order.visit.stage is Stage.COMPLETED
            assert order.visit.slot.start.astimezone(KOLKATA).hour == (plan.later or plan.hour)
            assert paid == order.quote.total.paise
            extra = 1500_00 if story == "quoted" else 0
            assert order.quote.total.paise == order.quotes[0].total.paise + extra
        if plan.channel != "ondc":
            assert all(one.collected_by == "BPP" for one in order.payments)
            assert order.finder_fee.amount == "0"


def nobody_is_at_two_places(made: list[Order]) -> None:
    """No worker has two visits at once, those apart that were given up."""
    visits = [
        (worker.worker_id, visit.slot.start, visit.slot.end)
        for order in made
        for visit in order.fulfillments
        if visit.stage is not Stage.CANCELLED
        for worker in (visit.assignee, *visit.crew)
        if worker is not None
    ]
    for number, (worker, start, end) in enumerate(visits):
        for other, begins, ends in visits[number + 1 :]:
            assert worker != other or end <= begins or ends <= start
