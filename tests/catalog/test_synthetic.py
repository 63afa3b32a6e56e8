"""The made-up catalog of the whole state: its size to the last worker, the same each time, and fit to be served."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.assignment import Job, qualified
from catalog.model import Gps
from catalog.places import districts, districts_of_pincode
from catalog.search import Place, Query, match
from catalog.services import SUB_SERVICES
from catalog.shelf import district_key
from catalog.snapshot import Catalog, on_sale
from catalog.synthetic.catalog import synthetic_catalog
from catalog.synthetic.plan import pincodes_of
from catalog.synthetic.rates import COMMON, rates, trades
from catalog.synthetic.scale import SCALES, apportion

TODAY = date(2026, 11, 23)


@pytest.fixture(scope="module")
def state():
    return synthetic_catalog(SCALES["up"], TODAY)


@pytest.fixture(scope="module")
def catalog(state):
    return Catalog.build(version=1, providers=state.providers, offerings=state.offerings, workers=state.workers)


def test_the_state_has_exactly_as_many_of_each_as_is_said(state):
    assert len(state.providers) == 1_000
    assert len(state.workers) == 52_349
    assert len(state.offerings) == 100_000
    assert {one.districts[0] for one in state.providers} == set(districts())


@pytest.mark.parametrize("values", ["providers", "offerings", "workers"])
def test_every_id_is_given_once_and_refers_to_somebody(state, values):
    ids = [one.id for one in getattr(state, values)]
    providers = {one.id for one in state.providers}

    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"SYN-[A-Z0-9-]{6,60}", one) for one in ids)
    assert {getattr(one, "provider_id", one.id) for one in getattr(state, values)} == providers


def test_no_telephone_rings_twice_and_all_are_of_the_demonstrations_range(state):
    phones = [one.phone for one in (*state.providers, *state.workers)]

    assert len(set(phones)) == len(phones)
    assert all(re.fullmatch(r"90000[0-9]{5}", one) for one in phones)


def test_every_name_says_that_it_is_a_demonstration(state):
    assert all("Demo" in one.name and "डेमो" in one.name_hi for one in state.providers)
    assert all(one.name.endswith(" Demo") for one in state.workers)


def test_the_same_scale_and_day_give_the_same_catalog_and_another_day_other_papers():
    first, again = (synthetic_catalog(SCALES["district"], TODAY) for _ in range(2))
    later = synthetic_catalog(SCALES["district"], date(2027, 11, 23))

    assert first == again
    assert [one.id for one in first.workers] == [one.id for one in later.workers]
    assert first.workers != later.workers


@pytest.mark.parametrize("trade", COMMON)
def test_every_district_can_be_served_with_what_is_common_at_each_of_its_pincodes(catalog, trade):
    sub, category = trades()[trade][0]
    for lgd, district in districts().items():
        for area_code in (pincodes_of(lgd)[0], pincodes_of(lgd)[-1]):
            place = Place.of(district.headquarters, area_code)
            found = match(catalog, Query(domain=sub.domain, place=place, category=category), TODAY)
            job = Job(provider_id="", service_ids=frozenset({trade}), district=lgd, gps=None, day=TODAY)
            assert any(
                qualified(worker, Job(**{**_fields(job), "provider_id": one.provider.id}))
                for one in found
                for worker in catalog.workers_of[one.provider.id]
            ), (trade, district.name_en, area_code)


def _fields(job):
    return {name: getattr(job, name) for name in ("service_ids", "district", "gps", "day")}


def test_there_is_everything_that_goes_wrong_in_life(state):
    """Suspended, expired and future providers; workers without papers, off, on leave, engaged; goods not on sale."""
    off_sale = [one for one in state.providers if not on_sale(one, TODAY)]
    assert 40 < len(off_sale) < 160
    assert {one.status for one in off_sale} == {"active", "suspended"}
    assert {area.kind for one in state.providers for area in one.areas} == {"10", "11", "12", "13"}
    assert {one.acceptance for one in state.providers} == {"auto", "manual"}
    assert any(one.services for one in state.providers)
    assert any(one.offers for one in state.providers)
    faults = Counter(
        {
            "unverified": sum(one.verified_until is None for one in state.workers),
            "lapsed": sum(one.verified_until is not None and one.verified_until < TODAY for one in state.workers),
            "uncertified": sum(min(one.skills.values()) < TODAY for one in state.workers),
            "inactive": sum(not one.active for one in state.workers),
            "unavailable": sum(not one.available for one in state.workers),
            "on leave": sum(bool(one.leaves) for one in state.workers),
            "engaged": sum(bool(one.engagements) for one in state.workers),
        }
    )
    assert all(300 < count < 6_000 for count in faults.values()), faults
    assert {one.gender for one in state.workers} == {"female", "male", "other"}


def test_prices_and_minutes_are_those_of_the_table(state):
    for one in state.offerings:
        rate = rates()[SUB_SERVICES[one.sub_service_id].service_id]
        assert rate.low * 100 <= one.price.paise <= rate.high * 100
        assert rate.shortest <= one.duration <= rate.longest


def test_who_has_no_gstin_is_taxed_under_section_9_5_or_not_at_all(state):
    registered = {one.id for one in state.providers if one.gstin}
    found = {(one.provider_id in registered, one.tax_rate) for one in state.offerings}

    assert found == {(True, Decimal(18)), (True, Decimal(5)), (False, Decimal(5)), (False, Decimal(0))}


def test_every_place_of_business_lies_in_the_district_of_its_pincode(state):
    for provider in state.providers:
        for place in provider.locations:
            assert districts_of_pincode(place.area_code) == (place.district,)
            assert place.district in provider.districts


@given(
    st.lists(
        st.tuples(st.floats(0.01, 100), st.integers(0, 20), st.integers(0, 50)).map(
            lambda one: (one[0], one[1], one[1] + one[2])
        ),
        min_size=1,
        max_size=12,
    ),
    st.floats(0, 1),
)
def test_shares_add_up_and_keep_their_bounds(rows, part):
    weights, least, most = zip(*rows, strict=True)
    total = sum(least) + round(part * (sum(most) - sum(least)))
    shares = apportion(total, weights, least=least, most=most)

    assert sum(shares) == total
    assert all(low <= share <= high for low, share, high in zip(least, shares, most, strict=True))


@pytest.mark.parametrize("total", [3, 31])
def test_what_the_bounds_do_not_allow_cannot_be_shared_out(total):
    with pytest.raises(ValueError, match="cannot be shared out between 4 and 30"):
        apportion(total, [1.0, 2.0], least=[2, 2], most=[10, 20])


def test_a_point_of_a_district_is_searched_among_its_own_providers(catalog):
    place = Place.of(Gps(26.8467, 80.9462), "226001")
    found = match(catalog, Query(domain="ONDC:SRV11", place=place), TODAY)

    assert found
    listed = {key for _, _, key, _ in catalog.index.postings[district_key("162")]}
    assert {one.provider.id for one in found} <= listed
    assert len(listed) < len(catalog.providers) // 10
