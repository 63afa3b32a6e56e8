"""What flow tests say in an update: another slot, a word on a quotation, what was paid."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback, Json, SyncAnswer
from bpp.sandbox.moments import wire_time
from tests.support.conversation import answer_to
from tests.support.network import Network, otp_of

PAINTER = "painting consultation"
"""P-INDIRA has a single worker, so its slots say at once whether they are free."""
PAINTERS = "P-INDIRA"
WORK: Any = [{"title": "Putty and primer", "price": "1500.00"}]
"""The lines of a further quotation."""
PARTS: Any = [{"type": "PRE-FULFILLMENT", "amount": "500.00"}, {"type": "ON-FULFILLMENT", "amount": "1000.00"}]
"""Its price, a third of it in advance."""
ON_SITE: Any = [{"type": "ON-FULFILLMENT", "amount": "1500.00"}]
"""Its price, all of it on site."""


async def sent(
    network: Network, told: Callback, message: Json, *, buyer: Buyer | None = None, message_id: str | None = None
) -> SyncAnswer:
    """An update with anything in it."""
    return await (buyer or network.buyer).send(
        "update",
        message,
        transaction_id=told.transaction_id,
        message_id=message_id,
        context=journey.following(told),
    )


async def updated(
    network: Network, told: Callback, target: Any, order: Mapping[str, Any], *, buyer: Buyer | None = None
) -> Callback:
    """An update that is acknowledged, and the on_update that answers it."""
    answer = await sent(network, told, {"update_target": target, "order": order}, buyer=buyer)
    return await answer_to(answer, buyer or network.buyer)


def at(order: Mapping[str, Any], start: datetime, *, visit: int = 0, end: datetime | None = None) -> Json:
    """A buyer app's copy of an order with another slot for the nth visit."""
    moved: Json = copy.deepcopy(dict(order))
    for stop in moved["fulfillments"][visit]["stops"]:
        if stop["type"] == "end":
            range_ = {"start": wire_time(start), "end": wire_time(end or start + timedelta(hours=1))}
            stop["time"] = {"label": "selected", "range": range_}
    return moved


async def moved(
    network: Network, told: Callback, start: datetime, *, visit: int = 0, buyer: Buyer | None = None
) -> Callback:
    """The buyer moves a visit; the on_update that answers."""
    return await updated(network, told, "fulfillments", at(told.order, start, visit=visit), buyer=buyer)


def answered(quoted: Mapping[str, Any], status: str = "ACCEPTED", *, paid: bool = True) -> Json:
    """A buyer app's copy of an order with a quotation: its word, and what is due in advance paid or not."""
    order: Json = copy.deepcopy(dict(quoted))
    order["status"] = status
    for number, one in enumerate(order["payments"]):
        if paid and one["status"] == "NOT-PAID" and one["type"] == "PRE-FULFILLMENT":
            one["status"] = "PAID"
            one["params"]["transaction_id"] = f"UPI-EXTRA-{number}"
    return order


async def accepted(network: Network, quoted: Callback, *, paid: bool = True) -> Callback:
    """The buyer takes the quotation of an on_update and pays what is due; the on_update that answers."""
    return await updated(network, quoted, "payments", answered(quoted.order, paid=paid))


async def rejected(network: Network, quoted: Callback) -> Callback:
    """The buyer says no to the quotation of an on_update; the on_update that answers."""
    return await updated(network, quoted, "payments", answered(quoted.order, "CANCELLED", paid=False))


async def quoted_for(network: Network, told: Callback, **more: Any) -> Callback:
    """The provider quotes for more work; the unsolicited on_update."""
    return await network.pushed(told, "requote", **{"lines": WORK, **more})


async def polled(network: Network, told: Callback) -> Callback:
    """What a status says of an order."""
    return (await journey.status(network.buyer, told)).callback


async def another_start(network: Network, words: str = PAINTER, number: int = 20) -> datetime:
    """A start that a search offers now."""
    _, offers = await network.offers(words)
    return offers[0].starts[number]


async def at_work(network: Network, words: str = PAINTER, **more: Any) -> Callback:
    """A booking whose worker is at work: its on_status."""
    confirmed = await network.booked(words, **more)
    return await carried_to(network, confirmed, "start")


async def carried_to(network: Network, told: Callback, last: str, *, visit: int = 0) -> Callback:
    """The visit under way up to an event; the last callback. ``visit`` is its place, where the OTP is."""
    way = ("depart", "arrive", "start", "complete")
    for event in way[: way.index(last) + 1]:
        network.clock.tick(minutes=1)
        more: Any = {"otp": otp_of(told, visit)} if event == "start" else {}
        told = await network.pushed(told, event, **more)
    return told


async def charge(network: Network, provider_id: str, fee: str, within: str = "PT4H") -> None:
    """Let moving a visit that is pending cost this at a provider."""
    _, provider = await network.call("GET", f"/providers/{provider_id}")
    terms = provider["terms"]
    pending = next(one for one in terms["reschedule"] if one["state"] == "Pending")
    pending |= {"fee": fee, "within": within}
    status, answer = await network.call("PATCH", f"/providers/{provider_id}", {"terms": terms})
    assert status == 200, answer


def payments(callback: Callback) -> list[tuple[str, str, str]]:
    """Type, status and amount of each payment."""
    return [(one["type"], one["status"], one["params"]["amount"]) for one in callback.order["payments"]]


def price(callback: Callback) -> str:
    """The price of the order."""
    value: str = callback.order["quote"]["price"]["value"]
    return value


def states(callback: Callback) -> list[str]:
    """The code of each visit's state."""
    return [one["state"]["descriptor"]["code"] for one in callback.order["fulfillments"]]


def item_ids(callback: Callback) -> list[str]:
    """The items of the order."""
    return [one["id"] for one in callback.order["items"]]


def starts_offered(callback: Callback) -> list[datetime]:
    """The alternatives in an answer."""
    return [datetime.fromisoformat(one) for one in callback.order["items"][0]["time"]["schedule"]["times"]]
