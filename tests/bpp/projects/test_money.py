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
from bpp.ledger.model import Account, Party, Purpose, balances
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


@settings(max_examples=40)
@given(AMOUNTS, RATES, shares(), st.lists(st.sampled_from(["samiti", "provider", None]), min_size=20, max_size=20))
def test_when_everything_is_accepted_and_paid_the_books_hold_the_charge_and_nobody_owes_the_consumer(
    amount, rate, of_it, collectors
):
    base, tax = taxed(amount, rate, included=True)
    steps = tuple(Planned(title="x", due=date(2026, 12, 24), share=one) for one in of_it)
    try:
        milestones = milestones_of(a_bid(base=base, tax=tax, milestones=steps))
    except Unacceptable:
        assert amount.paise < 10_000  # a hundredth of a per cent of it may be less than a paisa
        return
    project = agreed()
    paid = [replace(one, collected_by=who) for one, who in zip(milestones, collectors, strict=False)]
    postings = [milestone_posting(project, one, NOW) for one in milestones]
    postings += [payment_posting(project, one, NOW) for one in paid if one.collected_by]
    books = balances(line for one in postings for line in one.lines)

    to_samiti = total(one.amount for one in paid if one.collected_by == "samiti")
    to_provider = total(one.amount for one in paid if one.collected_by == "provider")
    expected = {
        Account(Party.CONSUMER, "PR1", Purpose.DUE): amount - to_samiti - to_provider,
        Account(Party.PROVIDER, "P1", Purpose.WALLET): to_provider - amount,
        Account(Party.SAMITI, "", Purpose.BANK): to_samiti,
    }
    assert total(one.amount for one in milestones) == amount
    assert total(one.tax for one in milestones) == tax
    assert books == {account: sum_ for account, sum_ in sorted(expected.items()) if sum_ != ZERO}
    assert len({one.id for one in postings}) == len(postings)
