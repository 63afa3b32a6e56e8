"""The six flows of a certified buyer app, moved in time and place, against our own server, each to its real end.

Each request is theirs, but for the participants, the clock, the place, and the ids, slots, quotes and amounts, which
come from our own callbacks as they would for any buyer app. ``change`` edits a request just before it is sent.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from bpp.sandbox.exchange import Callback, SyncAnswer
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import Offer, read_offers
from tests.support.conversation import moment, slot_of, state_of
from tests.support.network import Network, otp_of

FLOWS = (
    "buyer_cancel_flow",
    "completion_flow",
    "consultation_flow",
    "reschedule_flow",
    "schedule_reselection_flow",
    "seller_cancel_flow",
)
HOUR = timedelta(hours=1)
Json = dict[str, Any]
Change = Callable[[Json], None]


def unchanged(_: Json) -> None:
    """As it is."""


class Replay:
    """One flow of theirs against our server. ``query`` and ``headers`` go with every request."""

    def __init__(
        self,
        network: Network,
        folder: Path,
        *,
        change: Change = unchanged,
        query: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.network = network
        self.folder = folder
        self.transaction_id = network.buyer.new_id()
        self.order_id = network.buyer.new_id()
        self.offer: Offer
        self.start: datetime
        self.last: Callback
        self.confirmed: Callback
        self._change = change
        self._query = query
        self._headers = headers

    async def run(self) -> Callback:
        """The whole flow; its last callback."""
        await self.order()
        match self.folder.name:
            case "buyer_cancel_flow":
                await self.cancel()
            case "seller_cancel_flow":
                await self.cancelled()
            case "reschedule_flow":
                await self.reschedule()
                await self.carry_out()
            case "consultation_flow":
                await self.consult()
            case _:
                await self.carry_out()
        return self.last

    def came(self) -> list[Callback]:
        """Every callback of this flow."""
        return [one for one in self.network.buyer.callbacks if one.transaction_id == self.last.transaction_id]

    async def order(self) -> None:
        """From the search to an accepted order."""
        await self.search()
        if (self.folder / "select_reject.json").exists():
            await self.select_in_vain()
            await self.select("select_confirm")
        else:
            await self.select("select")
        await self.init()
        await self.confirm()

    async def search(self) -> None:
        found = await self.ask(self.theirs("search"))
        # Their location ids are ones that no catalog has: only a provider with a single place can be meant by them.
        single = {one["id"] for one in found.message["catalog"]["providers"] if len(one["locations"]) == 1}
        self.offer = next(one for one in read_offers(found.message) if one.starts and one.provider_id in single)
        self.start = self._later(5)

    async def select_in_vain(self) -> None:
        past = self.network.clock() - timedelta(hours=16)
        rejected = await self.ask(self._selecting("select_reject", past))
        assert rejected.error_code == "90001"
        times = rejected.order["items"][0]["time"]["schedule"]["times"]
        assert wire_time(self.offer.starts[0]) in times

    async def select(self, name: str) -> None:
        chosen = await self.ask(self._selecting(name, self.start))
        assert (chosen.error, state_of(chosen), slot_of(chosen)) == ({}, "Serviceable", self.start)

    async def init(self) -> None:
        message = self.theirs("init")
        self._selected(message["message"]["order"])
        ready = await self.ask(message)
        assert ready.error == {}

    async def confirm(self) -> None:
        ready = self.last.order
        message = self.theirs("confirm")
        order = message["message"]["order"]
        self._selected(order)
        order["id"] = self.order_id
        order["quote"] = copy.deepcopy(ready["quote"])
        order["created_at"] = order["updated_at"] = wire_time(self.network.clock())
        order["payments"][0]["params"]["amount"] = ready["quote"]["price"]["value"]
        order["payments"][0]["id"] = ready["payments"][0]["id"].replace("-", "")  # as theirs drops the hyphen
        self.confirmed = await self.ask(message)
        assert (self.confirmed.error, state_of(self.confirmed)) == ({}, "Pending")
        assert self.confirmed.order["status"].upper() == "ACCEPTED"
        assert slot_of(self.confirmed) == self.start
        self.order_id = self.confirmed.order["id"]

    async def status(self, code: str) -> None:
        """Their question, where they ask it."""
        if (self.folder / "status.json").exists():
            message = self.theirs("status")
            message["message"]["order_id"] = self.order_id
            asked = await self.ask(message)
            assert (asked.error, state_of(asked)) == ({}, code)

    async def carry_out(self) -> None:
        """The visit, as far as its invoice: the states that their logs show."""
        await self.status("Pending")
        assert await self.told("depart") == ("IN-PROGRESS", "In-Transit")
        await self._a_minute_passes()
        assert await self.told("arrive") == ("IN-PROGRESS", "At-Location")
        assert await self.told("start", otp=otp_of(self.last)) == ("IN-PROGRESS", "At-Location")
        await self._a_minute_passes()
        assert await self.told("complete") == ("COMPLETED", "Completed")
        assert self.last.order["documents"][0]["label"] == "INVOICE"
        await self.status("Completed")

    async def cancel(self) -> None:
        message = self.theirs("cancel")
        message["message"]["order_id"] = self.order_id
        cancelled = await self.ask(message)
        assert (cancelled.error, cancelled.order["status"].upper()) == ({}, "CANCELLED")
        assert cancelled.order["cancellation"]["cancelled_by"] == "CONSUMER"

    async def cancelled(self) -> None:
        """Their seller gives the order up; the code is theirs."""
        assert await self.told("cancel", reason="022") == ("CANCELLED", "Cancelled")
        theirs = json.loads((self.folder / "on_cancel.json").read_text())["message"]["order"]["cancellation"]
        assert self.last.order["cancellation"]["cancelled_by"] == theirs["cancelled_by"]

    async def reschedule(self) -> None:
        """Their update moves the visit: only the range of the end stop counts."""
        later = self._later(7)
        message = self.theirs("update")
        order = message["message"]["order"]
        order["id"] = self.order_id
        for stop in order["fulfillments"][0]["stops"]:
            if stop["time"].get("label") == "selected":
                stop["time"]["range"] = _range(later)
        moved = await self.ask(message)
        assert (moved.error, moved.order["status"].upper()) == ({}, "ACCEPTED")
        for stop in moved.order["fulfillments"][0]["stops"]:
            assert stop["time"]["range"]["start"] == wire_time(later)
        assert moved.order["payments"] == self.confirmed.order["payments"]

    async def consult(self) -> None:
        """Our quotation at the customer's door, their update that pays for it, and the rest of the visit."""
        await self.told("depart")
        await self._a_minute_passes()
        await self.told("arrive")
        await self.told("start", otp=otp_of(self.last))
        lines: Any = [{"title": "Bathroom Cleaning", "price": "200.00", "count": 1}]
        assert (await self.told("requote", lines=lines))[0] == "PENDING"
        quoted = self.last.order
        message = self.theirs("update")
        order = message["message"]["order"]
        order["id"] = self.order_id
        for ours, one in zip(quoted["payments"], order["payments"], strict=True):
            one["id"] = ours["id"]
            one["params"]["amount"] = ours["params"]["amount"]
        taken = await self.ask(message)
        assert (taken.error, taken.order["status"].upper()) == ({}, "IN-PROGRESS")
        assert [one["status"] for one in taken.order["payments"]] == ["PAID", "PAID"]
        await self._a_minute_passes()
        assert await self.told("complete") == ("COMPLETED", "Completed")
        assert self.last.order["payments"] == taken.order["payments"]
        assert self.last.order["quote"] == taken.order["quote"] == quoted["quote"]

    async def rate(self) -> None:
        """A rating of the item: theirs has none, so it is shaped as the one buyer app does that sends any."""
        rated = await self.also(
            "rating", {"ratings": [{"ratingCategory": "Item", "id": self.offer.item_id, "value": "4"}]}
        )
        assert rated.message == {}

    async def track(self) -> None:
        """A question where the worker is: nobody is followed by theirs."""
        told = await self.also("track", {"order_id": self.order_id})
        assert told.message["tracking"]["status"] == "inactive"

    async def support(self) -> None:
        """A question whom to call: the answer repeats what it is about, where that is said."""
        asked = {"support": {"ref_id": self.order_id}}
        told = (await self.also("support", asked)).message["support"]
        assert told.get("ref_id", "") == (asked["support"].get("ref_id") or "")
        assert (told["phone"], told["email"]) == ("155330", "support@sewamitra.example")

    async def also(self, action: str, message: Json) -> Callback:
        """A message that their flows have not, under their context; its answer, which bears no error."""
        said = self.theirs("confirm")
        said["context"]["action"] = action
        said["message"] = message
        answer = await self.ask(said)
        assert answer.error == {}
        return answer

    # How they speak

    def theirs(self, name: str) -> Json:
        """A request of theirs with our participants, place and time."""
        message: Json = json.loads((self.folder / f"{name}.json").read_text())
        buyer, place = self.network.buyer, self.network.place
        message["context"] |= {
            "bap_id": buyer.participant.subscriber_id,
            "bap_uri": f"{buyer.url}/",
            "transaction_id": self.transaction_id,
            "message_id": buyer.new_id(),
            "timestamp": wire_time(self.network.clock()),
            "location": {"city": {"code": place.std}, "country": {"code": "IND"}},
        }
        if "bpp_id" in message["context"]:
            message["context"] |= {"bpp_id": "bpp.sandbox.example", "bpp_uri": self.network.url}
        _move(message["message"], place.gps, place.area_code)
        return message

    async def ask(self, message: Json) -> Callback:
        """Send, and the callback that answers."""
        self._change(message)
        context = message["context"]
        answer = await self._send(message)
        assert answer.acked, answer.body
        self.last = await self.network.buyer.next_callback(
            context["transaction_id"], f"on_{context['action']}", message_id=context["message_id"]
        )
        return self.last

    async def told(self, event: str, **more: Any) -> tuple[str, str]:
        """What our side does; the order's status in capitals and the visit's state, as the buyer app is told."""
        self.last = await self.network.pushed(self.confirmed, event, None, **more)
        assert self.last.error == {}
        return self.last.order["status"].upper(), state_of(self.last)

    async def _a_minute_passes(self) -> None:
        """When nothing is on its way: a delivery still being noted would outlive its lease."""
        await self.network.settled()
        self.network.clock.tick(minutes=1)

    async def _send(self, message: Json) -> SyncAnswer:
        path = f"{message['context']['action']}{self._query}"
        return await self.network.buyer.post(path, orjson.dumps(message), headers=self._headers)

    def _selecting(self, name: str, start: datetime) -> Json:
        message = self.theirs(name)
        order = message["message"]["order"]
        self._named(order)
        for stop in order["fulfillments"][0]["stops"]:
            stop["time"]["range"] = _range(start)
        order["fulfillments"][0]["tags"][0]["list"][0]["value"] = self.offer.item_id
        return message

    def _named(self, order: Json) -> None:
        order["provider"]["id"] = self.offer.provider_id
        for location in order["provider"]["locations"]:
            location["id"] = "L1-of-theirs"
        for item in order["items"]:
            item["id"] = self.offer.item_id

    def _selected(self, order: Json) -> None:
        self._named(order)
        fulfillment = self.last.order["fulfillments"][0]
        for item in order["items"]:
            item["fulfillment_ids"] = [fulfillment["id"]]
        for one in order["fulfillments"]:
            one["id"] = fulfillment["id"]
            for stop in one["stops"]:
                stop["time"]["range"] = _range(self.start)

    def _later(self, hours: int) -> datetime:
        """The first start so far ahead that the terms still let the visit be moved, and not the last of its day."""
        enough = self.network.clock() + timedelta(hours=hours)
        return next(one for one in self.offer.starts if one >= enough and one + timedelta(hours=1) in self.offer.starts)


def times_of(value: Any, write: Callable[[datetime], str]) -> None:
    """Write every time of a message anew."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):
            times_of(inner, write)
        elif isinstance(inner, str) and len(inner) == len("2026-11-23T03:30:00.000Z") and inner.endswith("Z"):
            value[key] = write(moment(inner))


def _range(start: datetime) -> Json:
    return {"start": wire_time(start), "end": wire_time(start + HOUR)}


def _move(value: Any, gps: str, area_code: str) -> None:
    """Put every place of a message where we serve."""
    if isinstance(value, dict):
        if "gps" in value:
            value["gps"] = gps
        if "area_code" in value:
            value["area_code"] = area_code
        for inner in value.values():
            _move(inner, gps, area_code)
    elif isinstance(value, list):
        for inner in value:
            _move(inner, gps, area_code)
