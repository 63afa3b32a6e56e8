"""Customisation and offers over the operator API."""

from __future__ import annotations

from typing import Any

import pytest

CATEGORY: dict[str, Any] = {"id": "FIT", "name": "Fittings", "name_hi": "फिटिंग", "code": "FITTINGS", "mandatory": True}
CHOICE: dict[str, Any] = {
    "id": "MIXER",
    "category_ids": ["FIT"],
    "name": "Mixer",
    "name_hi": "मिक्सर",
    "short_desc": "The tap is a mixer",
    "price": "50.00",
    "minutes": 15,
    "attributes": {"finish": "chrome"},
}
OFFER: dict[str, Any] = {
    "id": "TAP15",
    "kind": "Disc_Pct",
    "name": "15% off",
    "name_hi": "15% छूट",
    "short_desc": "15% off taps",
    "long_desc": "15% off tap repairs of Rs 398 or more.",
    "percentage": "15",
    "min_value": "398.00",
    "item_ids": ["GOMTI-TAP"],
    "valid_from": "2025-04-01",
    "valid_until": "2031-03-31",
}
TAP = "/offerings/GOMTI-TAP"
GOMTI = "/providers/P-GOMTI"


def choices(*items: dict[str, Any], **category: Any) -> dict[str, Any]:
    return {"categories": [{**CATEGORY, **category}], "customizations": list(items or (CHOICE,))}


async def test_choices_are_given_to_an_offering_and_shown_with_their_defaults(desk):
    status, after = await desk.call("PATCH", TAP, choices())

    assert status == 200, after
    assert after["customizations"][0].items() >= CHOICE.items()
    assert (after["customizations"][0]["max_count"], after["customizations"][0]["type"]) == (1, "customization")
    assert (after["categories"][0]["seq"], after["categories"][0]["starts"]) == (1, None)
    assert (await desk.call("GET", TAP))[1] == after


async def test_hours_of_a_category_are_times_of_the_day(desk):
    status, after = await desk.call("PATCH", TAP, choices(starts="09:00", ends="11:30"))

    assert status == 200, after
    assert (after["categories"][0]["starts"], after["categories"][0]["ends"]) == ("09:00:00", "11:30:00")


async def test_a_change_of_the_price_keeps_what_can_be_chosen(desk):
    await desk.call("PATCH", TAP, choices())
    _, after = await desk.call("PATCH", TAP, {"price": "1.50"})

    assert [one["id"] for one in after["customizations"]] == ["MIXER"]
    assert [one["id"] for one in after["categories"]] == ["FIT"]


async def test_an_offer_is_given_to_a_provider_and_taken_back(desk):
    _, before = await desk.call("GET", GOMTI)
    status, after = await desk.call("PATCH", GOMTI, {"offers": [*before["offers"], OFFER]})

    assert status == 200, after
    assert after["offers"][-1].items() >= OFFER.items()
    assert after["offers"][-1]["auto"] is False
    status, after = await desk.call("PATCH", GOMTI, {"offers": []})
    assert (status, after["offers"]) == (200, [])


async def test_an_offer_may_be_for_what_can_be_chosen(desk):
    await desk.call("PATCH", TAP, choices())

    status, after = await desk.call("PATCH", GOMTI, {"offers": [{**OFFER, "item_ids": ["MIXER"]}]})

    assert status == 200, after


@pytest.mark.parametrize(
    ("path", "change", "field"),
    [
        (TAP, choices({**CHOICE, "category_ids": ["NONE"]}, mandatory=False), "customizations[0].category_ids"),
        (TAP, choices({**CHOICE, "category_ids": []}, mandatory=False), "customizations[0].category_ids"),
        (TAP, choices({**CHOICE, "id": "GOMTI-FAN"}), "customizations[0].id"),
        (TAP, choices({**CHOICE, "id": "GOMTI-TAP"}), "customizations[0].id"),
        (TAP, choices({**CHOICE, "id": "AMIN-COOK-POHA"}), "customizations[0].id"),
        (TAP, choices(CHOICE, CHOICE), "customizations[0].id"),
        (TAP, choices({**CHOICE, "price": "-1.00"}), "customizations[0].price"),
        (TAP, choices({**CHOICE, "price": 50}), "customizations[0].price"),
        (TAP, choices({**CHOICE, "minutes": -5}), "customizations[0].minutes"),
        (TAP, choices({**CHOICE, "min_count": 2}), "customizations[0].max_count"),
        (TAP, choices({**CHOICE, "attributes": {"finish": "c" * 256}}), "customizations[0].attributes"),
        (TAP, choices({**CHOICE, "wings": 2}), "customizations[0].wings"),
        (TAP, choices(id="OTHER", mandatory=False), "customizations[0].category_ids"),
        (TAP, {"categories": [{**CATEGORY, "id": "AMIN-COOK-MEAL", "mandatory": False}]}, "categories[0].id"),
        (TAP, choices(min_selection=2), "categories[0].min_selection"),
        (TAP, choices(starts="11:00", ends="09:00"), "categories[0].ends"),
        (TAP, choices(parent_category_id="NONE"), "categories[0].parent_category_id"),
        (TAP, {"categories": [CATEGORY]}, "categories[0].min_selection"),
        (GOMTI, {"offers": [{**OFFER, "percentage": None}]}, "offers[0].percentage"),
        (GOMTI, {"offers": [{**OFFER, "amount": "5.00"}]}, "offers[0].amount"),
        (GOMTI, {"offers": [{**OFFER, "kind": "Discount"}]}, "offers[0].kind"),
        (GOMTI, {"offers": [{**OFFER, "item_ids": ["AMIN-BATH"]}]}, "offers[0].item_ids"),
        (GOMTI, {"offers": [{**OFFER, "category_ids": ["RET10-1"]}]}, "offers[0].category_ids"),
        (GOMTI, {"offers": [{**OFFER, "id": "AMIN-COOK10"}]}, "offers[0].id"),
        (GOMTI, {"offers": [{**OFFER, "valid_until": "2020-01-01"}]}, "offers[0].valid_until"),
        (GOMTI, {"offers": [OFFER, OFFER]}, "offers[0].id"),
    ],
    ids=str,
)
async def test_what_the_import_would_refuse_is_refused_with_its_path_and_changes_nothing(desk, path, change, field):
    _, before = await desk.call("GET", path)

    status, answer = await desk.call("PATCH", path, change)

    assert status == 422, answer
    assert answer["error"]["path"] == field, answer
    assert (await desk.call("GET", path))[1] == before


async def test_a_new_offering_may_not_bear_the_id_of_a_choice(desk):
    _, tap = await desk.call("GET", TAP)
    new = {key: value for key, value in tap.items() if key != "domain"} | {"id": "AMIN-COOK-POHA"}

    status, answer = await desk.call("POST", "/offerings", new)

    assert (status, answer["error"]["path"]) == (422, "id")
