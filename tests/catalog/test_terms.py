"""Terms: a provider may not charge what it does not owe itself, and a visit moves until its worker sets off."""

from __future__ import annotations

from decimal import Decimal

import pytest

from catalog.model import CancellationTerm, RescheduleTerm
from catalog.money import Money
from catalog.terms import cancellation_problem, reschedule_problem


def a_term(**more):
    return CancellationTerm(state="Pending", cancel_by="PT4H", **more)


@pytest.mark.parametrize(
    "more",
    [
        {"fee": Money(5000)},
        {"percentage": Decimal(10)},
        {"fee": Money(5000), "penalty": Money(5000)},
        {"fee": Money(0), "penalty": Money(1)},
        {"percentage": Decimal(10), "penalty_percentage": Decimal(10)},
        {"percentage": Decimal(0), "penalty_percentage": Decimal(100)},
    ],
)
def test_a_penalty_that_is_no_less_than_the_fee_is_sound(more):
    assert cancellation_problem(a_term(**more)) is None


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({}, "fee"),
        ({"fee": Money(1), "percentage": Decimal(1)}, "fee"),
        ({"fee": Money(5000), "penalty": Money(4999)}, "penalty"),
        ({"fee": Money(5000), "penalty": Money(0)}, "penalty"),
        ({"percentage": Decimal(1), "penalty": Money(10**6)}, "penalty"),
        ({"fee": Money(5000), "penalty": Money(5000), "penalty_percentage": Decimal(1)}, "penalty"),
        ({"fee": Money(1), "penalty_percentage": Decimal(100)}, "penalty_percentage"),
        ({"percentage": Decimal(10), "penalty_percentage": Decimal("9.99")}, "penalty_percentage"),
    ],
)
def test_a_penalty_below_the_fee_or_not_to_be_compared_with_it_is_refused(more, field):
    found = cancellation_problem(a_term(**more))

    assert found is not None
    assert found[0] == field
    assert "expected" in found[1]


@pytest.mark.parametrize("state", ["Pending", "In-Transit", "At-Location"])
@pytest.mark.parametrize("eligible", [True, False])
def test_a_visit_can_be_movable_in_pending_only(state, eligible):
    term = RescheduleTerm(state=state, eligible=eligible, fee=Money(0), within="PT4H")

    assert (reschedule_problem(term) is None) is (state == "Pending" or not eligible)
