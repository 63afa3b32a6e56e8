"""Search: who is found, where, in which order; and the measures of nearness and goodness behind it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.load import DEMO, read_catalog
from catalog.model import Area, Gps, Rating
from catalog.money import Money
from catalog.ranking import bayesian, distance_band
from catalog.search import Place, Query, Reach, location_for, match, nearest_km, reach
from catalog.snapshot import Catalog, offered, on_sale, service_id_of, sub_service, word_index
from tests.support.catalog_builders import (
    BARABANKI_DISTRICT,
    LUCKNOW,
    LUCKNOW_DISTRICT,
    a_provider,
    a_worker,
    an_offering,
)

TODAY = date(2026, 11, 23)
HERE = Place.of(LUCKNOW, "226001")
DOMAIN = "ONDC:SRV11"


def a_catalog(*providers, offerings=None, workers=()):
    if offerings is None:
        offerings = [an_offering(id=f"TAP-{one.id}", provider_id=one.id) for one in providers]
    return Catalog.build(version=1, providers=providers, offerings=offerings, workers=workers)


def found(catalog, **query):
    return [one.provider.id for one in match(catalog, Query(domain=DOMAIN, **{"place": HERE, **query}), TODAY)]


def at(km, **changes):
    """A provider so many kilometres north of the place wanted."""
    place = replace(a_provider().locations[0], gps=Gps(LUCKNOW.lat + km / 111.195, LUCKNOW.lon))
    return a_provider(locations=(place,), **changes)


@pytest.fixture(scope="module")
def demo():
    data = read_catalog(DEMO)
    return Catalog.build(version=1, providers=data.providers, offerings=data.offerings, workers=data.workers)


STATE = (Area(location_id="L1", category="SRV11-*", kind="12", val="IN-UP"),)
PINCODES = {LUCKNOW_DISTRICT: "226001", BARABANKI_DISTRICT: "225001"}
BOTH = a_provider(districts=(LUCKNOW_DISTRICT, BARABANKI_DISTRICT))


@pytest.mark.parametrize(
    ("provider", "offering", "districts"),
    [
        (BOTH, an_offering(), {LUCKNOW_DISTRICT, BARABANKI_DISTRICT}),
        (BOTH, an_offering(districts=(BARABANKI_DISTRICT,)), {BARABANKI_DISTRICT}),
        (replace(BOTH, services={LUCKNOW_DISTRICT: ("SM-ELC",)}), an_offering(), {BARABANKI_DISTRICT}),
        (replace(BOTH, services={LUCKNOW_DISTRICT: ("SM-ELC", "SM-PLB")}), an_offering(), set(BOTH.districts)),
        (replace(BOTH, services=dict.fromkeys(BOTH.districts, ("SM-ELC",))), an_offering(), set()),
        (replace(BOTH, districts=(LUCKNOW_DISTRICT,)), an_offering(districts=(BARABANKI_DISTRICT,)), set()),
    ],
    ids=["all", "of-the-offering", "of-the-service", "service-chosen", "nowhere", "not-the-providers"],
)
def test_an_offering_is_found_in_the_districts_chosen_for_it_and_for_its_service(provider, offering, districts):
    """Rule R4, by place and by the city's districts alike."""
    catalog = a_catalog(replace(provider, areas=STATE), offerings=[offering])

    for one in BOTH.districts:
        in_district = Query(domain=DOMAIN, place=Place(area_code=PINCODES[one], district=one))
        in_city = Query(domain=DOMAIN, place=Place(), districts=(one,))
        expected = one in districts
        assert bool(match(catalog, in_district, TODAY)) is expected
        assert bool(match(catalog, in_city, TODAY)) is expected
    assert bool(match(catalog, Query(domain=DOMAIN, place=Place()), TODAY)) is bool(districts)


