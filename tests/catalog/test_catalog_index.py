"""Indexes change what a search costs, never what it finds; and a catalog changed piece by piece is the whole one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.codes import covers
from catalog.model import Area, Gps, Rating
from catalog.money import Money
from catalog.ranking import bayesian, distance_band
from catalog.search import Match, Place, Query, Reach, match, nearest_km, reach, search
from catalog.snapshot import Catalog, Ratings, offered, offered_in, on_sale, word_index
from catalog.words import tokens
from tests.support.catalog_builders import LUCKNOW, a_provider, a_worker, an_offering

TODAY = date(2026, 11, 23)
A_YEAR = timedelta(days=365)
AGRA = Gps(27.18, 78.01)
LUCKNOW_CENTRE = a_provider().locations[0]
IN_AGRA = replace(LUCKNOW_CENTRE, gps=AGRA, area_code="282001", district="118", std="0562")
UPTOWN = replace(LUCKNOW_CENTRE, id="L2", gps=Gps(26.95, 80.95), area_code="226021")
SUBS = (("SM-PLB-TAP", "ONDC:SRV11", "SRV11-1047"), ("SM-ELC-FAN", "ONDC:SRV11", "SRV11-1030"),
        ("SM-ACT-REP", "ONDC:SRV10", "SRV10-1001"), ("SM-COK-MEA", "ONDC:SRV11", "SRV11-*"),
        ("SM-ELC-FAN", "ONDC:SRV11", ""))  # fmt: skip
OUTLINE = (
    '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{},"geometry":{"type":"Polygon",'
    '"coordinates":[[[80.8,26.7],[81.0,26.7],[81.0,26.9],[80.8,26.9],[80.8,26.7]]]}}]}'
)
SOME_AREAS = (
    ("10", "25"), ("10", "3"), ("10", "0.5"), ("10", "180"), ("10", "9000"), ("11", "226001,282001"), ("11", "226010"),
    ("12", "IN-UP"), ("12", "IND"), ("13", OUTLINE),
)  # fmt: skip

areas = st.lists(
    st.builds(
        lambda kind, **more: Area(kind=kind[0], val=kind[1], **more),
        st.sampled_from(SOME_AREAS),
        location_id=st.sampled_from(("L1", "L1", "L1", "L2", "L9")),
        category=st.sampled_from(("SRV11-*", "SRV11-*", "SRV11-*", "SRV10-*", "SRV11-1047")),
    ),
    min_size=1,
    max_size=4,
).map(tuple)
providers = st.builds(
    a_provider,
    id=st.sampled_from([f"P{number}" for number in range(6)]),
    status=st.sampled_from(("active",) * 9 + ("suspended",)),
    agreement_until=st.sampled_from((date(2031, 3, 31),) * 9 + (date(2026, 1, 1),)),
    districts=st.sampled_from((("162",), ("162",), ("118", "162"), ("162", "129"), ("118",), ())),
    services=st.sampled_from(({}, {}, {}, {"162": ("SM-PLB",)}, {"118": ()})),
    locations=st.sampled_from(((LUCKNOW_CENTRE,), (IN_AGRA,), (UPTOWN, LUCKNOW_CENTRE))),
    areas=areas,
    rating=st.sampled_from((Rating(), Rating(), Rating(sum=9, count=2), Rating(sum=2, count=2))),
)
offerings = st.builds(
    lambda sub, **more: an_offering(sub_service_id=sub[0], domain=sub[1], category=sub[2], **more),
    sub=st.sampled_from(SUBS),
    id=st.sampled_from([f"I{number}" for number in range(12)]),
    provider_id=st.sampled_from([f"P{number}" for number in range(7)]),
    active=st.sampled_from((True,) * 6 + (False,)),
    name=st.sampled_from(("Tap repair", "Fan of gold", "Something else")),
    price=st.sampled_from((Money(9900), Money(19900), Money(29900))),
    district_prices=st.sampled_from(({}, {}, {"162": Money(5000)}, {"118": Money(90000)})),
    districts=st.sampled_from(((), (), (), ("162",), ("129",))),
    valid_until=st.sampled_from((date(2031, 3, 31),) * 6 + (date(2026, 1, 1),)),
)
workers = st.builds(
    a_worker,
    id=st.sampled_from([f"W{number}" for number in range(6)]),
    provider_id=st.sampled_from([f"P{number}" for number in range(6)]),
    active=st.booleans(),
)
points = st.one_of(
    st.sampled_from((LUCKNOW, LUCKNOW, AGRA, Gps(26.95, 80.95), Gps(19.0, 72.8))),
    st.builds(Gps, st.floats(26.5, 27.2), st.floats(80.6, 81.3)),
)
pincodes = st.sampled_from(("226001", "226001", "226021", "282001", "", "400001", " 226001 "))
places = st.one_of(
    st.just(Place()),
    st.builds(Place.of, points, pincodes),
    st.builds(Place.of, st.none(), pincodes),
    st.builds(lambda gps, code: replace(Place.of(gps, code), by_district=True), points, pincodes),
)
queries = st.builds(
    Query,
    domain=st.sampled_from(("ONDC:SRV11", "ONDC:SRV11", "ONDC:SRV11", "ONDC:SRV10", "")),
    place=places,
    category=st.sampled_from(("", "", "SRV11-*", "srv11-xxxx", "SRV11-1047")),
    categories=st.sampled_from(((), (), (), ("SRV10-1001", "SRV11-1030"))),
    words=st.sampled_from(("", "", "", "tap repair", "gold", "pankha", "repair something", "!!")),
    provider_id=st.sampled_from(("",) * 7 + ("P1", "NOBODY")),
    districts=st.sampled_from(((), (), ("162",), ("118", "129"), ("162", "118", "162"), ("",))),
)
catalogs = st.builds(
    lambda found, sold, people: Catalog.build(version=1, providers=found, offerings=sold, workers=people),
    st.tuples(*(providers.map(partial(replace, id=f"P{key}")) for key in range(5))),
    st.tuples(*(offerings.map(partial(replace, id=f"I{key}")) for key in range(10))),
    st.lists(workers, max_size=6),
)
rated = st.dictionaries(st.sampled_from(("P1", "P2", "P9")), st.just(Rating(sum=5, count=1)))


def plain_scan(catalog: Catalog, query: Query) -> list[Match]:
    """Every provider and every offering looked at, one by one."""
    wanted = set(word_index().match(query.words))
    codes = [code for code in (query.category, *query.categories) if code]
    found = []
    for provider in catalog.providers.values():
        sold = []
        for one in sorted(catalog.offerings.values(), key=lambda one: one.id):
            own = set(tokens(f"{one.name} {one.name_hi} {one.short_desc}"))
            asked = set(tokens(query.words))
            if (
                one.provider_id == provider.id
                and (not query.domain or (one.domain == query.domain and one.category))
                and offered(one, TODAY)
                and (not codes or any(covers(code, one.category) for code in codes))
                and (not query.words or one.sub_service_id in wanted or (asked and asked <= own))
                and (
                    reach(provider, one, query.place) is Reach.SERVED
                    if query.place.known
                    else any(offered_in(provider, one, where) for where in query.districts or provider.districts)
                )
            ):
                sold.append(one)
        if sold and on_sale(provider, TODAY) and query.provider_id in ("", provider.id):
            found.append(Match(provider=provider, km=nearest_km(provider, query.place), offerings=tuple(sold)))
    return sorted(
        found,
        key=lambda one: (
            distance_band(one.km),
            -bayesian(one.provider.rating),
            min(offering.price_in(query.place.district).paise for offering in one.offerings),
            one.provider.id,
        ),
    )


def index_of(catalog: Catalog) -> tuple[object, object]:
    """What an index lists and knows, but for the shelves themselves."""
    lists = {key: [entry[:3] for entry in entries] for key, entries in catalog.index.postings.items()}
    return lists, {word: kinds for word, kinds in catalog.index.kinds.items() if kinds}


@given(catalogs, queries)
@settings(max_examples=200)
def test_a_search_by_index_finds_what_looking_at_everything_finds(catalog, query):
    assert match(catalog, query, TODAY) == plain_scan(catalog, query)


EVERYWHERE = (Area(location_id="L1", category="SRV11-*", kind="12", val="IN-UP"),
              Area(location_id="L1", category="SRV10-*", kind="12", val="IN-UP"))  # fmt: skip
SHOP = Catalog.build(
    version=1,
    providers=[a_provider(districts=("162", "118"), areas=EVERYWHERE)],
    offerings=[
        an_offering(id="TAP"),
        an_offering(id="THIS_YEAR", valid_until=date(2026, 12, 31)),
        an_offering(id="IN_AGRA", districts=("118",)),
        an_offering(id="GOLD", name="Tap of gold"),
        an_offering(id="FAN", sub_service_id="SM-ELC-FAN", category="SRV11-1030", name="Fan"),
        an_offering(
            id="COOLER", sub_service_id="SM-ACT-REP", domain="ONDC:SRV10", category="SRV10-1001", name="Cooler"
        ),
    ],
    workers=(),
)
TAPS = Query(domain="ONDC:SRV11", place=Place.of(LUCKNOW, ""), category="SRV11-1047")
ASKED = (
    (TAPS, TODAY),
    (TAPS, TODAY + A_YEAR),
    (replace(TAPS, place=Place.of(AGRA, "")), TODAY),
    (replace(TAPS, domain="ONDC:SRV10"), TODAY),
    (replace(TAPS, category="SRV11-1030"), TODAY),
    (replace(TAPS, categories=("SRV11-1030",)), TODAY),
    (replace(TAPS, words="gold"), TODAY),
    (replace(TAPS, domain="", category=""), TODAY),
)
"""Each but for one thing like another, and with another answer."""


def bought(catalog: Catalog, query: Query, day: date) -> tuple[str, ...]:
    return tuple(sorted(offering.id for one in match(catalog, query, day) for offering in one.offerings))


def shop() -> Catalog:
    """The shop, of which nothing was asked yet."""
    return Catalog.build(version=1, providers=SHOP.providers.values(), offerings=SHOP.offerings.values(), workers=())


@pytest.mark.parametrize("first", range(len(ASKED)))
def test_what_was_asked_before_is_the_answer_to_nothing_else(first):
    fresh = [bought(shop(), *one) for one in ASKED]
    catalog = shop()
    asked = (ASKED[first], *ASKED, *reversed(ASKED))

    assert len(set(fresh)) == len(fresh)
    assert [bought(catalog, *one) for one in asked] == [fresh[first], *fresh, *reversed(fresh)]


@given(catalogs, queries, st.integers(0, 3))
@settings(max_examples=50)
def test_the_first_of_a_search_are_the_first_of_all_that_it_finds(catalog, query, number):
    assert list(islice(search(catalog, query, TODAY), number)) == plain_scan(catalog, query)[:number]


changes = st.one_of(
    st.tuples(st.lists(providers, max_size=2), st.lists(offerings, max_size=3), st.lists(workers, max_size=2)),
    rated,
)


@given(catalogs, st.lists(changes, max_size=5), queries)
@settings(max_examples=100)
def test_a_catalog_that_went_through_any_changes_is_searched_like_one_made_at_once(catalog, steps, query):
    for step in steps:
        match(catalog, query, TODAY)  # what is remembered of it holds for it alone
        if isinstance(step, dict):
            catalog = catalog.with_ratings(Ratings(providers=step))
        else:
            found, sold, people = step
            catalog = catalog.with_changes(version=2, providers=found, offerings=sold, workers=people)
    whole = Catalog.build(
        version=2,
        providers=catalog.providers.values(),
        offerings=catalog.offerings.values(),
        workers=catalog.workers.values(),
    )

    assert match(catalog, query, TODAY) == plain_scan(whole, query)
    assert index_of(catalog) == index_of(whole)
    assert catalog.teams.keys() == whole.teams.keys()


def test_a_change_leaves_the_shelves_and_lists_of_everybody_else_as_they_are():
    sold = [an_offering(id=f"I{number}", provider_id=f"P{number}") for number in range(4)]
    elsewhere = a_provider(id="P3", districts=("118",), locations=(IN_AGRA,))
    before = Catalog.build(
        version=1, providers=[*(a_provider(id=f"P{number}") for number in range(3)), elsewhere], offerings=sold,
        workers=[a_worker(id="W1", provider_id="P1")],
    )  # fmt: skip
    after = before.with_changes(version=2, providers=[], offerings=[replace(sold[1], price=Money(100))], workers=[])
    people = before.with_changes(version=2, providers=[], offerings=[], workers=[a_worker(id="W1", provider_id="P1")])

    assert [key for key in before.index.shelves if before.index.shelves[key] is not after.index.shelves[key]] == ["P1"]
    assert after.index.postings["district", "118"] is before.index.postings["district", "118"]
    assert after.teams["P1"] is before.teams["P1"]
    assert people.index is before.index
    assert [key for key in before.teams if before.teams[key] is not people.teams[key]] == ["P1"]


def test_an_area_that_cannot_be_read_disturbs_nobody_elsewhere():
    broken = a_provider(id="P2", areas=(Area(location_id="L1", category="SRV11-*", kind="13", val="no GeoJSON"),))
    sold = [an_offering(id="I1"), an_offering(id="I2", provider_id="P2")]
    catalog = Catalog.build(version=1, providers=[a_provider(), broken], offerings=sold, workers=[])
    elsewhere = Query(domain="ONDC:SRV11", place=Place.of(AGRA, "282001"))
    by_city = Query(domain="ONDC:SRV11", place=Place(), districts=("162",))

    assert match(catalog, elsewhere, TODAY) == []
    assert [one.provider.id for one in match(catalog, by_city, TODAY)] == ["P1", "P2"]


@given(catalogs, st.lists(providers, max_size=3), st.lists(offerings, max_size=4), st.lists(workers, max_size=3))
@settings(max_examples=60)
def test_a_catalog_with_changes_is_the_one_built_of_all_its_values(catalog, found, sold, people):
    """What is changed keeps the rating that is known, whatever the new value says of it."""
    changed = catalog.with_changes(version=2, providers=found, offerings=sold, workers=people)
    rated = {key: one.rating for key, one in catalog.providers.items()}
    whole = Catalog.build(
        version=2,
        providers=[
            *catalog.providers.values(), *(replace(one, rating=rated.get(one.id, Rating())) for one in found)
        ],
        offerings=[*catalog.offerings.values(), *sold],
        workers=[*catalog.workers.values(), *people],
    )  # fmt: skip

    assert changed == whole


@given(catalogs, rated)
@settings(max_examples=40)
def test_other_ratings_change_nothing_but_ratings_and_taken_back_leave_nothing(catalog, rated):
    ratings = Ratings(providers=rated)
    found = catalog.with_ratings(ratings)

    assert {key: one.rating for key, one in found.providers.items()} == {
        key: rated.get(key, Rating()) for key in catalog.providers
    }
    assert all(one == replace(catalog.providers[key], rating=one.rating) for key, one in found.providers.items())
    assert found.with_ratings(catalog.ratings) == catalog


def test_many_changes_at_once_give_the_lists_that_one_by_one_would():
    found = [a_provider(id=f"P{number:02}", rating=Rating(sum=number, count=20)) for number in range(40)]
    sold = [an_offering(id=f"I{one.id}", provider_id=one.id) for one in found]
    before = Catalog.build(version=1, providers=found, offerings=sold, workers=[])
    changed = [replace(one, price=Money(100 + number)) for number, one in enumerate(sold)]
    at_once = before.with_changes(version=2, providers=[], offerings=changed, workers=[])
    step_by_step = before
    for one in changed:
        step_by_step = step_by_step.with_changes(version=2, providers=[], offerings=[one], workers=[])

    assert index_of(at_once) == index_of(step_by_step)
    assert index_of(at_once) != index_of(before)
