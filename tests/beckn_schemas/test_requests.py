from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beckn_schemas.base import SchemaViolation, parse_duration, parse_gps, parse_timestamp
from beckn_schemas.requests import (
    MESSAGES,
    InitMessage,
    SearchMessage,
    SelectMessage,
    UpdateMessage,
    count_of,
    parse_request,
)
from beckn_schemas.tags import FinderFee
from tests.support.json_edit import DELETE, edited
from tests.support.request_builders import REQUESTS


@pytest.mark.parametrize("action", MESSAGES)
def test_a_valid_request_is_read(action):
    envelope = parse_request(action, REQUESTS[action])
    assert isinstance(envelope.message, MESSAGES[action])
    assert envelope.context.timestamp == datetime(2026, 2, 2, 5, tzinfo=UTC)
    assert envelope.context.lifetime == timedelta(seconds=30)
    assert (envelope.context.city, envelope.context.country) == ("std:0522", "IND")


def test_an_intent_says_what_where_when_and_for_which_fee():
    message = parse_request("search", REQUESTS["search"]).message
    assert isinstance(message, SearchMessage)
    intent = message.intent
    assert intent.category_ids == ("SRV11-*",)
    assert intent.name == "fan repair"
    assert intent.place is not None
    assert intent.place.point == (26.846708, 80.946159)
    assert intent.window is not None
    assert intent.window.start == datetime(2026, 2, 3, 4, 30, tzinfo=UTC)
    assert intent.finder_fee == FinderFee("percent", "3")


def test_an_empty_intent_is_a_search_for_everything_with_a_fee_of_none():
    message = parse_request("search", edited(REQUESTS["search"], "message.intent", {})).message
    assert isinstance(message, SearchMessage)
    assert (message.intent.category_ids, message.intent.name, message.intent.finder_fee) == ((), "", None)
    assert (message.intent.place, message.intent.window) == (None, None)


def test_a_select_may_say_what_we_do_not_know():
    payload = edited(REQUESTS["select"], "message.order.items[0].colour", "blue")
    message = parse_request("select", payload).message
    assert isinstance(message, SelectMessage)
    item = message.order.items[0]
    assert (item["id"], count_of(item), item["location_ids"]) == ("I1", 2, ("L1",))


def test_of_several_faults_that_of_the_items_is_told_before_that_of_a_place():
    payload = edited(REQUESTS["select"], "message.order.fulfillments[0].stops[0].location.gps", "nowhere")
    with pytest.raises(SchemaViolation) as refusal:
        parse_request("select", edited(payload, "message.order.items", []))
    assert refusal.value.path == "message.order.items"


def test_stops_are_found_by_type_and_in_any_order():
    payload = edited(REQUESTS["select"], "message.order.fulfillments[0].stops", lambda old: [{"type": "start"}, *old])
    message = parse_request("select", payload).message
    assert isinstance(message, SelectMessage)
    end = message.order.fulfillments[0].stop("end")
    assert end is not None
    assert end.location is not None
    assert end.location.area_code == "226001"
    assert message.order.fulfillments[0].stop("middle") is None


def test_an_init_may_come_without_fulfillments():
    message = parse_request("init", REQUESTS["init"]).message
    assert isinstance(message, InitMessage)
    assert message.order.fulfillments == ()


def test_an_update_names_its_targets():
    message = parse_request("update", REQUESTS["update"]).message
    assert isinstance(message, UpdateMessage)
    assert message.update_target == ("fulfillments",)


def test_models_are_frozen():
    message = parse_request("status", REQUESTS["status"]).message
    with pytest.raises(ValueError, match="frozen"):
        message.order_id = "O2"  # type: ignore[union-attr, misc]


