"""An order's reads: the quote in force, the visit under way, the status that follows from them."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from bpp.orders.states import WIRE_CODE, OrderStatus, Stage
from tests.support.order_builders import a_quote, a_visit, an_order


def test_the_quote_in_force_is_the_last():
    assert an_order(quotes=(a_quote("199.00"), a_quote("249.00"))).quote == a_quote("249.00")


@pytest.mark.parametrize(
    ("stages", "under_way"),
    [
        ([Stage.ASSIGNED], 0),
        ([Stage.COMPLETED, Stage.ASSIGNED], 1),
        ([Stage.CANCELLED, Stage.EN_ROUTE, Stage.PENDING], 1),
        ([Stage.COMPLETED, Stage.CANCELLED], 1),  # all over: the last
        ([Stage.COMPLETED], 0),
    ],
)
def test_the_visit_under_way_is_the_first_that_is_not_over(stages, under_way):
    order = an_order(fulfillments=tuple(a_visit(id=f"F{n}", stage=stage) for n, stage in enumerate(stages)))

    assert order.visit.id == f"F{under_way}"


@pytest.mark.parametrize(
    ("stage", "accepted", "status"),
    [
        (Stage.ASSIGNED, False, OrderStatus.CREATED),
        (Stage.ASSIGNED, True, OrderStatus.ACCEPTED),
        (Stage.ARRIVED, True, OrderStatus.IN_PROGRESS),
        (Stage.COMPLETED, True, OrderStatus.COMPLETED),
        (Stage.CANCELLED, False, OrderStatus.CANCELLED),
    ],
)
def test_the_status_follows_from_visits_and_acceptance(stage, accepted, status):
    assert an_order(fulfillments=(a_visit(stage=stage),), accepted=accepted).status is status


@pytest.mark.parametrize("stage", Stage)
def test_a_visit_knows_its_code_on_the_wire(stage):
    assert a_visit(stage=stage).code == WIRE_CODE[stage]


def test_an_order_is_changed_by_making_another():
    with pytest.raises(FrozenInstanceError):
        setattr(an_order(), "accepted", False)  # noqa: B010  a type checker refuses the plain form, as it should
