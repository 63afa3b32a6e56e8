from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beckn_schemas.callbacks import CALLBACKS
from beckn_schemas.invariants import RULES, SCHEMA_RULES, check_callback
from beckn_schemas.replies import parse_reply
from tests.support.callback_builders import (
    DEPARTED,
    ENDED,
    FREE,
    NOW,
    SLOT,
    VALID,
    availability,
    catalog_item,
    customization,
    end_stop,
    envelope,
    line,
    on_search,
    payment,
    tags,
)
from tests.support.json_edit import DELETE, edited

P = "message.catalog.providers[0]"
I = f"{P}.items[0]"  # noqa: E741 - the item
O = "message.order"  # noqa: E741 - the order
F = f"{O}.fulfillments[0]"
PAST = {"start": "2026-02-01T04:30:00.000Z", "end": "2026-02-01T05:30:00.000Z"}


def area(**over: str):
    return [
        tags(
            "serviceability",
            **{"location": "L1", "category": "SRV11-*", "type": "10", "val": "12", "unit": "km"} | over,
        )
    ]


def fee_tags(**over: str):
    fee = {"Buyer_Finder_Fee_Type": "percent", "Buyer_Finder_Fee_Amount": "3"} | over
    return lambda old: [*old[:2], tags("Buyer_Finder_Fee", **fee)]


