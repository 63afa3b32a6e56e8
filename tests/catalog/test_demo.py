"""The demonstration catalog keeps what design/contract.md promises of it."""

import itertools
import re
from datetime import date, time

import pytest

from catalog.choices import earliest_hours
from catalog.codes import covers
from catalog.geo import Serviceability, serves
from catalog.load import DEMO, read_catalog
from catalog.model import Gps, Rating
from catalog.places import district_of
from catalog.services import SERVICES, SUB_SERVICES, published_category

FAR = date(2029, 1, 1)
NOW = date(2026, 1, 1)


@pytest.fixture(scope="module")
def demo():
    return read_catalog(DEMO)


def workers_for(demo, offering, district):
    """Workers of the provider who may be assigned: district, police verification and certificate."""
    service = SUB_SERVICES[offering.sub_service_id].service_id
    return [
        worker
        for worker in demo.workers
        if worker.provider_id == offering.provider_id
        and worker.active
        and district in worker.districts
        and worker.verified_until
        and worker.verified_until > FAR
        and worker.skills.get(service, NOW) > FAR
    ]


def test_three_providers_are_in_lucknow_and_one_in_kanpur(demo):
    places = [place for provider in demo.providers for place in provider.locations]

    assert len(demo.providers) >= 4
    assert sum(place.std == "0522" and place.area_code.startswith("2260") for place in places) >= 3
    assert any(place.std == "0512" and place.district == "157" for place in places)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("SRV11-1047", "tap"),
        ("SRV11-1030", "fan"),
        ("SRV11-1009", "bathroom"),
        ("SRV10-1000", "ac"),
        ("SRV11-1000", "consultation"),
        ("SRV11-*", "cook"),
        ("SRV12-1008", "haircut"),
    ],
)
def test_the_promised_offerings_are_sold_in_lucknow(demo, code, words):
    lucknow = {provider.id for provider in demo.providers if "162" in provider.districts}
    found = [one for one in demo.offerings if one.category == code and words in one.name.casefold()]

    assert [one for one in found if one.provider_id in lucknow]


def test_there_are_at_least_27_offerings_in_all_three_domains(demo):
    assert len(demo.offerings) >= 27
    assert {one.domain for one in demo.offerings} == {"ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12"}


def test_every_offering_is_published_under_the_category_its_policy_allows(demo):
    for offering in demo.offerings:
        sub = SUB_SERVICES[offering.sub_service_id]

        assert offering.category == published_category(sub, SERVICES[sub.service_id].policy)


def test_beauty_is_taxed_at_5_per_cent_and_the_rest_at_18(demo):
    assert {one.tax_rate for one in demo.offerings if one.domain == "ONDC:SRV12"} == {5}
    assert {one.tax_rate for one in demo.offerings if one.domain != "ONDC:SRV12"} == {18}


def test_every_offering_has_an_assignable_worker_in_the_district_of_its_provider(demo):
    places = {provider.id: provider.locations[0].district for provider in demo.providers}

    for offering in demo.offerings:
        assert workers_for(demo, offering, places[offering.provider_id]), offering.id


def test_every_provider_works_all_days_from_nine_to_six_without_holidays(demo):
    for one in (*demo.providers, *demo.workers):
        assert one.hours.days == (1, 2, 3, 4, 5, 6, 7)
        assert (one.hours.opens, one.hours.closes, one.hours.holidays) == (time(9), time(18), ())


def test_every_offering_and_agreement_is_in_force_for_years(demo):
    assert all(one.agreement_until > FAR and one.status == "active" for one in demo.providers)
    assert all(one.valid_until > FAR and one.active for one in demo.offerings)


def test_one_provider_has_a_single_worker(demo):
    counts = [sum(worker.provider_id == provider.id for worker in demo.workers) for provider in demo.providers]

    assert 1 in counts


