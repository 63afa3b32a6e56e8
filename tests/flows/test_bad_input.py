"""What bad input gets: the published code, a text that names the path, a row in the audit log, no other effect."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from beckn_schemas.invariants import check_callback
from bpp.sandbox.exchange import SyncAnswer
from bpp.sandbox.identities import SECOND_BUYER
from bpp.sandbox.messages import confirm_message, search_message, select_message
from signing.keys import generate_signing_key
from signing.signature import sign
from tests.support.clock import FakeClock
from tests.support.effects import audit_log, rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, running_network

Headers = dict[str, Any]


@dataclass(frozen=True)
class Bad:
    """A fault and what it gets. ``body`` and ``headers`` make the faulty message out of a good one."""

    name: str
    status: int
    code: str
    says: str
    body: Callable[[dict[str, Any]], bytes] = orjson.dumps
    headers: Callable[[Network, bytes], Headers] = field(default=lambda _network, _body: {})
    action: str = "select"
    challenge: str = ""


def at(path: str, value: Any) -> Callable[[dict[str, Any]], bytes]:
    return lambda good: orjson.dumps(edited(good, path, value))


def signed_with(key: Any, network: Network, body: bytes, now: Any = None) -> Headers:
    return {"Authorization": sign(body, key, network.buyer.participant.key_id, now or network.clock())}


WWW = "WWW-Authenticate"
STOP = "message.order.fulfillments[0].stops[0]"
BAD = (
    Bad("unsigned", 401, "30016", "Invalid Signature", headers=lambda _n, _b: {"Authorization": None}, challenge=WWW),
    Bad(
        "forged",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: signed_with(generate_signing_key(), network, body),
        challenge=WWW,
    ),
    Bad(
        "signed for other bytes",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: signed_with(network.buyer.participant.key, network, body + b" "),
        challenge=WWW,
    ),
    Bad(
        "expired",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: signed_with(
            network.buyer.participant.key, network, body, network.clock() - timedelta(hours=2)
        ),
        challenge=WWW,
    ),
    Bad(
        "signed in the future",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: signed_with(
            network.buyer.participant.key, network, body, network.clock() + timedelta(hours=2)
        ),
        challenge=WWW,
    ),
    Bad(
        "two signatures",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: {"Authorization": [network.buyer.authorization(body)] * 2},
        challenge=WWW,
    ),
    Bad("another's bap_id", 401, "30016", "Invalid Signature", at("context.bap_id", SECOND_BUYER.subscriber_id)),
    Bad(
        "a forged gateway",
        401,
        "30016",
        "Invalid Signature",
        headers=lambda network, body: {"X-Gateway-Authorization": network.buyer.authorization(body)},
        challenge="Proxy-Authenticate",
    ),
    Bad("truncated", 400, "30000", "JSON is expected", lambda good: orjson.dumps(good)[:-7]),
    Bad("not an object", 400, "30000", "object", lambda _good: b"[1,2]"),
    Bad("not UTF-8", 400, "30000", "UTF-8", lambda good: orjson.dumps(good)[:-1] + b',"x":"\xff"}'),
    Bad("empty", 400, "30000", "JSON is expected", lambda _good: b""),
    Bad("deeply nested", 400, "30000", "nesting", lambda _good: b'{"a":' * 5000 + b"1" + b"}" * 5000),
    Bad("not a number", 400, "30000", "NaN", lambda good: orjson.dumps(good)[:-1] + b',"x":NaN}'),
    Bad("a key twice", 400, "30000", "twice", lambda good: orjson.dumps(good)[:-1] + b',"message":{}}'),
    Bad("oversized", 413, "30000", "bytes", lambda good: orjson.dumps({**good, "x": "y" * 200_000})),
    Bad(
        "compressed",
        415,
        "30000",
        "uncompressed",
        lambda good: gzip.compress(orjson.dumps(good)),
        headers=lambda _n, _b: {"Content-Encoding": "gzip"},
    ),
    Bad("not JSON by type", 415, "30000", "application/json", headers=lambda _n, _b: {"Content-Type": "text/plain"}),
    Bad("another action", 400, "30000", "context.action", at("context.action", "init")),
    Bad("another recipient", 400, "30000", "context.bpp_id", at("context.bpp_id", "somebody.example")),
    Bad("no recipient", 400, "30000", "context.bpp_id", at("context.bpp_id", DELETE)),
    Bad("another domain", 200, "30000", "context.domain", at("context.domain", "ONDC:RET10")),
    Bad("another version", 200, "30000", "context.version", at("context.version", "1.2.0")),
    Bad("no transaction", 200, "30000", "context.transaction_id", at("context.transaction_id", DELETE)),
    Bad("no message id", 200, "30000", "context.message_id", at("context.message_id", "")),
    Bad("no bap_uri", 200, "30000", "context.bap_uri", at("context.bap_uri", DELETE)),
    Bad("a callback address that is none", 200, "30000", "context.bap_uri", at("context.bap_uri", "file:///etc/x")),
    Bad("no time", 200, "30000", "context.timestamp", at("context.timestamp", "yesterday")),
    Bad("no message", 200, "30000", "message", at("message", DELETE)),
    Bad("an order that is a list", 200, "30000", "message.order", at("message.order", [])),
    Bad("an id that is a number", 200, "30000", "message.order.items[0].id", at("message.order.items[0].id", {"x": 1})),
    Bad("no items", 200, "30000", "message.order.items", at("message.order.items", [])),
    Bad(
        "half a unit",
        200,
        "30000",
        "message.order.items[0].quantity.selected.count",
        at("message.order.items[0].quantity.selected.count", 0.5),
    ),
    Bad(
        "less than one",
        200,
        "30000",
        "message.order.items[0].quantity.selected.count",
        at("message.order.items[0].quantity.selected.count", -1),
    ),
    Bad("no place", 200, "30000", f"{STOP}.location.gps", at(f"{STOP}.location", DELETE)),
    Bad("a place that is none", 200, "30000", "location.gps", at(f"{STOP}.location.gps", "somewhere")),
    Bad("unknown provider", 200, "30001", "message.order.provider.id", at("message.order.provider.id", "P-NOBODY")),
    Bad("unknown item", 200, "30004", "message.order.items[0].id", at("message.order.items[0].id", "NOTHING")),
    Bad("no slot", 200, "90003", "time.range.start", at(f"{STOP}.time", DELETE)),
    Bad(
        "a feature that is not offered",
        200,
        "40001",
        "message.update_target",
        at("context.action", "update"),
        action="update",
    ),
)


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: bad.name)
async def test_bad_input_gets_its_code_a_row_in_the_audit_log_and_no_other_effect(network: Network, bad: Bad) -> None:
    good = await a_select(network)
    if bad.action == "update":
        good["message"] = {"update_target": "billing", "order": {"id": "O-1"}}
    await network.settled()
    before, log_before = await rows(network.settings.database_url), await audit_log(network.settings.database_url)
    body = bad.body(good)

    answer = await network.buyer.post(bad.action, body, headers=bad.headers(network, body))

    assert (answer.status, answer.error_code) == (bad.status, bad.code), answer.body
    assert bad.says in answer.error["message"]
    assert answer.document["message"]["ack"]["status"] == "NACK"
    assert answer.error["type"] in {"CONTEXT-ERROR", "CORE-ERROR", "DOMAIN-ERROR", "POLICY-ERROR", "JSON-SCHEMA-ERROR"}
    if bad.challenge:
        assert 'realm="bpp.sandbox.example"' in answer.headers[bad.challenge]
    assert await rows(network.settings.database_url) == before
    added = (await audit_log(network.settings.database_url))[len(log_before) :]
    assert [row["outcome"] for row in added] == [f"NACK {bad.code}"]
    assert [one.action for one in network.buyer.callbacks] == ["on_search"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_another_method_than_post_is_refused_with_405(network: Network, method: str) -> None:
    async with network.session.request(method, f"{network.url}/select") as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "POST"
        assert (await answer.json())["error"]["code"] == "30000"


async def test_an_order_of_another_buyer_app_is_as_unknown_as_one_that_never_was(network: Network) -> None:
    confirmed = await network.booked()

    foreign = await network.second_buyer.send("status", {"order_id": confirmed.order["id"]})
    unknown = await network.buyer.send("status", {"order_id": "O-NEVER"})

    assert foreign.error_code == unknown.error_code == "30018"
    assert "message.order_id" in foreign.error["message"]


async def test_a_wrong_total_at_confirm_is_refused_and_no_order_is_made(network: Network) -> None:
    ready = await network.initialised()
    await network.settled()
    before = await rows(network.settings.database_url)

    answer = await confirm_with(network, ready, "message.order.quote.price.value", "1.00")

    assert answer.error_code == "31002"
    assert "message.order.quote.price.value" in answer.error["message"]
    assert await rows(network.settings.database_url) == before


async def test_a_replayed_message_is_acknowledged_and_has_no_second_effect(network: Network) -> None:
    confirmed = await network.booked()
    sent = next(answer.request for answer in network.buyer.answers if answer.request.action == "confirm")
    await network.settled()
    before = await rows(network.settings.database_url)

    again = await network.buyer.post("confirm", sent.body)
    repeated = await network.buyer.next_callback(confirmed.transaction_id, "on_confirm")

    assert again.acked
    assert repeated.body == confirmed.body
    await network.settled()
    after = await rows(network.settings.database_url)
    assert {name: count for name, count in after.items() if name != "attempts"} == {
        name: count for name, count in before.items() if name != "attempts"
    }


async def test_the_same_ids_with_another_body_are_refused_as_stale(network: Network) -> None:
    confirmed = await network.booked()
    sent = next(answer.request for answer in network.buyer.answers if answer.request.action == "confirm")

    other = await network.buyer.post("confirm", orjson.dumps(edited(sent.document, "message.order.id", "O-OTHER")))

    assert other.error_code == "30022"
    assert "context.message_id" in other.error["message"]
    assert confirmed.order["status"] == "ACCEPTED"


async def test_an_old_message_is_refused_where_freshness_is_on(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_FRESHNESS="on") as network:
        message = search_message(words="tap", place=network.place)
        body = orjson.dumps(network.buyer.envelope("search", message, transaction_id="T-1"))
        clock.tick(seconds=36)

        answer = await network.buyer.post("search", body)

    assert answer.error_code == "30022"
    assert "context.timestamp" in answer.error["message"]


async def test_an_old_message_is_answered_in_the_sandbox_since_certification_suites_replay(network: Network) -> None:
    message = search_message(words="tap", place=network.place)
    body = orjson.dumps(network.buyer.envelope("search", message, transaction_id="T-1"))
    network.clock.tick(hours=1)

    answer = await network.buyer.post("search", body)

    assert answer.acked


async def a_select(network: Network) -> dict[str, Any]:
    """A good select of the first slot, not sent yet."""
    found, offers = await network.offers()
    message = select_message(offers[0], offers[0].starts[0], network.place)
    return network.buyer.envelope("select", message, transaction_id=found.transaction_id)


async def confirm_with(network: Network, ready: Any, path: str, value: Any) -> SyncAnswer:
    """Send a confirm with one thing changed; the answer."""
    message = confirm_message(ready.order, order_id="O-1", now=network.clock(), payment_id="UPI-1")
    made = network.buyer.envelope("confirm", message, transaction_id=ready.transaction_id)
    return await network.buyer.post("confirm", orjson.dumps(edited(made, path, value)))


@pytest.mark.parametrize("action", ["search", "select"])
async def test_a_message_of_the_future_is_refused_and_one_a_little_ahead_is_answered(
    network: Network, action: str
) -> None:
    async def sent(ahead: timedelta) -> SyncAnswer:
        good = await a_select(network)
        if action == "search":
            message = search_message(words="tap", place=network.place)
            good = network.buyer.envelope("search", message, transaction_id=network.buyer.new_id())
        said = (network.clock() + ahead).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return await network.buyer.post(action, orjson.dumps(edited(good, "context.timestamp", said)))

    network.clock.tick(minutes=59, seconds=50)  # ten seconds before a start that could still be offered
    little, much = await sent(timedelta(seconds=30)), await sent(timedelta(hours=1))

    assert little.acked
    callback = await network.buyer.next_callback(little.request.transaction_id, f"on_{action}")
    assert check_callback(callback.document) == []
    assert much.error_code == "30022"
    assert much.error["path"] == "context.timestamp"
