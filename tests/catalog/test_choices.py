"""What may be chosen of an offering: too little, too much, in which hours, and how long it takes at least."""

from __future__ import annotations

from datetime import time
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.choices import Chosen, as_offering, earliest_hours, fault, hours_of, least_minutes
from catalog.customization import Customization, CustomizationCategory, TimeOfDay
from catalog.model import Offering
from catalog.money import Money
from tests.support.catalog_builders import a_customization, an_offering

MORNING = TimeOfDay(starts=time(9), ends=time(11))
NOON = TimeOfDay(starts=time(11), ends=time(15))


def group(key: str, **rule: Any) -> CustomizationCategory:
    return CustomizationCategory(id=key, name=key, name_hi=key, code=key, **rule)


def part(key: str, parent: str, hours: TimeOfDay | None = None) -> CustomizationCategory:
    clock = {"starts": hours.starts, "ends": hours.ends} if hours else {}
    return group(key, parent_category_id=parent, **clock)


CATEGORIES = (
    group("PEOPLE", seq=1, mandatory=True, min_selection=1, max_selection=1),
    group("MEAL", seq=2, mandatory=True, min_selection=1, max_selection=2),
    part("BREAKFAST", "MEAL", MORNING),
    part("LUNCH", "MEAL", NOON),
    part("DINNER", "MEAL", TimeOfDay(starts=time(15), ends=time(18))),
    group("DISHES", seq=3, mandatory=True, min_selection=2, max_selection=3),
    part("AWADHI", "DISHES"),
    group("EXTRAS", seq=4, min_selection=2, max_selection=2),
)
DISHES = {
    "POHA": ("DISHES", "BREAKFAST"),
    "DAL": ("DISHES", "LUNCH", "DINNER"),
    "TEHRI": ("DISHES", "LUNCH", "DINNER", "AWADHI"),
    "KEBAB": ("DISHES", "DINNER", "AWADHI"),
}


def cook(**changes: Any) -> Offering:
    """A cook for one to eight people: two or three dishes of one or two meals, and two extras or none."""
    made: list[Customization] = [
        a_customization("PERSON", "PEOPLE", minutes=10, max_count=8),
        *(a_customization(key, *categories, minutes=20) for key, categories in DISHES.items()),
        a_customization("TIDY", "EXTRAS"),
        a_customization("SERVE", "EXTRAS"),
    ]
    return an_offering(id="COOK", duration=30, categories=CATEGORIES, customizations=tuple(made), **changes)


def chosen(*wanted: str, base: Offering | None = None) -> list[Chosen]:
    """Choices such as ``PERSON:4`` or, with the categories a buyer named, ``DAL@LUNCH``."""
    items = {one.id: one for one in (base or cook()).customizations}
    found = []
    for text in wanted:
        item, _, named = text.partition("@")
        key, _, count = item.partition(":")
        found.append(Chosen(customization=items[key], count=int(count or 1), category_ids=tuple(named.split())))
    return found


@pytest.mark.parametrize(
    "wanted",
    [
        ("PERSON", "POHA", "DAL"),
        ("PERSON:8", "DAL", "TEHRI", "KEBAB"),
        ("PERSON:2", "DAL@DISHES LUNCH", "TEHRI@LUNCH"),
        ("PERSON", "POHA", "DAL", "TIDY", "SERVE"),
        ("PERSON:2", "PERSON:3", "POHA", "DAL@LUNCH"),
    ],
)
def test_a_selection_within_all_rules_has_no_fault(wanted):
    assert fault(cook(), chosen(*wanted)) is None


@pytest.mark.parametrize(
    ("wanted", "kind", "about"),
    [
        ((), "too_few", "PEOPLE"),
        (("PERSON",), "too_few", "MEAL"),
        (("POHA", "DAL@LUNCH"), "too_few", "PEOPLE"),
        (("PERSON", "POHA"), "too_few", "DISHES"),
        (("PERSON", "POHA", "DAL@LUNCH", "TEHRI@LUNCH", "KEBAB"), "too_many", "MEAL"),
        (("PERSON", "DAL", "TEHRI", "KEBAB", "POHA"), "too_many", "DISHES"),
        (("PERSON", "DAL@LUNCH", "KEBAB", "POHA"), "too_many", "MEAL"),
        (("PERSON:9", "POHA", "DAL@LUNCH"), "too_many", "PERSON"),
        (("PERSON:5", "PERSON:4", "POHA", "DAL@LUNCH"), "too_many", "PERSON"),
        (("PERSON", "POHA:2", "DAL@LUNCH"), "too_many", "POHA"),
        (("PERSON", "POHA", "DAL@LUNCH", "TIDY"), "too_few", "EXTRAS"),
    ],
)
def test_too_little_and_too_much_are_told_apart_and_named(wanted, kind, about):
    found = fault(cook(), chosen(*wanted))

    assert found is not None
    assert (found.kind, about in found.text) == (kind, True)


