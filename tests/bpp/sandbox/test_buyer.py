from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import aiohttp
import orjson
import pytest

from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Answer, nacked
from bpp.sandbox.identities import AGENCY, BPP, BUYER, SECOND_BUYER
from bpp.sandbox.inbox import NoCallback
from bpp.sandbox.posting import Unreachable
from signing.header import SignatureHeader
from signing.signature import sign, verify
from tests.support.callback_builders import on_search
from tests.support.peers import canned

SEARCH = {"intent": {"item": {"descriptor": {"name": "पंखा"}}}}


def a_callback(seller, action="on_search", **context):
    """A callback's document, as the seller sends it to nobody in particular."""
    made = {"transaction_id": "T1", "message_id": "M1", "bap_id": BUYER.subscriber_id, "domain": "ONDC:SRV11"}
    return seller.document(action, {"n": 1}, made, **context)


async def heard(seller, buyer, action="on_search", **context):
    return await seller.call(f"{buyer.url}/{action}", a_callback(seller, action, **context))


async def test_what_is_sent_is_what_was_signed(buyer, seller):
    answer = await buyer.send("search", SEARCH, transaction_id="T1", message_id="M1")

    (received,) = seller.received
    header = SignatureHeader.parse(received.headers["Authorization"])
    verify(header, received.body, BUYER.key.public_key)
    assert received.body == answer.request.body
    assert header.key_id == BUYER.key_id
    assert received.headers["Content-Type"] == "application/json"
    assert received.document["message"] == SEARCH


async def test_the_context_says_who_asks_whom(buyer, seller):
    await buyer.send("select", {}, transaction_id="T1", message_id="M1")

    context = seller.received[0].document["context"]
    assert context.pop("timestamp").endswith("Z")
    assert context == {
        "domain": "ONDC:SRV11",
        "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
        "action": "select",
        "version": "2.0.0",
        "ttl": "PT30S",
        "bap_id": "buyer.sandbox.example",
        "bap_uri": buyer.url,
        "bpp_id": "bpp.sandbox.example",
        "bpp_uri": seller.url,
        "transaction_id": "T1",
        "message_id": "M1",
    }


async def test_a_search_names_no_seller(buyer, seller):
    await buyer.send("search", SEARCH)

    assert not {"bpp_id", "bpp_uri"} & set(seller.received[0].document["context"])


async def test_context_and_headers_can_be_bent_for_the_sake_of_a_test(buyer, seller):
    await buyer.send("search", SEARCH, context={"ttl": None, "version": "1.0"}, headers={"Authorization": None})
    await buyer.post("search", b'{"x": 1}', headers={"X-Twice": ["a", "b"], "Content-Type": "text/plain"})

    first, second = seller.received
    assert "ttl" not in first.document["context"]
    assert first.document["context"]["version"] == "1.0"
    assert "Authorization" not in first.headers
    assert second.body == b'{"x": 1}'
    assert second.headers["Content-Type"] == "text/plain"
    assert second.headers.getall("X-Twice") == ["a", "b"]


