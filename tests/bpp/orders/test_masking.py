"""Personal data is masked whatever the buyer app called it, and nothing of it is left in an order that was forgotten."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.cancellation import Cancellation
from bpp.orders.masking import (
    COMPLAINT_DETAILS,
    HARMLESS,
    PERSONAL_DETAILS,
    forgotten,
    hidden,
    hidden_detail,
    hidden_message,
    partly,
    without_consumer,
    without_workers,
)
from bpp.storage.types import encode
from catalog.money import ZERO
from tests.support.clock import MONDAY_MORNING
from tests.support.grievances import BuyerV1, BuyerV2, Hands
from tests.support.order_builders import an_order

SECRET = "zyxwmark"
NAMES = st.sampled_from(["name", "phone", "email", "address", "building", "landmark", "anything"])
VALUES = st.recursive(
    st.just(f"q{SECRET}4711x"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=10,
)
BILLING = {"name": f"A {SECRET}", "phone": "9876501234", "email": f"{SECRET}@post.example", "city": "Lucknow"}
CUSTOMER = {
    "location": {"gps": "26.851379,80.998642", "address": f"{SECRET} House", "area_code": "226010"},
    "contact": {"phone": "9876501234"},
    "person": {"name": f"A {SECRET}"},
}


def an_order_of_somebody():
    order = an_order(billing=BILLING)
    visit = replace(order.fulfillments[0], customer=CUSTOMER)
    return replace(
        order,
        fulfillments=(visit,),
        cancellation=Cancellation(cancelled_by="CONSUMER", reason="001", fee=ZERO, note=f"said {SECRET}"),
    )


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_nothing_is_shown_under_a_name_that_is_not_known_to_be_harmless(document):
    assert SECRET not in json.dumps(hidden(document))


@given(st.dictionaries(st.sampled_from(sorted(HARMLESS)), VALUES, max_size=5))
def test_what_points_to_nobody_stays(document):
    assert hidden(document) == document


@pytest.mark.parametrize(
    ("name", "text", "shown"),
    [
        ("phone", "9876501234", "******1234"),
        ("phone", "123", "123"),
        ("phone", "", ""),
        ("name", "Asha Demo", "A***"),
        ("email", "asha@post.example", "a***"),
        ("address", "House 1", "***"),
    ],
)
def test_two_can_be_told_apart_without_knowing_either(name, text, shown):
    assert partly(name, text) == shown


def test_of_a_message_only_what_says_who_and_where_is_masked():
    message = {"message": {"order": {"id": "O1", "billing": BILLING, "fulfillments": [{"stops": [CUSTOMER]}]}}}

    shown = hidden_message(message)

    assert SECRET not in json.dumps(shown)
    assert "9876501234" not in json.dumps(shown)
    assert shown["message"]["order"]["id"] == "O1"
    assert shown["message"]["order"]["billing"]["city"] == "Lucknow"


@pytest.mark.parametrize("complaining", [BuyerV1, BuyerV2])
def test_of_an_issue_only_codes_ids_and_times_are_left(complaining):
    said = complaining(Hands()).payload()["message"]
    words = ["Meera", "meera@", "9876543210", "leak", "not finished", "Buyer Desk", "buyer says"]
    told = [one for one in words if one in json.dumps(said)]

    shown = hidden_message({"message": said})["message"]["issue"]

    assert len(told) > len(words) / 2
    assert [one for one in told if one in json.dumps(shown)] == []
    assert {name: shown[name] for name in ("id", "created_at", "updated_at", "status")} == {
        name: said["issue"][name] for name in ("id", "created_at", "updated_at", "status")
    }
    assert hidden_message({"catalog": {"descriptor": {"short_desc": "x"}}})["catalog"]["descriptor"] == {
        "short_desc": "x"
    }


def test_the_token_of_an_on_status_is_not_shown():
    stop = {"authorization": {"type": "OTP", "token": "4711", "valid_to": "2026-11-23T10:00:00.000Z"}}

    assert hidden_message({"stops": [stop]}) == {
        "stops": [{"authorization": {"type": "OTP", "token": "***", "valid_to": "***"}}]
    }


WRITTEN_BY_SOMEBODY = {
    "a complaint of IGM 1.0": {
        "issue": {
            "id": "K1",
            "complainant_info": {"person": {"name": f"A {SECRET}"}, "contact": {"email": f"{SECRET}@post.example"}},
            "description": {
                "short_desc": f"{SECRET} drips",
                "long_desc": f"call {SECRET}",
                "images": [f"https://post.example/{SECRET}.jpg"],
                "additional_desc": {"url": f"https://post.example/{SECRET}", "content_type": "text/plain"},
            },
            "issue_actions": {"complainant_actions": [{"complainant_action": "OPEN", "short_desc": f"I am {SECRET}"}]},
        },
        "id": "K1",
    },
    "a complaint of IGM 2.0": {
        "issue": {
            "descriptor": {
                "code": "ITM004",
                "name": f"for {SECRET}",
                "short_desc": "drips",
                "images": [{"url": SECRET}],
            },
            "actions": [{"descriptor": {"code": "OPEN", "short_desc": SECRET}, "actor_details": {"name": SECRET}}],
            "resolutions": [{"id": "S1", "descriptor": {"code": "REFUND", "short_desc": f"to {SECRET}"}}],
        },
    },
    "a settlement": {"orders": [{"provider": {"id": "P1", "bank_details": {"name": SECRET, "account_no": SECRET}}}]},
    "a visit": {"fulfillments": [{"agent": {"name": SECRET}, "stops": [{"instructions": {"short_desc": SECRET}}]}]},
    "a cancellation": {"descriptor": {"short_desc": f"{SECRET} is ill"}, "cancellation_reason_id": "001"},
    "a wish to be called": {"support": {"ref_id": "O1", "callback_phone": SECRET, "email": SECRET}},
}


@pytest.mark.parametrize("message", WRITTEN_BY_SOMEBODY.values(), ids=WRITTEN_BY_SOMEBODY)
def test_what_somebody_wrote_into_a_message_of_any_family_is_masked(message):
    assert SECRET in json.dumps(message)
    assert SECRET not in json.dumps(hidden_message(message))


def test_of_a_complaint_its_codes_and_ids_stay_and_of_a_catalog_its_words():
    issue = {"id": "K1", "status": "OPEN", "descriptor": {"code": "ITM004", "short_desc": SECRET}, "org": {"name": "b"}}
    offer = {"catalog": {"providers": [{"descriptor": {"name": "Gomti", "short_desc": "Pipes", "images": ["u"]}}]}}

    assert hidden_message({"issue": issue}) == {
        "issue": {**issue, "descriptor": {"code": "ITM004", "short_desc": "***"}}
    }
    assert hidden_message(offer) == offer


def test_what_somebody_said_about_an_event_is_masked():
    said = {**dict.fromkeys(PERSONAL_DETAILS | COMPLAINT_DETAILS, SECRET), "worker_id": "W-1"}

    shown = hidden_detail(said)

    assert SECRET not in shown.values()
    assert shown["worker_id"] == "W-1"


def test_without_the_consumer_the_workers_are_still_seen_and_the_other_way_round():
    order = an_order_of_somebody()
    (worker,) = (one.assignee for one in order.fulfillments)

    no_consumer, no_workers = without_consumer(order), without_workers(order)

    assert SECRET not in encode(no_consumer)
    assert no_consumer.fulfillments[0].assignee == worker
    assert no_workers.billing == BILLING
    assert worker.phone not in encode(no_workers)
    assert f'"worker_id":"{worker.worker_id}"' in encode(no_workers)


def test_a_forgotten_order_keeps_what_it_cost_and_nothing_personal():
    order = an_order_of_somebody()

    left = forgotten(order, MONDAY_MORNING)

    text = encode(left)
    assert SECRET not in text
    assert "9876501234" not in text
    assert "26.851379" not in text
    assert left.quotes == order.quotes
    assert left.payments == order.payments
    assert left.items == tuple(replace(one, wire={}) for one in order.items)
    assert left.cancellation is not None
    assert left.cancellation.reason == "001"
    assert forgotten(left, MONDAY_MORNING) == left