BAD = [
    ("select", "context", 1, "context", "an object"),
    ("select", "message", [], "message", "an object"),
    ("select", "context.bap_id", DELETE, "context.bap_id", "a value here"),
    ("select", "context.message_id", "", "context.message_id", "text that is not empty"),
    ("select", "context.transaction_id", 7, "context.transaction_id", "text"),
    ("select", "context.transaction_id", "x" * 256, "context.transaction_id", "text of at most 255 characters"),
    ("select", "context.timestamp", "2026-02-02T05:00:00", "context.timestamp", "zone"),
    ("select", "context.timestamp", 1738472400, "context.timestamp", "zone"),
    ("select", "context.timestamp", "2026-13-02T05:00:00Z", "context.timestamp", "zone"),
    ("select", "context.ttl", "soon", "context.ttl", "ISO-8601"),
    ("select", "context.bap_uri", "ftp://buyer.example.org", "context.bap_uri", "prescribed form"),
    ("search", "message.intent", DELETE, "message.intent", "a value here"),
    ("search", "message.intent", [], "message.intent", "an object"),
    ("search", "message.intent.fulfillment.stops", {}, "message.intent.fulfillment.stops", "a list"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "here", "message.intent.fulfillment.stops[0].location.gps", "latitude"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "95.0,95.0", "message.intent.fulfillment.stops[0].location.gps", "latitude"),
    ("select", "message.order", "order", "message.order", "an object"),
    ("select", "message.order.provider", DELETE, "message.order.provider", "a value here"),
    ("select", "message.order.provider.id", 62, "message.order.provider.id", "text"),
    ("select", "message.order.items", [], "message.order.items", "a list of at least 1"),
    ("select", "message.order.items", {"id": "I1"}, "message.order.items", "a list"),
    ("select", "message.order.items", "I1", "message.order.items", "a list"),
    ("select", "message.order.items[0]", "I1", "message.order.items[0]", "an object"),
    ("select", "message.order.items[0].id", DELETE, "message.order.items[0].id", "a value here"),
    ("select", "message.order.items[0].id", {"$ne": ""}, "message.order.items[0].id", "text"),
    ("select", "message.order.items[0].quantity.selected.count", True, "message.order.items[0].quantity.selected.count", "a whole number"),
    ("select", "message.order.items[0].quantity.selected.count", 1.5, "message.order.items[0].quantity.selected.count", "a whole number"),
    ("select", "message.order.items[0].quantity.selected.count", -1, "message.order.items[0].quantity.selected.count", "at least 1"),
    ("select", "message.order.items[0].quantity.selected.count", 0, "message.order.items[0].quantity.selected.count", "at least 1"),
    ("select", "message.order.items[0].quantity.selected.count", 10**18, "message.order.items[0].quantity.selected.count", "at most"),
    ("select", "message.order.items[0].quantity.selected.count", "many", "message.order.items[0].quantity.selected.count", "a whole number"),
    ("select", "message.order.items[0].location_ids", "L1", "message.order.items[0].location_ids", "a list"),
    ("select", "message.order.fulfillments[0].stops[0].time.range.start", "tomorrow", "message.order.fulfillments[0].stops[0].time.range.start", "zone"),
    ("select", "message.order.items", [{"id": "I1"}] * 101, "message.order.items", "a list of at most 100"),
    ("init", "message.order.billing", DELETE, "message.order.billing", "a value here"),
    ("init", "message.order.billing.phone", 9800000000, "message.order.billing.phone", "text"),
    ("confirm", "message.order.quote.price.value", "12,00", "message.order.quote.price.value", "decimal amount"),
    ("confirm", "message.order.quote.price.value", "1E+2", "message.order.quote.price.value", "decimal amount"),
    ("confirm", "message.order.created_at", "yesterday", "message.order.created_at", "zone"),
    ("status", "message.order_id", 1, "message.order_id", "text"),
    ("track", "message.order_id", "", "message.order_id", "text that is not empty"),
    ("cancel", "message.order_id", DELETE, "message.order_id", "a value here"),
    ("update", "message.update_target", DELETE, "message.update_target", "a value here"),
    ("update", "message.update_target", [], "message.update_target", "at least 1"),
    ("update", "message.order.id", DELETE, "message.order.id", "a value here"),
    ("rating", "message.ratings", [], "message.ratings", "at least 1"),
    ("rating", "message.ratings[0].rating_category", DELETE, "message.ratings[0].rating_category", "a value here"),
    ("support", "message.support", DELETE, "message.support", "a value here"),
]  # fmt: skip


@pytest.mark.parametrize(("action", "path", "value", "at", "expected"), BAD)
def test_a_wrong_value_is_refused_with_its_path_and_what_was_expected(action, path, value, at, expected):
    with pytest.raises(SchemaViolation) as refusal:
        parse_request(action, edited(REQUESTS[action], path, value))
    assert refusal.value.path == at
    assert expected in refusal.value.expected


def test_a_refusal_never_repeats_the_value():
    with pytest.raises(SchemaViolation) as refusal:
        parse_request("init", edited(REQUESTS["init"], "message.order.billing.email", ["asha@example.org"]))
    assert "asha" not in str(refusal.value)


