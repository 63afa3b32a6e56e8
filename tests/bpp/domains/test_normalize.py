from __future__ import annotations

import copy
import math

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from beckn_schemas.base import SchemaViolation
from beckn_schemas.nulls import without_nulls
from beckn_schemas.requests import MESSAGES, SearchMessage, parse_request
from beckn_schemas.tags import FinderFee
from bpp.domains.dialect import CANONICAL, Dialect
from bpp.domains.normalize import RULES, normalize, put_right
from tests.support.json_edit import DELETE, edited
from tests.support.request_builders import REQUESTS

HEX = Dialect(category_form="hex")
_STOP = "message.order.fulfillments[0].stops[0]"
_COUNT = "message.order.items[0].quantity.selected.count"


def look(value, path):
    """The value at a path; DELETE where there is none."""
    found: list[object] = []
    edited(value, path, found.append)
    return found[0]


CHANGES = [
    ("search", "context.ttl", DELETE, "context.ttl", "PT30S"),
    ("search", "context.ttl", "", "context.ttl", "PT30S"),
    ("search", "context.ttl", "P30S", "context.ttl", "PT30S"),
    ("search", "context.ttl", "PT5D", "context.ttl", "P5D"),
    ("search", "context.ttl", "PT45S", "context.ttl", "PT45S"),
    ("search", "message.intent.category", {"code": "srv11-100a"}, "message.intent.category.id", "SRV11-1010"),
    ("search", "message.intent.item.category", {"id": "SRV11-101E"}, "message.intent.item.category.id", "SRV11-1030"),
    ("search", "message.intent.item.category_ids", ["SRV11-101E", "SRV11-1009"], "message.intent.item.category_ids", ["SRV11-1030", "SRV11-1009"]),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "26.8467, 80.9461", "message.intent.fulfillment.stops[0].location.gps", "26.846700,80.946100"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "80.946159,26.846708", "message.intent.fulfillment.stops[0].location.gps", "26.846708,80.946159"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "94.1,27.2", "message.intent.fulfillment.stops[0].location.gps", "27.200000,94.100000"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "nowhere", "message.intent.fulfillment.stops[0].location.gps", "nowhere"),
    ("search", "message.intent.fulfillment.stops[0].location.gps", "51.5,-0.1", "message.intent.fulfillment.stops[0].location.gps", "51.500000,-0.100000"),
    ("select", _COUNT, "3", _COUNT, 3),
    ("select", _COUNT, "many", _COUNT, "many"),
    ("select", _COUNT, DELETE, _COUNT, 1),
    ("select", "message.order.items[0].quantity", DELETE, _COUNT, 1),
    ("select", f"{_STOP}.time.days", 4, f"{_STOP}.time.days", "4"),
    ("confirm", "message.order.status", "Created", "message.order.status", "CREATED"),
    ("confirm", "message.order.status", "in_progress", "message.order.status", "IN-PROGRESS"),
    ("confirm", "message.order.status", "In progress", "message.order.status", "IN-PROGRESS"),
    ("confirm", "message.order.status", "ACTIVE", "message.order.status", "ACTIVE"),
    ("confirm", "message.order.quote.price.value", 998, "message.order.quote.price.value", "998"),
    ("confirm", "message.order.quote.price.value", 450.5, "message.order.quote.price.value", "450.5"),
    ("confirm", "message.order.payments[0].params.amount", 1e22, "message.order.payments[0].params.amount", "10000000000000000000000"),
    ("init", "message.order.payments[0].collected_by", "bpp", "message.order.payments[0].collected_by", "BPP"),
    ("init", "message.order.payments[0].collected_by", "SELLER", "message.order.payments[0].collected_by", "SELLER"),
    ("update", "message.order.fulfillments[0].state", {"descriptor": {"code": "IN_TRANSIT"}}, "message.order.fulfillments[0].state.descriptor.code", "In-Transit"),
    ("update", "message.order.fulfillments[0].state", {"descriptor": {"code": "Packed"}}, "message.order.fulfillments[0].state.descriptor.code", "Packed"),
    ("update", "message.update_target", "payments", "message.update_target", ["payments"]),
    ("update", "message.update_target", "payments, fulfillments", "message.update_target", ["payments", "fulfillments"]),
    ("update", "message.update_target", ["message.order.payments"], "message.update_target", ["payments"]),
    ("update", "message.update_target", ["order.fulfillments[0].stops", "fulfillments"], "message.update_target", ["fulfillments"]),
    ("update", "message.update_target", 5, "message.update_target", 5),
    ("rating", "message.ratings[0]", {"ratingCategory": "item", "id": "I1", "value": 4}, "message.ratings[0]", {"rating_category": "Item", "id": "I1", "value": "4"}),
    ("cancel", "message", {"order_id": "O1", "descriptor": {"code": "01"}}, "message.cancellation_reason_id", "01"),
    ("cancel", "message", {"order_id": "O1", "cancellation_reason_id": "", "descriptor": {"code": "01"}}, "message.cancellation_reason_id", "01"),
    ("search", "message.intent", {"fulfillments": [{"type": "Home-Service"}]}, "message.intent.fulfillment", {"type": "Home-Service"}),
]  # fmt: skip