MUTATIONS = [
    # shape
    ("required", "on_search", f"{P}.descriptor.code", DELETE),
    ("required", "on_search", f"{I}.matched", DELETE),
    ("required", "on_search", f"{I}.cancellation_terms", DELETE),
    ("required", "on_select", f"{O}.provider.locations", DELETE),
    ("required", "on_select", f"{O}.quote.ttl", DELETE),
    ("required", "on_select", f"{O}.payments[0].collected_by", DELETE),
    ("required", "on_select", f"{O}.items[0].fulfillment_ids", DELETE),
    ("required", "on_init", f"{O}.locations", DELETE),
    ("required", "on_init", f"{O}.billing", DELETE),
    ("required", "on_init", f"{O}.cancellation_terms", DELETE),
    ("required", "on_init", f"{O}.payments[0].params.bank_account_number", DELETE),
    ("required", "on_confirm", f"{O}.provider.rateable", DELETE),
    ("required", "on_confirm", f"{F}.rateable", DELETE),
    ("required", "on_confirm", f"{O}.created_at", DELETE),
    ("required", "on_confirm", f"{F}.stops[0].type", DELETE),
    ("required", "on_status_pending", f"{O}.payments[0].status", DELETE),
    ("required", "on_cancel", f"{O}.cancellation", DELETE),
    ("required", "on_track", "message.tracking", DELETE),
    ("required", "on_support", "message.support.phone", DELETE),
    ("required", "on_init", "message", DELETE),
    ("required", "on_init", "context.bpp_id", DELETE),
    ("unknown_key", "on_select", f"{O}.quote.name", "Q1"),
    ("unknown_key", "on_init", f"{O}.payments[0].status", "NOT-PAID"),
    ("unknown_key", "on_select", "extra", {}),
    ("unknown_key", "on_rating", "message.rating", {}),
    ("unknown_key", "on_search", "context.core_version", "1.0.0"),
    ("type", "on_confirm", f"{F}.tracking", "false"),
    ("type", "on_select", f"{O}.items[0].quantity.selected.count", "2"),
    ("type", "on_select", f"{O}.items[0].quantity.selected.count", True),
    ("type", "on_init", f"{O}.billing", "Buyer"),
    ("enum", "on_confirm", f"{O}.status", "ACTIVE"),
    ("enum", "on_confirm", f"{F}.state.descriptor.code", "PENDING"),
    ("enum", "on_confirm", f"{F}.stops[0].type", "middle"),
    ("enum", "on_select", f"{O}.payments[0].type", "PREPAID"),
    ("enum", "on_search", "message.catalog.fulfillments[0].type", "Seller-Fulfilled"),
    ("enum", "on_status_completed", f"{O}.documents[0].label", "Invoice"),
    ("enum", "on_track", "message.tracking.status", "enabled"),
    ("enum", "on_track", "context.action", "on_ping"),
    ("enum", "on_track", "context.ttl", "PT5D"),
    ("enum", "on_cancel", f"{O}.cancellation.cancelled_by", "SELLER"),
    ("empty", "on_select", f"{O}.fulfillments", []),
    ("empty", "on_init", f"{O}.cancellation_terms", []),
    ("empty", "on_search", f"{I}.id", ""),
    ("pattern", "on_status_completed", f"{O}.documents[0].url", "invoice.pdf"),
    ("pattern", "on_status_at_location", f"{F}.stops[1].authorization.token", "12"),
    ("pattern", "on_search", f"{P}.locations[0].area_code", "2260"),
    ("pattern", "on_search", f"{P}.rating", "5.5"),
    ("money", "on_select", f"{O}.quote.price.value", "998"),
    ("money", "on_select", f"{O}.quote.price.value", "998.005"),
    ("money", "on_select", f"{O}.quote.breakup[1].price.value", "-0.00"),
    ("money", "on_search", f"{I}.price.value", "0499.00"),
    ("timestamp", "on_search", "context.timestamp", "2026-02-02T05:00:00Z"),
    ("timestamp", "on_search", "context.timestamp", "2026-02-30T05:00:00.000Z"),
    ("timestamp", "on_confirm", f"{O}.updated_at", "2026-02-02T10:30:00.000+05:30"),
    ("timestamp", "on_search", f"{I}.time.schedule.holidays", ["2026-02-06"]),
    ("duration", "on_search", f"{P}.ttl", "PT1D"),
    ("duration", "on_select", f"{O}.quote.ttl", "P30S"),
    ("gps", "on_search", f"{P}.locations[0].gps", "26.8467, 80.9461"),
    ("gps", "on_select", f"{F}.stops[0].location.gps", "26.85,80.95"),
    ("days", "on_search", f"{I}.time.days", "01,02"),
    ("days", "on_search", f"{I}.time.days", "1,1"),
    # general
    ("null", "on_init", f"{O}.billing.email", None),
    ("null", "on_search", f"{P}.rating", None),
    # catalog
    ("serviceability_codes", "on_search", f"{P}.tags[0].list", lambda old: old[:4]),
    ("serviceability_codes", "on_search", f"{P}.tags", lambda old: [*old, tags("other", a="b")]),
    ("serviceability_unit", "on_search", f"{P}.tags", area(type="13", unit="km")),
    ("serviceability_unit", "on_search", f"{P}.tags", area(val="far")),
    ("serviceability_unit", "on_search", f"{P}.tags", area(type="11", unit="pincode", val="2260")),
    ("serviceability_unit", "on_search", f"{P}.tags", area(type="13", unit="geojson", val="{}")),
    ("serviceability_category", "on_search", f"{P}.tags", area(category="SRV10-*")),
    ("serviceability_location", "on_search", f"{P}.tags", area(location="L9")),
    ("item_category", "on_search", f"{I}.category_ids", ["SRV10-1000"]),
    ("item_category", "on_search", f"{I}.category_ids", ["SRV11-xxxx"]),
    ("item_ids", "on_search", f"{P}.items", lambda old: [*old, old[0]]),
    ("catalog_references", "on_search", f"{I}.fulfillment_ids", ["9"]),
    ("catalog_references", "on_search", f"{I}.payment_ids", ["9"]),
    ("catalog_references", "on_search", f"{I}.location_ids", ["9"]),
    ("catalog_references", "on_search", f"{I}.parent_item_id", "I9"),
    ("catalog_references", "on_search", f"{I}.parent_item_id", "I1"),
    ("catalog_references", "on_search", f"{P}.items[1].category_ids", ["G9"]),
    ("catalog_references", "on_search", f"{P}.categories[0].parent_category_id", "G9"),
    ("catalog_price", "on_search", f"{I}.price.value", "0.00"),
    ("catalog_price", "on_search", f"{I}.price.maximum_value", "1.00"),
    ("item_tags", "on_search", f"{I}.tags[0].list", lambda old: old[1:]),
    ("item_tags", "on_search", f"{P}.items[1].tags", [tags("attribute", type="colour")]),
    ("category_tags", "on_search", f"{P}.categories[0].tags", [tags("Selection", seq="1")]),
    ("category_tree", "on_search", f"{P}.categories", lambda old: [*old, old[0]]),
    ("customization_parent", "on_search", f"{P}.items[1].parent_item_id", "C1"),
    ("category_choices", "on_search", f"{P}.categories[0].tags[0].list[2].value", "2"),
    ("offer_validity", "on_search", f"{P}.offers[0].time.range.end", NOW),
    ("offer_tags", "on_search", f"{P}.offers[0].tags", [tags("qualifier", min_value="1.00")]),
    ("schedule_order", "on_search", f"{I}.time.schedule.times", FREE[::-1]),
    ("schedule_order", "on_search", f"{I}.time.schedule.times", [FREE[0], FREE[0]]),
    ("schedule_future", "on_search", f"{I}.time.schedule.times", [NOW]),
    ("schedule_future", "on_select_rejected", f"{O}.items[0].time.schedule.times", [PAST["start"]]),
    ("schedule_range", "on_search", f"{I}.time.schedule.times", ["2026-02-09T04:30:00.000Z"]),
    ("schedule_range", "on_search", f"{I}.time.range", {"start": SLOT["end"], "end": SLOT["start"]}),
    ("schedule_weekday", "on_search", f"{I}.time.days", "1,5"),
    ("schedule_holiday", "on_search", f"{I}.time.schedule.times", ["2026-02-05T19:30:00.000Z"]),
    # money and references
    ("line_tags", "on_select", f"{O}.quote.breakup[1].tags", [tags("title", type="convenience_fee")]),
    ("line_tags", "on_select", f"{O}.quote.breakup[1].tags", lambda old: [*old, tags("more", a="b")]),
    ("quote_sum", "on_select", f"{O}.quote.price.value", "997.99"),
    ("quote_sign", "on_select", f"{O}.quote.breakup[1]", line("discount", "152.24")),
    ("quote_sign", "on_cancel", f"{O}.quote.price.value", "-1.00"),
    ("line_arithmetic", "on_select", f"{O}.quote.breakup[0].item.price.value", "423.00"),
    ("line_arithmetic", "on_select", f"{O}.quote.breakup[0].item.quantity", DELETE),
    ("line_item", "on_select", f"{O}.quote.breakup[1].item.id", "I9"),
    ("line_count", "on_select", f"{O}.items[0].quantity.selected.count", 1),
    ("line_count", "on_update_requote", f"{O}.quote.breakup[2].item.id", "I1"),
    ("offers", "on_select", f"{O}.offers", [{"id": "OFFER"}]),
    ("payments_sum", "on_init", f"{O}.payments[0].params.amount", "499.00"),
    ("payments_sum", "on_update_requote", f"{O}.payments[1].params.amount", "2498.00"),
    ("payment_tags", "on_init", f"{O}.payments[0].tags", lambda old: old[1:]),
    ("payment_tags", "on_init", f"{O}.payments[0].tags[0].list", lambda old: old[1:]),
    ("payment_tags", "on_init", f"{O}.payments[0].tags", fee_tags(Buyer_Finder_Fee_Type="percentage")),
    ("payment_tags", "on_init", f"{O}.payments[0].tags", fee_tags(Buyer_Finder_Fee_Amount="three")),
    ("payment_tags", "on_init", f"{O}.payments[0].tags", fee_tags(Buyer_finder_fee_type="percent")),
    ("payment_tags", "on_init", f"{O}.payments[0].tags", lambda old: [*old[:2], tags("Buyer_Finder_Fee", x="3")]),
    ("payment_transaction", "on_confirm", f"{O}.payments[0].status", "NOT-PAID"),
    ("payment_transaction", "on_confirm", f"{O}.payments[0].params.transaction_id", DELETE),
    ("payment_due", "on_confirm", f"{O}.payments[0].type", "ON-FULFILLMENT"),
    ("payment_link", "on_init", f"{O}.payments[0].url", "https://seller.example.in/pay/1"),
    ("order_references", "on_select", f"{O}.items[0].fulfillment_ids", ["F9"]),
    ("order_references", "on_update_requote", f"{O}.items[1].payment_ids", ["PAY9"]),
    ("distinct_ids", "on_update_requote", f"{O}.fulfillments[1].id", "F1"),
    ("distinct_ids", "on_update_requote", f"{O}.payments[1].id", "PAY1"),
    ("cancellation_fee", "on_init", f"{O}.cancellation_terms[0].cancellation_fee", {}),
    ("cancellation_fee", "on_search", f"{I}.cancellation_terms[1].cancellation_fee.amount", {"value": "1.00"}),
    ("seller_refunds", "on_cancel", f"{O}.cancellation.cancelled_by", "PROVIDER"),
    ("seller_refunds", "on_cancel_second_visit", f"{F}.state.descriptor.code", "Cancelled"),
    ("seller_refunds", "on_cancel_second_visit", f"{O}.quote.price.value", "0.00"),
    # time and state
    ("order_times", "on_confirm", f"{O}.updated_at", "2026-02-02T05:00:00.001Z"),
    ("order_times", "on_confirm", f"{O}.created_at", NOW),
    ("customer_stop", "on_confirm", f"{F}.stops", lambda old: old[:1]),
    ("customer_stop", "on_select", f"{F}.stops", [end_stop(), end_stop()]),
    ("worker_stop", "on_confirm", f"{F}.stops", lambda old: old[1:]),
    ("worker_stop", "on_confirm", f"{F}.stops[0].person", DELETE),
    ("worker_stop", "on_status_in_transit", f"{F}.stops[0].person", DELETE),
    ("customer_contact", "on_confirm", f"{F}.stops[1].contact", DELETE),
    ("slot_range", "on_select", f"{F}.stops[0].time.range.end", SLOT["start"]),
    ("one_slot", "on_update", f"{F}.stops[0].time.range.start", "2026-02-03T04:00:00.000Z"),
    ("slot_day", "on_select", f"{F}.stops[0].time.days", "1"),
    ("slot_label", "on_select", "error", {"code": "90001", "message": "gone"}),
    ("slot_label", "on_select", f"{F}.stops[0].time.label", "rejected"),
    ("slot_label", "on_init", f"{F}.stops[0].time.range", DELETE),
    ("alternatives", "on_select_rejected", f"{O}.items[0].time", DELETE),
    ("slot_future", "on_select", f"{F}.stops[0].time", {"label": "confirmed", "range": PAST}),
    ("serviceability_state", "on_select", f"{F}.state.descriptor.code", "Non-serviceable"),
    ("serviceability_state", "on_select_rejected", "error.code", "30009"),
    ("confirmed", "on_confirm", f"{O}.status", "IN-PROGRESS"),
    ("confirmed", "on_confirm_created", f"{O}.status", "Cancelled"),
    ("confirmed", "on_confirm_created", f"{F}.state.descriptor.code", "In-Transit"),
    ("status_fits", "on_status_pending", f"{O}.status", "COMPLETED"),
    ("status_fits", "on_status_completed", f"{O}.status", "IN-PROGRESS"),
    ("status_fits", "on_status_at_location", f"{O}.status", "ACCEPTED"),
    ("status_fits", "on_cancel", f"{F}.state.descriptor.code", "Completed"),
    ("status_fits", "on_cancel_second_visit", f"{O}.fulfillments[1].state.descriptor.code", "Pending"),
    ("departed", "on_status_in_transit", f"{F}.stops[0].time.timestamp", DELETE),
    ("departed", "on_status_pending", f"{F}.stops[0].time.timestamp", "2026-02-02T04:30:00.000Z"),
    ("departed", "on_status_in_transit", f"{F}.stops[0].time.timestamp", ENDED),
    ("finished", "on_status_completed", f"{F}.stops[1].time.timestamp", DELETE),
    ("finished", "on_status_completed", f"{F}.stops[1].time.timestamp", DEPARTED),
    ("finished", "on_status_in_transit", f"{F}.stops[1].time.timestamp", DEPARTED),
    ("authorization", "on_status_at_location", f"{F}.stops[1].authorization.valid_to", DEPARTED),
    ("authorization", "on_status_at_location", f"{F}.state.descriptor.code", "In-Transit"),
    ("wrong_otp", "on_status_in_transit", "error", {"code": "90002", "message": "OTP incorrect"}),
    ("invoice", "on_status_completed", f"{O}.documents", DELETE),
    ("invoice", "on_status_pending", f"{O}.documents", [{"url": "https://seller.example.org/1", "label": "INVOICE"}]),
    ("cancelled", "on_cancel", f"{O}.status", "ACCEPTED"),
    ("cancelled", "on_status_pending", f"{O}.cancellation", {"cancelled_by": "CONSUMER"}),
]  # fmt: skip


