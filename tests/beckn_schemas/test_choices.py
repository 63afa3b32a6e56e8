"""What a catalog may say of customisation and of offers, and an order of the offers it has applied."""

from __future__ import annotations

import pytest

from beckn_schemas.invariants import check_callback
from tests.support.callback_builders import (
    customization,
    line,
    offer,
    offers,
    on_search,
    on_select,
    tags,
)
from tests.support.json_edit import DELETE, edited

P = "message.catalog.providers[0]"
SELECTION = f"{P}.categories[0].tags[0]"
SCHEDULE = f"{P}.categories[1].tags[0]"


def rules(payload):
    return {one.rule for one in check_callback(payload)}


def selection(**over: str):
    return tags("selection", **{"seq": "1", "mandatory_selection": "true"} | over)


def schedule(**over: str):
    return tags("schedule", **{"start_time": "09:00", "end_time": "11:00", "frequency": "PT1H"} | over)


def test_a_catalog_with_choices_and_offers_of_every_kind_is_sound():
    assert check_callback(on_search()) == []


@pytest.mark.parametrize("kind", ["Disc_Pct", "Disc_Amt", "BuyXGetY", "Freebie"])
def test_an_offer_of_each_kind_stands_alone(kind):
    own = [one for one in offers() if one["descriptor"]["code"] == kind]

    assert check_callback(edited(on_search(), f"{P}.offers", own)) == []


@pytest.mark.parametrize(
    ("path", "value", "rule"),
    [
        (SELECTION, tags("Selection", seq="1", mandatory_selection="true"), "category_tags"),
        (SELECTION, tags("selection", seq="1"), "category_tags"),
        (SELECTION, selection(seq="first"), "category_tags"),
        (SELECTION, selection(mandatory_selection="yes"), "category_tags"),
        (SELECTION, selection(min_selection="many"), "category_tags"),
        (SELECTION, selection(min_selection="3", max_selection="2"), "category_tags"),
        (SELECTION, selection(colour="red"), "category_tags"),
        (SCHEDULE, tags("schedule", start_time="09:00"), "category_tags"),
        (SCHEDULE, schedule(start_time="9 am"), "category_tags"),
        (SCHEDULE, schedule(end_time="24:00"), "category_tags"),
        (SCHEDULE, schedule(end_time="09:00"), "category_tags"),
        (SCHEDULE, schedule(frequency="hourly"), "category_tags"),
        (f"{P}.categories[1].parent_category_id", "G2", "category_tree"),
        (f"{P}.categories[0].parent_category_id", "G2", "category_tree"),
        (f"{P}.categories[1].parent_category_id", "G9", "catalog_references"),
        (f"{P}.items[1].parent_item_id", "C1", "customization_parent"),
        (f"{P}.items[1].category_ids", ["G9"], "catalog_references"),
        (f"{P}.items", lambda old: old[:1], "category_choices"),
        (f"{P}.items[1].tags", [tags("attribute", dish_type="Starter")], "item_tags"),
    ],
)
def test_choices_that_a_buyer_app_could_not_offer_are_found(path, value, rule):
    assert rule in rules(edited(on_search(), path, value))


def test_a_part_of_a_category_is_a_choice_where_no_item_lists_the_category_itself():
    payload = edited(on_search(), f"{P}.items[1].category_ids", ["G2"])

    assert check_callback(payload) == []
    two_are_needed = edited(payload, SELECTION, selection(min_selection="2"))
    assert rules(two_are_needed) == {"category_choices"}
    twice_the_same_part = edited(
        two_are_needed, f"{P}.items", lambda old: [*old, customization("C2") | {"category_ids": ["G2"]}]
    )
    assert rules(twice_the_same_part) == {"category_choices"}


