"""What customers of a buyer app and the seller's people do, order by order: whole bookings, so that money moves."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import orjson

from bpp.sandbox import messages
from bpp.sandbox.exchange import Json, part
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import Offer, otp, read_offers, window
from tests.chaos.buyer import Buyer, Callback
from tests.chaos.recording import Act, Deed, Recording, Relief, Try
from tests.chaos.wire import Client, NoAnswer

LASTS = ("booked", "booked", "cancelled", "moved", "served", "served")
"""What becomes of an order, each as likely."""
WORK = ("depart", "arrive", "start", "complete")
RESTAFFED = 0.15
"""How likely the seller's people give an order to somebody else."""
STAFFING = (*("another", "away", "named") * 4, "relief")
"""How they do that, each as likely: the next best goes; nobody, then somebody; one they name; all the worker's visits
go to others."""
REASON = {"reason": "ill"}


@dataclass(kw_only=True)
class People:
    """The seller's side: dispatchers and workers, through the operator API. Each event bears an Idempotency-Key.

    ``teams`` are the workers' ids, provider by provider.
    """

    client: Client
    token: str
    rng: Random
    recording: Recording
    teams: Sequence[Sequence[str]]
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
        done = await self._do(act, f"/api/v1/orders/{ref}/events", {"event": event, **more})
        if done is not None:
            act.worker_id = str(part(done["fulfillments"][0], "worker").get("worker_id", ""))
        return done is not None

    async def restaff(self, bap_id: str, order_id: str, ref: str, worker_id: str) -> None:
        """Give an order of ``worker_id`` to somebody else, in one of the ways of ``STAFFING``."""
        match self.rng.choice(STAFFING):
            case "another":
                await self.tell(bap_id, order_id, ref, "reassign", **REASON)
            case "away":
                if await self.tell(bap_id, order_id, ref, "unassign", **REASON):
                    await self.tell(bap_id, order_id, ref, "assign")
            case "named":
                team = next(team for team in self.teams if worker_id in team)
                await self.tell(bap_id, order_id, ref, "assign", worker_id=self.rng.choice(team))
            case _:
                relief = Relief(worker_id=worker_id)
                self.recording.reliefs.append(relief)
                done = await self._do(relief, f"/api/v1/workers/{worker_id}/reassign", REASON)
                if done is not None:
                    relief.now = {one["ref"]: one["worker_id"] or "" for one in done["items"] if not one["problem"]}

    async def _do(self, deed: Deed, path: str, wish: Mapping[str, str]) -> Json | None:
        """Ask for it, again as long as nobody answers; what was answered once it was done, None where it was refused."""
        key = UUID(int=self.rng.getrandbits(128), version=4)
        headers, body = (f"Idempotency-Key: {key}", "Content-Type: application/json"), orjson.dumps(wish)
        now = asyncio.get_running_loop().time
        for _ in range(self.tries):
            left, status, answer = now(), 0, b""
            try:
                status, answer = await self._call("POST", path, body, *headers)
            finally:  # also where the run is over
                deed.tries.append(Try(left, now(), status))
            if status not in (0, 503):
                return orjson.loads(answer) if status == 200 else None
            await asyncio.sleep(0.1 + 0.4 * self.rng.random())
        return None

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
    booked: int = 0

    async def look_around(self) -> None:
        """Search with each of the words, one customer of the buyer app after the other."""
        found: list[Offer] = []
        for words in self.words:
            message = messages.search_message(words=words, place=self.buyer.place)
            transaction_id = self.buyer.new_id()
            told = await self.buyer.ask("search", message, transaction_id=transaction_id)
            if told is not None:
                found += [one for one in read_offers(told.document["message"]) if one.starts]
        self.buyer.offers = found or self.buyer.offers

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
        if self.rng.random() < RESTAFFED:
            await self._restaff(confirmed, order_id)
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
        async with self.buyer.looking:
            if not self.buyer.offers or self.rng.random() < 0.02:
                await self.look_around()
        offers = self.buyer.offers
        if not offers:
            return None
        transaction_id = self.buyer.new_id()
        few = [one for one in offers if one.provider_id == "SCARCE"]
        many = [one for one in offers if one.provider_id != "SCARCE"]
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

    async def _restaff(self, confirmed: Callback, order_id: str) -> None:
        shown, bap_id = confirmed.told.shown, self.buyer.bap_id
        if shown is None or not shown.live:
            return
        ref = await self.people.ref(bap_id, order_id)
        if ref:
            await self.people.restaff(bap_id, order_id, ref, shown.worker_id)

    async def _move(self, confirmed: Callback) -> None:
        slot = window(confirmed.order)
        others = [one for offer in self.buyer.offers for one in offer.starts if slot and one != slot[0]]
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
