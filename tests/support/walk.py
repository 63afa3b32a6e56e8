"""One booking over the wire, step by step: each step says what it is, does it, and asserts its essential answer.

A flow is a list of such steps. ``Walk`` is both sides of it: the customer at a buyer app, and the worker and the
provider at the operator API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from bpp.sandbox import journey, messages
from bpp.sandbox.exchange import Callback
from bpp.sandbox.moments import IST, wire_time
from bpp.sandbox.offers import Offer, read_offers, total_adds_up
from tests.support.conversation import moment
from tests.support.network import Network

Json = dict[str, Any]


@dataclass(kw_only=True)
class Walk:
    """A customer's booking in a domain: what was found, chosen and told so far."""

    network: Network
    domain: str
    offers: tuple[Offer, ...] = ()
    offer: Offer = field(init=False)
    """What is wanted."""
    choices: Mapping[str, int] = field(default_factory=dict)
    """Units of customisations of it, by their ids."""
    found: Callback | None = None
    last: Callback = field(init=False)
    """The callback before, from which the next message is built."""
    confirmed: Callback = field(init=False)
    """The on_confirm: it names the order in every later message."""

    # The customer

    async def search(self, words: str) -> None:
        """Find something of the domain by words; with free times, and with nothing of another domain."""
        network = self.network
        found = await journey.search(network.buyer, words=words, place=network.place, domain=self.domain)
        assert found.acked_first
        self.found = self.last = found.callback
        self.offers = read_offers(found.callback.message)
        services = [item for one in self.catalog for item in one["items"] if not item["parent_item_id"]]
        codes = {code for item in services for code in item["category_ids"]}
        assert {code.partition("-")[0] for code in codes} == {self.domain.removeprefix("ONDC:")}
        assert all(one.starts for one in self.offers)
        self.offer = self.offers[0]

    @property
    def catalog(self) -> list[Json]:
        """The providers found."""
        assert self.found is not None
        providers: list[Json] = self.found.message["catalog"]["providers"]
        return providers

    def choose(self, choices: Mapping[str, int]) -> None:
        """Want the first service that is sold with choices, so made."""
        self.offer = next(one for one in self.offers if one.choices)
        assert choices.keys() <= {one.item_id for one in self.offer.choices}
        self.choices = choices

    def at(self, hour: int) -> datetime:
        """The first start on offer at an hour of the day in Lucknow."""
        return next(one for one in self.offer.starts if one.astimezone(IST).hour == hour)

    def wanted(self, start: datetime) -> Json:
        """The message of a select."""
        return messages.select_message(self.offer, start, self.network.place, choices=self.choices)

    def prices(self) -> dict[str, Decimal]:
        """What is wanted by the ids of its items, with what the catalog asks for it."""
        chosen = {
            one.item_id: one.price * self.choices[one.item_id]
            for one in self.offer.choices
            if one.item_id in self.choices
        }
        return {self.offer.item_id: self.offer.price} | chosen

    async def select(self, start: datetime | None = None) -> None:
        """Choose a slot on offer: it is confirmed, and the price is the catalog's."""
        start = start or self.offer.starts[1]
        chosen = await self._ask("select", self.wanted(start))
        order = chosen.order
        visit = order["fulfillments"][0]
        assert chosen.error == {}
        assert end_stop(chosen)["time"]["label"] == "confirmed"
        assert (state_of(chosen), slot_of(chosen)) == ("Serviceable", start)
        assert {one["id"] for one in order["items"]} == self.prices().keys()
        assert all(one["fulfillment_ids"] == [visit["id"]] for one in order["items"])
        assert total_adds_up(order["quote"])
        assert Decimal(order["quote"]["price"]["value"]) == sum(self.prices().values())
        assert lines_of(chosen, "customization") == {key for key in self.choices if self.prices()[key]}

    async def select_in_vain(self) -> datetime:
        """Choose a time that was never on offer: 90001, with times that are; the first of them."""
        never = self.offer.starts[0].replace(hour=20, minute=30)  # two in the morning in Lucknow
        refused = await self._ask("select", self.wanted(never))
        assert refused.error_code == "90001"
        assert end_stop(refused)["time"]["label"] == "rejected"
        assert slot_of(refused) == never
        schedules = [one["time"]["schedule"]["times"] for one in refused.order["items"]]
        assert all(one and one == schedules[0] for one in schedules)
        return moment(schedules[0][0])

    async def select_without_a_slot(self) -> None:
        """Choose no time at all: a NACK with 90003 and nothing else."""
        message = self.wanted(self.offer.starts[0])
        del message["order"]["fulfillments"][0]["stops"][0]["time"]
        context = journey.following(self.last)
        refused = await self.network.buyer.send(
            "select", message, transaction_id=self.last.transaction_id, context=context
        )
        assert (refused.status, refused.acked, refused.error_code) == (200, False, "90003")
        assert refused.error["path"].endswith("time.range.start")
        await self.network.settled()
        assert [one.action for one in self.network.buyer.callbacks] == ["on_search"]

    async def init(self) -> None:
        """Say who pays: what is due is the price selected."""
        selected = self.last
        ready = (await journey.init(self.network.buyer, selected, self.network.customer, self.network.place)).callback
        assert ready.error == {}
        assert ready.order["quote"] == selected.order["quote"]
        assert ready.order["billing"]["phone"] == self.network.customer.phone
        assert due(ready) == Decimal(ready.order["quote"]["price"]["value"])
        assert slot_of(ready) == slot_of(selected)
        self.last = ready

    async def confirm(self) -> None:
        """Pay and order: accepted, with the worker's name, at the slot and the price agreed."""
        ready = self.last
        self.last = self.confirmed = (await journey.confirm(self.network.buyer, ready)).callback
        order = self.confirmed.order
        assert self.confirmed.error == {}
        assert (order["status"], state_of(self.confirmed)) == ("ACCEPTED", "Pending")
        assert start_stop(self.confirmed)["person"]["name"]
        assert slot_of(self.confirmed) == slot_of(ready)
        assert (order["quote"], order["cancellation_terms"]) == (
            ready.order["quote"],
            ready.order["cancellation_terms"],
        )

    async def book(self, words: str) -> None:
        """All of it, as far as an order."""
        await self.search(words)
        await self.select()
        await self.init()
        await self.confirm()

    async def status(self, code: str) -> None:
        """Ask: the answer bears the question's id and shows the order as it is."""
        self.last = (await journey.status(self.network.buyer, self.confirmed)).callback
        assert (self.last.error, state_of(self.last)) == ({}, code)

    async def reschedule(self, start: datetime) -> None:
        """Ask for another slot: both stops have it, everything else stays."""
        order = {
            "id": self.confirmed.order["id"],
            "fulfillments": [
                {
                    "id": self.confirmed.order["fulfillments"][0]["id"],
                    "stops": [
                        {
                            "type": "end",
                            "time": {
                                "label": "selected",
                                "range": {"start": wire_time(start), "end": wire_time(start + self.offer.slot)},
                            },
                        }
                    ],
                }
            ],
        }
        moved = await self.update("fulfillments", order)
        assert (moved.error, moved.order["status"], state_of(moved)) == ({}, "ACCEPTED", "Pending")
        assert end_stop(moved)["time"]["label"] == "confirmed"
        assert slot_of(moved) == moment(start_stop(moved)["time"]["range"]["start"]) == start
        for key in ("quote", "payments", "items", "billing", "created_at"):
            assert moved.order[key] == self.confirmed.order[key], key

    async def take_quotation(self) -> None:
        """Pay for the quotation that waits: the order goes on with all of it paid."""
        quoted = self.last
        payments = [
            {**one, "status": "PAID", "params": {**one["params"], "transaction_id": f"UPI-{number}"}}
            if one["status"] == "NOT-PAID"
            else one
            for number, one in enumerate(quoted.order["payments"], 1)
        ]
        order = {"id": self.confirmed.order["id"], "status": "ACCEPTED", "payments": payments}
        taken = await self.update("payments", order)
        assert (taken.error, taken.order["quote"]) == ({}, quoted.order["quote"])
        assert {one["status"] for one in taken.order["payments"]} == {"PAID"}
        assert taken.order["status"] != "PENDING"

    async def update(self, target: str, order: Json) -> Callback:
        """An update of a part, and its on_update."""
        return await self._ask("update", {"update_target": target, "order": order})

    async def cancel(self) -> None:
        """Give the order up before anybody set off: for nothing."""
        self.last = (await journey.cancel(self.network.buyer, self.confirmed)).callback
        self._given_up("CONSUMER", "001")

    # The worker and the provider

    async def sell_with(self, offering_id: str, categories: Sequence[Json], customizations: Sequence[Json]) -> None:
        """The provider lets customers choose how an offering is made."""
        path, change = f"/offerings/{offering_id}", {"categories": categories, "customizations": customizations}
        status, answer = await self.network.call("PATCH", path, change)
        assert status == 200, answer

    async def depart(self) -> None:
        """The worker is on the way."""
        told = await self._event("depart")
        assert (told.order["status"], state_of(told)) == ("IN-PROGRESS", "In-Transit")
        assert start_stop(told)["time"]["timestamp"]

    async def arrive(self) -> None:
        """The worker is at the door, the customer has a token."""
        await self._pass(minutes=9)
        told = await self._event("arrive")
        assert state_of(told) == "At-Location"
        self._shows_a_token()

    async def otp_lapses(self) -> None:
        """The token runs out and another comes by itself."""
        before = otp_of(self.last)
        await self._pass(minutes=5)
        self.last = await self.network.buyer.next_callback(self.confirmed.transaction_id, "on_status")
        assert (self.last.error, state_of(self.last)) == ({}, "At-Location")
        assert otp_of(self.last) != before
        self._shows_a_token()

    async def wrong_otp(self) -> None:
        """The customer mistakes the token: 90002, another token, and nothing has begun."""
        before = otp_of(self.last)
        told = await self._event("start", otp=f"{(int(before) + 1) % 10_000:04d}")
        assert (told.error_code, state_of(told)) == ("90002", "At-Location")
        assert otp_of(told) != before
        self._shows_a_token()

    async def start(self) -> None:
        """The right token: the work begins and the token is gone."""
        told = await self._event("start", otp=otp_of(self.last))
        assert (told.error, state_of(told)) == ({}, "At-Location")
        assert "authorization" not in end_stop(told)

    async def complete(self) -> None:
        """The work is done, and there is an invoice."""
        await self._pass(minutes=31)
        told = await self._event("complete")
        assert state_of(told) == "Completed"
        assert end_stop(told)["time"]["timestamp"]
        assert told.order["status"] == "COMPLETED"
        papers = told.order["documents"]
        assert papers[0]["label"] == "INVOICE"
        for one in papers:
            async with self.network.session.get(one["url"]) as answer:
                assert answer.status == 200, one
        assert {one["status"] for one in told.order["payments"]} == {"PAID"}
        assert due(told) == Decimal(told.order["quote"]["price"]["value"])

    async def carry_out(self) -> None:
        """The whole visit: on the way, at the door, begun, done."""
        await self.depart()
        await self.arrive()
        await self.start()
        await self.complete()

    async def quote_for(self, title: str, price: str, *, minutes: int, start: datetime | None = None) -> None:
        """The provider quotes for more work, in another visit: both together are the new price, one part is unpaid."""
        before = self.last.order
        more: Any = {"lines": [{"title": title, "price": price}], "minutes": minutes}
        if start is not None:
            more["start"] = wire_time(start)
        told = await self._event("requote", **more)
        order = told.order
        assert (told.action, order["status"], told.error) == ("on_update", "PENDING", {})
        assert Decimal(order["quote"]["price"]["value"]) == Decimal(before["quote"]["price"]["value"]) + Decimal(price)
        assert total_adds_up(order["quote"])
        assert due(told) == Decimal(order["quote"]["price"]["value"])
        assert order["payments"][:-1] == before["payments"]
        assert order["payments"][-1]["status"] == "NOT-PAID"
        first, second = order["fulfillments"]
        assert first["id"] != second["id"]
        assert state_of(told) == "Pending"
        assert order["items"][-1]["fulfillment_ids"] == [second["id"]]

    async def cancelled_by_seller(self) -> None:
        """The provider gives the order up: told unasked, everything is paid back."""
        await self._event("cancel", reason="022")
        self._given_up("PRODUCER", "022")

    # What they have in common

    async def _pass(self, **step: float) -> None:
        """Let time pass when nothing is on its way: a delivery still being noted would outlive its lease."""
        await self.network.settled()
        self.network.clock.tick(**step)

    def _given_up(self, by: str, reason: str) -> None:
        order, before = self.last.order, self.confirmed.order
        assert (self.last.action, self.last.error) == ("on_cancel", {})
        assert (order["status"], state_of(self.last)) == ("CANCELLED", "Cancelled")
        assert order["cancellation"] == {"cancelled_by": by, "reason": {"descriptor": {"code": reason}}}
        assert (order["quote"]["price"]["value"], total_adds_up(order["quote"])) == ("0.00", True)
        assert order["payments"] == before["payments"]

    def _shows_a_token(self) -> None:
        shown = end_stop(self.last)["authorization"]
        assert (shown["type"], shown["status"]) == ("OTP", "valid")
        assert moment(shown["valid_from"]) <= moment(self.last.context["timestamp"]) < moment(shown["valid_to"])

    async def _ask(self, action: str, message: Json) -> Callback:
        asked = await journey.ask(
            self.network.buyer,
            action,
            orjson.loads(orjson.dumps(message)),
            transaction_id=self.last.transaction_id,
            context=journey.following(self.last),
        )
        assert asked.acked_first
        self.last = asked.callback
        return self.last

    async def _event(self, name: str, **more: Any) -> Callback:
        self.last = await self.network.pushed(self.confirmed, name, None, **more)
        return self.last