@pytest.mark.parametrize(
    ("made", "rule"),
    [
        (offer("Disc_Pct", discount_unit="amount", discount_value="15.00"), "offer_tags"),
        (offer("Disc_Pct", discount_unit="percent", discount_value="101"), "offer_tags"),
        (offer("Disc_Pct", discount_unit="percent", discount_value="0"), "offer_tags"),
        (offer("Disc_Pct", discount_unit="percentage", discount_value="15"), "offer_tags"),
        (offer("Disc_Pct"), "offer_tags"),
        (offer("Disc_Amt", discount_unit="amount", discount_value="50"), "offer_tags"),
        (offer("Disc_Amt", discount_unit="amount", discount_value="0.00"), "offer_tags"),
        (offer("Disc_Amt", discount_unit="percent", discount_value="50.00"), "offer_tags"),
        (offer("BuyXGetY", tags("qualifier", item_count="2")), "offer_tags"),
        (offer("BuyXGetY", tags("qualifier", item_count="0"), tags("benefit", item_count="1")), "offer_tags"),
        (offer("Freebie", tags("benefit", item_count="1", item_id="I9")), "offer_tags"),
        (offer("Freebie"), "offer_tags"),
        (offer("Disc_Amt", tags("gift", a="b"), discount_unit="amount", discount_value="50.00"), "offer_tags"),
        (offer("Disc_Amt", tags("meta", auto="true"), discount_unit="amount", discount_value="50.00"), "offer_tags"),
        (offers()[1] | {"item_ids": ["I9"]}, "catalog_references"),
        (offers()[1] | {"location_ids": ["L9"]}, "catalog_references"),
        (offers()[1] | {"category_ids": ["SRV10-1000"]}, "offer_validity"),
        (offers()[1] | {"descriptor": {"code": "Discount_Percent"}}, "enum"),
    ],
)
def test_an_offer_that_a_buyer_app_could_not_read_is_found(made, rule):
    assert rule in rules(edited(on_search(), f"{P}.offers", [made]))


def test_an_offer_may_be_for_a_category_of_choices():
    assert check_callback(edited(on_search(), f"{P}.offers[0].category_ids", ["G1"])) == []


def test_two_offers_of_one_id_and_one_that_is_over_are_found():
    assert rules(edited(on_search(), f"{P}.offers", [offers()[0], offers()[0]])) == {"offer_validity"}
    backwards = {"start": "2026-12-31T18:30:00.000Z", "end": "2025-12-31T18:30:00.000Z"}
    assert rules(edited(on_search(), f"{P}.offers[0].time.range", backwards)) == {"offer_validity"}


def test_an_applied_offer_has_its_discount_and_is_named_once():
    discounted = edited(on_select(), "message.order.quote.breakup", lambda old: [*old, line("discount", "-50.00")])
    discounted = edited(discounted, "message.order.quote.price.value", "948.00")

    assert check_callback(edited(discounted, "message.order.offers", [{"id": "OFFER"}])) == []
    assert check_callback(discounted) == []
    assert rules(edited(on_select(), "message.order.offers", [{"id": "OFFER"}])) == {"offers"}
    assert rules(edited(discounted, "message.order.offers", [{"id": "OFFER"}] * 2)) == {"offers"}
    assert rules(edited(discounted, "message.order.offers", [])) == {"empty"}
    assert rules(edited(discounted, "message.order.offers", [{"id": "OFFER", "descriptor": {}}])) == {"unknown_key"}


def test_a_line_of_a_customization_has_count_and_unit_price_as_one_of_an_item():
    quoted = edited(
        on_select(),
        "message.order.quote.breakup",
        lambda old: [*old, line("customization", "98.00", item="C1", unit="49.00", count=2)],
    )
    quoted = edited(quoted, "message.order.quote.price.value", "1096.00")
    chosen = {"id": "C1", "parent_item_id": "I1", "quantity": {"selected": {"count": 2}}, "fulfillment_ids": ["F1"]}
    quoted = edited(quoted, "message.order.items", lambda old: [*old, chosen])

    assert check_callback(quoted) == []
    assert "line_arithmetic" in rules(edited(quoted, "message.order.quote.breakup[2].item.quantity", DELETE))
    assert "line_count" in rules(edited(quoted, "message.order.items[1].quantity.selected.count", 3))
