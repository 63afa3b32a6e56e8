"""Odd input: whatever the schemas take is answered by a sound callback or a published code, never by our own fault.

One place of a good message is changed at a time, through the real server: a table of what buyer apps did send, and
every place with every kind of oddness. The self-check before storing would turn an unsound answer into a 503.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import orjson
import pytest

from beckn_schemas.ack import ERROR_CODES
from beckn_schemas.invariants import check_callback
from bpp.sandbox.messages import confirm_message, init_message, select_message
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network

Json = dict[str, Any]
ORDER = "message.order"
STOP = f"{ORDER}.fulfillments[0].stops[0]"
EXTRA = {"x": [None, {"y": None}], "z": "\u0939"}
ODD: tuple[Any, ...] = (None, "", "x" * 300, "x" * 20_000, [], {}, [None], 7, True, EXTRA, DELETE)


def places(value: Any, path: str) -> Iterator[str]:
    """The paths of a JSON value and of all its parts."""
    yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in parts:
        yield from places(part, f"{path}[{key}]" if isinstance(value, list) else f"{path}.{key}")


def oddities(good: Json) -> Iterator[tuple[str, Any]]:
    """Every place below context and message, each with two odd values in turn; identity and routing are tested apart.

    All values at all places take minutes; in turn, each kind of part meets most of them.
    """
    routed = {"action", "bap_id", "bap_uri", "bpp_id", "bpp_uri", "domain", "version", "transaction_id", "message_id"}
    skipped = {"context", "message", *(f"context.{name}" for name in routed)}
    found = [path for root in ("context", "message") for path in places(good[root], root) if path not in skipped]
    turn = cycle(ODD)
    for path in found:
        yield path, next(turn)
        yield path, next(turn)


async def answer(network: Network, action: str, good: Json, path: str, value: Any) -> tuple[str, Json]:
    """Send a message with one change under fresh ids of its own; the NACK's code, or "" and the callback."""
    message = edited(good, path, value) if path else good
    document = network.buyer.envelope(action, message["message"], transaction_id=good["context"]["transaction_id"])
    fresh = {"message_id": document["context"]["message_id"], "timestamp": document["context"]["timestamp"]}
    if path.startswith("context.timestamp"):
        del fresh["timestamp"]
    document["context"] = {**message["context"], **fresh}
    sent = await network.buyer.post(action, orjson.dumps(document))
    assert sent.status in (200, 400), (path, value, sent.body)
    if not sent.acked:
        assert sent.error_code in ERROR_CODES, (path, value)
        assert sent.error_code != "31001", (path, value)
        return sent.error_code, {}
    callback = await network.buyer.next_callback(good["context"]["transaction_id"], f"on_{action}")
    assert check_callback(callback.document) == [], (path, value)
    return callback.error_code, callback.document


async def good_select(network: Network) -> Json:
    found, offers = await network.offers()
    message = select_message(offers[0], offers[0].starts[0], network.place)
    message["order"]["fulfillments"][0]["tags"] = [
        {"descriptor": {"code": "note"}, "list": [{"descriptor": {"code": "floor"}, "value": "2"}]}
    ]
    stop = message["order"]["fulfillments"][0]["stops"][0]
    stop["contact"] = {"phone": "9800000000", "email": "customer@example.in"}
    return network.buyer.envelope("select", message, transaction_id=found.transaction_id)