def test_more_dishes_than_allowed_are_too_many_though_they_are_of_one_meal():
    more = a_customization("SABZI", "DISHES", "DINNER")
    base = cook()
    base = an_offering(id="COOK", categories=CATEGORIES, customizations=(*base.customizations, more))

    found = fault(base, chosen("PERSON", "DAL@DINNER", "TEHRI@DINNER", "KEBAB", "SABZI", base=base))

    assert found is not None
    assert (found.kind, "DISHES" in found.text) == ("too_many", True)


def test_a_dish_for_lunch_or_dinner_counts_as_one_meal_even_where_the_buyer_app_repeats_both():
    both = chosen("PERSON", "POHA", "DAL@LUNCH DINNER")

    assert fault(cook(), both) is None  # breakfast and one of the two; not three meals
    assert fault(cook(), chosen("PERSON", "DAL", "TEHRI")) is None


def test_fewer_units_than_an_item_needs_are_too_few():
    base = an_offering(
        id="PARTY",
        categories=(group("PEOPLE", mandatory=True),),
        customizations=(a_customization("GUEST", "PEOPLE", min_count=5, max_count=50),),
    )

    found = fault(base, chosen("GUEST:4", base=base))

    assert found is not None
    assert (found.kind, "GUEST" in found.text) == ("too_few", True)
    assert fault(base, chosen("GUEST:5", base=base)) is None


def test_an_offering_without_customisation_has_nothing_to_choose():
    assert fault(an_offering(), []) is None
    assert earliest_hours(an_offering()) == ()
    assert least_minutes(an_offering(duration=60)) == 60


@pytest.mark.parametrize(
    ("wanted", "hours"),
    [
        ("POHA", (MORNING,)),
        ("DAL@LUNCH", (NOON,)),
        ("DAL@DISHES LUNCH", (NOON,)),
        ("DAL", (NOON, TimeOfDay(starts=time(15), ends=time(18)))),  # not said for which meal: either
        ("DAL@BREAKFAST", (NOON, TimeOfDay(starts=time(15), ends=time(18)))),  # it is no breakfast
        ("DAL@NONSENSE", (NOON, TimeOfDay(starts=time(15), ends=time(18)))),
        ("PERSON", ()),
    ],
)
def test_the_hours_of_a_choice_are_those_of_the_meal_it_was_made_for(wanted, hours):
    (one,) = chosen(wanted)

    assert hours_of(cook(), one) == hours


def test_hours_bind_an_offering_only_where_a_meal_must_be_chosen_and_every_meal_has_hours():
    assert [one.starts for one in earliest_hours(cook())] == [time(9), time(11), time(15)]
    free = tuple(group("MEAL") if one.id == "MEAL" else one for one in CATEGORIES)
    assert earliest_hours(an_offering(categories=free)) == ()
    assert earliest_hours(an_offering(categories=(*CATEGORIES, part("SNACK", "MEAL")))) == ()


def test_the_shortest_visit_has_the_quickest_of_what_must_be_chosen():
    assert least_minutes(cook()) == 30 + 10 + 2 * 20
    quick = a_customization("RAITA", "DISHES", "LUNCH", minutes=5)
    base = an_offering(duration=30, categories=CATEGORIES, customizations=(*cook().customizations, quick))
    assert least_minutes(base) == 30 + 10 + 5 + 20
    off = an_offering(
        duration=30,
        categories=CATEGORIES,
        customizations=(*cook().customizations, a_customization("OFF", "DISHES", active=False)),
    )
    assert least_minutes(off) == 30 + 10 + 2 * 20


def test_what_counts_in_two_categories_is_done_once():
    both = a_customization("BOTH", "A", "B", minutes=40)
    base = an_offering(
        duration=30, categories=(group("A", mandatory=True), group("B", mandatory=True)), customizations=(both,)
    )

    assert least_minutes(base) == 70


@given(st.lists(st.sampled_from(["PERSON", *DISHES, "TIDY", "SERVE"]), max_size=8))
def test_the_shortest_visit_is_no_longer_than_any_that_may_be_chosen(wanted):
    lines = chosen(*wanted)
    if fault(cook(), lines) is None:
        assert least_minutes(cook()) <= 30 + sum(one.customization.minutes * one.count for one in lines)


def test_a_customisation_sold_as_an_offering_has_its_own_price_and_time_and_its_bases_terms():
    base = cook(
        tax_rate=Decimal(5), parallel=True, payment_types=("ON-FULFILLMENT",), district_prices={"162": Money(1)}
    )
    one = a_customization("PERSON", "PEOPLE", price=Money(4900), minutes=10, max_count=8)

    sold = as_offering(base, one)

    assert (sold.id, sold.parent_item_id, sold.price_in("162")) == ("PERSON", "COOK", Money(4900))
    assert (sold.duration, sold.max_count, sold.parallel) == (10, 8, False)
    assert (sold.tax_rate, sold.payment_types, sold.sub_service_id) == (
        Decimal(5),
        ("ON-FULFILLMENT",),
        base.sub_service_id,
    )
    assert sold.active
    assert not as_offering(base, a_customization("OFF", "PEOPLE", active=False)).active
    assert not as_offering(cook(active=False), one).active
