"""Context and transport: every answer comes to the right place, under the right ids, behind its acknowledgement.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

import copy
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from beckn_schemas.invariants import check_callback
from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.journey import Exchange
from bpp.sandbox.messages import confirm_message, init_message, search_message, select_message
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import read_offers
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.effects import rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, moment, running_network

Json = dict[str, Any]

DOMAINS = ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12")
CONTEXT_KEYS = {
    "domain",
    "location",
    "action",
    "version",
    "timestamp",
    "ttl",
    "bap_id",
    "bap_uri",
    "bpp_id",
    "bpp_uri",
    "transaction_id",
    "message_id",
}
MILLISECONDS_AND_Z = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
REQUIRED = tuple(f"context.{key}" for key in ("action", "transaction_id", "message_id", "bap_id", "bap_uri", "domain"))
FOREIGN = ({"domain": "ONDC:RET10"}, {"domain": "ONDC:SRV13"}, {"version": "1.2.0"})
STOP = "message.order.fulfillments[0].stops[0]"


SEARCH_SPELLINGS: tuple[tuple[str, Any], ...] = (
    ("context.ttl", "P30S"),
    ("context.ttl", "P1D"),
    ("context.ttl", DELETE),
    ("context.timestamp", "2026-11-23T03:30:00Z"),
    ("context.timestamp", "2026-11-23T09:00:00+05:30"),
    ("context.location.city.name", "Lucknow"),
    ("context.key", "unknown"),
    ("message.intent.tags", DELETE),
    ("message.intent.unknown", {"a": [1]}),
    ("message.intent.item", DELETE),
    ("message.intent.item", {"descriptor": {"name": ""}}),
    ("message.intent.category", {"id": "SRV11-*"}),
    ("message.intent.payment", {"type": "POST-FULFILLMENT", "collected_by": "BPP"}),
    ("message.intent.fulfillment.stops[0].location.gps", "26.85001,80.99901"),
    ("message.intent.fulfillment.stops[0].location.gps", "26.85, 80.999"),
    ("message.intent.fulfillment.stops[0].location.gps", "80.999000,26.850000"),
    ("message.intent.fulfillment.stops[0].time", None),
)
ORDER_SPELLINGS: dict[str, tuple[tuple[str, Any], ...]] = {
    "select": (
        ("context.ttl", "P30S"),
        ("message.order.unknown", {"deep": {"er": 1}}),
        (f"{STOP}.location.gps", "26.85000,80.99900"),
        (f"{STOP}.time.days", "4"),
        (f"{STOP}.time.days", 7),
        ("message.order.items[0].quantity.selected.count", "1"),
        ("message.order.payments", DELETE),
    ),
    "init": (
        ("context.ttl", "P30S"),
        ("message.order.billing.tax_id", ""),
        ("message.order.billing.email", ""),
        ("message.order.billing.state", {"name": "12"}),
        (f"{STOP}.time", DELETE),
        ("message.order.quote", {"id": "Q-noise"}),
    ),
    "confirm": (
        ("message.order.status", "Accepted"),
        ("message.order.status", "created"),
        ("message.order.status", "ACCEPTED"),
        ("message.order.status", DELETE),
        ("message.order.xinput", {"form": {"url": "https://x.example"}}),
    ),
}


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The network; in the end every callback was signed, valid and in its conversation."""
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running
        check_conversation(running)


async def conversation(network: Network, domain: str) -> list[Exchange]:
    """Everything that a buyer app can say in a booking, from search to support; each with its callback."""
    buyer, place = network.buyer, network.place
    found = await journey.search(buyer, place=place, domain=domain)
    offer = read_offers(found.callback.message)[0]
    selected = await journey.select(buyer, found.callback, offer, offer.starts[2], place)
    ready = await journey.init(buyer, selected.callback, network.customer, place)
    confirmed = await journey.confirm(buyer, ready.callback)
    asked = [await step(buyer, confirmed.callback) for step in (journey.status, journey.track, journey.support)]
    cancelled = await journey.cancel(buyer, confirmed.callback)
    return [found, selected, ready, confirmed, *asked, cancelled]


