"""Orders over the operator API: lists, one order, and every event with what stands against it."""

from __future__ import annotations

import asyncio

import pytest

from bpp.operator.app import BASE_PATH

SUMMARY = {
    "ref",
    "bap_id",
    "order_id",
    "transaction_id",
    "channel",
    "state",
    "order_status",
    "provider_id",
    "worker_id",
    "slot_start",
    "total",
    "created_at",
    "updated_at",
}


async def test_an_order_in_a_list_carries_what_the_contract_says(desk):
    order = await desk.booked()

    status, found = await desk.call("GET", "/orders")

    assert status == 200
    assert found["next"] is None
    (row,) = found["items"]
    assert set(row) == SUMMARY
    assert row["ref"] == order.ref
    assert (row["bap_id"], row["order_id"], row["transaction_id"]) == ("buyer.example.org", "O1", "T1")
    assert (row["state"], row["order_status"], row["channel"]) == ("ASSIGNED", "ACCEPTED", "ondc")
    assert (row["provider_id"], row["total"]) == ("P-GOMTI", "199.00")
    assert row["created_at"] == "2026-11-23T03:30:00.000Z"
    assert row["slot_start"].endswith("Z")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["O3", "O2", "O1"]),
        ("?bap_id=&order_id=&transaction_id=&phone=&state=", ["O3", "O2", "O1"]),
        ("?bap_id=other.example.org", ["O2"]),
        ("?order_id=O1", ["O1"]),
        ("?transaction_id=T3", ["O3"]),
        ("?phone=9811111111", ["O2"]),
        ("?state=EN_ROUTE", ["O3"]),
        ("?state=ASSIGNED&bap_id=buyer.example.org", ["O1"]),
        ("?order_id=unknown", []),
    ],
)
async def test_orders_are_found_by_what_is_known_of_them(desk, query, expected):
    await desk.booked()
    await desk.booked(bap_id="other.example.org", phone="9811111111")
    await desk.event(await desk.booked(), "depart")

    _, found = await desk.call("GET", f"/orders{query}")

    assert [one["order_id"] for one in found["items"]] == expected


async def test_pages_follow_one_another_without_gap_or_repetition(desk):
    for _ in range(5):
        await desk.booked()
    seen, cursor = [], ""
    for _ in range(3):
        _, page = await desk.call("GET", f"/orders?limit=2&cursor={cursor}")
        seen.append([one["order_id"] for one in page["items"]])
        cursor = page["next"] or ""

    assert seen == [["O5", "O4"], ["O3", "O2"], ["O1"]]
    assert cursor == ""


@pytest.mark.parametrize(
    ("query", "path", "allowed"),
    [
        ("limit=0", "limit", []),
        ("limit=501", "limit", []),
        ("limit=many", "limit", []),
        ("colour=red", "colour", []),
        ("state=FLYING", "state", "PENDING"),
    ],
)
async def test_a_wrong_parameter_is_named(desk, query, path, allowed):
    status, answer = await desk.call("GET", f"/orders?{query}")

    assert status == 422
    assert answer["error"]["path"] == path
    if allowed:
        assert allowed in answer["error"]["message"] + "".join(answer["error"]["allowed"])


async def test_one_order_tells_everything(desk):
    order = await desk.booked()
    await desk.event(order, "depart")

    status, found = await desk.call("GET", f"/orders/{order.ref}")

    assert status == 200
    assert set(found) > SUMMARY
    assert found["allowed_events"] == ["arrive", "cancel", "reassign", "unassign", "requote"]
    (visit,) = found["fulfillments"]
    assert visit["state"] == "EN_ROUTE"
    assert visit["worker"]["worker_id"] == found["worker_id"]
    assert found["quote"]["total"] == "199.00"
    assert [line["kind"] for line in found["quote"]["lines"]] == ["item", "tax"]
    assert found["payments"][0]["status"] == "PAID"
    (posting,) = found["ledger"]
    assert posting["part"] == f"payment:{found['payments'][0]['id']}"
    assert posting["reverses"] is None
    assert posting["lines"] == [
        {
            "party": "buyer_app",
            "id": "buyer.example.org",
            "purpose": "collected",
            "debit": "199.00",
            "credit": "0.00",
        },
        {"party": "consumer", "id": order.ref, "purpose": "due", "debit": "0.00", "credit": "199.00"},
    ]
    assert [(one["kind"], one["name"]) for one in found["timeline"]] == [("event", "assign"), ("event", "depart")]
    assert found["timeline"][1]["detail"]["by"].startswith("supervisor:")


async def test_the_operator_is_never_shown_the_customers_otp(desk):
    order = await desk.started()

    _, found = await desk.call("GET", f"/orders/{order.ref}")

    assert set(found["fulfillments"][0]["otp"]) == {"serial", "valid_from", "valid_to", "tries"}
    assert f'"{await desk.otp(order)}"' not in str(found)


