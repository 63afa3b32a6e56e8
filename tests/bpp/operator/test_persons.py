"""The rights of a data principal over the operator API: for supervisors alone, and with words where it cannot be."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from bpp.storage.tables import outbox
from tests.bpp.operator.conftest import ACCOUNTANT, ENGINEER, OFFICER, OPERATOR

PHONE = "9876501234"


async def delivered(work):
    await work._connection.execute(update(outbox).values(state="delivered"))


async def test_a_supervisor_gets_what_is_held_and_each_record_leaves_a_row(desk):
    order = await desk.booked(phone=PHONE)

    status, found = await desk.call("POST", "/persons/export", {"phone": f"+91 {PHONE}"})
    _, reads = await desk.call("GET", "/audit/reads")

    assert status == 200
    assert [one["order"]["ref"] for one in found["orders"]] == [order.ref]
    assert {one["kind"] for one in reads["items"]} == {"order", "person"}


async def test_who_has_a_booking_under_way_is_forgotten_only_when_it_is_over(desk):
    order = await desk.booked(phone=PHONE)

    refused, problem = await desk.call("POST", "/persons/erase", {"phone": PHONE})
    await desk.event(order, "cancel", reason="the customer has moved")
    waits, _ = await desk.call("POST", "/persons/erase", {"phone": PHONE})
    await desk.storage.run(delivered)
    status, erased = await desk.call("POST", "/persons/erase", {"phone": PHONE})
    _, after = await desk.call("POST", "/persons/export", {"phone": PHONE})

    assert (refused, problem["error"]["code"], problem["error"]["allowed"]) == (409, "still_open", [order.ref])
    assert waits == 409, "the buyer app was not told of the cancellation yet"
    assert (status, erased["orders"]) == (200, 1)
    assert after["orders"] == []


@pytest.mark.parametrize("token", [OPERATOR, OFFICER, ACCOUNTANT, ENGINEER])
@pytest.mark.parametrize("path", ["/persons/export", "/persons/erase"])
async def test_it_is_for_nobody_else(desk, token, path):
    status, _ = await desk.call("POST", path, {"phone": PHONE}, as_=token)

    assert status == 403


@pytest.mark.parametrize("path", ["/persons/export", "/persons/erase"])
async def test_what_is_no_number_is_refused_at_its_field(desk, path):
    status, problem = await desk.call("POST", path, {"phone": "155330"})

    assert (status, problem["error"]["path"]) == (422, "phone")
