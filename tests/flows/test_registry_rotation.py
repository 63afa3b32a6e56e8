"""Whose signature counts: peers that change their keys, a registry that is a file, live or down, and gateways."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from beckn_schemas.registry import Role
from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import SyncAnswer
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, SECOND_BUYER, Participant, registry_records, write_registry
from bpp.sandbox.messages import search_message
from signing.keys import SigningKey, generate_signing_key
from signing.signature import sign
from tests.support.clock import FakeClock
from tests.support.conversation import check_conversation
from tests.support.effects import audit_log, rows
from tests.support.fake_registry import RegistryServer
from tests.support.network import Network, running_network

Json = dict[str, Any]
Headers = Callable[[Network, bytes], dict[str, Any]]

GATEWAY_HEADER = "X-Gateway-Authorization"


@pytest.fixture
async def network(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Network]:
    """The network with a registry file; settings as an indirect parameter."""
    settings: dict[str, Any] = getattr(request, "param", {})
    async with running_network(sqlite_url, tmp_path, clock, **settings) as running:
        yield running
        check_conversation(running)


@pytest.fixture
async def registry() -> AsyncIterator[RegistryServer]:
    """A live registry that knows the sandbox."""
    records = registry_records((BPP, BUYER, SECOND_BUYER, GATEWAY))
    async with RegistryServer(*records, caller_public_key=BPP.key.public_key) as server:
        yield server


@pytest.fixture
async def live(registry: RegistryServer, sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The network with a live registry."""
    async with running_network(sqlite_url, tmp_path, clock, BPP_REGISTRY=registry.url) as running:
        yield running
        check_conversation(running)


async def say(buyer: Buyer, network: Network, *, key: SigningKey | None = None) -> SyncAnswer:
    """A search, signed with another key than the buyer app's own where one is named."""
    body = orjson.dumps(buyer.envelope("search", search_message(place=network.place), transaction_id=buyer.new_id()))
    signature = sign(body, key or buyer.participant.key, buyer.participant.key_id, network.clock())
    return await buyer.post("search", body, headers={"Authorization": signature})


def publish(network: Network, *participants: Participant, **changes: Any) -> None:
    """Change the registry file: these participants instead of the buyer apps that were there."""
    seller = BPP.at(network.url)
    draft = network.registry.with_name("changed.json")
    write_registry(draft, (seller, GATEWAY, *participants))
    records = [{**one, **changes} if one["type"] == "BAP" else one for one in orjson.loads(draft.read_bytes())]
    draft.write_bytes(orjson.dumps(records))
    draft.replace(network.registry)


def rotated(buyer: Buyer, unique_key_id: str = "") -> Participant:
    """The same buyer app with a new key, under the same or another key id."""
    now = buyer.participant
    return replace(now, key=generate_signing_key(), unique_key_id=unique_key_id or now.unique_key_id, url=buyer.url)


def refused(answer: SyncAnswer) -> None:
    """The one answer to a signature that does not count."""
    assert (answer.status, answer.error_code) == (401, "30016"), answer.body
    assert answer.error["message"] == "Invalid Signature"


# A registry file


@pytest.mark.parametrize("key_id", ["", "sandbox-buyer-2026b"], ids=["same key id", "another key id"])
async def test_a_peer_that_changes_its_key_loses_no_request(network: Network, key_id: str) -> None:
    buyer = network.buyer
    before = await network.selected()
    old = buyer.participant.key
    changed = rotated(buyer, key_id)

    publish(network, changed, SECOND_BUYER.at(network.second_buyer.url))
    buyer.participant = changed

    ready = await journey.init(buyer, before, network.customer, network.place)
    assert (await journey.confirm(buyer, ready.callback)).callback.order["status"] == "ACCEPTED"
    refused(await say(buyer, network, key=old))
    assert (await say(network.second_buyer, network)).acked


async def test_two_keys_of_a_peer_count_side_by_side_until_one_is_taken_out(network: Network) -> None:
    buyer, first = network.buyer, network.buyer.participant.at(network.buyer.url)
    second = rotated(buyer, "sandbox-buyer-2026b")

    publish(network, first, second)
    for one in (first, second, first):
        buyer.participant = one
        assert (await say(buyer, network)).acked
    publish(network, second)

    buyer.participant = first
    refused(await say(buyer, network))
    buyer.participant = second
    assert (await say(buyer, network)).acked