@pytest.mark.parametrize(("action", "path", "came", "at", "expected"), CHANGES)
def test_an_odd_spelling_becomes_the_one_we_read(action, path, came, at, expected):
    assert look(normalize(action, edited(REQUESTS[action], path, came), CANONICAL), at) == expected


GONE = [
    ("init", "message.order.billing.tax_id", ""),
    ("init", "message.order.billing.email", ""),
    ("init", "message.order.billing.email", None),
    ("confirm", "message.order.payments[0].params.transaction_id", ""),
    ("select", "message.order.items[0].parent_item_id", ""),
    ("search", "message.intent.item.descriptor.name", ""),
    ("search", "message.intent.category.id", " "),
    ("cancel", "message.cancellation_reason_id", ""),
    ("track", "message.callback_url", ""),
    ("support", "message.support.ref_id", ""),
    ("search", "context.bpp_id", ""),
    ("search", "context.bpp_uri", ""),
    ("select", f"{_STOP}.time.range.end", "2026-02-01T04:30:00.000Z"),
    ("select", f"{_STOP}.time.range.end", "2026-02-03T10:00:00+05:30"),
    ("select", f"{_STOP}.time.range.end", ""),
    ("select", f"{_STOP}.time.days", ["4"]),
]


@pytest.mark.parametrize(("action", "path", "came"), GONE)
def test_what_says_nothing_is_absent(action, path, came):
    with pytest.raises(KeyError):
        look(normalize(action, edited(REQUESTS[action], path, came), CANONICAL), path)


def test_digits_alone_are_hexadecimal_only_from_a_peer_that_counts_so():
    payload = edited(REQUESTS["search"], "message.intent.category.id", "SRV11-1010")
    assert look(normalize("search", payload, CANONICAL), "message.intent.category.id") == "SRV11-1010"
    assert look(normalize("search", payload, HEX), "message.intent.category.id") == "SRV11-1016"


@pytest.mark.parametrize(
    ("group", "kind", "amount"),
    [
        ("BAP_Terms", "finder_fee_type", "finder_fee_amount"),
        ("BAP_Terms", "Buyer_finder_fee_type", "Buyer_finder_fee_amount"),
        ("bap_terms", "FINDER_FEE_TYPE", "Finder_Fee_Amount"),
        ("Buyer_Finder_Fee", "Buyer_Finder_Fee_Type", "Buyer_Finder_Fee_Amount"),
    ],
)
@pytest.mark.parametrize(
    ("said", "value", "fee"),
    [
        ("percentage", "3", FinderFee("percent", "3")),
        ("percent", 3, FinderFee("percent", "3")),
        ("amount", "150", FinderFee("amount", "150")),
        ("Amount", 150.5, FinderFee("amount", "150.5")),
    ],
)
def test_every_spelling_of_the_finder_fee_is_read(group, kind, amount, said, value, fee):
    entries = [{"descriptor": {"code": kind}, "value": said}, {"descriptor": {"code": amount}, "value": value}]
    tags = [{"descriptor": {"code": "other"}}, {"descriptor": {"code": group}, "list": entries}]
    payload = edited(REQUESTS["search"], "message.intent.tags", tags)
    message = parse_request("search", normalize("search", payload, CANONICAL)).message
    assert isinstance(message, SearchMessage)
    assert message.intent.finder_fee == fee


def test_a_quantity_under_the_provider_belongs_to_items_that_have_none():
    items = [{"id": "I1"}, {"id": "I2", "quantity": {"selected": {"count": 5}}}, {"id": "I3"}]
    payload = edited(REQUESTS["select"], "message.order.items", items)
    payload = edited(payload, "message.order.provider.quantity", {"selected": {"count": "2"}})
    order = normalize("select", payload, CANONICAL)["message"]["order"]
    assert "quantity" not in order["provider"]
    assert [item["quantity"]["selected"]["count"] for item in order["items"]] == [2, 5, 2]