async def test_an_unknown_order_is_not_found(desk):
    for method, path, body in (("GET", "/orders/none", None), ("POST", "/orders/none/events", {"event": "depart"})):
        status, answer = await desk.call(method, path, body)

        assert status == 404
        assert answer["error"]["code"] == "not_found"


async def test_a_whole_visit_sends_a_callback_for_each_event(desk):
    order = await desk.booked()
    states = []
    for name in ("assign", "depart", "arrive"):
        status, answer = await desk.event(order, name)
        assert status == 200, answer
        states.append(answer["state"])
    status, answer = await desk.event(order, "start", otp=await desk.otp(order))
    states.append(answer["state"])
    status, answer = await desk.event(order, "complete")
    states.append(answer["state"])

    assert states == ["ASSIGNED", "EN_ROUTE", "ARRIVED", "STARTED", "COMPLETED"]
    assert answer["order_status"] == "COMPLETED"
    assert answer["allowed_events"] == ["requote", "refund", "redo"]
    assert await desk.callbacks() == ["on_status"] * 5
    assert desk.released == [1, 2, 3, 4, 5]


async def test_what_the_state_table_does_not_allow_is_a_conflict_that_names_what_it_allows(desk):
    order = await desk.booked()

    status, answer = await desk.event(order, "complete")

    assert status == 409
    assert answer["error"]["code"] == "not_allowed"
    assert answer["error"]["allowed"] == ["assign", "depart", "cancel", "reschedule", "reassign", "unassign", "requote"]
    assert await desk.callbacks() == []


async def test_an_unknown_event_is_refused_with_those_that_there_are(desk):
    order = await desk.booked()

    status, answer = await desk.event(order, "teleport")

    assert status == 422
    assert answer["error"]["path"] == "event"
    assert {"assign", "depart", "requote"} <= set(answer["error"]["allowed"])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "event"),
        ({"event": 7}, "event"),
        ({"event": "cancel"}, "reason"),
        ({"event": "cancel", "reason": "  "}, "reason"),
        ({"event": "depart", "otp": "1234"}, "otp"),
        ({"event": "start"}, "otp"),
        ({"event": "start", "otp": 1234}, "otp"),
        ({"event": "assign", "worker_id": "W-AMIN-1"}, "worker_id"),
        ({"event": "requote", "lines": []}, "lines"),
        ({"event": "requote", "lines": [{"title": "Putty", "price": "-1"}]}, "lines[0].price"),
        ({"event": "requote", "lines": [{"title": "Putty", "price": "1.00"}], "valid_for": "soon"}, "valid_for"),
    ],
)
async def test_a_wrong_field_is_named_and_changes_nothing(desk, body, path):
    order = await desk.booked()

    status, answer = await desk.call("POST", f"/orders/{order.ref}/events", body)

    assert status == 422, answer
    assert answer["error"]["path"] == path
    assert await desk.order(order) == order


async def test_a_wrong_otp_is_refused_but_counts_and_the_customer_gets_a_new_one(desk):
    order = await desk.started()
    right = await desk.otp(order)
    wrong = f"{(int(right) + 1) % 10_000:04d}"

    status, answer = await desk.event(order, "start", otp=wrong)

    assert status == 422
    assert answer["error"]["code"] == "incorrect_otp"
    assert answer["error"]["path"] == "otp"
    otp = (await desk.order(order)).visit.otp
    assert (otp.serial, otp.tries) == (2, 1)
    assert await desk.callbacks() == ["on_status"] * 3
    assert desk.released == [1, 2, 3]
    assert (await desk.event(order, "start", otp=await desk.otp(order)))[0] == 200


async def test_used_up_otps_need_a_supervisor_with_a_reason(desk):
    order = await desk.started()
    for _ in range(2):
        assert (await desk.event(order, "start", otp="none"))[0] == 422
    right = await desk.otp(order)

    status, answer = await desk.event(order, "start", otp=right, as_="operator-token")
    assert (status, answer["error"]["code"]) == (409, "override_needed")
    status, answer = await desk.event(order, "start", override="known to me", as_="operator-token")
    assert (status, answer["error"]["code"]) == (403, "forbidden")
    status, answer = await desk.event(order, "start", override="customer identified by telephone")

    assert (status, answer["state"]) == (200, "STARTED")
    assert answer["timeline"][-1]["detail"]["override"] == "customer identified by telephone"


async def test_an_order_that_waits_for_the_provider_can_be_accepted_or_declined(desk):
    for name, more, callback, state in (
        ("accept", {}, "on_confirm", "ASSIGNED"),
        ("decline", {"reason": "no time"}, "on_confirm", "CANCELLED"),
    ):
        await desk.call("PATCH", "/providers/P-GOMTI", {"acceptance": "manual"})
        order = await desk.booked()
        _, before = await desk.call("GET", f"/orders/{order.ref}")
        assert before["allowed_events"] == ["accept", "decline", "cancel"]

        status, answer = await desk.event(order, name, **more)

        assert (status, answer["state"]) == (200, state)
        assert (await desk.callbacks())[-1] == callback