# 1, 3, 4
@pytest.mark.parametrize("domain", DOMAINS)
async def test_every_request_is_acknowledged_first_and_then_answered_under_its_own_ids(
    network: Network, domain: str
) -> None:
    exchanges = await conversation(network, domain)

    assert [one.answer.request.action for one in exchanges] == [
        *("search", "select", "init", "confirm", "status", "track", "support", "cancel")
    ]
    for exchange in exchanges:
        asked, answer = exchange.answer.request.context, exchange.callback.context
        assert (exchange.answer.status, exchange.answer.document) == (200, {"message": {"ack": {"status": "ACK"}}})
        assert exchange.acked_first
        assert not exchange.callback.error
        assert answer.keys() == CONTEXT_KEYS
        for key in ("domain", "location", "bap_id", "bap_uri", "transaction_id", "message_id"):
            assert answer[key] == asked[key], key
        assert answer["domain"] == domain
        assert answer["action"] == f"on_{asked['action']}"
        assert (answer["version"], answer["ttl"]) == ("2.0.0", "PT30S")
        assert (answer["bpp_id"], answer["bpp_uri"]) == ("bpp.sandbox.example", network.url)
        assert answer["message_id"] != answer["transaction_id"]
        assert MILLISECONDS_AND_Z.fullmatch(answer["timestamp"])
        assert timedelta() <= moment(answer["timestamp"]) - moment(asked["timestamp"]) <= timedelta(seconds=30)


# 1
async def test_a_message_without_a_required_part_or_without_its_end_is_refused_and_not_answered(
    network: Network,
) -> None:
    good = network.buyer.envelope("search", search_message(place=network.place), transaction_id="T-1")
    faults = [orjson.dumps(edited(good, path, DELETE)) for path in (*REQUIRED, "context", "message.intent")]
    faults += [orjson.dumps(good)[:-5], orjson.dumps(edited(good, "message", []))]

    for body in faults:
        answer = await network.buyer.post("search", body)
        assert not answer.acked
        assert answer.document["message"]["ack"]["status"] == "NACK"
        assert answer.error_code == "30000", body

    await network.settled()
    assert not network.buyer.callbacks


# 2
async def test_a_callback_goes_to_the_bap_uri_whether_or_not_it_ends_in_a_slash_and_echoes_it_verbatim(
    network: Network,
) -> None:
    for end in ("", "/", "//"):
        ours = f"{network.buyer.url}{end}"
        found = await search_with(network, bap_uri=ours)
        assert found.url == f"{network.buyer.url}/on_search"
        assert found.context["bap_uri"] == ours


# 2
@pytest.mark.parametrize("end", ["", "/"])
async def test_a_callback_goes_to_a_path_and_host_that_the_registry_does_not_know(network: Network, end: str) -> None:
    came: list[tuple[str, Json]] = []

    async def take(request: web.Request) -> web.Response:
        came.append((request.path, await request.json()))
        return web.json_response({"message": {"ack": {"status": "ACK"}}})

    app = web.Application()
    app.router.add_post("/{path:.*}", take)
    async with TestServer(app, host="127.0.0.1") as elsewhere:
        ours = f"{elsewhere.make_url('/ondc/1.0')}{end}"
        message = search_message(words="tap repair", place=network.place)
        answer = await network.buyer.send("search", message, transaction_id="T-1", context={"bap_uri": ours})
        assert answer.acked
        await network.settled()

    [(path, document)] = came
    assert path == "/ondc/1.0/on_search"
    assert document["context"]["bap_uri"] == ours
    assert check_callback(document) == []


# 3
async def test_a_callback_is_never_dated_before_its_request_even_where_the_senders_clock_is_ahead(
    network: Network,
) -> None:
    for ahead in (-3600, 0, 4):
        sent = network.clock() + timedelta(seconds=ahead)
        found = await search_with(network, timestamp=wire_time(sent))
        assert moment(found.context["timestamp"]) == max(sent, network.clock())


# 3
async def test_the_place_of_a_context_is_echoed_whatever_city_it_names(network: Network) -> None:
    for city in ("std:0522", "std:080", "*"):
        location = {"city": {"code": city}, "country": {"code": "IND"}}
        found = await search_with(network, location=location)
        assert found.context["location"] == location