def test_a_junk_second_payment_is_dropped_and_a_real_one_kept():
    junk = {"params": {"transaction_id": "x"}, "status": "NOT-PAID"}
    real = {"id": "PAY2", "type": "ON-FULFILLMENT"}
    payload = edited(REQUESTS["confirm"], "message.order.payments", lambda old: [*old, junk, real])
    assert [part.get("id") for part in normalize("confirm", payload, CANONICAL)["message"]["order"]["payments"]] == [
        "PAY1",
        "PAY2",
    ]


def test_a_person_under_customer_is_the_stops_person():
    payload = edited(REQUESTS["confirm"], f"{_STOP}.customer", {"person": {"name": "Somebody"}})
    assert look(normalize("confirm", payload, CANONICAL), f"{_STOP}.person") == {"name": "Somebody"}


def test_the_message_that_came_is_not_changed():
    payload = edited(REQUESTS["confirm"], "message.order.status", "Created")
    before = copy.deepcopy(payload)
    normalize("confirm", payload, CANONICAL)
    assert payload == before


@pytest.mark.parametrize("action", MESSAGES)
def test_a_request_in_normal_form_stays_as_it_is(action):
    assert normalize(action, REQUESTS[action], CANONICAL) == REQUESTS[action]


def test_every_rule_has_a_name_of_its_own_or_a_path_of_its_own_and_a_source():
    assert len({(rule.name, rule.path) for rule in RULES}) == len(RULES)
    assert all(rule.source for rule in RULES)


def told(action, payload, dialect):
    """What comes of a payload when each rule goes through it on its own, one after the other."""
    *_, (_, _, after) = put_right(action, payload, dialect)
    return after


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
    | st.sampled_from(["", "P30S", "PT1D", "SRV11-101E", "srv11-1010", "In_Transit", "accepted", "26.8, 80.9", "80.9,26.8", "-0.00000001,0", "3",
                       "message.order.payments", "a . b,c", "order.order.x", "percentage", "2026-02-03T04:30:00Z", "2026-02-03T10:00:00+05:30"])
    | st.text(max_size=6)
)  # fmt: skip
KEYS = st.sampled_from(
    ["id", "code", "descriptor", "list", "value", "start", "end", "range", "time", "days", "quantity", "selected", "count", "provider", "items",
     "person", "customer", "ratingCategory", "rating_category", "params", "amount", "fulfillments", "fulfillment", "type"],
)  # fmt: skip
JSON = st.recursive(
    SCALARS, lambda part: st.lists(part, max_size=3) | st.dictionaries(KEYS, part, max_size=4), max_leaves=12
)
RULE_PATHS = st.sampled_from(sorted({rule.path for rule in RULES}))


def at(path: str, value: object) -> object:
    """A payload with ``value`` at the path of a rule."""
    for part in reversed(path.replace("[]", ".[]").split(".")):
        value = [value] if part == "[]" else {part: value}
    return value


@example(action="search", path="message.intent", value={"fulfillments": [None]}, dialect=CANONICAL)
@settings(max_examples=400)
@given(
    action=st.sampled_from([*MESSAGES, "other"]), path=RULE_PATHS, value=JSON, dialect=st.sampled_from([CANONICAL, HEX])
)
def test_a_normal_form_is_a_fixed_point_whatever_came(action, path, value, dialect):
    payload = at(path, value)
    before = copy.deepcopy(payload)
    once = normalize(action, payload, dialect)  # type: ignore[arg-type]
    assert payload == before
    assert once == told(action, payload, dialect)
    assert normalize(action, once, CANONICAL, nulls=False) == once


@given(
    action=st.sampled_from(list(MESSAGES)),
    payload=st.dictionaries(st.sampled_from(["context", "message", "x"]), JSON, max_size=3),
)
def test_any_object_is_normalised(action, payload):
    assert isinstance(normalize(action, payload, CANONICAL), dict)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_number_that_is_none_is_left_for_the_schema_to_refuse(value):
    payload = normalize("confirm", edited(REQUESTS["confirm"], "message.order.quote.price.value", value), CANONICAL)
    with pytest.raises(SchemaViolation, match="decimal amount"):
        parse_request("confirm", payload)


@pytest.mark.parametrize(
    ("value", "echoed"),
    [
        ({"a": None, "b": [None, 1, {"c": None}]}, {"b": [1, {}]}),
        ([[None], None, "", 0, False], [[], "", 0, False]),
        ("text", "text"),
    ],
)
def test_what_is_echoed_has_no_null_at_any_depth_and_all_else(value, echoed):
    assert without_nulls(value) == echoed
