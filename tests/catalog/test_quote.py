"""Quotes: what a buyer pays is exactly the catalog's price, whatever the tax; a refund leaves exactly the fee."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.model import CancellationTerm
from catalog.money import ZERO, Money, total
from catalog.quote import (
    Quote,
    QuoteLine,
    Wanted,
    base_of,
    cancellation_fee,
    lessened,
    penalty_of,
    priced_lines,
    quote,
    refunded,
    term_for,
    undone,
)
from tests.support.catalog_builders import TERMS, an_offering

UNTIL = datetime(2026, 11, 23, 4, tzinfo=UTC)
rates = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths) / 100)
prices = st.integers(0, 10**9).map(Money)
wanted = st.builds(
    lambda price, rate, count, name: Wanted(
        offering=an_offering(id=name, name=name, price=price, tax_rate=rate), count=count, unit_price=price
    ),
    prices,
    rates,
    st.integers(1, 99),
    st.sampled_from("ABCDEF"),
)
baskets = st.lists(wanted, min_size=1, max_size=6)


def priced(basket):
    return quote(basket, ttl="PT30M", valid_until=UNTIL)


@given(baskets)
def test_a_quote_is_the_catalog_price_times_the_count_to_the_paisa(basket):
    assert priced(basket).total == total(one.unit_price * one.count for one in basket)


@given(baskets)
def test_each_item_has_a_line_without_tax_and_a_line_of_tax(basket):
    lines = priced(basket).lines

    assert [line.kind for line in lines] == ["item", "tax"] * len(basket)
    for one, item, tax in zip(basket, lines[::2], lines[1::2], strict=True):
        assert item.item_id == tax.item_id == one.offering.id
        assert item.count == one.count
        assert item.unit_price is not None
        assert item.amount == item.unit_price * one.count
        assert item.amount + tax.amount == one.unit_price * one.count
        assert (tax.count, tax.unit_price) == (None, None)
        assert item.amount >= ZERO
        assert tax.amount >= ZERO


@given(prices, rates)
def test_the_base_is_the_price_without_tax_rounded_to_the_nearest_paisa(price, rate):
    base = base_of(price, rate)

    assert ZERO <= base <= price
    assert abs(base.paise * (100 + rate) - price.paise * 100) * 2 <= 100 + rate


@pytest.mark.parametrize(
    ("price", "rate", "base"),
    [("199.00", "18", "168.64"), ("118.00", "18", "100.00"), ("499.00", "0", "499.00"), ("0.00", "18", "0.00")],
)
def test_the_base_of_a_tax_inclusive_price(price, rate, base):
    assert base_of(Money.parse(price), Decimal(rate)) == Money.parse(base)


def test_a_quote_keeps_its_validity_and_the_text_of_the_wire():
    made = priced([Wanted(offering=an_offering(), count=3, unit_price=Money(19900))])

    assert (made.ttl, made.valid_until) == ("PT30M", UNTIL)
    assert made.total == Money(59700)
    assert [(line.title, line.amount) for line in made.lines] == [("Tap repair", Money(50592)), ("tax", Money(9108))]


@given(baskets, st.integers(0, 10**10).map(Money))
def test_a_refunded_quote_sums_to_the_fee(basket, fee):
    after = refunded(priced(basket), fee)

    assert after.total == fee


@given(baskets, st.integers(0, 10**6).map(Money))
def test_a_refunded_quote_shows_every_line_and_its_refund_and_no_line_of_nothing(basket, fee):
    before = priced(basket)
    after = refunded(before, fee)
    refunds = [line for line in after.lines if line.kind == "refund"]

    assert after.lines[: len(before.lines)] == before.lines
    assert [-line.amount for line in refunds] == [line.amount for line in before.lines if line.amount != ZERO]
    assert all(line.amount < ZERO for line in refunds)
    assert [line.amount for line in after.lines if line.kind == "misc"] == ([fee] if fee != ZERO else [])
    assert (after.ttl, after.valid_until) == (before.ttl, before.valid_until)


def test_a_refund_without_a_fee_is_whole():
    assert refunded(priced([Wanted(offering=an_offering(), count=1, unit_price=Money(19900))])).total == ZERO


@pytest.mark.parametrize(
    ("state", "fee"),
    [
        ("Pending", "0.00"),
        ("In-Transit", "50.00"),
        ("At-Location", "39.80"),  # 20 %
        ("Completed", "0.00"),  # no term speaks of it
    ],
)
def test_the_fee_is_that_of_the_state_the_visit_is_in(state, fee):
    assert cancellation_fee(term_for(TERMS.cancellation, state), Money.parse("199.00")) == Money.parse(fee)


def test_a_fee_is_never_more_than_the_price():
    assert cancellation_fee(term_for(TERMS.cancellation, "In-Transit"), Money.parse("20.00")) == Money.parse("20.00")


def test_a_percentage_is_rounded_half_up():
    terms = (CancellationTerm(state="Pending", cancel_by="PT4H", percentage=Decimal("12.5")),)

    assert cancellation_fee(term_for(terms, "Pending"), Money(4)) == Money(1)


def test_a_term_without_amount_and_percentage_costs_nothing():
    terms = (CancellationTerm(state="Pending", cancel_by="PT4H"),)

    assert cancellation_fee(term_for(terms, "Pending"), Money(19900)) == ZERO


def test_the_first_term_of_a_state_counts():
    assert term_for(TERMS.cancellation, "In-Transit") is TERMS.cancellation[1]
    assert term_for((), "In-Transit") is None


HOUR = timedelta(hours=1)
BY_LEAD = (
    CancellationTerm(state="Pending", cancel_by="PT0S", fee=Money(6000)),
    CancellationTerm(state="In-Transit", cancel_by="PT0S", fee=Money(9900)),
    CancellationTerm(state="Pending", cancel_by="P1D", fee=ZERO),
    CancellationTerm(state="Pending", cancel_by="PT4H", percentage=Decimal(10)),
)


@pytest.mark.parametrize(
    ("lead", "place"),
    [(48 * HOUR, 2), (24 * HOUR, 2), (23 * HOUR, 3), (4 * HOUR, 3), (3 * HOUR, 0), (timedelta(), 0), (-HOUR, 0)],
)
def test_of_the_terms_of_a_state_the_one_with_the_longest_notice_that_was_kept_counts(lead, place):
    assert term_for(BY_LEAD, "Pending", lead) is BY_LEAD[place]
    assert term_for(BY_LEAD, "In-Transit", lead) is BY_LEAD[1]


def test_the_term_with_the_shortest_notice_counts_from_then_on_whatever_it_is():
    assert term_for(BY_LEAD[2:], "Pending", HOUR) is BY_LEAD[3]
    assert term_for(BY_LEAD[2:3], "Pending", HOUR) is BY_LEAD[2]


def test_a_provider_owes_as_much_as_the_buyer_unless_its_terms_say_more():
    price = Money.parse("199.00")

    def owed(**term):
        return str(penalty_of(CancellationTerm(state="Pending", cancel_by="PT0S", **term), price))

    assert owed(fee=Money(5000)) == "50.00"
    assert owed(percentage=Decimal(10)) == "19.90"
    assert owed(fee=Money(5000), penalty=Money(7500)) == "75.00"
    assert owed(percentage=Decimal(10), penalty_percentage=Decimal(20)) == "39.80"
    assert owed(fee=ZERO, penalty=ZERO) == "0.00"
    assert owed(fee=Money(5000), penalty=Money(50000)) == "199.00"
    assert penalty_of(None, price) == ZERO


@given(baskets, baskets, st.integers(0, 10**6).map(Money))
def test_what_was_done_before_is_kept_and_the_rest_refunded(done, undone, fee):
    before, after = priced(done), priced(undone)
    renamed = [replace(line, item_id=f"later {line.item_id}") for line in after.lines]
    whole = Quote(lines=(*before.lines, *renamed), ttl="PT30M", valid_until=UNTIL)

    left = refunded(whole, fee, kept={line.item_id for line in before.lines})

    assert left.total == before.total + fee
    assert all(line.item_id.startswith("later ") for line in left.lines[len(whole.lines) :])


@given(baskets, st.data())
def test_a_discount_is_taken_off_what_is_refunded_and_no_refund_is_a_charge(basket, data):
    lines = priced(basket).lines
    off = data.draw(st.integers(0, min(total(line.amount for line in lines).paise, 10**6)).map(Money))
    discount = QuoteLine(title="offer", kind="discount", amount=-off, item_id=lines[-1].item_id)
    whole = Quote(lines=(*lines, discount), ttl="PT30M", valid_until=UNTIL)

    left = refunded(whole)

    assert left.total == ZERO
    assert all(line.amount < ZERO for line in left.lines[len(whole.lines) :])


def test_what_is_charged_for_the_rest_stays_as_it_was_whatever_was_given_back_of_work_that_was_done():
    item_ids = ("DONE", "TO-COME")
    lines = [
        line
        for item_id in item_ids
        for line in priced_lines(
            title="Work", item_id=item_id, unit_price=Money.parse("100.00"), count=1, tax_rate=Decimal(18)
        )
    ]
    off = QuoteLine(title="Offer", kind="discount", amount=-Money.parse("20.00"), item_id="DONE")
    agreed = Quote(lines=(*lines, off), ttl="PT30M", valid_until=UNTIL)

    after = lessened(agreed, "DONE", Money.parse("50.00"))

    assert undone(after, {"DONE"}) == undone(agreed, {"DONE"}) == Money.parse("100.00")
    assert refunded(after, kept={"DONE"}).total == Money.parse("30.00")