@pytest.mark.parametrize(
    ("status", "body", "acked", "code"),
    [
        (200, b'{"message":{"ack":{"status":"ACK"}}}', True, ""),
        (200, b'{"sync":{"message":{"ack":{"status":"ACK"}}}}', True, ""),
        (200, b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30000"}}', False, "30000"),
        (401, b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30016"}}', False, "30016"),
        (202, b'{"message":{"ack":{"status":"ACK"}}}', False, ""),
        (200, b"", False, ""),
        (200, b"<html>", False, ""),
        (200, b"[]", False, ""),
    ],
)
async def test_only_a_200_that_says_ack_is_an_acknowledgement(buyer, seller, status, body, acked, code):
    seller.answers["search"] = status, body

    answer = await buyer.send("search", SEARCH)

    assert (answer.status, answer.acked, answer.error_code) == (status, acked, code)
    assert answer.body == body


async def test_nobody_at_the_address_is_said_so(buyer, registry):
    async with Buyer(registry=registry, bpp_url="http://127.0.0.1:9") as lonely:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9"):
            await lonely.send("search", SEARCH)


async def test_a_peer_that_takes_too_long_is_unreachable(registry, buyer, seller):
    buyer.always("on_search", Answer(hangs=True))
    async with Buyer(registry=registry, timeout=timedelta(seconds=0.05)) as hasty:
        body = orjson.dumps(a_callback(seller))
        with pytest.raises(Unreachable, match="Timeout"):
            await hasty.post("on_search", body, to=buyer.url, headers={"Authorization": _as_seller(body)})


def _as_seller(body, now=None):
    return sign(body, BPP.key, BPP.key_id, now or datetime.now(UTC))


async def test_a_callback_is_kept_byte_for_byte_and_acknowledged(buyer, seller):
    body = orjson.dumps(a_callback(seller), option=orjson.OPT_INDENT_2) + b"\n"

    status, answer = await seller.call(f"{buyer.url}/on_search", body, **{"X-Note": "kept"})

    callback = await buyer.next_callback("T1", "on_search")
    assert (status, answer) == (200, {"message": {"ack": {"status": "ACK"}}})
    assert callback.body == body
    assert callback.headers["X-Note"] == "kept"
    assert (callback.number, callback.problem, callback.message) == (1, "", {"n": 1})
    assert callback.at.tzinfo is UTC


async def test_the_answer_to_a_request_comes_after_its_acknowledgement(buyer, seller):
    seller.replies["search"] = canned("on_search")

    answer = await buyer.send("search", SEARCH, transaction_id="T1")
    callback = await buyer.next_callback("T1", message_id=answer.request.message_id)

    assert answer.acked
    assert answer.arrived <= callback.arrived
    assert callback.message["catalog"] is not None


@pytest.mark.parametrize(
    ("context", "problem"),
    [({"bap_id": BPP.subscriber_id, "bpp_id": AGENCY.subscriber_id}, ""), ({"bap_id": BUYER.subscriber_id}, "sender")],
)
async def test_to_an_agency_a_seller_app_is_the_bap(registry, seller, context, problem):
    async with Buyer(registry=registry, participant=AGENCY) as agency:
        status, _ = await heard(seller, agency, "settle", **context)

        assert status == (401 if problem else 200)
        assert [(one.action, one.problem) for one in agency.callbacks] == [("settle", problem)]


@pytest.mark.parametrize(
    ("change", "problem", "status", "code"),
    [
        ({"authorization": None}, "missing_authorization", 401, "20001"),
        ({"authorization": "nonsense"}, "bad_scheme", 401, "20001"),
        ({"signed": b"other bytes"}, "signature_mismatch", 401, "20001"),
        ({"authorization": _as_seller(b"x", datetime(2026, 1, 1, tzinfo=UTC))}, "expired", 401, "20001"),
        ({"participant": SECOND_BUYER}, "wrong_role", 401, "20001"),
        ({"bpp_id": "another.example"}, "sender", 401, "20001"),
        ({"action": "on_select"}, "action", 400, "20006"),
        ({"body": b"[]"}, "not_json", 400, "20006"),
        ({"body": b"{"}, "not_json", 400, "20006"),
    ],
)
async def test_a_callback_that_cannot_be_trusted_is_refused_and_given_to_nobody(
    buyer, seller, change, problem, status, code
):
    seller.participant = change.get("participant", BPP)
    context = {key: change[key] for key in ("bpp_id", "action") if key in change}
    body = change.get("body") or orjson.dumps(a_callback(seller, **context))
    signed = _signed(seller, change.get("signed", body))  # now: what is signed when tests are collected grows too old
    headers = {"Content-Type": "application/json", "Authorization": change.get("authorization", signed)}
    async with aiohttp.ClientSession() as session:
        kept = {key: value for key, value in headers.items() if value is not None}
        async with session.post(f"{buyer.url}/on_search", data=body, headers=kept) as response:
            answer = await response.json()

    assert (response.status, answer["error"]["code"]) == (status, code)
    assert ("WWW-Authenticate" in response.headers) == (status == 401)
    assert [one.problem for one in buyer.callbacks] == [problem]
    with pytest.raises(NoCallback, match=problem):
        await buyer.next_callback(timeout=0)


def _signed(seller, body):
    return sign(body, seller.participant.key, seller.participant.key_id, datetime.now(UTC))


async def test_each_callback_is_given_out_once_in_the_order_of_arrival(buyer, seller):
    for number in range(3):
        await heard(seller, buyer, message_id=f"M{number}")

    taken = [(await buyer.next_callback("T1")).message_id for _ in range(3)]

    assert taken == ["M0", "M1", "M2"]
    assert [one.number for one in buyer.callbacks] == [1, 2, 3]
    with pytest.raises(NoCallback, match=r"no on_search within 0 s; there came: on_search, on_search, on_search"):
        await buyer.next_callback("T1", "on_search", timeout=0)


async def test_those_who_wait_each_get_their_own(buyer, seller):
    async def wait(transaction_id, action):
        return await buyer.next_callback(transaction_id, action, timeout=60)

    async with asyncio.TaskGroup() as group:
        second = group.create_task(wait("T2", None))
        status = group.create_task(wait("T1", "on_status"))
        first = group.create_task(wait("T1", None))
        await heard(seller, buyer, "on_search", transaction_id="T1", message_id="a")
        await heard(seller, buyer, "on_status", transaction_id="T1", message_id="b")
        await heard(seller, buyer, "on_search", transaction_id="T2", message_id="c")

    assert [one.result().message_id for one in (first, status, second)] == ["a", "b", "c"]


async def test_a_condition_of_ones_own_may_choose(buyer, seller):
    for number in range(3):
        await heard(seller, buyer, message_id=f"M{number}")

    chosen = await buyer.next_callback(where=lambda one: one.message_id == "M2")

    assert chosen.number == 3


async def test_what_waits_in_vain_stands_in_nobodys_way(buyer, seller):
    with pytest.raises(NoCallback):
        await buyer.next_callback("T1", timeout=0.01)

    await heard(seller, buyer)

    assert (await buyer.next_callback("T1", timeout=0)).number == 1


async def test_callbacks_are_answered_as_scripted_then_as_standing_then_with_ack(buyer, seller):
    buyer.always("on_status", nacked("23001"))
    buyer.script("on_status", Answer(status=503, body=b"", headers={"Retry-After": "1"}), nacked("20006"))

    answers = [await heard(seller, buyer, "on_status") for _ in range(3)]
    buyer.always("on_status")
    answers.append(await heard(seller, buyer, "on_status"))
    answers.append(await heard(seller, buyer, "on_search"))

    codes = [(status, answer.get("error", {}).get("code")) for status, answer in answers]
    assert codes == [(503, None), (200, "20006"), (200, "23001"), (200, None), (200, None)]
    assert [one.answer.status for one in buyer.callbacks] == [503, 200, 200, 200, 200]


async def test_an_answer_may_wait_for_a_word(buyer, seller):
    word = asyncio.Event()
    buyer.script("on_search", Answer(until=word))

    async with asyncio.TaskGroup() as group:
        call = group.create_task(heard(seller, buyer))
        await buyer.next_callback("T1")
        assert not call.done()
        word.set()

    assert call.result()[0] == 200


async def test_an_answer_may_take_its_time(buyer, seller):
    buyer.script("on_search", Answer(delay=0.01))

    assert (await heard(seller, buyer))[0] == 200


async def test_a_connection_may_be_dropped_instead_of_an_answer(buyer, seller):
    buyer.script("on_search", Answer(drops=True))

    with pytest.raises(aiohttp.ClientError):
        await heard(seller, buyer)
    assert (await buyer.next_callback("T1")).answer.drops


async def test_a_buyer_that_hangs_ends_when_it_closes(registry, seller):
    async def call(buyer):
        with pytest.raises(aiohttp.ClientError):
            await heard(seller, buyer)

    async with asyncio.TaskGroup() as group, Buyer(registry=registry) as buyer:
        buyer.script("on_search", Answer(hangs=True))
        group.create_task(call(buyer))
        await buyer.next_callback("T1")


async def test_a_buyer_remembers_no_more_than_it_was_told_to(registry, seller):
    async with Buyer(registry=registry, keep=2) as buyer:
        for number in range(4):
            await heard(seller, buyer, message_id=f"M{number}")
            await buyer.send("search", SEARCH)

        assert [one.message_id for one in buyer.callbacks] == ["M2", "M3"]
        assert len(buyer.answers) == 2


async def test_a_buyer_that_forgets_nothing_takes_in_no_more_than_it_keeps(registry, seller):
    async with Buyer(registry=registry, keep=2, forgets=False) as buyer:
        statuses = [await heard(seller, buyer, message_id=f"M{number}") for number in range(3)]

        assert buyer.full
        assert [status for status, *_ in statuses] == [200, 200, 503]
        assert [one.message_id for one in buyer.callbacks] == ["M0", "M1"]


async def test_a_catalog_of_nearly_a_megabyte_gets_through(buyer, seller):
    document = a_callback(seller) | {"message": on_search()["message"] | {"padding": "x" * 900_000}}

    assert (await seller.call(f"{buyer.url}/on_search", document))[0] == 200


async def test_other_paths_are_not_served(buyer, seller):
    async with aiohttp.ClientSession() as session, session.post(f"{buyer.url}/search", data=b"{}") as response:
        assert response.status == 404
