"""Personal data by role, and the row that every full read leaves."""

from __future__ import annotations

import json

import pytest

from tests.bpp.operator.conftest import BUYER, ENGINEER, OPERATOR, SUPERVISOR

PHONE, WORKER_PHONE = "9876501234", "9000000101"


async def reads(desk, query=""):
    _, found = await desk.call("GET", f"/audit/reads{query}")
    return [(one["role"], one["kind"], one["subject"]) for one in found["items"]]


@pytest.mark.parametrize("token", [SUPERVISOR, OPERATOR])
async def test_who_deals_with_consumers_sees_them_and_leaves_a_row(desk, token):
    order = await desk.booked(phone=PHONE)

    _, found = await desk.call("GET", f"/orders/{order.ref}", as_=token)

    role = "supervisor" if token == SUPERVISOR else "operator"
    assert found["billing"]["phone"] == PHONE
    assert found["fulfillments"][0]["customer"]["contact"]["phone"] == PHONE
    assert await reads(desk) == [(role, "order", order.ref)]


async def test_an_engineer_sees_the_order_and_nobody_in_it(desk):
    order = await desk.booked(phone=PHONE)
    await desk.event(order, "cancel", reason="the customer, Zyxwmark, has moved")

    _, found = await desk.call("GET", f"/orders/{order.ref}", as_=ENGINEER)

    text = json.dumps(found)
    worker = order.visit.assignee
    assert PHONE not in text
    assert "Zyxwmark" not in text
    assert worker.phone not in text
    assert worker.name not in text
    assert found["billing"]["phone"] == "******1234"
    assert found["papers"] == []
    assert found["fulfillments"][0]["worker"]["worker_id"] == worker.worker_id
    assert [kind for role, kind, _ in await reads(desk) if role == "engineer"] == []


async def test_what_an_event_answers_is_masked_likewise(desk):
    order = await desk.booked(phone=PHONE)

    status, found = await desk.event(order, "depart", as_=ENGINEER)

    assert status == 200
    assert PHONE not in json.dumps(found)


async def test_a_callback_is_shown_to_an_engineer_as_it_was_made_but_for_people(desk):
    order = await desk.started()
    _, found = await desk.call("GET", "/deliveries", as_=ENGINEER)
    last = found["items"][0]["id"]

    _, masked = await desk.call("GET", f"/deliveries/{last}", as_=ENGINEER)
    _, whole = await desk.call("GET", f"/deliveries/{last}")

    token = await desk.otp(order)
    assert token in json.dumps(whole)
    assert token not in json.dumps(masked)
    assert masked["body"]["context"] == whole["body"]["context"]
    assert masked["body"]["message"]["order"]["quote"] == whole["body"]["message"]["order"]["quote"]
    assert masked["body"]["message"]["order"]["billing"] != whole["body"]["message"]["order"]["billing"]
    assert await reads(desk, f"?kind=order&subject={order.ref}") != []


async def test_a_list_of_workers_shows_no_number_and_one_worker_in_full_leaves_a_row(desk):
    _, listed = await desk.call("GET", "/workers?limit=500", as_=OPERATOR)
    before = await reads(desk)
    _, one = await desk.call("GET", "/workers/W-GOMTI-1", as_=OPERATOR)
    _, masked = await desk.call("GET", "/workers/W-GOMTI-1", as_=ENGINEER)

    assert WORKER_PHONE not in json.dumps(listed)
    assert before == []
    assert one["phone"] == WORKER_PHONE
    assert masked["phone"] == "******0101"
    assert masked["skills"] == one["skills"]
    assert await reads(desk) == [("operator", "worker", "W-GOMTI-1")]


async def test_only_a_supervisor_sees_who_read_what_page_by_page(desk):
    orders = [await desk.booked(bap_id=f"{number}.{BUYER}") for number in range(3)]
    for order in orders:
        await desk.call("GET", f"/orders/{order.ref}", as_=OPERATOR)

    refused, _ = await desk.call("GET", "/audit/reads", as_=OPERATOR)
    _, first = await desk.call("GET", "/audit/reads?limit=2")
    _, rest = await desk.call("GET", f"/audit/reads?limit=2&cursor={first['next']}")

    assert refused == 403
    assert [one["subject"] for one in first["items"] + rest["items"]] == [one.ref for one in reversed(orders)]
    assert rest["next"] is None
    assert {one["who"].split(":")[0] for one in first["items"]} == {"operator"}
