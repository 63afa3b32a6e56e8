"""The linter: each rule finds what breaks it, and nothing in what is sound."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bpp.actions.catalog_rules import broken_on_the_wire
from catalog.lint import lint
from catalog.load import DEMO, CatalogData, read_catalog
from catalog.model import Engagement
from catalog.money import Money
from tests.support.catalog_builders import a_provider, a_worker, an_offering
from tests.support.world_builders import an_identity

TODAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 25, 4, tzinfo=UTC)
PROVIDER = a_provider(gstin="09AAAAA0001A1Z5")
TAP = an_offering()
TEAM = (a_worker(),)
ENGAGED = Engagement(id="E1", mode="industry", employer="Mill", first=TODAY, last=TODAY)


def found(*offerings, provider=PROVIDER, workers=TEAM):
    data = CatalogData(providers=(provider,), offerings=offerings, workers=workers)
    return {(one.level, one.kind) for one in lint(data, TODAY)}


def test_a_sound_catalog_is_not_complained_of():
    assert found(TAP) == set()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"image": ""}, ("refused", "no_image")),
        ({"image": PROVIDER.image}, ("misleading", "provider_image")),
        ({"name": "T"}, ("misleading", "name_short")),
        ({"name": "todo"}, ("misleading", "name_short")),
        ({"name": "Tap " * 30}, ("refused", "name_long")),
        ({"name": "नल"}, ("misleading", "no_english_name")),
        ({"name_hi": "Tap repair"}, ("misleading", "no_hindi_name")),
        ({"name_hi": ""}, ("misleading", "no_hindi_name")),
        ({"short_desc": "-"}, ("misleading", "no_description")),
        ({"long_desc": "<b>cheap</b>"}, ("refused", "markup")),
        ({"price": Money(0)}, ("refused", "price_zero")),
        ({"district_prices": {"162": Money(0)}}, ("refused", "price_zero")),
        ({"max_price": TAP.price}, ("misleading", "no_saving")),
        ({"tax_rate": Decimal(19)}, ("refused", "tax_rate")),
        ({"duration": 7}, ("misleading", "odd_duration")),
        ({"duration": 61}, ("misleading", "odd_duration")),
        ({"duration": 43_200}, ("misleading", "odd_duration")),
        ({"valid_until": date(2026, 11, 24)}, ("refused", "expired")),
        ({"valid_from": date(2026, 11, 26)}, ("misleading", "not_yet_valid")),
        ({"valid_until": date(2040, 1, 1)}, ("misleading", "beyond_agreement")),
        ({"sub_service_id": "SM-PST-TRM", "category": "SRV11-1022"}, ("refused", "nearest_code")),
        ({"sub_service_id": "SM-CAT-PLT", "category": "SRV11-*"}, ("refused", "policy_off")),
        ({"category": "SRV11-*"}, ("misleading", "wildcard")),
        ({"category": "SRV12-1000"}, ("refused", "no_area")),
        ({"district_prices": {"118": Money(100)}}, ("misleading", "foreign_district")),
        ({"sub_service_id": "SM-ELC-FAN", "category": "SRV11-1030"}, ("refused", "no_worker")),
    ],
)
def test_an_offering_that_breaks_a_rule_is_found(changes, expected):
    assert expected in found(replace(TAP, **changes))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"status": "suspended"}, ("refused", "not_on_sale")),
        ({"agreement_until": date(2026, 11, 24)}, ("refused", "not_on_sale")),
        ({"areas": ()}, ("refused", "no_area")),
        ({"image": ""}, ("misleading", "no_image")),
        ({"name_hi": "Demo"}, ("misleading", "no_hindi_name")),
        ({"gstin": ""}, ("refused", "tax_without_gstin")),
        ({"districts": ("162", "129")}, ("misleading", "no_worker_there")),
        ({"districts": ("129",)}, ("refused", "no_worker")),
    ],
)
def test_a_provider_that_breaks_a_rule_is_found(changes, expected):
    assert expected in found(TAP, provider=replace(PROVIDER, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"active": False},
        {"available": False},
        {"verified_until": None},
        {"verified_until": date(2026, 11, 24)},
        {"skills": {"SM-PLB": date(2026, 11, 24)}},
        {"engagements": (ENGAGED,)},
    ],
)
def test_a_worker_who_may_not_come_is_none(changes):
    assert ("refused", "no_worker") in found(TAP, workers=(replace(a_worker(), **changes),))


def test_what_is_switched_off_is_not_looked_at_and_a_provider_without_anything_is():
    assert found(replace(TAP, active=False, image="")) == {("refused", "nothing_offered")}


def test_two_offerings_of_one_name_mislead():
    assert ("misleading", "same_name") in found(TAP, replace(TAP, id="TWIN"))


def test_the_rules_of_our_own_on_search_are_applied_to_each_item():
    data = CatalogData(
        providers=(PROVIDER,), offerings=(TAP, replace(TAP, id="BAD", unit="x" * 300)), workers=(a_worker(),)
    )

    assert list(broken_on_the_wire(replace(data, offerings=(TAP,)), an_identity(), NOW)) == []
    assert {(one.offering_id, one.kind) for one in broken_on_the_wire(data, an_identity(), NOW)} == {
        ("BAD", "wire_rule")
    }


def test_what_stays_off_the_network_is_not_held_against_the_rules_of_the_network():
    care = replace(TAP, sub_service_id="SM-CRG-E12", category="")
    carer = replace(a_worker(), skills={"SM-CRG": date(2031, 3, 31)})
    data = CatalogData(providers=(PROVIDER,), offerings=(care,), workers=(carer,))

    assert found(care, workers=(carer,)) == set()
    assert list(broken_on_the_wire(data, an_identity(), NOW)) == []


def test_nothing_of_the_demonstration_catalog_is_refused_and_only_wildcards_may_mislead():
    assert {(one.level, one.kind) for one in lint(read_catalog(DEMO), TODAY)} == {("misleading", "wildcard")}


def test_the_demonstration_catalog_breaks_no_rule_of_the_wire():
    assert list(broken_on_the_wire(read_catalog(DEMO), an_identity(), NOW)) == []
