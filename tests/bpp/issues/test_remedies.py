"""What becomes of an order by a remedy, and which remedies an order does not allow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.issues.facts import Visit, facts_of
from bpp.issues.model import Ref, Resolution, Stamp
from bpp.issues.remedies import CancelOrder, NoAction, NotRemediable, Redo, Refund, remedy_for
from bpp.orders.cancellation import Cancellation
from bpp.orders.states import TERMINAL, Stage
from catalog.money import ZERO, Money
from tests.bpp.issues.test_states import an_issue
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import a_visit, an_order

ISSUE = replace(
    an_issue(),
    refs=(
        Ref(ref_type="ORDER", ref_id="O1"),
        Ref(ref_type="FULFILLMENT", ref_id="F1"),
        Ref(ref_type="ITEM", ref_id="TAP"),
    ),
)
RUNNING = facts_of(an_order())
DONE = facts_of(an_order(fulfillments=(a_visit(stage=Stage.COMPLETED),)))


def a_resolution(code: str, **changes) -> Resolution:
    return replace(Resolution(id="R1", code=code, at=Stamp.of(MONDAY_MORNING), by="NP2", parent_id="R0"), **changes)


def redo(fulfillment_id: str) -> Redo:
    return Redo(issue_id="I1", order_ref="R1", fulfillment_id=fulfillment_id)


def refused(resolution: Resolution, order, issue=ISSUE) -> str:
    with pytest.raises(NotRemediable) as problem:
        remedy_for(issue, resolution, order)
    return problem.value.field


def test_each_remedy_says_what_is_to_be_done_with_the_order():
    amount = Money.parse("50.00")
    assert remedy_for(ISSUE, a_resolution("REFUND", amount=amount), DONE) == Refund(
        issue_id="I1", order_ref="R1", amount=amount, item_id="TAP", fulfillment_id="F1"
    )
    assert remedy_for(ISSUE, a_resolution("REPLACEMENT"), DONE) == Redo(
        issue_id="I1", order_ref="R1", fulfillment_id="F1"
    )
    assert remedy_for(ISSUE, a_resolution("CANCEL"), RUNNING) == CancelOrder(issue_id="I1", order_ref="R1")
    assert remedy_for(ISSUE, a_resolution("NO_ACTION", short_desc="No", long_desc="not ours"), DONE) == NoAction(
        issue_id="I1", order_ref="R1", why="not ours"
    )


@given(st.integers(-100, 30_000), st.integers(0, 25_000))
def test_no_more_is_refunded_than_was_paid_and_has_not_gone_back(paise, before):
    order = replace(DONE, refunded=Money(before))
    resolution = a_resolution("REFUND", amount=Money(paise))
    if 0 < paise <= 19_900 - before:
        assert remedy_for(ISSUE, resolution, order) == Refund(
            issue_id="I1", order_ref="R1", amount=Money(paise), item_id="TAP", fulfillment_id="F1"
        )
    else:
        assert refused(resolution, order) == "amount"


def test_what_a_cancellation_gave_back_is_not_refunded_again():
    gone = Cancellation(cancelled_by="SELLER", reason="005", fee=ZERO, refund=Money.parse("199.00"))

    assert facts_of(an_order(cancellation=gone)).refundable == ZERO
    assert refused(a_resolution("REFUND", amount=Money(1)), facts_of(an_order(cancellation=gone))) == "amount"


def test_a_refund_has_an_amount_and_is_for_an_item_of_the_order():
    assert refused(a_resolution("REFUND"), DONE) == "amount"
    assert refused(a_resolution("REFUND", amount=Money(1), item_id="FAN"), DONE) == "item_id"


SEVERAL = replace(
    DONE,
    visits=tuple(
        Visit(id=name, stage=Stage.COMPLETED, code="Completed", item_ids=(item,))
        for name, item in (("F1", "TAP"), ("F2", "FAN"))
    ),
    item_ids=frozenset({"TAP", "FAN"}),
    paid=Money.parse("500.00"),
    left={"TAP": Money.parse("199.00"), "FAN": Money.parse("301.00")},
)


@pytest.mark.parametrize(("amount", "item_id"), [("199.00", "TAP"), ("200.00", "FAN"), ("301.00", "FAN")])
def test_what_goes_back_is_of_the_item_complained_of_if_so_much_is_left_of_it(amount, item_id):
    asked = remedy_for(ISSUE, a_resolution("REFUND", amount=Money.parse(amount)), SEVERAL)

    assert asked == Refund(
        issue_id="I1",
        order_ref="R1",
        amount=Money.parse(amount),
        item_id=item_id,
        fulfillment_id={"TAP": "F1", "FAN": "F2"}[item_id],
    )


def test_no_more_is_promised_than_is_left_of_one_item():
    assert refused(a_resolution("REFUND", amount=Money.parse("301.01")), SEVERAL) == "amount"
    assert refused(a_resolution("REFUND", amount=Money.parse("199.01"), item_id="TAP"), SEVERAL) == "amount"
    assert refused(a_resolution("REFUND", amount=Money(1), item_id="TAP"), RUNNING) == "item_id"


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.COMPLETED}))
def test_only_a_visit_that_is_completed_is_done_again(stage):
    order = facts_of(an_order(fulfillments=(a_visit(stage=stage),)))

    assert refused(a_resolution("REPLACEMENT"), order) == "fulfillment_id"


def test_of_several_visits_the_one_complained_of_is_done_again_or_that_of_the_item():
    bare = replace(ISSUE, refs=ISSUE.refs[:1])

    assert remedy_for(ISSUE, a_resolution("REPLACEMENT"), SEVERAL) == redo("F1")
    assert remedy_for(bare, a_resolution("REPLACEMENT", item_id="FAN"), SEVERAL) == redo("F2")
    assert refused(a_resolution("REPLACEMENT"), SEVERAL, bare) == "fulfillment_id"


@pytest.mark.parametrize("stage", sorted(TERMINAL))
def test_an_order_that_is_over_is_not_cancelled(stage):
    assert refused(a_resolution("CANCEL"), facts_of(an_order(fulfillments=(a_visit(stage=stage),)))) == "code"


@pytest.mark.parametrize("code", ["RETURN", "COUPON", "PARENT", "RECONCILED"])
def test_what_services_do_not_have_is_no_remedy(code):
    assert refused(a_resolution(code), DONE) == "code"


def test_nothing_is_done_only_with_a_reason():
    assert refused(a_resolution("NO_ACTION", short_desc=" "), DONE) == "long_desc"
