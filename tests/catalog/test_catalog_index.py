"""Indexes change what a search costs, never what it finds; and a catalog changed piece by piece is the whole one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.codes import covers
from catalog.model import Area, Gps, Rating
from catalog.ranking import bayesian, distance_band
from catalog.search import Match, Place, Query, Reach, match, nearest_km, reach
from catalog.snapshot import Catalog, Ratings, offered, on_sale, word_index
from catalog.words import tokens
from tests.support.catalog_builders import LUCKNOW, a_provider, a_worker, an_offering

TODAY = date(2026, 11, 23)
AGRA = Gps(27.18, 78.01)
LUCKNOW_CENTRE = a_provider().locations[0]
IN_AGRA = replace(LUCKNOW_CENTRE, gps=AGRA, area_code="282001", district="118", std="0562")
SUBS = (("SM-PLB-TAP", "ONDC:SRV11", "SRV11-1047"), ("SM-ELC-FAN", "ONDC:SRV11", "SRV11-1030"),
        ("SM-ACT-REP", "ONDC:SRV10", "SRV10-1001"), ("SM-COK-MEA", "ONDC:SRV11", "SRV11-*"))  # fmt: skip

areas = st.sampled_from(
    [
        (Area(location_id="L1", category="SRV11-*", kind="10", val="25"),),
        (Area(location_id="L1", category="SRV11-*", kind="12", val="IN-UP"),
         Area(location_id="L1", category="SRV10-*", kind="11", val="226001,282001")),
        (Area(location_id="L1", category="SRV11-1047", kind="11", val="226001"),),
    ]
)  # fmt: skip
providers = st.builds(
    a_provider,
    id=st.sampled_from([f"P{number}" for number in range(6)]),
    status=st.sampled_from(("active", "active", "active", "suspended")),
    agreement_until=st.sampled_from((date(2031, 3, 31), date(2026, 1, 1))),
    districts=st.sampled_from((("162",), ("118",), ("118", "162"), ("129",))),
    locations=st.sampled_from(((LUCKNOW_CENTRE,), (IN_AGRA,))),
    areas=areas,
    rating=st.sampled_from((Rating(), Rating(sum=9, count=2), Rating(sum=2, count=2))),
)
offerings = st.builds(
    lambda sub, **more: an_offering(sub_service_id=sub[0], domain=sub[1], category=sub[2], **more),
    sub=st.sampled_from(SUBS),
    id=st.sampled_from([f"I{number}" for number in range(12)]),
    provider_id=st.sampled_from([f"P{number}" for number in range(7)]),
    active=st.sampled_from((True, True, True, False)),
    name=st.sampled_from(("Tap repair", "Fan of gold", "Something else")),
    valid_until=st.sampled_from((date(2031, 3, 31), date(2026, 1, 1))),
)
workers = st.builds(
    a_worker,
    id=st.sampled_from([f"W{number}" for number in range(6)]),
    provider_id=st.sampled_from([f"P{number}" for number in range(6)]),
    active=st.booleans(),
)
places = st.sampled_from(
    (Place(), Place.of(LUCKNOW, "226001"), Place.of(None, "226001"), Place.of(AGRA, "282001"), Place.of(AGRA, ""),
     Place.of(Gps(19.0, 72.8), "400001"))
)  # fmt: skip
queries = st.builds(
    Query,
    domain=st.sampled_from(("ONDC:SRV11", "ONDC:SRV10")),
    place=places,
    category=st.sampled_from(("", "SRV11-*", "SRV11-1047")),
    words=st.sampled_from(("", "tap repair", "gold", "pankha")),
    provider_id=st.sampled_from(("", "", "P1", "NOBODY")),
    districts=st.sampled_from(((), ("162",), ("118", "129"), ("",))),
)
catalogs = st.builds(
    lambda found, sold, people: Catalog.build(version=1, providers=found, offerings=sold, workers=people),
    st.lists(providers, max_size=6),
    st.lists(offerings, max_size=12),
    st.lists(workers, max_size=6),
)


def plain_scan(catalog: Catalog, query: Query) -> list[Match]:
    """Every provider and every offering looked at, one by one."""
    wanted = set(word_index().match(query.words)) if query.words else set()
    codes = [query.category] if query.category else []
    found = []
    for provider in catalog.providers.values():
        sold = []
        for one in sorted(catalog.offerings.values(), key=lambda one: one.id):
            own = set(tokens(f"{one.name} {one.name_hi} {one.short_desc}"))
            if (
                one.provider_id == provider.id
                and one.domain == query.domain
                and offered(one, TODAY)
                and (not codes or any(covers(code, one.category) for code in codes))
                and (not query.words or one.sub_service_id in wanted or set(tokens(query.words)) <= own)
                and (
                    reach(provider, one, query.place) is Reach.SERVED
                    if query.place.known
                    else not query.districts or set(query.districts) & set(provider.districts)
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


@given(catalogs, queries)
@settings(max_examples=300)
def test_a_search_by_index_finds_what_looking_at_everything_finds(catalog, query):
    assert match(catalog, query, TODAY) == plain_scan(catalog, query)


@given(catalogs, st.lists(providers, max_size=3), st.lists(offerings, max_size=4), st.lists(workers, max_size=3))
@settings(max_examples=200)
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


@given(catalogs, st.dictionaries(st.sampled_from(("P1", "P2", "P9")), st.just(Rating(sum=5, count=1))))
def test_other_ratings_change_nothing_but_ratings_and_taken_back_leave_nothing(catalog, rated):
    ratings = Ratings(providers=rated)
    found = catalog.with_ratings(ratings)

    assert {key: one.rating for key, one in found.providers.items()} == {
        key: rated.get(key, Rating()) for key in catalog.providers
    }
    assert all(one == replace(catalog.providers[key], rating=one.rating) for key, one in found.providers.items())
    assert found.with_ratings(catalog.ratings) == catalog
