"""What a message shows of its sender's dialect, and what it does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beckn_schemas.spellings import FEE_CODES
from bpp.domains.dialect import CANONICAL, ORDER_STATUSES, Dialect
from bpp.domains.sightings import SIGNS, Sighting, sightings
from catalog.codes import ondc_codes
from tests.support.request_builders import REQUESTS

OURS, MIXED, BARE = FEE_CODES.values()


def fee(*codes, group="Buyer_Finder_Fee"):
    return {"descriptor": {"code": group}, "list": [{"descriptor": {"code": code}, "value": "3"} for code in codes]}


def order(**parts):
    return {"message": {"order": parts}}


def intent(**parts):
    return {"message": {"intent": parts}}


def paid(*groups):
    return order(payments=[{"tags": [{"descriptor": {"code": "Settlement_Details"}}, *groups]}])


@pytest.mark.parametrize(
    ("status", "case"),
    [
        *((status, "upper") for status in ORDER_STATUSES),
        *((Dialect(status_case="title").spell_status(status), "title") for status in ORDER_STATUSES),
        ("accepted", "title"),
        ("IN_PROGRESS", "upper"),
    ],
)
def test_the_case_of_a_status_is_shown_by_a_confirm(status, case):
    assert sightings("confirm", order(status=status)) == (Sighting("status_case", case),)


def test_an_order_in_an_update_may_be_a_copy_of_ours():
    copy = order(status="Accepted", cancellation={"cancelled_by": "provider"}, payments=[{"tags": [fee(*MIXED)]}])

    assert set(sightings("update", copy)) == {
        Sighting("status_case", "title", copied=True),
        Sighting("cancelled_by", "PROVIDER", copied=True),
        Sighting("finder_fee", "Buyer_finder_fee", copied=True),
    }


@pytest.mark.parametrize("codes", FEE_CODES.items(), ids=lambda pair: pair[0])
@pytest.mark.parametrize("group", ["BAP_Terms", "bap_terms", "Buyer_Finder_Fee"])
def test_the_spelling_of_the_fee_is_shown_by_a_search(codes, group):
    spelling, pair = codes

    assert sightings("search", intent(tags=[fee(*pair, group=group)])) == (Sighting("search_finder_fee", spelling),)


@pytest.mark.parametrize("action", ["init", "confirm", "update"])
def test_the_spelling_of_the_fee_is_shown_by_payments_where_it_may_be_a_copy(action):
    assert sightings(action, paid(fee(*BARE))) == (Sighting("finder_fee", "finder_fee", copied=True),)


@pytest.mark.parametrize(
    "place",
    [
        {"category": {"id": "SRV11-101E"}},
        {"category": {"code": "SRV11-101E"}},
        {"item": {"category": {"id": "SRV11-101E"}}},
        {"item": {"category_ids": ["SRV11-*", "SRV11-101e "]}},
    ],
)
def test_a_letter_in_a_category_shows_hexadecimal_numbering(place):
    assert sightings("search", intent(**place)) == (Sighting("categories", "hex"),)


def test_digits_that_no_hexadecimal_code_has_show_decimal_numbering():
    assert sightings("search", intent(category={"id": "SRV11-1041"})) == (Sighting("categories", "decimal"),)


def test_digits_that_mean_two_services_show_nothing():
    both = [code for code in ondc_codes() if not sightings("search", intent(category={"id": code}))]

    assert "SRV11-1010" in both
    assert all(Dialect(category_form="hex").read_category(code) in ondc_codes() for code in both)
    assert all(CANONICAL.read_category(code) == code for code in both)


@pytest.mark.parametrize(
    ("action", "payload"),
    [
        ("search", intent(category={"id": "SRV11-*"})),
        ("search", intent(category={"id": "SRV11-FFFF"})),
        ("search", intent(item={"category_ids": ["SRV11-101E", "SRV11-1041"]})),
        ("search", intent(tags=[fee(OURS[0], BARE[1], group="BAP_Terms")])),
        ("search", intent(tags=[fee("BUYER_FINDER_FEE_TYPE", group="BAP_Terms")])),
        ("search", intent(tags=[fee(*BARE, group="Other_Terms")])),
        ("confirm", order(status="")),
        ("confirm", order(status=7)),
        ("confirm", order(payments=[{"tags": [fee(*OURS)]}, {"tags": [fee(*MIXED)]}])),
        ("update", order(cancellation={"cancelled_by": "CONSUMER"})),
        ("init", order(status="Created")),
        ("select", order(items=[{"id": "I1", "category_ids": ["SRV11-101E"]}], payments=[{"tags": [fee(*MIXED)]}])),
        ("status", order(status="Created")),
    ],
)
def test_what_is_ambiguous_unknown_or_not_its_own_shows_nothing(action, payload):
    assert sightings(action, payload) == ()


def test_our_own_messages_show_our_own_spelling():
    shown = {one for action, payload in REQUESTS.items() for one in sightings(action, payload)}

    assert shown == {Sighting("search_finder_fee", "Buyer_Finder_Fee"), Sighting("status_case", "upper")}


KEYS = sorted({part.removesuffix("[]") for sign in SIGNS for part in sign.path.split(".")} | {"descriptor", "list"})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["search", "confirm", "update"]), st.dictionaries(st.sampled_from(["message"]), JSON))
def test_no_shape_of_a_message_is_too_odd_to_be_looked_at(action, payload):
    assert all(one.trait for one in sightings(action, payload))