@pytest.mark.parametrize("name", VALID)
def test_a_callback_by_the_book_has_no_violation(name):
    assert check_callback(VALID[name]()) == []


@pytest.mark.parametrize("name", VALID)
def test_what_the_strict_side_accepts_the_tolerant_side_reads(name):
    payload = VALID[name]()
    reply = parse_reply(payload["context"]["action"], payload)
    assert (reply.error.text if reply.error else "") == payload.get("error", {}).get("code", "")


def test_there_is_a_callback_for_every_action():
    assert {build()["context"]["action"] for build in VALID.values()} == CALLBACKS.keys()


@pytest.mark.parametrize(("rule", "name", "path", "value"), MUTATIONS)
def test_one_fault_is_found_by_its_rule(rule, name, path, value):
    found = check_callback(edited(VALID[name](), path, value))
    assert rule in {violation.rule for violation in found}
    assert all(violation.expected for violation in found)


def test_every_rule_is_broken_by_some_mutation():
    named = {rule.name for rule in RULES} | SCHEMA_RULES.keys()
    assert named - {"message_id"} == {rule for rule, *_ in MUTATIONS}


def test_every_rule_has_a_name_of_its_own_and_a_source():
    names = [rule.name for rule in RULES] + list(SCHEMA_RULES)
    assert len(set(names)) == len(names)
    assert all(rule.source and rule.actions for rule in RULES)


