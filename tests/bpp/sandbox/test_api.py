from __future__ import annotations

import aiohttp
import pytest

from bpp.sandbox.api import CALLS
from bpp.sandbox.serve import start_sandbox
from tests.support.callback_builders import on_status
from tests.support.peers import canned, whole_booking

SEARCH = {"what": "fan repair", "pincode": "226010", "domain": "ONDC:SRV11"}


class Person:
    """Somebody with a command-line client."""

    def __init__(self, session, sandbox):
        self._session = session
        self.sandbox = sandbox

    async def post(self, path, body=None, **options):
        return await self._ask("POST", path, json={} if body is None else body, **options)

    async def get(self, path, **query):
        return await self._ask("GET", path, params=query)

    async def raw(self, path, **options):
        return await self._ask("POST", path, **options)

    async def _ask(self, method, path, **options):
        url = f"{self.sandbox.buyer.url}/api{path}"
        async with self._session.request(method, url, **options) as response:
            return response.status, await response.json()


@pytest.fixture
async def person(registry):
    async with start_sandbox(registry) as sandbox, aiohttp.ClientSession() as session:
        yield Person(session, sandbox)


@pytest.fixture
async def booked(person, seller):
    seller.replies = whole_booking()
    assert (await person.post("/search", SEARCH))[0] == 200
    status, answer = await person.post("/book", {"offer": 1, "slot": 1})
    assert status == 200, answer
    return answer


async def test_a_search_lists_numbered_offers_with_their_free_times(person, seller):
    seller.replies = whole_booking()

    status, answer = await person.post("/search", SEARCH)

    assert status == 200
    assert answer["place"] == {"name": "Gomti Nagar", "pincode": "226010", "gps": "26.850000,80.999000"}
    (offer,) = answer["offers"]
    assert (offer["offer"], offer["provider"], offer["item"], offer["price"]) == (1, "Sahyog", "Fan repair", "499.00")
    assert [one["slot"] for one in offer["slots"]] == [1, 2, 3]


async def test_a_search_in_no_domain_asks_in_all_of_them(person, seller):
    seller.replies = whole_booking()

    _, answer = await person.post("/search", {"what": "fan repair", "pincode": "226010"})

    assert [one["offer"] for one in answer["offers"]] == [1, 2, 3]
    assert len({one["transaction_id"] for one in answer["offers"]}) == 3
    assert {one.document["context"]["domain"] for one in seller.received} == {"ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12"}


async def test_a_category_names_its_own_domain(person, seller):
    seller.replies = whole_booking()

    await person.post("/search", {"category": "SRV12-1008", "pincode": "226010"})

    assert [one.document["context"]["domain"] for one in seller.received] == ["ONDC:SRV12"]


async def test_a_booking_is_told_in_words_with_its_ids(booked, seller):
    assert booked["in_words"].startswith("Fan repair by Sahyog, Tue 3 Feb 2026, 10:00 to 11:00 Indian time.")
    assert "Total ₹998.00, paid." in booked["in_words"]
    assert (booked["status"], booked["state"], booked["worker"]) == ("ACCEPTED", "Pending", "Worker")
    confirm = next(one.document for one in seller.received if one.action == "confirm")
    assert booked["order_id"] == confirm["message"]["order"]["id"]
    assert booked["transaction_id"] == confirm["context"]["transaction_id"]


async def test_name_and_telephone_reach_the_seller(person, seller):
    seller.replies = whole_booking()
    await person.post("/search", SEARCH)

    await person.post("/book", {"offer": 1, "slot": 2, "name": "Meera", "phone": "9811111111"})

    billing = next(one.document for one in seller.received if one.action == "init")["message"]["order"]["billing"]
    assert (billing["name"], billing["phone"]) == ("Meera", "9811111111")


async def test_choices_and_savings_are_listed_and_reach_the_seller(person, seller):
    seller.replies = whole_booking()
    _, answer = await person.post("/search", SEARCH)
    (offer,) = answer["offers"]
    assert offer["choices"] == [{"id": "C1", "name": "Fan repair", "price": "50.00", "categories": ["G1"]}]
    assert {"id": "OFFER-Disc_Amt", "name": "Festival"} in offer["savings"]

    await person.post("/book", {"offer": 1, "slot": 1, "with": {"C1": 2}, "savings": ["OFFER-Disc_Amt"]})

    order = next(one.document for one in seller.received if one.action == "select")["message"]["order"]
    assert [(one["id"], one["quantity"]["selected"]["count"]) for one in order["items"]] == [("I1", 1), ("C1", 2)]
    assert order["offers"] == [{"id": "OFFER-Disc_Amt"}]


async def test_status_cancel_rating_and_support_speak_of_the_last_order(booked, person, seller):
    _, status = await person.post("/status")
    _, rated = await person.post("/rate", {"value": 5})
    _, support = await person.post("/support")
    _, cancelled = await person.post("/cancel", {"reason": "002"})

    assert status["state"] == "In-Transit"
    assert "Worker is on the way." in status["in_words"]
    assert rated == {"in_words": "Sahyog was given 5 of 5.", "value": 5}
    assert support["support"]["phone"] == "155330"
    assert cancelled["status"] == "CANCELLED"
    assert "The seller keeps ₹50.00;" in cancelled["in_words"]
    cancel = next(one.document for one in seller.received if one.action == "cancel")
    assert cancel["message"] == {"order_id": booked["order_id"], "cancellation_reason_id": "002"}