async def search_with(network: Network, **context: Any) -> Callback:
    """The answer to a search with some keys of its context replaced."""
    message = search_message(words="tap repair", place=network.place)
    transaction_id = network.buyer.new_id()
    exchange = await journey.ask(network.buyer, "search", message, transaction_id=transaction_id, context=context)
    return exchange.callback


# 4
async def test_an_unsolicited_callback_has_a_fresh_id_of_its_own(network: Network) -> None:
    confirmed = await network.booked()

    pushed = [await network.pushed(confirmed, event) for event in ("depart", "arrive")]

    ids = [one.message_id for one in network.buyer.callbacks]
    assert len(set(ids)) == len(ids)
    for one in pushed:
        assert UUID(one.message_id).version == 4
        assert one.message_id not in {one.transaction_id, *(sent.request.message_id for sent in network.buyer.answers)}
        assert one.transaction_id == confirmed.transaction_id
        assert check_callback(one.document, unsolicited=True) == []


# 4
async def test_a_message_id_that_is_no_uuid_is_answered_under_that_id(network: Network) -> None:
    found = await search_with(network, message_id="h463nwj-search")

    assert found.message_id == "h463nwj-search"


# 5
async def test_every_message_sent_twice_changes_nothing_and_is_answered_with_the_same_bytes(network: Network) -> None:
    confirmed = await network.booked()
    sent = {answer.request.action: answer.request for answer in network.buyer.answers}
    first = {one.action: one.body for one in network.buyer.callbacks}
    await network.settled()
    before = await rows(network.settings.database_url)

    for action in ("search", "select", "init", "confirm"):
        again = await network.buyer.post(action, sent[action].body)
        assert again.acked
        repeated = await network.buyer.next_callback(confirmed.transaction_id, f"on_{action}")
        assert repeated.body == first[f"on_{action}"]

    await network.settled()
    after = await rows(network.settings.database_url)
    assert {name: count for name, count in after.items() if name != "attempts"} == {
        name: count for name, count in before.items() if name != "attempts"
    }


# 5
async def test_one_message_id_in_two_actions_is_two_messages(network: Network) -> None:
    found, offers = await network.offers()
    select = select_message(offers[0], offers[0].starts[0], network.place)

    chosen = await journey.ask(
        network.buyer,
        "select",
        select,
        transaction_id=found.transaction_id,
        context={"message_id": found.message_id},
    )

    assert (chosen.callback.action, chosen.callback.message_id) == ("on_select", found.message_id)
    assert not chosen.callback.error


# 5
async def test_one_message_id_in_two_transactions_is_two_messages(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock) as network:
        found = [
            await journey.ask(
                network.buyer,
                "search",
                search_message(words=words, place=network.place),
                transaction_id=transaction_id,
                context={"message_id": "M-1"},
            )
            for transaction_id, words in (("T-1", "tap repair"), ("T-2", "fan repair"))
        ]

        offered = [read_offers(one.callback.message)[0].item_id for one in found]
        assert [one.callback.transaction_id for one in found] == ["T-1", "T-2"]
        assert offered == ["GOMTI-TAP", "GOMTI-FAN"]
        assert [check_callback(one.document) for one in network.buyer.callbacks] == [[], []]


# 6
async def test_a_search_that_is_spelled_as_real_ones_are_is_answered(network: Network) -> None:
    for path, value in SEARCH_SPELLINGS:
        message = search_message(words="tap repair", place=network.place)
        made = network.buyer.envelope("search", message, transaction_id=network.buyer.new_id())

        answer = await network.buyer.post("search", orjson.dumps(edited(made, path, value)))

        assert answer.acked, (path, value, answer.body)
        found = await network.buyer.next_callback(made["context"]["transaction_id"], "on_search")
        assert "P-GOMTI" in {one["id"] for one in found.message["catalog"]["providers"]}, (path, value)


# 6
async def test_several_fulfillments_in_an_intent_are_read_by_the_first(network: Network) -> None:
    message = search_message(words="tap repair", place=network.place)
    message["intent"]["fulfillments"] = [message["intent"].pop("fulfillment")]

    found = (await journey.ask(network.buyer, "search", message, transaction_id="T-1")).callback

    assert [one.provider_id for one in read_offers(found.message)] == ["P-GOMTI"]