async def test_a_change_in_the_middle_of_traffic_costs_nobody_a_request(network: Network) -> None:
    async def steady() -> list[SyncAnswer]:
        return [await say(network.second_buyer, network) for _ in range(12)]

    async def changing() -> list[SyncAnswer]:
        answers = []
        for _ in range(4):
            changed = rotated(network.buyer)
            publish(network, changed, SECOND_BUYER.at(network.second_buyer.url))
            network.buyer.participant = changed
            answers += await asyncio.gather(*(say(network.buyer, network) for _ in range(3)))
        return answers

    answers = await asyncio.gather(steady(), changing())

    assert all(one.acked for part in answers for one in part)
    await network.settled()


async def test_an_unknown_key_is_refused_without_effect_and_taken_as_soon_as_it_is_registered(
    network: Network,
) -> None:
    stranger = rotated(network.buyer, "never-registered")
    network.buyer.participant = stranger
    before = await rows(network.settings.database_url)

    answer = await say(network.buyer, network)

    refused(answer)
    assert 'realm="bpp.sandbox.example"' in answer.headers["WWW-Authenticate"]
    assert await rows(network.settings.database_url) == before
    [entry] = await audit_log(network.settings.database_url)
    assert (entry["outcome"], entry["reason"]) == ("NACK 30016", "unknown_key")
    publish(network, stranger)
    assert (await say(network.buyer, network)).acked


async def test_a_key_that_may_not_sign_requests_now_is_refused(network: Network) -> None:
    for changes in (
        {"status": "UNSUBSCRIBED"},
        {"valid_until": "2026-11-23T03:29:59.000Z"},
        {"valid_from": "2026-11-23T03:30:01.000Z"},
        {"type": "BPP"},
        {"type": "BG"},
    ):
        publish(network, BUYER.at(network.buyer.url), **changes)
        refused(await say(network.buyer, network))

    publish(network, BUYER.at(network.buyer.url))
    assert (await say(network.buyer, network)).acked


async def test_a_key_begins_and_ends_at_its_time(network: Network) -> None:
    publish(
        network,
        BUYER.at(network.buyer.url),
        valid_from="2026-11-23T03:31:00.000Z",
        valid_until="2026-11-23T04:30:00.000Z",
    )
    refused(await say(network.buyer, network))

    network.clock.tick(minutes=1, seconds=1)
    assert (await say(network.buyer, network)).acked

    network.clock.tick(hours=1)
    refused(await say(network.buyer, network))


async def test_a_registry_file_that_is_broken_or_gone_leaves_the_last_good_one_in_force(network: Network) -> None:
    good = network.registry.read_bytes()
    body = orjson.dumps(network.buyer.envelope("search", search_message(place=network.place), transaction_id="T-1"))
    for broken in (b"", b"[", b"{}", b'[{"subscriber_id": "x"}]', None):
        if broken is None:
            network.registry.unlink()
        else:
            network.registry.write_bytes(broken)

        answer = await network.buyer.post("search", body, to=network.url)

        network.registry.write_bytes(good)  # the buyer app reads the same file to check what comes back
        assert answer.acked, broken
        await network.buyer.next_callback("T-1", "on_search")
        await network.settled()  # what is being delivered at this moment is not delivered again


# A live registry


async def test_a_live_registry_is_asked_once_for_a_key_and_a_whole_booking_follows(
    live: Network, registry: RegistryServer
) -> None:
    confirmed = await live.booked()

    assert confirmed.order["status"] == "ACCEPTED"
    assert [(one["subscriber_id"], one["ukId"]) for one in registry.requests] == [
        (BUYER.subscriber_id, BUYER.unique_key_id)
    ]
    assert (await live.booked(buyer=live.second_buyer, slot=1)).order["status"] == "ACCEPTED"
    assert len(registry.requests) == 2


async def test_a_key_that_changed_in_a_live_registry_costs_one_more_question_and_no_request(
    live: Network, registry: RegistryServer
) -> None:
    before = await live.selected()
    changed = rotated(live.buyer)
    registry.records = [*registry_records((BPP, changed, SECOND_BUYER, GATEWAY))]
    live.buyer.participant = changed

    ready = await journey.init(live.buyer, before, live.customer, live.place)

    assert not ready.callback.error
    assert (await journey.confirm(live.buyer, ready.callback)).callback.order["status"] == "ACCEPTED"
    assert len(registry.requests) == 2


