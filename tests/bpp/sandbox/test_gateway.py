from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from beckn_schemas.ack import ack
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.identities import BPP, BUYER, GATEWAY, PARTICIPANTS, SECOND_BUYER, registry_records, write_registry
from signing.header import SignatureHeader
from signing.signature import sign, verify
from tests.support.peers import FakeSeller, canned

SEARCH = {"intent": {"item": {"descriptor": {"name": "nal theek"}}}}


async def test_the_seller_gets_the_same_bytes_with_both_signatures(buyer, gateway, seller):
    answer = await buyer.send("search", SEARCH, to=gateway.url, transaction_id="T1")
    passed = await gateway.next_passed_on("T1")

    (received,) = seller.received
    assert answer.acked
    assert received.body == answer.request.body == passed.body
    assert received.headers["Authorization"] == answer.request.headers["Authorization"]
    own = SignatureHeader.parse(received.headers["X-Gateway-Authorization"])
    verify(own, received.body, GATEWAY.key.public_key)
    assert own.key_id == GATEWAY.key_id
    assert (passed.url, passed.status, orjson.loads(passed.answer)) == (seller.url, 200, ack())


async def test_the_answer_comes_to_the_buyer_directly(buyer, gateway, seller):
    seller.replies["search"] = canned("on_search")

    await buyer.send("search", SEARCH, to=gateway.url, transaction_id="T1")

    callback = await buyer.next_callback("T1", "on_search")
    assert callback.context["bpp_uri"] == seller.url


async def test_the_buyer_is_acknowledged_while_a_seller_takes_its_time(gateway, registry, buyer):
    word = asyncio.Event()

    async def slow(request: web.Request) -> web.Response:
        await word.wait()
        return web.json_response(ack())

    app = web.Application()
    app.router.add_post("/search", slow)
    async with TestServer(app) as server:
        write_registry(registry, (BPP.at(str(server.make_url(""))), *PARTICIPANTS[1:]))
        answer = await buyer.send("search", SEARCH, to=gateway.url, transaction_id="T1")
        assert answer.acked
        assert not gateway.passed_on
        word.set()
        assert (await gateway.next_passed_on("T1")).status == 200


async def test_every_seller_of_the_domain_is_asked_once_and_others_are_not(buyer, gateway, registry, seller):
    async with FakeSeller() as second, FakeSeller() as elsewhere:
        records = registry_records((BPP.at(seller.url), *PARTICIPANTS[1:]))
        records += [
            {**records[0], "subscriber_id": "two.example", "subscriber_url": second.url, "domain": "ONDC:SRV11"},
            {**records[0], "subscriber_id": "three.example", "subscriber_url": elsewhere.url, "domain": "ONDC:RET10"},
        ]
        registry.write_bytes(orjson.dumps(records))
        for one in (seller, second, elsewhere):
            one.replies["search"] = canned("on_search")

        await buyer.send("search", SEARCH, to=gateway.url, transaction_id="T1")
        for _ in range(2):
            await buyer.next_callback("T1", "on_search")

        assert [len(one.received) for one in (seller, second, elsewhere)] == [1, 1, 0]


async def test_a_seller_that_is_down_is_passed_over(buyer, gateway, registry):
    write_registry(registry, (BPP.at("http://127.0.0.1:9"), *PARTICIPANTS[1:]))

    answer = await buyer.send("search", SEARCH, to=gateway.url, transaction_id="T1")

    assert answer.acked
    assert (await gateway.next_passed_on("T1")).status is None


async def test_waiting_for_a_search_that_never_was_ends(gateway):
    with pytest.raises(TimeoutError):
        await gateway.next_passed_on("T9", timeout=0.01)


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": None},
        {"Authorization": sign(b"other bytes", BUYER.key, BUYER.key_id, datetime.now(UTC))},
        {"Authorization": "Basic abc"},
    ],
)
async def test_a_search_without_a_good_signature_goes_nowhere(buyer, gateway, seller, headers):
    answer = await buyer.send("search", SEARCH, to=gateway.url, headers=headers)

    assert (answer.status, answer.error_code) == (401, "10001")
    assert GATEWAY.subscriber_id in answer.headers["WWW-Authenticate"]
    assert seller.received == []


async def test_nobody_searches_in_anothers_name(buyer, gateway, seller):
    answer = await buyer.send("search", SEARCH, to=gateway.url, context={"bap_id": SECOND_BUYER.subscriber_id})

    assert (answer.status, answer.error_code) == (401, "10001")
    assert seller.received == []


async def test_a_seller_app_may_not_search(gateway, registry, seller):
    async with Buyer(registry=registry, participant=BPP) as posing:
        answer = await posing.send("search", SEARCH, to=gateway.url)

    assert answer.status == 401
    assert seller.received == []


@pytest.mark.parametrize(
    ("context", "path"),
    [
        ({"action": "select"}, "context.action"),
        ({"domain": None}, "context.domain"),
        ({"transaction_id": 7}, "context.transaction_id"),
    ],
)
async def test_what_cannot_be_passed_on_is_refused_with_its_path(buyer, gateway, seller, context, path):
    answer = await buyer.send("search", SEARCH, to=gateway.url, context=context)

    assert (answer.status, answer.error_code) == (400, "10000")
    assert path in answer.error["message"]
    assert seller.received == []


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"x"'])
async def test_what_is_no_json_object_is_refused(buyer, gateway, seller, body):
    answer = await buyer.post("search", body, to=gateway.url)

    assert (answer.status, answer.error_code) == (400, "10000")
    assert seller.received == []


async def test_a_second_search_follows_the_first(registry, buyer, seller):
    async with Gateway(registry=registry) as gateway:
        for number in range(3):
            assert (await buyer.send("search", SEARCH, to=gateway.url, transaction_id=f"T{number}")).acked
            await gateway.next_passed_on(f"T{number}")

    assert len(seller.received) == 3
