"""A buyer app's desk at a real server: complaints said and heard over sockets, and our own desk over the operator API."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson

from beckn_schemas.igm_check import check_igm
from beckn_schemas.igm_codes import IGM_ACTIONS
from beckn_schemas.invariants import check_callback
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from tests.support.grievances import BuyerV1, BuyerV2, Hands
from tests.support.network import Network

Json = dict[str, Any]


class Complaining:
    """A buyer app's desk at a real buyer app: what it says is signed and sent, what it hears came over its socket."""

    def __init__(self, network: Network, confirmed: Callback, buyer: BuyerV1 | BuyerV2) -> None:
        self.network, self.confirmed, self.buyer = network, confirmed, buyer
        order, context = confirmed.order, confirmed.document["context"]
        self.context = {
            key: context[key] for key in ("domain", "bap_id", "bap_uri", "bpp_id", "bpp_uri", "transaction_id")
        }
        self.names = {
            "O1": order["id"],
            "P1": order["provider"]["id"],
            "F1": order["fulfillments"][0]["id"],
            "TAP": order["items"][0]["id"],
        }
        buyer.issue = self._named(buyer.issue)

    def _named(self, value: Any) -> Any:
        text = orjson.dumps(value).decode()
        for ours, theirs in self.names.items():
            text = text.replace(f'"{ours}"', f'"{theirs}"')
        return orjson.loads(text)

    async def post(self, action: str, payload: Json, **context: Any) -> Any:
        """The synchronous answer to a message; its context is the order's own, in the shape that the buyer uses."""
        payload = copy.deepcopy(payload)
        payload["context"] |= {**self.context, "action": action, **context}
        self.sent = payload["context"]["message_id"]
        return await self.network.buyer.post(action, orjson.dumps(payload))

    async def say(self, payload: Json, **context: Any) -> Callback:
        """Send an /issue; the on_issue that answers it."""
        answer = await self.post("issue", payload, **context)
        assert answer.acked, answer
        return await self.network.buyer.next_callback(action="on_issue", message_id=self.sent)

    async def step(self, name: str, **more: Any) -> Json:
        """A step of ours at the desk; the ticket."""
        status, ticket = await self.network.call("POST", f"/tickets/{await self.ref()}/steps", {"step": name, **more})
        assert status == 200, ticket
        return dict(ticket)

    async def ref(self) -> str:
        """The number of the ticket."""
        _, page = await self.network.call("GET", "/tickets")
        return str(next(one["ref"] for one in page["items"] if one["issue_id"] == self.buyer.issue["id"]))

    async def news(self, action: str = "on_issue") -> Callback:
        """What comes unasked."""
        return await self.network.buyer.next_callback(action=action)

    def hears(self, callback: Callback) -> list[str]:
        """The codes that are new in a callback."""
        new = self.buyer.hear(callback.message)
        return [one["respondent_action"] if "respondent_action" in one else one["descriptor"]["code"] for one in new]


def complaining_of(
    network: Network, confirmed: Callback, kind: type[BuyerV1 | BuyerV2] = BuyerV2, **ago: float
) -> Complaining:
    """Somebody who complains of an order, now or so long ago."""
    hands = Hands()
    hands.now = network.clock() - timedelta(**ago)
    return Complaining(network, confirmed, kind(hands))


def status_of(callback: Callback) -> str:
    return str(callback.message["issue"]["status"])


async def tick(one: Complaining) -> None:
    """Some time passes for both sides."""
    one.network.clock.tick(seconds=60)
    one.buyer.hands.now = one.network.clock()


def check_told(network: Network) -> None:
    """Everything that either buyer app was sent is signed and right by our strict models, of each family."""
    found = [fault for buyer in (network.buyer, network.second_buyer) for fault in _faults(buyer)]
    assert found == []


def _faults(buyer: Buyer) -> Iterator[str]:
    asked = {(f"on_{one.request.action}", one.request.message_id) for one in buyer.answers}
    for one in buyer.callbacks:
        unsolicited = (one.action, one.message_id) not in asked
        check = check_igm if one.action in IGM_ACTIONS else check_callback
        broken = [
            f"{each.rule} at {each.path}: {each.expected}"
            for each in check(orjson.loads(one.body), unsolicited=unsolicited)
        ]
        if one.problem or broken:
            yield f"{one.action} #{one.number}: {one.problem} {broken}"