def test_a_violation_names_its_path_and_not_the_value():
    payload = edited(VALID["on_confirm"](), f"{F}.stops[0].contact.phone", 9812345678)
    (violation,) = check_callback(payload)
    assert violation.path == f"{F}.stops[0].contact.phone"
    assert "98123" not in violation.expected


def test_the_shape_of_an_items_element_is_named_without_its_kind():
    (violation,) = check_callback(edited(on_search(), f"{I}.descriptor.name", DELETE))
    assert (violation.rule, violation.path) == ("required", f"{I}.descriptor.name")


@pytest.mark.parametrize(
    "message_id", ["not-a-uuid", "0f2d8f9e-53a5-4a4e-9a4c-0c9e8d1f2a3b", "5c1f7d5e-2a64-1c3e-8f0a-6b1d2e3f4a5b", ""]
)
def test_an_unsolicited_callback_has_a_fresh_random_message_id(message_id):
    payload = edited(VALID["on_update"](), "context.message_id", message_id)
    assert "message_id" in {violation.rule for violation in check_callback(payload, unsolicited=True)}


def test_a_solicited_callback_repeats_any_message_id():
    assert check_callback(edited(VALID["on_update"](), "context.message_id", "h463nwj")) == []
    assert check_callback(VALID["on_update"](), unsolicited=True) == []


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("on_init", {}),
        ("on_init", {"order": {}}),
        ("on_init", {"order": {"provider": {"id": "P1", "locations": [{"id": "L1"}]}}}),
        ("on_confirm", {"order": {"id": "O1"}}),
        ("on_cancel", {"order": {"id": "O1"}}),
        ("on_update", {"order": {"id": "O1"}}),
        ("on_support", {}),
        ("on_search", {}),
    ],
)
def test_beside_an_error_the_message_says_as_much_as_is_true(name, message):
    assert check_callback(envelope(name, message, error="90001")) == []
    assert check_callback(envelope(name, message)) != []


