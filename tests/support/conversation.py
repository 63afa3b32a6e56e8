"""What flow tests say to the seller and demand of every callback that came back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson

from beckn_schemas.invariants import check_callback
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback, Sent, SyncAnswer
from bpp.sandbox.messages import confirm_message
from bpp.storage.ports import OrderFilter, OrderRow
from tests.support.json_edit import edited
from tests.support.network import Network

WIRE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
LOOKS_LIKE_A_TIME = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
MONEY_KEYS = frozenset({"value", "amount"})
DECIMAL = re.compile(r"-?\d+(\.\d+)?")
PAISE = -2
ECHOED = "billing"
"""The buyer app's own words, which come back to the letter (assertion 26)."""


def check_conversation(network: Network) -> None:
    """Every callback that either buyer app received was signed, valid, and in the right conversation."""
    found = [fault for buyer in (network.buyer, network.second_buyer) for fault in faults(buyer)]
    assert found == []


def faults(buyer: Buyer) -> list[str]:
    """What is wrong with the callbacks of a buyer app."""
    asked = {(one.request.action, one.request.message_id): one.request for one in buyer.answers}
    own_ids = {one.request.message_id for one in buyer.answers}
    pushed: dict[str, bytes] = {}
    found = []
    for callback in buyer.callbacks:
        request = asked.get((callback.action.removeprefix("on_"), callback.message_id))
        problems = [f"signature: {callback.problem}"] if callback.problem else []
        broken = check_callback(callback.document, unsolicited=request is None)
        problems += [f"{one.rule} at {one.path}: {one.expected}" for one in broken]
        problems += context_faults(callback, request, buyer)
        problems += blemishes(callback.document)
        if callback.order and not callback.order.get("fulfillments"):
            problems.append("an order without fulfillments")
        if request is None:
            if callback.message_id in own_ids:
                problems.append("an unsolicited callback bears a request's message_id")
            if pushed.setdefault(callback.message_id, callback.body) != callback.body:
                problems.append("two unsolicited callbacks bear one message_id")
        found += [f"{callback.action} #{callback.number}: {problem}" for problem in problems]
    return found


def context_faults(callback: Callback, request: Sent | None, buyer: Buyer) -> Iterator[str]:
    """What is wrong with a context: assertions 3 and 4."""
    context = callback.context
    expected: dict[str, Any] = {
        "action": callback.action,
        "version": "2.0.0",
        "ttl": "PT30S",
        "bap_id": buyer.participant.subscriber_id,
        "bpp_id": "bpp.sandbox.example",
    }
    if request is not None:
        echoed = ("domain", "location", "bap_id", "bap_uri", "transaction_id")
        expected |= {key: request.context[key] for key in echoed}
        if moment(context["timestamp"]) < moment(request.context["timestamp"]):
            yield "context.timestamp is earlier than the request's"
    yield from (f"context.{key} is {context.get(key)!r}" for key, one in expected.items() if context.get(key) != one)
    if not WIRE_TIME.fullmatch(str(context.get("timestamp"))):
        yield "context.timestamp is not UTC with milliseconds"
    if callback.message_id == callback.transaction_id:
        yield "message_id is the transaction_id"


def blemishes(value: Any, path: str = "") -> Iterator[str]:
    """Assertion 59, over all that we say in a message: times, nulls, amounts."""
    if value is None:
        yield f"{path} is null"
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in MONEY_KEYS:
                yield from coarse(inner, f"{path}.{key}")
            if key != ECHOED:
                yield from blemishes(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from blemishes(inner, f"{path}[{number}]")
    elif isinstance(value, str) and LOOKS_LIKE_A_TIME.match(value) and not WIRE_TIME.fullmatch(value):
        yield f"{path} is no UTC time with milliseconds: {value}"


def coarse(amount: Any, path: str) -> Iterator[str]:
    """What is wrong with an amount: a binary fraction, or parts of a paisa."""
    if isinstance(amount, float):
        yield f"{path} is a binary fraction"
    if isinstance(amount, str) and DECIMAL.fullmatch(amount):
        exponent = Decimal(amount).as_tuple().exponent
        if not isinstance(exponent, int) or exponent < PAISE:
            yield f"{path} is finer than a paisa: {amount}"


async def confirm_with(
    network: Network,
    ready: Callback,
    *edits: tuple[str, Any],
    order_id: str = "O-1",
    buyer: Buyer | None = None,
    message_id: str | None = None,
    payment_id: str = "UPI-1",
    context: Mapping[str, Any] | None = None,
) -> SyncAnswer:
    """Send the confirm of an on_init with some places of ``message.order`` changed; its synchronous answer."""
    buyer = buyer or network.buyer
    message = confirm_message(ready.order, order_id=order_id, now=buyer.clock(), payment_id=payment_id)
    made = buyer.envelope(
        "confirm",
        message,
        transaction_id=ready.transaction_id,
        message_id=message_id,
        context=journey.following(ready) | dict(context or {}),
    )
    for path, new in edits:
        made = edited(made, f"message.order.{path}", new)
    return await buyer.post("confirm", orjson.dumps(made), to=str(ready.context["bpp_uri"]))


async def answer_to(answer: SyncAnswer, buyer: Buyer) -> Callback:
    """The callback that answers an acknowledged request."""
    assert answer.acked, answer.body
    request = answer.request
    return await buyer.next_callback(
        request.transaction_id, f"on_{request.action}", message_id=request.message_id, timeout=journey.PATIENCE
    )


async def orders(network: Network) -> list[OrderRow]:
    """Every order, newest first."""
    return list(await network.context.storage.read(lambda work: work.orders.find(OrderFilter(limit=500))))


async def events_of(network: Network, ref: str) -> list[str]:
    """The names of what happened to an order, oldest first."""
    return [one.event for one in await network.context.storage.read(lambda work: work.orders.events(ref))]


async def is_offered(network: Network, start: datetime, words: str, **more: Any) -> bool:
    """Whether a search still offers a start with the first provider."""
    _, offers = await network.offers(words, **more)
    return start in offers[0].starts


def slot_of(callback: Callback) -> datetime:
    """The start of the customer's slot."""
    stops = callback.order["fulfillments"][0]["stops"]
    end = next(one for one in stops if one["type"] == "end")
    return moment(end["time"]["range"]["start"])


def state_of(callback: Callback) -> str:
    """The code of the first fulfillment's state."""
    code: str = callback.order["fulfillments"][0]["state"]["descriptor"]["code"]
    return code


def moment(text: str) -> datetime:
    """A time of the wire."""
    return datetime.fromisoformat(text)