async def good_init(network: Network, *, contact: bool = False) -> Json:
    """An init after a select, whose customer is yet without a contact unless asked for."""
    select = await good_select(network)
    if not contact:
        del select["message"]["order"]["fulfillments"][0]["stops"][0]["contact"]
    _, chosen = await answer(network, "select", select, "", None)
    message = init_message(chosen["message"]["order"], network.customer, network.place)
    message["order"]["billing"]["tax_id"] = "09AAAAA0000A1Z5"
    return network.buyer.envelope("init", message, transaction_id=select["context"]["transaction_id"])


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("context.location", DELETE, ""),
        ("context.location", {}, ""),
        ("context.location.country", DELETE, ""),
        ("context.location.city.code", DELETE, ""),
        ("context.location.city.code", "x" * 256, "30000"),
        (f"{STOP}.contact", {"email": "a@example.in"}, ""),
        (f"{STOP}.contact.phone", "9" * 33, "30000"),
        (f"{STOP}.time.range.end", "9999-12-31T23:59:59Z", "90001"),
        (f"{STOP}.time.range.start", "9999-12-31T23:59:59Z", "90001"),
        (f"{STOP}.time.range.start", "0001-01-01T00:00:00Z", "90001"),
        ("context.timestamp", "9999-12-31T23:59:59Z", "30000"),
        ("context.timestamp", "0001-01-01T00:00:00Z", "30000"),
        ("context.ttl", "P9999Y", "30000"),
        (f"{ORDER}.items", lambda lines: [edited(lines[0], "quantity.selected.count", 1_000_000)] * 100, "40009"),
        (f"{ORDER}.items", lambda lines: lines * 101, "30000"),
        (f"{ORDER}.items[0].category_ids", lambda codes: [" " * 300 + codes[0]], ""),
        (f"{ORDER}.items[0].tags", [{"list": [{"value": [None, {"x": [None]}]}]}], ""),
        (f"{ORDER}.fulfillments[0].tags[0].list[0].value", [None], ""),
        (f"{ORDER}.fulfillments[0].tags", lambda tags: tags * 51, "30000"),
    ],
)
async def test_an_odd_select_is_answered_by_a_callback_or_a_published_code(
    network: Network, path: str, value: Any, code: str
) -> None:
    good = await good_select(network)

    assert (await answer(network, "select", good, path, value))[0] == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        (f"{ORDER}.billing.tax_id", None, ""),
        (f"{ORDER}.billing.city", {"code": None, "x": [None]}, ""),
        (f"{ORDER}.fulfillments", [], ""),
        (f"{ORDER}.fulfillments", DELETE, ""),
        (f"{STOP}.contact", DELETE, ""),
        (f"{STOP}.contact", {"email": "a@example.in"}, ""),
        (f"{STOP}.location.gps", DELETE, ""),
        (f"{STOP}.location", {"address": "House 2"}, ""),
        (f"{ORDER}.billing.phone", "9" * 20_000, "30000"),
        (f"{ORDER}.billing.email", "e" * 255, "30000"),
        (f"{ORDER}.billing.name", "n" * 256, "30000"),
        (f"{ORDER}.billing.address", "a" * 1001, "30000"),
        (f"{ORDER}.payments[0].params", {"transaction_id": "t" * 256}, "30000"),
        (f"{ORDER}.created_at", "9999-12-31T23:59:59Z", "30000"),
    ],
)
async def test_an_odd_init_is_answered_by_a_callback_or_a_published_code(
    network: Network, path: str, value: Any, code: str
) -> None:
    good = await good_init(network)

    assert (await answer(network, "init", good, path, value))[0] == code


async def test_an_init_without_a_stop_is_reached_by_its_billing_and_goes_where_the_select_said(
    network: Network,
) -> None:
    good = await good_init(network)

    _, made = await answer(network, "init", good, f"{ORDER}.fulfillments", [])

    stop = made["message"]["order"]["fulfillments"][0]["stops"][-1]
    assert stop["contact"] == {"phone": network.customer.phone, "email": network.customer.email}
    assert stop["location"]["area_code"] == network.place.area_code


async def test_an_init_without_any_telephone_number_is_refused_with_the_path_that_lacks_it(network: Network) -> None:
    good = edited(await good_init(network), f"{ORDER}.fulfillments", [])

    document = edited(good, f"{ORDER}.billing.phone", DELETE)
    refused = await network.buyer.post("init", orjson.dumps(document))

    assert refused.error_code == "30000"
    assert f"{ORDER}.billing.phone" in refused.error["message"]


async def test_an_address_without_coordinates_keeps_those_of_the_select(network: Network) -> None:
    good = await good_init(network)
    gps = good["message"]["order"]["fulfillments"][0]["stops"][0]["location"]["gps"]

    _, made = await answer(network, "init", good, f"{STOP}.location", {"address": "House 2"})

    place = made["message"]["order"]["fulfillments"][0]["stops"][-1]["location"]
    assert (place["gps"], place["address"], place["area_code"]) == (gps, "House 2", network.place.area_code)


async def test_no_odd_select_ends_in_a_fault_of_ours(network: Network) -> None:
    good = await good_select(network)

    for path, value in oddities(good):
        await answer(network, "select", good, path, value)


async def test_no_odd_init_ends_in_a_fault_of_ours(network: Network) -> None:
    good = await good_init(network)

    for path, value in oddities(good):
        await answer(network, "init", good, path, value)


async def test_no_odd_confirm_ends_in_a_fault_of_ours(network: Network) -> None:
    ready = await network.initialised()
    message = confirm_message(ready.order, order_id="O-1", now=network.clock(), payment_id="UPI-1")
    good = network.buyer.envelope("confirm", message, transaction_id=ready.transaction_id)

    for path, value in oddities(good):
        await answer(network, "confirm", good, path, value)