def test_the_gates_show_an_unverified_worker_and_an_expired_certificate(demo):
    assert any(worker.verified_until is None for worker in demo.workers)
    assert any(max(worker.skills.values()) < NOW for worker in demo.workers)


def test_areas_of_all_four_kinds_are_shown(demo):
    assert {area.kind for provider in demo.providers for area in provider.areas} == {"10", "11", "12", "13"}


def test_each_domain_a_provider_serves_has_its_own_area_row(demo):
    for offering in demo.offerings:
        provider = next(one for one in demo.providers if one.id == offering.provider_id)

        assert any(covers(area.category, offering.category) for area in provider.areas)


def test_gomti_nagar_is_served_by_three_providers_and_delhi_by_none_through_both_gates(demo):
    def serving(gps, area_code):
        district = district_of(area_code, gps)
        return {
            provider.id
            for provider in demo.providers
            for area in provider.areas
            if district in provider.districts
            and serves(area, provider.location(area.location_id), gps, area_code) is Serviceability.YES
        }

    assert len(serving(Gps(26.8643, 81.0006), "226010")) >= 3
    assert serving(Gps(28.6139, 77.2090), "110001") == set()
    assert "P-GANGA" in serving(Gps(26.4569, 80.3543), "208001")


def test_everybody_is_visibly_artificial(demo):
    for one in (*demo.providers, *demo.workers):
        assert "Demo" in one.name
        assert re.fullmatch(r"9000000[0-9]{3}", one.phone)
        assert one.email == "" or one.email.endswith("@example.in")


def test_nobody_starts_with_a_rating(demo):
    assert {one.rating for one in (*demo.providers, *demo.workers)} == {Rating()}


def test_some_offerings_may_be_paid_to_the_worker(demo):
    assert sum("ON-FULFILLMENT" in one.payment_types for one in demo.offerings) >= 5
    assert all("PRE-FULFILLMENT" in one.payment_types for one in demo.offerings)


def test_one_cook_is_customised_by_people_meal_and_dishes_with_mandatory_and_most_choices(demo):
    (cook,) = [one for one in demo.offerings if one.id == "AMIN-COOK"]
    rules = {one.code: (one.mandatory, one.min_selection, one.max_selection) for one in cook.categories}

    assert "cook" in cook.name.casefold()
    assert rules["PEOPLE"] == (True, 1, 1)
    assert rules["MEAL"] == (True, 1, 3)
    assert rules["DISHES"] == (True, 2, 6)
    assert [one.code for one in cook.categories if one.hours] == ["BREAKFAST", "LUNCH", "DINNER"]
    assert {one.attributes.get("cuisine") for one in cook.customizations} >= {"Awadhi", "North_Indian", "South_Indian"}
    assert {one.type for one in cook.customizations} == {"customization", "add_on"}


def test_an_hour_of_every_working_day_is_the_hour_of_some_meal(demo):
    (cook,) = [one for one in demo.offerings if one.id == "AMIN-COOK"]
    hours = earliest_hours(cook)

    assert (hours[0].starts, hours[-1].ends) == (time(9), time(18))
    assert all(before.ends == after.starts for before, after in itertools.pairwise(hours))


def test_offers_of_all_four_kinds_are_spread_over_the_providers_both_by_choice_and_by_themselves(demo):
    offers = [(provider.id, one) for provider in demo.providers for one in provider.offers]

    assert {one.kind for _, one in offers} == {"Disc_Pct", "Disc_Amt", "BuyXGetY", "Freebie"}
    assert len({provider for provider, _ in offers}) >= 3
    assert {one.auto for _, one in offers} == {True, False}
    assert all(one.valid_until > FAR for _, one in offers)


def test_in_every_domain_something_is_sold_with_a_choice_that_must_be_made_and_one_that_may(demo):
    for domain in ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12"):
        sold = [one for one in demo.offerings if one.domain == domain and one.customizations]
        assert sold, domain
        for offering in sold:
            assert {group.mandatory for group in offering.categories if not group.parent_category_id} == {True, False}