def test_beside_an_error_the_parts_that_are_there_are_checked():
    partial = envelope("on_init", {"order": {"quote": VALID["on_init"]()["message"]["order"]["quote"]}}, error="40003")
    assert check_callback(partial) == []
    broken = edited(partial, f"{O}.quote.price.value", "1.00")
    assert [violation.rule for violation in check_callback(broken)] == ["quote_sum"]
    assert check_callback(edited(partial, f"{O}.quote.ttl", DELETE)) != []


def test_a_place_that_is_not_served_is_said_so():
    payload = edited(VALID["on_select"](), f"{F}.state.descriptor.code", "Non-serviceable")
    payload = edited(payload, f"{F}.stops[0].time.label", "rejected")
    assert check_callback(payload | {"error": {"code": "30009", "message": "not served"}}) == []


def given_up_after_a_visit(name: str):
    """A cancellation by either side of work to come, after a first visit that was done and is paid for."""
    payload = VALID[name]()
    order = payload["message"]["order"]
    done = VALID["on_status_completed"]()
    order["fulfillments"].insert(0, done["message"]["order"]["fulfillments"][0])
    order["fulfillments"][1]["id"] = "F2"
    order["updated_at"] = done["message"]["order"]["updated_at"]
    order["quote"] |= VALID["on_status_completed"]()["message"]["order"]["quote"]
    payload["context"]["timestamp"] = done["context"]["timestamp"]
    return payload


