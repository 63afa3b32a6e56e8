"""The requests of a certified buyer app, moved in time and place, against our own server.

The six flows of ``../shared/traffic/mystore-seller``: each request is theirs, but for the participants, the clock, the
place, and the ids, slots, quotes and amounts, which come from our own callbacks as they would for any buyer app.
"""

from __future__ import annotations

import copy
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from beckn_schemas.invariants import check_callback
from bpp.sandbox.exchange import Callback, SyncAnswer
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import read_offers
from tests.support.network import Network, otp_of

FLOWS = (
    "buyer_cancel_flow",
    "completion_flow",
    "consultation_flow",
    "reschedule_flow",
    "schedule_reselection_flow",
    "seller_cancel_flow",
)
Json = dict[str, Any]


class Replay:
    """One flow of theirs against our server."""

    def __init__(self, network: Network, folder: Path) -> None:
        self.network = network
        self.folder = folder
        self.transaction_id = network.buyer.new_id()
        self.last: Callback | None = None
        self.offer: Any = None
        self.start: Any = None
        self.order_id = ""

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

    async def send(self, message: Json) -> SyncAnswer:
        return await self.network.buyer.post(message["context"]["action"], orjson.dumps(message))

    async def ask(self, message: Json) -> Callback:
        """Send, and the valid callback that answers."""
        answer = await self.send(message)
        assert answer.acked, answer.body
        self.last = await self.network.buyer.next_callback(
            self.transaction_id, f"on_{message['context']['action']}", message_id=message["context"]["message_id"]
        )
        assert check_callback(self.last.document) == []
        return self.last

    async def search(self) -> None:
        found = await self.ask(self.theirs("search"))
        # Their location ids are ones that no catalog has: only a provider with a single place can be meant by them.
        single = {one["id"] for one in found.message["catalog"]["providers"] if len(one["locations"]) == 1}
        self.offer = next(one for one in read_offers(found.message) if one.starts and one.provider_id in single)
        self.start = self.offer.starts[4]

    async def select(self, name: str = "select", start: Any = None) -> Callback:
        message = self.theirs(name)
        order = message["message"]["order"]
        self._named(order)
        start = start or self.start
        for stop in order["fulfillments"][0]["stops"]:
            stop["time"]["range"] = {"start": wire_time(start), "end": wire_time(start + timedelta(hours=1))}
        order["fulfillments"][0]["tags"][0]["list"][0]["value"] = self.offer.item_id
        return await self.ask(message)

    async def init(self) -> Callback:
        message = self.theirs("init")
        self._selected(message["message"]["order"])
        return await self.ask(message)

    async def confirm(self) -> Callback:
        assert self.last is not None
        ready = self.last.order
        message = self.theirs("confirm")
        order = message["message"]["order"]
        self._selected(order)
        self.order_id = order["id"]
        order["quote"] = copy.deepcopy(ready["quote"])
        order["created_at"] = order["updated_at"] = wire_time(self.network.clock())
        order["payments"][0]["params"]["amount"] = ready["quote"]["price"]["value"]
        order["payments"][0]["id"] = ready["payments"][0]["id"].replace("-", "")  # as theirs drops the hyphen
        return await self.ask(message)

    async def reschedule(self, confirmed: Callback) -> None:
        """Their update moves the visit: only the range of the end stop counts."""
        later = self.offer.starts[6]
        message = self.theirs("update")
        order = message["message"]["order"]
        order["id"] = self.order_id
        for stop in order["fulfillments"][0]["stops"]:
            if stop["time"].get("label") == "selected":
                stop["time"]["range"] = {"start": wire_time(later), "end": wire_time(later + timedelta(hours=1))}
        moved = await self.ask(message)
        assert (moved.order["status"], moved.error_code) == ("ACCEPTED", "")
        for stop in moved.order["fulfillments"][0]["stops"]:
            assert stop["time"]["range"]["start"] == wire_time(later)
        assert moved.order["payments"] == confirmed.order["payments"]

    async def consult(self, confirmed: Callback) -> None:
        """Our quotation at the customer's door, their update that pays for it, and the rest of the visit."""
        network = self.network
        await network.pushed(confirmed, "depart")
        network.clock.tick(minutes=9)
        arrived = await network.pushed(confirmed, "arrive")
        await network.pushed(confirmed, "start", otp=otp_of(arrived))
        lines: Any = [{"title": "Bathroom Cleaning", "price": "200.00", "count": 1}]
        quoted = await network.pushed(confirmed, "requote", lines=lines)
        assert (quoted.action, quoted.order["status"]) == ("on_update", "PENDING")
        message = self.theirs("update")
        order = message["message"]["order"]
        order["id"] = self.order_id
        for ours, one in zip(quoted.order["payments"], order["payments"], strict=True):
            one["id"] = ours["id"]
            one["params"]["amount"] = ours["params"]["amount"]
        taken = await self.ask(message)
        assert (taken.order["status"], taken.error_code) == ("IN-PROGRESS", "")
        assert [one["status"] for one in taken.order["payments"]] == ["PAID", "PAID"]
        network.clock.tick(minutes=30)
        done = await network.pushed(confirmed, "complete")
        assert done.order["payments"] == taken.order["payments"]
        assert done.order["quote"] == taken.order["quote"]

    async def by_order_id(self, name: str) -> Callback:
        message = self.theirs(name)
        message["message"]["order_id"] = self.order_id
        return await self.ask(message)

    def _named(self, order: Json) -> None:
        order["provider"]["id"] = self.offer.provider_id
        for location in order["provider"]["locations"]:
            location["id"] = "L1-of-theirs"
        for item in order["items"]:
            item["id"] = self.offer.item_id

    def _selected(self, order: Json) -> None:
        assert self.last is not None
        self._named(order)
        fulfillment = self.last.order["fulfillments"][0]
        for item in order["items"]:
            item["fulfillment_ids"] = [fulfillment["id"]]
        for one in order["fulfillments"]:
            one["id"] = fulfillment["id"]


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


@pytest.fixture(params=FLOWS)
def replay(request: pytest.FixtureRequest, network: Network, shared: Path) -> Replay:
    return Replay(network, shared / "traffic" / "mystore-seller" / request.param)


async def test_the_requests_of_a_real_buyer_app_are_answered_with_valid_callbacks(replay: Replay) -> None:
    flow = replay.folder.name
    await replay.search()
    if flow == "schedule_reselection_flow":
        past = replay.network.clock() - timedelta(hours=16)
        rejected = await replay.select("select_reject", past)
        assert rejected.error_code == "90001"
        times = rejected.order["items"][0]["time"]["schedule"]["times"]
        assert times
        await replay.select("select_confirm")
    else:
        await replay.select()
    assert not (replay.last and replay.last.error)
    await replay.init()
    confirmed = await replay.confirm()
    assert confirmed.order["id"] == replay.order_id
    assert confirmed.order["status"] == "ACCEPTED"

    if (replay.folder / "status.json").exists():
        status = await replay.by_order_id("status")
        assert status.order["fulfillments"][0]["state"]["descriptor"]["code"] == "Pending"
    if (replay.folder / "cancel.json").exists():
        cancelled = await replay.by_order_id("cancel")
        assert cancelled.order["status"] == "CANCELLED"
        assert cancelled.order["cancellation"]["reason"]["descriptor"]["code"] == "002"
    if flow == "reschedule_flow":
        await replay.reschedule(confirmed)
    if flow == "consultation_flow":
        await replay.consult(confirmed)