# 6
async def test_query_parameters_and_empty_headers_of_a_test_bench_do_not_matter(network: Network) -> None:
    made = network.buyer.envelope("search", search_message(words="tap", place=network.place), transaction_id="T-1")
    body = orjson.dumps(made)
    headers = {
        "environment": "",
        "Content-Type": "application/json;charset=utf-8",
        "Authorization": network.buyer.authorization(body),
    }

    async with network.session.post(f"{network.url}/search?scenario=7", data=body, headers=headers) as answer:
        assert (await answer.json())["message"]["ack"]["status"] == "ACK"

    await network.buyer.next_callback("T-1", "on_search", message_id=made["context"]["message_id"])


# 6
@pytest.mark.parametrize("action", ORDER_SPELLINGS)
async def test_an_order_that_is_spelled_as_real_ones_are_is_answered(network: Network, action: str) -> None:
    for path, value in ORDER_SPELLINGS[action]:
        made = await a_request(network, action)

        answer = await network.buyer.post(action, orjson.dumps(edited(made, path, value)))

        assert answer.acked, (path, value, answer.body)
        reply = await network.buyer.next_callback(made["context"]["transaction_id"], f"on_{action}")
        assert not reply.error, (path, value)


# 6
async def test_the_target_of_an_update_is_read_as_text_and_as_list(network: Network) -> None:
    confirmed = await network.booked()

    for target in ("payments", "fulfillments", "payments,fulfillments", ["message.order.payments"], ["payments"]):
        message = {"update_target": target, "order": confirmed.order}
        answer = await network.buyer.send("update", message, transaction_id=confirmed.transaction_id)
        assert answer.status == 200
        assert answer.error_code != "30000", answer.error


# 7
async def test_a_search_of_another_domain_or_version_is_not_answered(network: Network) -> None:
    message = search_message(words="tap repair", place=network.place)

    for context in (*FOREIGN, {"domain": "ONDC:srv11"}):
        answer = await network.buyer.send("search", message, context=context)
        assert answer.acked, answer.body

    await network.settled()
    assert not network.buyer.callbacks


# 7
@pytest.mark.parametrize("action", ["select", "init", "confirm"])
async def test_any_other_action_of_another_domain_or_version_is_refused(network: Network, action: str) -> None:
    made = await a_request(network, action)

    for context in FOREIGN:
        foreign = {**made, "context": {**made["context"], **context}}
        answer = await network.buyer.post(action, orjson.dumps(foreign))
        assert answer.error_code == "30000"
        assert f"context.{next(iter(context))}" in answer.error["message"]


# 7
@pytest.mark.parametrize("domain", DOMAINS)
async def test_a_catalog_holds_only_what_belongs_to_its_domain(network: Network, domain: str) -> None:
    found = (await journey.search(network.buyer, place=network.place, domain=domain)).callback

    prefix = f"{domain.removeprefix('ONDC:')}-"
    providers = found.message["catalog"]["providers"]
    services = [item for provider in providers for item in provider["items"] if not item["parent_item_id"]]
    codes = [code for item in services for code in item["category_ids"]]
    areas = [
        entry["value"]
        for provider in providers
        for tag in provider["tags"]
        for entry in tag["list"]
        if entry["descriptor"]["code"] == "category"
    ]
    assert codes
    assert areas
    assert all(code.startswith(prefix) for code in (*codes, *areas))


# 7
async def test_an_item_of_another_domain_cannot_be_selected_in_this_one(network: Network) -> None:
    found, offers = await network.offers()
    message = select_message(offers[0], offers[0].starts[0], network.place)

    answer = await network.buyer.send(
        "select", message, transaction_id=found.transaction_id, context={"domain": "ONDC:SRV12"}
    )

    assert answer.error_code == "30004"


async def a_request(network: Network, action: str) -> Json:
    """A good select, init or confirm that is due next in a conversation, not sent yet."""
    last: Callback
    if action == "select":
        last, offers = await network.offers()
        message = select_message(offers[0], offers[0].starts[0], network.place)
    elif action == "init":
        last = await network.selected()
        message = init_message(last.order, network.customer, network.place)
    else:
        last = await network.initialised()
        message = confirm_message(
            last.order, order_id=f"O-{last.transaction_id}", now=network.clock(), payment_id="UPI-1"
        )
    return network.buyer.envelope(action, copy.deepcopy(message), transaction_id=last.transaction_id)