def test_a_provider_who_serves_the_place_is_found_with_what_fits():
    other = an_offering(id="COOK", domain="ONDC:SRV13", category="SRV13-*")
    catalog = a_catalog(a_provider(), offerings=[an_offering(), other])
    (hit,) = match(catalog, Query(domain=DOMAIN, place=HERE), TODAY)

    assert [one.id for one in hit.offerings] == ["TAP"]
    assert hit.km == 0


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"status": "suspended"}, False),
        ({"agreement_until": date(2026, 11, 22)}, False),
        ({"agreement_until": TODAY}, True),
        ({"agreement_from": date(2026, 11, 24)}, False),
        ({"agreement_from": TODAY}, True),
    ],
)
def test_only_a_provider_with_an_agreement_in_force_is_on_sale(changes, expected):
    provider = a_provider(**changes)

    assert on_sale(provider, TODAY) is expected
    assert bool(found(a_catalog(provider))) is expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"active": False}, False),
        ({"valid_until": date(2026, 11, 22)}, False),
        ({"valid_until": TODAY}, True),
        ({"valid_from": date(2026, 11, 24)}, False),
    ],
)
def test_only_an_offering_in_its_validity_is_offered(changes, expected):
    offering = an_offering(**changes)

    assert offered(offering, TODAY) is expected
    assert bool(found(a_catalog(a_provider(), offerings=[offering]))) is expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"category": "SRV11-1047"}, True),
        ({"category": "SRV11-1048"}, False),
        ({"category": "SRV11-*"}, True),
        ({"category": "SRV12-*"}, False),
        ({"categories": ("SRV11-1048", "SRV11-1047")}, True),
        ({"categories": ("SRV11-1048",)}, False),
        ({"provider_id": "P1"}, True),
        ({"provider_id": "P2"}, False),
        ({"words": "tap"}, True),
        ({"words": "नल"}, True),
        ({"words": "leaking put"}, True),  # the provider's own description
        ({"words": "wedding cake"}, False),
        ({"words": "!!"}, False),
    ],
)
def test_each_part_of_a_query_filters(query, expected):
    assert bool(found(a_catalog(a_provider()), **query)) is expected


@pytest.mark.parametrize(("districts", "expected"), [((), True), ((LUCKNOW_DISTRICT, "1"), True), (("1",), False)])
def test_where_no_place_is_named_the_districts_of_the_city_stand_in(districts, expected):
    assert bool(found(a_catalog(a_provider()), place=Place(), districts=districts)) is expected


def test_a_place_is_known_by_its_gps_or_its_pincode():
    assert Place(gps=LUCKNOW).known
    assert Place(area_code="226001").known
    assert not Place().known
    assert Place.of(None, "226001").district == LUCKNOW_DISTRICT


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Reach.SERVED),
        ({"districts": ()}, Reach.OUTSIDE),
        ({"areas": ()}, Reach.OUTSIDE),
        ({"areas": (Area(location_id="L1", category="SRV12-*", kind="10", val="25"),)}, Reach.OUTSIDE),
        ({"areas": (Area(location_id="L9", category="SRV11-*", kind="10", val="25"),)}, Reach.OUTSIDE),
        ({"areas": (Area(location_id="L1", category="SRV11-*", kind="11", val="226002"),)}, Reach.OUTSIDE),
        ({"areas": (Area(location_id="L1", category="SRV11-1047", kind="11", val="226001"),)}, Reach.SERVED),
    ],
)
def test_a_provider_reaches_a_place_in_its_districts_and_its_areas(changes, expected):
    assert reach(a_provider(**changes), an_offering(), HERE) is expected


def test_a_place_in_no_district_of_ours_is_outside_whatever_the_area_says():
    assert reach(a_provider(), an_offering(), Place(gps=LUCKNOW)) is Reach.OUTSIDE


def test_a_place_beyond_the_radius_is_too_far_and_not_outside():
    far = at(10, areas=(Area(location_id="L1", category="SRV11-*", kind="10", val="5"),))
    mixed = replace(far, areas=(*far.areas, Area(location_id="L1", category="SRV11-*", kind="11", val="226002")))

    assert reach(far, an_offering(), HERE) is Reach.TOO_FAR
    assert reach(mixed, an_offering(), HERE) is Reach.OUTSIDE


def test_nearer_bands_come_first_then_better_ratings_then_lower_prices_then_ids():
    good, poor = Rating(sum=50, count=10), Rating(sum=20, count=10)
    providers = [
        at(9, id="A-far", rating=good),
        at(1.0, id="B-dear", rating=good),
        at(1.9, id="C-cheap", rating=good),
        at(0.1, id="D-poor", rating=poor),
        at(3, id="E-middle", rating=good),
        at(1.5, id="F-dear-too", rating=good),
    ]
    price = {"C-cheap": Money(9900)}
    offerings = [
        an_offering(id=f"TAP-{one.id}", provider_id=one.id, price=price.get(one.id, Money(19900))) for one in providers
    ]

    assert found(a_catalog(*providers, offerings=offerings)) == [
        "C-cheap",
        "B-dear",
        "F-dear-too",
        "D-poor",
        "E-middle",
        "A-far",
    ]