async def test_the_order_is_shown_as_last_heard_of(booked, person, seller):
    told = on_status("At-Location")["message"]
    told["order"]["id"] = booked["order_id"]
    document = seller.document("on_status", told, {"transaction_id": booked["transaction_id"], "message_id": "U1"})
    await seller.call(f"{person.sandbox.buyer.url}/on_status", document)

    status, answer = await person.get("/order")

    assert (status, answer["otp"], answer["state"]) == (200, "4821", "At-Location")
    assert "4821" in answer["in_words"]


async def test_the_conversation_is_told_in_order(booked, person):
    _, answer = await person.get("/messages")

    assert answer["transaction_id"] == booked["transaction_id"]
    assert [one["action"] for one in answer["messages"]] == [
        name for action in ("search", "select", "init", "confirm") for name in (action, f"on_{action}")
    ]
    assert all(one["http_status"] == 200 for one in answer["messages"])


async def test_an_earlier_order_is_named_by_its_transaction(booked, person):
    await person.post("/search", SEARCH)
    _, second = await person.post("/book", {"offer": 1, "slot": 2})

    _, first = await person.get("/order", transaction_id=booked["transaction_id"])
    _, last = await person.get("/order")

    assert first["order_id"] == booked["order_id"]
    assert last["order_id"] == second["order_id"] != first["order_id"]


async def test_one_search_leads_to_one_order(booked, person):
    status, answer = await person.post("/book", {"offer": 1, "slot": 2})

    assert (status, answer["error"]["code"]) == (409, "already_booked")


@pytest.mark.parametrize(
    ("path", "body", "status", "code"),
    [
        ("/search", {"pincode": "226010"}, 400, "missing"),
        ("/search", {"what": "fan", "pincode": "999999"}, 400, "unknown_place"),
        ("/search", {"what": "fan", "pincode": "226010", "gps": "here"}, 400, "unknown_place"),
        ("/search", {"what": 7, "pincode": "226010"}, 400, "invalid"),
        ("/search", {"what": "x" * 201, "pincode": "226010"}, 400, "invalid"),
        ("/book", {"offer": 1, "slot": 1}, 409, "nothing_searched"),
        ("/book", {"offer": "1", "slot": 1}, 400, "invalid"),
        ("/book", {"offer": True, "slot": 1}, 400, "invalid"),
        ("/book", [], 400, "not_json"),
        ("/book", {"offer": 1, "slot": 1, "with": ["C1"]}, 400, "invalid"),
        ("/book", {"offer": 1, "slot": 1, "with": {"C1": "2"}}, 400, "invalid"),
        ("/book", {"offer": 1, "slot": 1, "savings": "OFFER"}, 400, "invalid"),
        ("/status", {}, 404, "no_order"),
        ("/cancel", {}, 404, "no_order"),
        ("/rate", {"value": 6}, 400, "invalid"),
        ("/rate", {}, 400, "invalid"),
    ],
)
async def test_what_cannot_be_done_is_said_with_the_reason(person, path, body, status, code):
    answered, answer = await person.post(path, body)

    assert (answered, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"offer": 9, "slot": 1}, "unknown_offer"),
        ({"offer": 1, "slot": 0}, "unknown_slot"),
        ({"offer": 1, "slot": 1, "transaction_id": "T9"}, "unknown_transaction"),
    ],
)
async def test_only_what_is_on_the_list_can_be_booked(person, seller, body, code):
    seller.replies = whole_booking()
    await person.post("/search", SEARCH)

    _, answer = await person.post("/book", body)

    assert answer["error"]["code"] == code


async def test_a_body_that_is_not_declared_as_json_is_refused(person):
    status, answer = await person.raw("/search", data=b'{"what": "x"}', headers={"Content-Type": "text/plain"})
    assert (status, answer["error"]["code"]) == (415, "not_json")

    status, answer = await person.raw("/search", data=b"{", headers={"Content-Type": "application/json"})
    assert (status, answer["error"]["code"]) == (400, "not_json")


async def test_before_anything_was_said_there_is_no_conversation(person):
    assert (await person.get("/messages"))[0] == 404
    assert (await person.get("/order"))[0] == 404


async def test_a_slot_that_is_gone_is_said_in_the_seller_s_words(person, seller):
    seller.replies = whole_booking() | {"select": canned("on_select_rejected")}
    await person.post("/search", SEARCH)

    status, answer = await person.post("/book", {"offer": 1, "slot": 1})

    assert (status, answer["error"]["code"]) == (409, "90001")
    assert "Schedule not available" in answer["error"]["message"]
    assert answer["error"]["action"] == "on_select"


async def test_a_seller_that_refuses_is_quoted(person, seller):
    seller.replies = {"search": canned("on_search")}
    nack = b'{"message":{"ack":{"status":"NACK"}},"error":{"code":"30004","message":"item: unknown"}}'
    seller.answers["select"] = 200, nack
    await person.post("/search", SEARCH)

    status, answer = await person.post("/book", {"offer": 1, "slot": 1})

    assert (status, answer["error"]["code"]) == (409, "30004")
    assert "item: unknown" in answer["error"]["message"]


async def test_everything_there_is_is_listed(person):
    status, answer = await person.get("")

    assert status == 200
    assert set(answer["calls"]) == set(CALLS)
    assert answer["known_pincodes"]["208001"] == "Civil Lines, Kanpur"
