"""The money of projects: base and tax, parts and whole agree to the paisa, and so do the books."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.core.project_money import milestone_posting, payment_posting
from bpp.ledger import chart
from bpp.ledger.model import balances
from bpp.orders.rates import NOTHING
from bpp.projects.model import Planned, Unacceptable
from bpp.projects.money import milestones_of, parts, taxed
from catalog.money import ZERO, Money, total
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.project_builders import a_bid, agreed

AMOUNTS = st.integers(100, 10**11).map(Money)
RATES = st.sampled_from(["0", "5", "12", "18", "28", "7.25"]).map(Decimal)


@st.composite
def shares(draw):
    """One to twenty shares of at least a hundredth of a per cent, which come to 100."""
    cuts = draw(st.sets(st.integers(1, 9_999), max_size=19))
    ends = [0, *sorted(cuts), 10_000]
    return [Decimal(b - a) / 100 for a, b in itertools.pairwise(ends)]


@settings(max_examples=100)
@given(AMOUNTS, shares())
def test_parts_add_up_to_the_whole_and_each_is_its_share_to_the_paisa(amount, of_it):
    found = parts(amount, of_it)

    assert total(found) == amount
    assert all(abs(one.paise - amount.paise * share / 100) <= 1 for one, share in zip(found, of_it, strict=True))


@settings(max_examples=100)
@given(AMOUNTS, RATES, st.booleans())
def test_base_and_tax_add_up_to_what_the_consumer_pays(amount, rate, included):
    base, tax = taxed(amount, rate, included=included)

    assert base + tax == amount if included else base == amount
    assert abs(tax.paise - base.paise * rate / 100) <= 1
    assert tax >= ZERO


def test_a_charge_with_tax_shown_is_that_of_the_worked_split():
    assert taxed(Money.parse("499.00"), Decimal(18), included=True) == (Money.parse("422.88"), Money.parse("76.12"))
    assert taxed(Money.parse("100.00"), Decimal(18), included=False) == (Money.parse("100.00"), Money.parse("18.00"))


@pytest.mark.parametrize("wrong", [["50", "49.99"], ["50", "50.01"], []])
def test_shares_that_do_not_come_to_100_make_no_parts(wrong):
    with pytest.raises(ValueError, match="100"):
        parts(Money(100), [Decimal(one) for one in wrong])


def test_a_milestone_that_would_come_to_nothing_is_refused():
    steps = tuple(Planned(title="x", due=date(2026, 12, 24), share=Decimal(one)) for one in ("0.01", "99.99"))

    with pytest.raises(Unacceptable) as refused:
        milestones_of(a_bid(base=Money(100), tax=ZERO, milestones=steps))
    assert refused.value.path == "milestones[0].share"


def booked(amount, rate="18", collected_by=None, **rates):
    """The books when the one milestone of a project was accepted, and paid to somebody."""
    base, tax = taxed(Money.parse(amount), Decimal(rate), included=True)
    whole = (Planned(title="x", due=date(2026, 12, 24), share=Decimal(100)),)
    project = with_bid(agreed(), a_bid(base=base, tax=tax, tax_rate=Decimal(rate), milestones=whole), **rates)
    (milestone,) = project.milestones
    postings = [milestone_posting(project, milestone, NOW)]
    if collected_by:
        postings.append(payment_posting(project, replace(milestone, collected_by=collected_by), NOW))
    found = balances(line for one in postings for line in one.lines)
    return {f"{account.party} {account.purpose}": str(sum_) for account, sum_ in found.items()}


def with_bid(project, bid, **rates):
    """An agreed project as it would be with another bid, and other rates."""
    assert project.rates is not None
    other = replace(bid, id=project.bid_id, state="selected")
    return replace(project, bids=(other,), milestones=milestones_of(other), rates=replace(project.rates, **rates))


SHARES_OF_A = {"samiti commission": "-42.29", "tax gst_on_commission": "-7.61"}


def test_an_accepted_milestone_is_split_as_the_worked_cases_are_and_tax_at_source_follows_the_money():
    assert booked("499.00") == {
        **SHARES_OF_A,
        "consumer due": "499.00",
        "provider wallet": "-449.10",
    }
    assert booked("499.00", collected_by="samiti") == {
        **SHARES_OF_A,
        "samiti bank": "499.00",
        "tax tcs": "-2.12",
        "tax tds": "-0.42",
        "provider wallet": "-446.56",
    }
    assert booked("499.00", collected_by="provider") == {**SHARES_OF_A, "provider wallet": "49.90"}  # its debt (R9)
    assert booked("499.00", "5", operator_pays=("SM-ELC",), commission=NOTHING) == {
        "consumer due": "499.00",
        "tax gst_9_5": "-23.76",
        "provider wallet": "-475.24",
    }


@settings(max_examples=40)
@given(AMOUNTS, RATES, shares(), st.lists(st.sampled_from(["samiti", "provider", None]), min_size=20, max_size=20))
def test_whoever_collects_what_the_consumer_owes_the_charge_less_what_was_paid_and_the_books_balance(
    amount, rate, of_it, collectors
):
    base, tax = taxed(amount, rate, included=True)
    steps = tuple(Planned(title="x", due=date(2026, 12, 24), share=one) for one in of_it)
    try:
        project = with_bid(agreed(), a_bid(base=base, tax=tax, tax_rate=rate, milestones=steps))
    except Unacceptable:
        assert amount.paise < 10_000  # a hundredth of a per cent of it may be less than a paisa
        return
    milestones = project.milestones
    paid = [replace(one, collected_by=who) for one, who in zip(milestones, collectors, strict=False) if who]
    postings = [milestone_posting(project, one, NOW) for one in milestones]
    postings += [payment_posting(project, one, NOW) for one in paid]
    books = balances(line for one in postings for line in one.lines)

    assert total(one.amount for one in milestones) == amount
    assert total(one.tax for one in milestones) == tax
    assert books.get(chart.consumer_due("PR1"), ZERO) == amount - total(one.amount for one in paid)
    to_samiti = total(one.amount for one in paid if one.collected_by == "samiti")
    assert books.get(chart.BANK, ZERO) == to_samiti
    assert total(books.values()) == ZERO
    assert len({one.id for one in postings}) == len(postings)