def test_the_order_does_not_depend_on_the_order_of_the_catalog():
    providers = [at(km, id=f"P{km}") for km in (1, 3, 7, 12)]

    assert found(a_catalog(*providers)) == found(a_catalog(*reversed(providers)))


@pytest.mark.parametrize(
    ("km", "band"), [(0, 0), (2.0, 0), (2.001, 1), (5.0, 1), (5.001, 2), (10.0, 2), (10.001, 3), (500, 3)]
)
def test_the_bands_of_distance(km, band):
    assert distance_band(km) == band


@given(st.integers(0, 500), st.integers(0, 500))
def test_few_ratings_stay_near_an_ordinary_one_and_many_near_their_mean(count, stars):
    rating = Rating(sum=min(max(stars, count), 5 * count), count=count)
    mean = rating.sum / count if count else 4.0
    low, high = sorted((4.0, mean))

    assert low - 1e-9 <= bayesian(rating) <= high + 1e-9


def test_who_has_no_ratings_counts_as_an_ordinary_one():
    assert bayesian(Rating()) == 4.0
    assert bayesian(Rating(sum=5, count=1)) < bayesian(Rating(sum=500, count=100))


def test_an_offering_is_served_from_the_nearest_of_its_own_locations():
    near, far = a_provider().locations[0], replace(a_provider().locations[0], id="L2", gps=Gps(26.9, 81.0))
    provider = a_provider(locations=(far, near))

    assert location_for(provider, an_offering(), HERE).id == "L1"
    assert location_for(provider, an_offering(location_ids=("L2",)), HERE).id == "L2"
    assert location_for(provider, an_offering(location_ids=("L9",)), HERE).id == "L1"
    assert location_for(provider, an_offering(), Place()).id == "L2"
    assert nearest_km(provider, HERE) == 0
    assert nearest_km(provider, Place()) == 0


def test_the_price_of_the_district_counts():
    offering = an_offering(district_prices={LUCKNOW_DISTRICT: Money(24900)})

    assert offering.price_in(HERE.district).paise == 24900
    assert offering.price_in(Place().district).paise == 19900


def test_the_catalog_is_indexed_by_id_and_by_provider():
    first, second = a_worker(), a_worker(id="W2")
    catalog = a_catalog(a_provider(), workers=[first, second])

    assert catalog.worker("W2") is second
    assert catalog.worker("W3") is None
    assert catalog.workers_of["P1"] == (first, second)
    assert [one.id for one in catalog.offerings_of["P1"]] == ["TAP-P1"] == list(catalog.offerings)


def test_an_offering_belongs_to_a_trade_of_the_taxonomy():
    assert service_id_of(an_offering()) == "SM-PLB"
    with pytest.raises(KeyError):
        sub_service("SM-XXX")
    assert word_index() is word_index()


@pytest.mark.parametrize(
    ("words", "provider"),
    [("plumber", "P-GOMTI"), ("nal", "P-GOMTI"), ("मेहंदी", "P-HAZRAT"), ("mehndi", "P-HAZRAT"), ("cockroach", "P-AMIN")],
)
def test_the_demonstration_catalog_is_found_by_words_of_both_languages(demo, words, provider):
    hits = {
        one.provider.id
        for domain in ("ONDC:SRV10", "ONDC:SRV11", "ONDC:SRV12")
        for one in match(demo, Query(domain=domain, place=HERE, words=words), TODAY)
    }

    assert provider in hits


def test_a_provider_of_kanpur_is_found_there_and_nobody_of_lucknow(demo):
    kanpur = Place.of(Gps(26.4499, 80.3319), "208001")

    there = {one.provider.id for one in match(demo, Query(domain=DOMAIN, place=kanpur), TODAY)}
    here = {one.provider.id for one in match(demo, Query(domain=DOMAIN, place=HERE), TODAY)}

    assert "P-GANGA" in there - here
    assert "P-GOMTI" in here - there