@pytest.mark.parametrize("name", ["on_cancel", "on_cancel_by_seller"])
def test_what_was_done_before_a_cancellation_stays_done_and_keeps_its_price(name):
    payload = given_up_after_a_visit(name)

    assert check_callback(payload) == []
    undone = edited(payload, f"{O}.fulfillments[1].state.descriptor.code", "Pending")
    assert "status_fits" in {violation.rule for violation in check_callback(undone)}


def test_an_order_whose_visits_are_all_done_was_not_cancelled():
    payload = given_up_after_a_visit("on_cancel")
    del payload["message"]["order"]["fulfillments"][1]

    assert "status_fits" in {violation.rule for violation in check_callback(payload)}


def test_a_title_case_peer_gets_title_case():
    assert check_callback(edited(VALID["on_status_in_transit"](), f"{O}.status", "In-progress")) == []


def test_a_wildcard_and_a_hexadecimal_category_are_categories():
    for code in ("SRV11-*", "SRV11-101E"):
        assert check_callback(edited(on_search(), f"{I}.category_ids", [code])) == []


def test_a_payment_on_fulfillment_is_paid_when_the_work_is_done():
    kind = f"{O}.payments[0].type"
    assert check_callback(edited(VALID["on_status_completed"](), kind, "ON-FULFILLMENT")) == []
    waiting = [payment(status="NOT-PAID", type="ON-FULFILLMENT")]
    assert check_callback(edited(VALID["on_confirm"](), f"{O}.payments", waiting)) == []


def test_a_visit_without_a_worker_may_be_reported_while_it_is_pending():
    assert check_callback(edited(VALID["on_status_pending"](), f"{F}.stops[0].person", DELETE)) == []


def test_a_large_catalog_is_checked_whole():
    first = datetime(2026, 2, 3, 3, 30, tzinfo=UTC)
    starts = [
        f"{first + timedelta(days=day, hours=hour):%Y-%m-%dT%H:%M:%S}.000Z" for day in range(5) for hour in range(8)
    ]
    time = availability(*starts)
    time["range"]["end"], time["days"] = "2026-02-09T18:30:00.000Z", "1,2,3,4,5,6,7"
    time["schedule"].pop("holidays")
    items = [*(catalog_item(f"I{place}", time=time) for place in range(50)), customization()]
    payload = json.loads(json.dumps(edited(edited(on_search(), f"{P}.items", items), f"{P}.time", time)))
    assert check_callback(payload) == []
    assert [v.path for v in check_callback(edited(payload, f"{P}.items[49].time.schedule.times[39]", starts[0]))] == [
        f"{P}.items[49].time.schedule.times",
    ]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda part: st.lists(part, max_size=2) | st.dictionaries(st.sampled_from(["id", "time", "stops", "type"]), part, max_size=2),
    max_leaves=6,
)  # fmt: skip


@given(mutation=st.sampled_from(MUTATIONS), value=JSON)
def test_the_check_answers_whatever_it_is_given(mutation, value):
    _, name, path, _ = mutation
    violations = check_callback(edited(VALID[name](), path, value))
    assert json.dumps([violation.rule for violation in violations])


@given(JSON, JSON)
def test_the_check_answers_for_no_message_at_all(context, message):
    assert check_callback({"context": context, "message": message}) != []