async def test_forged_signatures_make_a_live_registry_answer_once_a_minute_only(
    live: Network, registry: RegistryServer
) -> None:
    assert (await say(live.buyer, live)).acked

    for _ in range(5):
        refused(await say(live.buyer, live, key=generate_signing_key()))
    assert len(registry.requests) == 2  # the key itself, and one look whether it has changed
    assert (await say(live.buyer, live)).acked
    live.clock.tick(seconds=61)
    refused(await say(live.buyer, live, key=generate_signing_key()))
    assert len(registry.requests) == 3
    await live.settled()


async def test_where_the_registry_cannot_be_asked_the_sender_is_told_to_come_back_and_nothing_is_done(
    live: Network, registry: RegistryServer
) -> None:
    before = await rows(live.settings.database_url)

    for status, text in ((500, b""), (200, b"<html>"), (200, b'{"error": {}}'), (401, b"[]"), (302, b"")):
        registry.answer = (status, text, 0.0)
        refusal = await say(live.buyer, live)
        assert (refusal.status, refusal.error_code) == (503, "31001"), (status, text)
        assert int(refusal.headers["Retry-After"]) >= 1
        assert refusal.document["message"]["ack"]["status"] == "NACK"
        live.clock.tick(seconds=6)

    assert len(registry.requests) == 5
    assert await rows(live.settings.database_url) == before
    assert [one["outcome"] for one in await audit_log(live.settings.database_url)] == ["NACK 31001"] * 5
    assert not live.buyer.callbacks
    registry.answer = None
    assert (await say(live.buyer, live)).acked
    await live.settled()


async def test_a_registry_that_is_gone_is_like_one_that_fails(live: Network, registry: RegistryServer) -> None:
    await registry.__aexit__()

    refusal = await say(live.buyer, live)

    assert (refusal.status, refusal.error_code) == (503, "31001")
    assert not live.buyer.callbacks


async def test_while_the_registry_is_down_known_peers_are_served_but_what_binds_them_to_pay_waits(
    live: Network, registry: RegistryServer
) -> None:
    assert (await say(live.buyer, live)).acked
    registry.answer = (500, b"", 0.0)
    live.clock.tick(hours=2)

    chosen = await live.selected()
    ready = await journey.init(live.buyer, chosen, live.customer, live.place)
    with pytest.raises(journey.Refused) as refusal:
        await journey.confirm(live.buyer, ready.callback)

    assert (refusal.value.answer.status, refusal.value.answer.error_code) == (503, "31001")
    registry.answer = None
    live.clock.tick(seconds=6)
    assert (await journey.confirm(live.buyer, ready.callback)).callback.order["status"] == "ACCEPTED"
    registry.answer = (500, b"", 0.0)
    live.clock.tick(hours=26)
    assert (await say(live.buyer, live)).status == 503


# Gateways


async def test_a_search_through_a_gateway_is_answered_to_the_buyer_app_directly(network: Network) -> None:
    async with Gateway(registry=network.registry, clock=network.clock) as gateway:
        found = await journey.search(network.buyer, words="tap repair", place=network.place, to=gateway.url)
        passed = await gateway.next_passed_on(found.callback.transaction_id)

    assert (passed.url, passed.status) == (network.url, 200)
    assert orjson.loads(passed.answer) == {"message": {"ack": {"status": "ACK"}}}
    assert passed.body == found.answer.request.body
    assert found.callback.context["bap_id"] == BUYER.subscriber_id
    offered = await journey.search(network.buyer, words="tap repair", place=network.place)
    assert offered.callback.message == found.callback.message


async def test_a_search_that_comes_directly_and_by_a_gateway_is_one_search(network: Network) -> None:
    body = orjson.dumps(
        network.buyer.envelope("search", search_message(words="tap", place=network.place), transaction_id="T-1")
    )
    async with Gateway(registry=network.registry, clock=network.clock) as gateway:
        assert (await network.buyer.post("search", body, to=gateway.url)).acked
        assert (await gateway.next_passed_on("T-1")).status == 200
    first = await network.buyer.next_callback("T-1", "on_search")
    await network.settled()  # what is being delivered at this moment is not delivered again

    assert (await network.buyer.post("search", body)).acked

    assert (await network.buyer.next_callback("T-1", "on_search")).body == first.body
    await network.settled()
    assert (await rows(network.settings.database_url))["inbox"] == 1


