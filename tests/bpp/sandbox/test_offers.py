from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.sandbox.offers import otp, read_offers, state, stop, total_adds_up, window, worker
from tests.support.callback_builders import on_confirm, on_search, on_select, on_status


def order(callback):
    return callback["message"]["order"]


def test_a_catalog_is_read_as_people_would():
    (offer,) = read_offers(on_search()["message"])

    assert (offer.provider_name, offer.item_name, offer.rating) == ("Sahyog", "Fan repair", "4.4")
    assert (offer.price, offer.payment_types) == (Decimal("499.00"), ("PRE-FULFILLMENT",))
    assert offer.starts == (datetime(2026, 2, 3, 6, 30, tzinfo=UTC), datetime(2026, 2, 4, 4, 30, tzinfo=UTC))
    assert offer.slot == timedelta(hours=1)


def test_an_item_without_times_has_those_of_its_provider():
    message = on_search()["message"]
    del message["catalog"]["providers"][0]["items"][0]["time"]

    (offer,) = read_offers(message)

    assert len(offer.starts) == 2


def test_an_item_without_a_place_is_at_the_provider_s_first():
    message = on_search()["message"]
    del message["catalog"]["providers"][0]["items"][0]["location_ids"]

    assert read_offers(message)[0].location_id == "L1"


@pytest.mark.parametrize("message", [{}, {"catalog": {}}, {"catalog": {"providers": [{}]}}, {"catalog": []}])
def test_an_empty_catalog_offers_nothing(message):
    assert read_offers(message) == ()


AMOUNTS = st.lists(st.decimals(-10000, 10000, places=2, allow_nan=False), min_size=1, max_size=8)


def a_quote(amounts, total):
    return {"price": {"value": str(total)}, "breakup": [{"price": {"value": str(one)}} for one in amounts]}


@given(AMOUNTS)
def test_lines_add_up_to_their_exact_sum(amounts):
    assert total_adds_up(a_quote(amounts, sum(amounts)))


@given(AMOUNTS, st.decimals("0.01", 100, places=2, allow_nan=False))
def test_lines_do_not_add_up_to_anything_else(amounts, off):
    assert not total_adds_up(a_quote(amounts, sum(amounts) + off))


@pytest.mark.parametrize(
    "quote",
    [{}, {"price": {"value": "0"}}, {"price": {"value": "0"}, "breakup": []}, a_quote(["x"], "x"), a_quote([1], None)],
)
def test_what_is_no_quote_does_not_add_up(quote):
    assert not total_adds_up(quote)


def test_the_facts_of_an_order_are_found_whatever_the_order_of_the_stops():
    confirmed = order(on_confirm())
    confirmed["fulfillments"][0]["stops"].reverse()

    assert (worker(confirmed), state(confirmed), otp(confirmed)) == ("Worker", "Pending", "")
    assert window(confirmed) == (datetime(2026, 2, 3, 4, 30, tzinfo=UTC), datetime(2026, 2, 3, 5, 30, tzinfo=UTC))


def test_the_one_time_password_is_read_where_it_is_shown():
    assert otp(order(on_status("At-Location"))) == "4821"
    assert otp(order(on_select())) == ""


@pytest.mark.parametrize("empty", [{}, {"fulfillments": []}, {"fulfillments": [{"stops": [{"type": "end"}]}]}])
def test_an_order_that_says_nothing_has_no_facts(empty):
    assert (worker(empty), state(empty), otp(empty), window(empty)) == ("", "", "", None)
    assert stop(empty, "start") == {}


def test_what_can_be_chosen_and_saved_stands_with_the_item_it_belongs_to():
    (offer,) = read_offers(on_search()["message"])

    assert [(one.item_id, one.price, one.category_ids) for one in offer.choices] == [("C1", Decimal("50.00"), ("G1",))]
    assert [one["descriptor"]["code"] for choice in offer.choices for one in choice.tags] == ["attribute"]
    assert [one.id for one in offer.savings] == [
        "OFFER-Disc_Pct",
        "OFFER-Disc_Amt",
        "OFFER-BuyXGetY",
        "OFFER-Freebie",
    ]


def test_a_saving_without_items_is_for_all_and_one_of_another_item_for_none():
    message = on_search()["message"]
    message["catalog"]["providers"][0]["offers"] = [{"id": "ALL", "item_ids": []}, {"id": "OTHER", "item_ids": ["I9"]}]

    (offer,) = read_offers(message)

    assert [one.id for one in offer.savings] == ["ALL"]