async def test_cancelling_by_the_seller_gives_everything_back(desk):
    order = await desk.booked()

    status, answer = await desk.event(order, "cancel", reason="worker fell ill")

    assert (status, answer["state"], answer["total"]) == (200, "CANCELLED", "0.00")
    assert answer["cancellation"] == {
        "cancelled_by": "SELLER",
        "reason": "005",
        "note": "worker fell ill",
        "fee": "0.00",
        "refund": "199.00",
        "penalty": "0.00",
    }
    assert await desk.callbacks() == ["on_cancel"]


async def test_another_worker_can_be_named_while_he_or_she_is_free(desk):
    order = await desk.booked()
    before = order.visit.assignee.worker_id
    other = next(one for one in ("W-GOMTI-1", "W-GOMTI-2", "W-GOMTI-3") if one != before)

    status, answer = await desk.event(order, "assign", worker_id=other)

    assert (status, answer["worker_id"]) == (200, other)


async def test_a_worker_who_is_busy_in_the_slot_cannot_be_sent(desk):
    first, second = await desk.booked(), await desk.booked()
    assert first.visit.slot == second.visit.slot
    busy = first.visit.assignee.worker_id
    assert busy != second.visit.assignee.worker_id

    status, answer = await desk.event(second, "assign", worker_id=busy)

    assert (status, answer["error"]["code"]) == (409, "slot_unavailable")
    assert await desk.order(second) == second


async def test_the_same_key_has_one_effect_and_the_same_answer(desk):
    order = await desk.booked()

    first = await desk.event(order, "depart", key="K1")
    second = await desk.event(order, "depart", key="K1")

    assert first == second
    assert first[0] == 200
    assert await desk.callbacks() == ["on_status"]


async def test_a_refusal_that_was_stored_is_repeated_too(desk):
    order = await desk.started()

    answers = [await desk.event(order, "start", otp="none", key="K1") for _ in range(3)]

    assert [status for status, _ in answers] == [422, 422, 422]
    assert (await desk.order(order)).visit.otp.tries == 1


async def test_a_key_does_not_carry_another_request(desk):
    order = await desk.booked()
    await desk.event(order, "depart", key="K1")

    status, answer = await desk.event(order, "arrive", key="K1")

    assert (status, answer["error"]["code"]) == (422, "idempotency_key_reused")
    assert answer["error"]["path"] == "Idempotency-Key"


async def test_keys_of_two_callers_never_meet(desk):
    order = await desk.booked()
    await desk.event(order, "depart", key="K1")

    status, _ = await desk.event(order, "arrive", key="K1", as_="operator-token")

    assert status == 200


async def test_a_key_is_forgotten_after_a_day(desk):
    order = await desk.booked()
    await desk.event(order, "depart", key="K1")
    desk.clock.tick(days=1, seconds=1)

    assert (await desk.event(order, "depart", key="K1"))[0] == 409


async def test_a_request_that_failed_does_not_use_its_key_up(desk):
    order = await desk.booked()
    assert (await desk.event(order, "arrive", key="K1"))[0] == 409
    await desk.event(order, "depart")

    assert (await desk.event(order, "arrive", key="K1"))[0] == 200


async def test_many_requests_with_one_key_at_once_have_one_effect(desk_on_each):
    desk = desk_on_each
    order = await desk.booked()

    answers = await asyncio.gather(*(desk.event(order, "depart", key="K1") for _ in range(8)))

    assert {status for status, _ in answers} == {200}
    assert len({str(answer) for _, answer in answers}) == 1
    assert await desk.callbacks() == ["on_status"]


async def test_of_many_requests_without_a_key_one_wins(desk_on_each):
    desk = desk_on_each
    order = await desk.booked()

    answers = await asyncio.gather(*(desk.event(order, "depart") for _ in range(8)))

    assert sorted(status for status, _ in answers) == [200] + [409] * 7
    assert await desk.callbacks() == ["on_status"]


async def test_an_order_is_shown_on_each_database(desk_on_each):
    order = await desk_on_each.booked()

    status, found = await desk_on_each.call("GET", f"/orders/{order.ref}")

    assert (status, found["ref"]) == (200, order.ref)


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe", b"[1, NaN]", b'{"event": "depart"'])
async def test_a_body_that_is_not_json_is_refused(desk, body):
    order = await desk.booked()
    headers = {"Authorization": "Bearer supervisor-token"}
    async with desk.client.post(f"{BASE_PATH}/orders/{order.ref}/events", data=body, headers=headers) as response:
        answer = await response.json()

    assert response.status == 400
    assert answer["error"]["code"] == "malformed_json"
