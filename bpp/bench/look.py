"""A close look at a callback of the load: whether it is a real, priced, signed on_select."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import orjson

from bpp.bench.visits import ITEMS
from bpp.sandbox.identities import BPP
from signing.errors import SignatureError
from signing.header import SignatureHeader
from signing.signature import verify

_AUTHORIZATION = re.compile(rb"\r\nauthorization: *([^\r]+)", re.IGNORECASE)


def faults_of(head: bytes, body: bytes) -> Iterator[str]:
    """Everything that is wrong with a callback; nothing where it is as it should be."""
    found = _AUTHORIZATION.search(head)
    if found is None:
        yield "there is no signature"
        return
    try:
        verify(SignatureHeader.parse(found[1].decode()), body, BPP.key.public_key)
    except SignatureError as problem:
        yield f"the signature does not hold: {problem}"
    message = orjson.loads(body)
    if message["context"]["action"] != "on_select":
        yield f"on_select is expected, not {message['context']['action']}"
    if "error" in message:
        yield f"an error: {message['error']}"
    else:
        yield from _order_faults(message.get("message", {}).get("order", {}))


def _order_faults(order: dict[str, Any]) -> Iterator[str]:
    if len(order.get("items", ())) != ITEMS:
        yield f"{ITEMS} items are expected"
    if Decimal(order.get("quote", {}).get("price", {}).get("value", "0")) <= 0:
        yield "a price is expected"
    stops = [stop for one in order.get("fulfillments", ()) for stop in one.get("stops", ())]
    if not any("range" in stop.get("time", {}) for stop in stops):
        yield "a slot is expected"
