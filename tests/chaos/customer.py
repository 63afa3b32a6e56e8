"""What customers of a buyer app and the seller's people do, order by order: whole bookings, so that money moves."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import orjson

from bpp.sandbox import messages
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import Offer, otp, read_offers, window
from tests.chaos.buyer import Buyer, Callback
from tests.chaos.recording import Act, Recording, Try
from tests.chaos.wire import Client, NoAnswer

LASTS = ("booked", "booked", "cancelled", "moved", "served", "served")
"""What becomes of an order, each as likely."""
WORK = ("depart", "arrive", "start", "complete")


@dataclass(kw_only=True)
class People:
    """The seller's side: dispatchers and workers, through the operator API. Each event bears an Idempotency-Key."""

    client: Client
    token: str
    rng: Random
    recording: Recording
    tries: int = 40

    async def ref(self, bap_id: str, order_id: str) -> str:
        """The order's own reference; empty where it is not found."""
        path = f"/api/v1/orders?bap_id={bap_id}&order_id={order_id}"
        for _ in range(self.tries):
            status, body = await self._call("GET", path)
            if status == 200:
                items = orjson.loads(body)["items"]
                return str(items[0]["ref"]) if items else ""
            await asyncio.sleep(0.3)
        return ""

    async def tell(self, bap_id: str, order_id: str, ref: str, event: str, **more: str) -> bool:
        """Tell an event, again as long as nobody answers; whether it was done."""
        act = Act(bap_id=bap_id, order_id=order_id, event=event)
        self.recording.acts.append(act)
        key = UUID(int=self.rng.getrandbits(128), version=4)
        headers = (f"Idempotency-Key: {key}", "Content-Type: application/json")
        body = orjson.dumps({"event": event, **more})
        now = asyncio.get_running_loop().time
        for _ in range(self.tries):
            left, status = now(), 0
            try:
                status, _answer = await self._call("POST", f"/api/v1/orders/{ref}/events", body, *headers)
            finally:  # also where the run is over
                act.tries.append(Try(left, now(), status))
            if status not in (0, 503):
                return status == 200
            await asyncio.sleep(0.1 + 0.4 * self.rng.random())
        return False

    async def _call(self, method: str, path: str, body: bytes = b"", *headers: str) -> tuple[int, bytes]:
        try:
            return await self.client.send(method, path, body, f"Authorization: Bearer {self.token}", *headers)
        except NoAnswer:
            return 0, b""


@dataclass(kw_only=True)
class Customers:
    """Those of one buyer app. ``words`` are what they look for; ``scarce`` how likely one wants what few can do."""

    buyer: Buyer
    people: People
    rng: Random
    words: Sequence[str]
    scarce: float = 0.15
    offers: list[Offer] = field(default_factory=list)
    booked: int = 0

    async def look_around(self) -> None:
        """Search until something is found, with each of the words."""
        found: list[Offer] = []
        for words in self.words:
            message = messages.search_message(words=words, place=self.buyer.place)
            transaction_id = self.buyer.new_id()
            told = await self.buyer.ask("search", message, transaction_id=transaction_id)
            if told is not None:
                found += [one for one in read_offers(told.document["message"]) if one.starts]
        self.offers = found or self.offers

    async def book(self) -> None:
        """One order from its selection to whatever becomes of it."""
        ready = await self._selected()
        if ready is None:
            return
        order_id = f"O-{self.buyer.new_id()}"
        message = messages.confirm_message(
            ready.order, order_id=order_id, now=datetime.now(UTC), payment_id=f"UPI-{self.buyer.new_id()}"
        )
        transaction_id = ready.told.transaction_id
        confirmed = await self.buyer.ask("confirm", message, transaction_id=transaction_id)
        if confirmed is None or confirmed.told.error_code or confirmed.told.taken != "acked":
            return
        self.booked += 1
        match self.rng.choice(LASTS):
            case "cancelled":
                cancel = messages.cancel_message(order_id, "001")
                await self.buyer.ask("cancel", cancel, transaction_id=transaction_id)
            case "moved":
                await self._move(confirmed)
            case "served":
                await self._serve(confirmed, order_id)
            case _:
                if self.rng.random() < 0.3:
                    await self._status(order_id, transaction_id)

    async def _selected(self) -> Callback | None:
        """Select and init; None where it did not come to that."""
        if not self.offers or self.rng.random() < 0.02:
            await self.look_around()
        if not self.offers:
            return None
        transaction_id = self.buyer.new_id()
        few = [one for one in self.offers if one.provider_id == "SCARCE"]
        many = [one for one in self.offers if one.provider_id != "SCARCE"]
        offer = self.rng.choice(few if few and (not many or self.rng.random() < self.scarce) else many)
        start = self.rng.choice(offer.starts)
        selected = await self.buyer.ask(
            "select", messages.select_message(offer, start, self.buyer.place), transaction_id=transaction_id
        )
        if selected is None or selected.told.error_code or selected.told.taken != "acked":
            return None
        customer = Customer(name=f"Customer {self.booked}")
        ready = await self.buyer.ask(
            "init", messages.init_message(selected.order, customer, self.buyer.place), transaction_id=transaction_id
        )
        if ready is None or ready.told.error_code or ready.told.taken != "acked":
            return None
        return ready

    async def _move(self, confirmed: Callback) -> None:
        slot = window(confirmed.order)
        others = [one for offer in self.offers for one in offer.starts if slot and one != slot[0]]
        if slot is None or not others:
            return
        start = self.rng.choice(others)
        message = messages.reschedule_message(confirmed.order, start, start + (slot[1] - slot[0]))
        await self.buyer.ask("update", message, transaction_id=confirmed.told.transaction_id)

    async def _serve(self, confirmed: Callback, order_id: str) -> None:
        buyer, transaction_id = self.buyer, confirmed.told.transaction_id
        ref = await self.people.ref(buyer.bap_id, order_id)
        if not ref:
            return
        for event in WORK:
            more = {}
            if event == "start":
                token = await self._token(order_id, transaction_id)
                if not token:
                    return
                more["otp"] = token
            if not await self.people.tell(buyer.bap_id, order_id, ref, event, **more):
                return
        message = messages.rating_message("Provider", confirmed.order["provider"]["id"], self.rng.randint(1, 5))
        await buyer.ask("rating", message, transaction_id=transaction_id)

    async def _token(self, order_id: str, transaction_id: str) -> str:
        """What the customer tells the worker: from the last callback, or asked for where that one did not come."""
        buyer = self.buyer
        event = buyer.told_of[transaction_id] = asyncio.Event()
        try:
            if not self._shown_token(transaction_id):
                try:
                    await asyncio.wait_for(event.wait(), 2.0)
                except TimeoutError:
                    await self._status(order_id, transaction_id)
            return self._shown_token(transaction_id)
        finally:
            del buyer.told_of[transaction_id]

    def _shown_token(self, transaction_id: str) -> str:
        last = self.buyer.last.get(transaction_id)
        return otp(last.order) if last else ""

    async def _status(self, order_id: str, transaction_id: str) -> None:
        await self.buyer.ask("status", messages.status_message(order_id), transaction_id=transaction_id)
