"""Customisation and offers in a catalog directory, and what may not stand in one."""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal

import pytest

from catalog.choice_faults import MOST_CUSTOMIZATIONS, MOST_OFFERS, CatalogFault, offer_faults, offering_faults
from catalog.customization import CustomizationCategory
from catalog.load import DEMO, read_catalog
from catalog.load_fields import pairs
from catalog.money import ZERO, Money
from tests.support.catalog_builders import a_customization, a_provider, an_offer, an_offering


def group(key, **rule):
    return CustomizationCategory(id=key, name=key, name_hi=key, code=key, **rule)


def cook(*customizations, categories=(), **changes):
    return an_offering(categories=categories or (group("A"),), customizations=customizations, **changes)


def faults_of(offering, items=(), categories=()):
    return [(one.part, one.index, one.field) for one in offering_faults(offering, items, categories)]


def faults_of_offers(*offers, offerings=(), taken=()):
    provider = a_provider(offers=offers)
    return [(one.part, one.index, one.field) for one in offer_faults(provider, offerings, taken)]


@pytest.fixture(scope="module")
def demo():
    return read_catalog(DEMO)


def test_values_of_the_demonstration_arrive_in_their_types(demo):
    base = next(one for one in demo.offerings if one.id == "AMIN-COOK")
    lunch = next(one for one in base.categories if one.id == "AMIN-COOK-LUNCH")
    people = next(one for one in base.customizations if one.id == "AMIN-COOK-PERSON")
    idli = next(one for one in base.customizations if one.id == "AMIN-COOK-IDLI")

    assert (lunch.parent_category_id, lunch.mandatory, lunch.max_selection) == ("AMIN-COOK-MEAL", False, None)
    assert (lunch.starts, lunch.ends, lunch.frequency) == (time(11), time(15), "PT1H")
    assert (people.price, people.minutes, people.min_count, people.max_count) == (Money(4900), 10, 1, 8)
    assert idli.attributes == {
        "dish_type": "Breakfast",
        "cuisine": "South_Indian",
        "Mandatory_Appliance": "Steamer",
    }
    offer = next(one for provider in demo.providers for one in provider.offers if one.id == "AMIN-COOK10")
    assert (offer.kind, offer.percentage, offer.max_benefit, offer.min_value) == (
        "Disc_Pct",
        Decimal(10),
        Money(7500),
        Money(59900),
    )
    assert (offer.item_ids, offer.auto, offer.valid_until) == (("AMIN-COOK",), True, date(2031, 3, 31))
    assert (
        next(one for provider in demo.providers for one in provider.offers if one.id == "HAZRAT-BROW2GET3").min_value
        == ZERO
    )


@pytest.mark.parametrize(
    ("offering", "found"),
    [
        (cook(a_customization("X", "A")), []),
        (cook(a_customization("X")), [("customizations", 0, "category_ids")]),
        (cook(a_customization("X", "A"), a_customization("X", "A")), [("customizations", 0, "id"), ("customizations", 1, "id")]),
        (cook(a_customization("X", "A", attributes={"type": "add_on"})), [("customizations", 0, "attributes")]),
        (cook(a_customization("X", "A", attributes={"dish": "d" * 256})), [("customizations", 0, "attributes")]),
        (cook(categories=(group("A", mandatory=True),)), [("categories", 0, "min_selection")]),
        (cook(a_customization("X", "A", active=False), categories=(group("A", mandatory=True),)), [("categories", 0, "min_selection")]),
        (cook(a_customization("X", "A"), categories=(group("A", max_selection=1, min_selection=1),)), []),
        (
            cook(categories=(group("A"), group("B", parent_category_id="A"), group("C", parent_category_id="B"))),
            [("categories", 2, "parent_category_id")],
        ),
        (cook(categories=(group("A", starts=time(9)),)), [("categories", 0, "ends")]),
    ],
)  # fmt: skip
def test_what_does_not_hold_within_an_offering_is_found(offering, found):
    assert faults_of(offering) == found


def test_an_id_of_another_item_or_category_is_given_already():
    offering = cook(a_customization("X", "A"))

    assert faults_of(offering, items={"X"}) == [("customizations", 0, "id")]
    assert faults_of(offering, categories={"A"}) == [("categories", 0, "id")]


def test_an_offering_has_so_many_choices_and_a_provider_so_many_offers_and_no_more():
    many = [a_customization(f"X{place}", "A") for place in range(MOST_CUSTOMIZATIONS + 1)]
    assert faults_of(cook(*many)) == [("customizations", None, "")]
    assert faults_of(cook(*many[1:])) == []
    offers = [an_offer(id=f"O{place}") for place in range(MOST_OFFERS + 1)]
    assert faults_of_offers(*offers) == [("offers", None, "")]


@pytest.mark.parametrize(
    ("offer", "fields"),
    [
        (an_offer(), []),
        (an_offer(percentage=None), ["percentage"]),
        (an_offer(amount=Money(1)), ["amount"]),
        (an_offer(kind="Disc_Amt", percentage=None, amount=Money(1)), []),
        (an_offer(kind="BuyXGetY", percentage=None, buy=2, get=3), []),
        (an_offer(kind="BuyXGetY", percentage=None, buy=2, get=2), ["get"]),
        (an_offer(kind="BuyXGetY", percentage=None, buy=2), ["get"]),
        (an_offer(kind="Freebie", percentage=None, free_item_id="TAP"), []),
        (an_offer(kind="Freebie", percentage=None, free_item_id="X"), []),
        (an_offer(kind="Freebie", percentage=None, free_item_id="NONE"), ["free_item_id"]),
        (an_offer(item_ids=("TAP", "X", "NONE")), ["item_ids"]),
        (an_offer(location_ids=("L1", "L2")), ["location_ids"]),
        (an_offer(valid_until=date(2025, 3, 31)), ["valid_until"]),
    ],
)
def test_what_does_not_hold_within_an_offer_is_found(offer, fields):
    offerings = [cook(a_customization("X", "A"))]

    assert [field for _, _, field in faults_of_offers(offer, offerings=offerings)] == fields


def test_an_offer_of_another_providers_id_is_found():
    assert list(offer_faults(a_provider(offers=(an_offer(),)), [], {"OFFER"})) == [
        CatalogFault("offers", 0, "id", "the id OFFER is given already")
    ]


@pytest.mark.parametrize("text", ["a", "=b", "a=", "a=1; a=2", "a=" + "b" * 256])
def test_pairs_that_cannot_be_read_are_refused(text):
    with pytest.raises(ValueError, match="expected"):
        pairs(text)


def test_pairs_are_read_without_the_spaces_around_them():
    assert pairs(" dish_type = Main course ;cuisine=Awadhi;") == {"dish_type": "Main course", "cuisine": "Awadhi"}
