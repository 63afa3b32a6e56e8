from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beckn_schemas.requests import parse_request
from bpp.sandbox import messages
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import Offer, read_offers
from bpp.sandbox.places import GOMTI_NAGAR
from tests.support.callback_builders import on_init, on_search, on_select, on_select_rejected
from tests.support.request_builders import request

NOW = datetime(2026, 2, 2, 5, tzinfo=UTC)
START = datetime(2026, 2, 3, 4, 30, tzinfo=UTC)
OFFER = Offer(
    provider_id="P1",
    provider_name="Sahyog",
    rating="",
    location_id="L1",
    item_id="I1",
    item_name="Fan repair",
    description="One fan",
    category_id="SRV11-1030",
    price=Decimal("499.00"),
    payment_types=("ON-FULFILLMENT", "PRE-FULFILLMENT"),
    starts=(START,),
    slot=timedelta(hours=1),
)

BUILT = {
    "search": messages.search_message(words="fan", category="SRV11-*", place=GOMTI_NAGAR, range_=(NOW, START)),
    "select": messages.select_message(OFFER, START, GOMTI_NAGAR),
    "init": messages.init_message(on_select()["message"]["order"], Customer(), GOMTI_NAGAR),
    "confirm": messages.confirm_message(on_init()["message"]["order"], order_id="O1", now=NOW, payment_id="UPI-1"),
    "status": messages.status_message("O1"),
    "track": messages.track_message("O1"),
    "cancel": messages.cancel_message("O1", "001"),
    "support": messages.support_message("O1"),
    "rating": messages.rating_message("Provider", "P1", 5),
}


def read(action: str, message: dict[str, Any]) -> Any:
    return parse_request(action, request(action, message)).message


@pytest.mark.parametrize("action", BUILT)
def test_every_message_is_one_that_a_seller_reads(action):
    read(action, copy.deepcopy(BUILT[action]))


def test_a_search_names_words_place_and_the_buyer_app_s_fee():
    message = read("search", BUILT["search"])

    assert message.intent.name == "fan"
    assert message.intent.place.area_code == "226010"
    assert (message.intent.finder_fee.type, message.intent.finder_fee.amount) == ("percent", "3")
    assert (message.intent.window.start, message.intent.window.end) == (NOW, START)


def test_a_search_says_nothing_of_what_is_not_asked():
    intent = messages.search_message(category="SRV11-1030")["intent"]

    assert set(intent) == {"category", "fulfillment", "tags"}
    assert intent["fulfillment"]["stops"] == [{"type": "end"}]


def test_a_select_asks_for_one_slot_on_its_indian_weekday():
    late = datetime(2026, 2, 2, 20, 0, tzinfo=UTC)  # Tuesday 01:30 in India

    order = messages.select_message(OFFER, late, GOMTI_NAGAR)["order"]

    time = order["fulfillments"][0]["stops"][0]["time"]
    assert time["days"] == "2"
    assert time["range"] == {"start": "2026-02-02T20:00:00.000Z", "end": "2026-02-02T21:00:00.000Z"}


@pytest.mark.parametrize(
    ("wanted", "types", "sent"),
    [("", ("ON-FULFILLMENT",), "ON-FULFILLMENT"), ("X", ("ON-FULFILLMENT",), "X"), ("", (), "PRE-FULFILLMENT")],
)
def test_a_select_takes_the_payment_type_wanted_else_the_first_offered(wanted, types, sent):
    offer = replace(OFFER, payment_types=types)

    order = messages.select_message(offer, START, GOMTI_NAGAR, payment_type=wanted)["order"]

    assert order["payments"] == [{"type": sent}]


def test_an_init_keeps_the_slot_that_was_confirmed_and_adds_address_and_contact():
    order = BUILT["init"]["order"]

    stop = order["fulfillments"][0]["stops"][0]
    assert stop["time"] == on_select()["message"]["order"]["fulfillments"][0]["stops"][0]["time"]
    assert stop["location"]["gps"] == "26.850000,80.949999"
    assert stop["location"]["address"] == "Demo House 7, Gomti Nagar, Lucknow"
    assert stop["contact"]["phone"] == order["billing"]["phone"] == "9800000000"