def signed_by(key: SigningKey, participant: Participant) -> Headers:
    return lambda network, body: {GATEWAY_HEADER: sign(body, key, participant.key_id, network.clock())}


FORGED_GATEWAY: dict[str, Headers] = {
    "another key": signed_by(generate_signing_key(), GATEWAY),
    "a buyer app's": signed_by(BUYER.key, BUYER),
    "a seller app's": signed_by(BPP.key, BPP),
    "nobody's": signed_by(GATEWAY.key, replace(GATEWAY, unique_key_id="unknown")),
    "other bytes": lambda network, body: signed_by(GATEWAY.key, GATEWAY)(network, body + b" "),
    "no signature": lambda _network, _body: {GATEWAY_HEADER: "Bearer x"},
    "two": lambda network, body: {GATEWAY_HEADER: [*signed_by(GATEWAY.key, GATEWAY)(network, body).values()] * 2},
    "the older header": lambda network, body: {
        "Proxy-Authorization": signed_by(BUYER.key, BUYER)(network, body)[GATEWAY_HEADER]
    },
}


async def test_a_forged_gateway_header_is_refused_though_the_buyers_signature_is_good(network: Network) -> None:
    message = search_message(words="tap repair", place=network.place)
    for name, headers in FORGED_GATEWAY.items():
        body = orjson.dumps(network.buyer.envelope("search", message, transaction_id=network.buyer.new_id()))

        answer = await network.buyer.post("search", body, headers=headers(network, body))

        refused(answer)
        assert 'realm="bpp.sandbox.example"' in answer.headers["Proxy-Authenticate"], name
        assert "WWW-Authenticate" not in answer.headers
    await network.settled()
    assert not network.buyer.callbacks


async def test_a_gateways_signature_does_not_stand_in_for_the_buyers(network: Network) -> None:
    body = orjson.dumps(network.buyer.envelope("search", search_message(place=network.place), transaction_id="T-1"))
    good = signed_by(GATEWAY.key, GATEWAY)(network, body)

    for authorization in (None, good[GATEWAY_HEADER], sign(body, GATEWAY.key, BUYER.key_id, network.clock())):
        answer = await network.buyer.post("search", body, headers={**good, "Authorization": authorization})
        refused(answer)
        assert "WWW-Authenticate" in answer.headers

    assert not network.buyer.callbacks


@pytest.mark.parametrize("header", [GATEWAY_HEADER, "Proxy-Authorization"])
async def test_both_names_of_the_gateways_header_count(network: Network, header: str) -> None:
    body = orjson.dumps(network.buyer.envelope("search", search_message(place=network.place), transaction_id="T-1"))
    signature = sign(body, GATEWAY.key, GATEWAY.key_id, network.clock())

    assert (await network.buyer.post("search", body, headers={header: signature})).acked

    await network.buyer.next_callback("T-1", "on_search")


@pytest.mark.parametrize("network", [{"BPP_REQUIRE_GATEWAY": "true"}], indirect=True)
async def test_where_searches_must_come_by_a_gateway_a_direct_one_is_refused_and_all_else_is_direct(
    network: Network,
) -> None:
    direct = await say(network.buyer, network)
    refused(direct)
    assert "Proxy-Authenticate" in direct.headers

    async with Gateway(registry=network.registry, clock=network.clock) as gateway:
        chosen = await network.selected(to=gateway.url)

    assert not chosen.error


async def test_a_gateway_of_a_live_registry_is_looked_up_like_anybody(live: Network, registry: RegistryServer) -> None:
    async with Gateway(registry=live.registry, clock=live.clock) as gateway:
        await journey.search(live.buyer, place=live.place, to=gateway.url)

    assert {one["subscriber_id"] for one in registry.requests} == {GATEWAY.subscriber_id, BUYER.subscriber_id}
    registry.records = [one for one in registry.records if one["type"] != Role.BG.value]
    live.clock.tick(hours=1)
    async with Gateway(registry=live.registry, clock=live.clock) as gateway:
        assert (
            await live.buyer.send("search", search_message(place=live.place), transaction_id="T-9", to=gateway.url)
        ).acked
        assert (await gateway.next_passed_on("T-9")).status == 401