def state_of(callback: Callback) -> str:
    """The state of the visit under way, which is the last."""
    code: str = callback.order["fulfillments"][-1]["state"]["descriptor"]["code"]
    return code


def lines_of(callback: Callback, kind: str) -> set[str]:
    """The items that have a line of a kind in the quote."""
    lines = callback.order["quote"]["breakup"]
    return {line["item"]["id"] for line in lines if line["tags"][0]["list"][0]["value"] == kind}


def end_stop(callback: Callback) -> Json:
    """The customer's stop of the visit under way."""
    return _stop(callback, "end")


def start_stop(callback: Callback) -> Json:
    """The worker's stop of the visit under way."""
    return _stop(callback, "start")


def otp_of(callback: Callback) -> str:
    """The token that the customer is shown."""
    token: str = end_stop(callback)["authorization"]["token"]
    return token


def slot_of(callback: Callback) -> datetime:
    """When the visit under way begins."""
    return moment(end_stop(callback)["time"]["range"]["start"])


def _stop(callback: Callback, kind: str) -> Json:
    found: Json = next(one for one in callback.order["fulfillments"][-1]["stops"] if one["type"] == kind)
    return found


def due(callback: Callback) -> Decimal:
    """The sum of an order's payments."""
    return sum((Decimal(one["params"]["amount"]) for one in callback.order["payments"]), Decimal(0))