def test_alternatives_offered_with_a_refusal_do_not_go_back_to_the_seller():
    order = messages.init_message(on_select_rejected()["message"]["order"], Customer(), GOMTI_NAGAR)["order"]

    assert all("time" not in item for item in order["items"])


@pytest.mark.parametrize(
    ("kind", "status", "transaction"),
    [("PRE-FULFILLMENT", "PAID", "UPI-1"), ("ON-FULFILLMENT", "NOT-PAID", None)],
)
def test_a_confirm_has_paid_what_is_paid_in_advance_and_nothing_else(kind, status, transaction):
    initialised = on_init()["message"]["order"]
    initialised["payments"][0]["type"] = kind

    (payment,) = messages.confirm_message(initialised, order_id="O1", now=NOW, payment_id="UPI-1")["order"]["payments"]

    assert payment["status"] == status
    assert payment["params"].get("transaction_id") == transaction
    assert payment["params"]["amount"] == "998.00"
    assert payment["tags"] == initialised["payments"][0]["tags"]


def test_building_changes_nothing_of_what_was_received():
    selected, initialised = on_select()["message"]["order"], on_init()["message"]["order"]

    init = messages.init_message(selected, Customer(), GOMTI_NAGAR)
    confirm = messages.confirm_message(initialised, order_id="O1", now=NOW, payment_id="UPI-1")
    init["order"]["items"][0]["id"] = confirm["order"]["items"][0]["id"] = "changed"
    confirm["order"]["quote"]["price"]["value"] = "0"

    assert selected == on_select()["message"]["order"]
    assert initialised == on_init()["message"]["order"]


@given(st.integers(0, 300_000_000).map(lambda seconds: NOW + timedelta(seconds=seconds)))
def test_a_selected_start_is_read_back_to_the_second(start):
    message = messages.select_message(OFFER, start, GOMTI_NAGAR)

    assert read("select", message).order.fulfillments[0].stops[0].time.range.start == start


def test_a_message_made_of_a_catalog_s_own_offer_fits_that_catalog():
    (offer,) = read_offers(on_search()["message"])

    order = messages.select_message(offer, offer.starts[0], GOMTI_NAGAR)["order"]

    assert order["provider"] == {"id": "P1", "locations": [{"id": "L1"}]}
    assert order["items"] == [
        {
            "id": "I1",
            "quantity": {"selected": {"count": 1}},
            "location_ids": ["L1"],
            "category_ids": ["SRV11-1030"],
        }
    ]


def test_a_select_repeats_a_choice_as_the_catalog_has_it_and_names_the_savings():
    (offer,) = read_offers(on_search()["message"])

    order = messages.select_message(offer, START, GOMTI_NAGAR, choices={"C1": 2, "X": 1}, savings=("OFFER",))["order"]

    chosen, unknown = order["items"][1:]
    assert (chosen["id"], chosen["parent_item_id"], chosen["category_ids"]) == ("C1", "I1", ["G1"])
    assert chosen["quantity"] == {"selected": {"count": 2}}
    assert chosen["tags"] == on_search()["message"]["catalog"]["providers"][0]["items"][1]["tags"]
    assert unknown == {
        "id": "X",
        "parent_item_id": "I1",
        "quantity": {"selected": {"count": 1}},
        "location_ids": ["L1"],
    }
    assert order["offers"] == [{"id": "OFFER"}]


def test_an_init_and_a_confirm_repeat_the_offers_that_were_applied_and_else_name_none():
    selected = on_select()["message"]["order"]
    ready = on_init()["message"]["order"]

    assert "offers" not in messages.init_message(selected, Customer(), GOMTI_NAGAR)["order"]
    applied = {"offers": [{"id": "OFFER"}]}
    said = messages.init_message({**selected, **applied}, Customer(), GOMTI_NAGAR)["order"]
    assert said["offers"] == applied["offers"]
    confirmed = messages.confirm_message({**ready, **applied}, order_id="O1", now=NOW, payment_id="UPI-1")["order"]
    assert confirmed["offers"] == applied["offers"]