def test_an_unknown_action_is_refused():
    with pytest.raises(SchemaViolation, match=r"context\.action"):
        parse_request("on_search", REQUESTS["search"])


@pytest.mark.parametrize("payload", [None, [], "x", 1, {}, {"context": None, "message": {}}])
def test_what_is_no_message_is_refused(payload):
    with pytest.raises(SchemaViolation):
        parse_request("search", payload)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT30S", 30),
        ("P30S", 30),
        ("P1D", 86400),
        ("PT1D", 86400),
        ("PT5D", 432000),
        ("P1W", 604800),
        ("PT1H30M", 5400),
        ("PT0.25S", 0.25),
        ("P1M", 2592000),
    ],
)
def test_a_duration_is_read_also_in_the_odd_spellings_of_the_examples(text, seconds):
    assert parse_duration(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "P", "PT", "P1DT", "30S", "1D", "P-1D", "P1.5D", "PT1S1H", "P9999999D"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(ValueError):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    ["2026-02-02T05:00:00Z", "2026-02-02T05:00:00.000Z", "2026-02-02T10:30:00+05:30", "2026-02-02T05:00:00.000000000Z"],
)
def test_a_time_is_read_with_any_zone_and_fraction(text):
    assert parse_timestamp(text) == datetime(2026, 2, 2, 5, tzinfo=UTC)
    assert parse_timestamp(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-02",
        "2026-02-02T05:00:00",
        "2026-02-30T05:00:00Z",
        "0001-01-01T00:00:00+05:30",
        "2026-02-02 05:00:00Z",
        "９026-02-02T05:00:00Z",
    ],
)
def test_what_is_no_time_with_a_zone_is_refused(text):
    with pytest.raises(ValueError):
        parse_timestamp(text)


@pytest.mark.parametrize("text", ["", "26.8", "26.8,", "a,b", "91,0", "0,181", "nan,inf", "1e1,2"])
def test_what_is_no_point_is_refused(text):
    with pytest.raises(ValueError):
        parse_gps(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.text(max_size=5), part, max_size=3),
    max_leaves=8,
)
PATHS = st.sampled_from(
    ["message.order", "message.order.items", "message.order.items[0]", "message.order.provider", "message.order.payments",
     "message.order.fulfillments[0].stops", "message.order.fulfillments[0].stops[0].time", "message.order.items[0].quantity",
     "context", "context.timestamp", "context.location"],
)  # fmt: skip


@given(path=PATHS, value=JSON)
def test_anything_anywhere_is_read_or_refused_and_nothing_else(path, value):
    payload = edited(REQUESTS["select"], path, lambda _: value)
    try:
        parse_request("select", payload)
    except SchemaViolation as refusal:
        assert refusal.path  # noqa: PT017 - the law is about both outcomes


@pytest.mark.parametrize(
    ("action", "path", "value"),
    [
        ("search", "message.intent.item.descriptor.name", "n" * 201),
        ("search", "message.intent.item.category_ids", ["SRV11-1001"] * 51),
        ("search", "message.intent.tags", [{}] * 51),
        ("search", "message.intent.tags[0].list", [{}] * 51),
        ("search", "message.intent.fulfillment.stops", [{}] * 51),
        ("select", "message.order.fulfillments[0].stops", [{}] * 51),
        ("select", "message.order.provider.locations", [{}] * 51),
        ("init", "message.order.billing.phone", "9" * 33),
        ("init", "message.order.billing.email", "e" * 255),
        ("init", "message.order.billing.name", "n" * 256),
        ("init", "message.order.billing.address", "a" * 1001),
        ("confirm", "message.order.payments[0].params.transaction_id", "t" * 256),
        ("confirm", "message.order.created_at", "9999-12-31T23:59:59Z"),
        ("cancel", "message.descriptor", {"short_desc": "t" * 10_001}),
        ("select", "context.timestamp", "9999-12-31T23:59:59Z"),
        ("select", "context.timestamp", "1999-12-31T23:59:59Z"),
        ("select", "context.ttl", "P9999Y"),
        ("select", "context.ttl", "P367D"),
    ],
)
def test_what_is_longer_or_later_than_anything_real_is_refused_with_its_path(action, path, value):
    with pytest.raises(SchemaViolation) as refused:
        parse_request(action, edited(REQUESTS[action], path, value))

    assert refused.value.path.startswith(path)
    assert str(value) not in refused.value.expected
