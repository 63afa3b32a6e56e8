"""An order with a further quotation: as it is told, and as it is once one was taken."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bpp.orders.model import Proposal
from bpp.orders.proposals import shown, taken
from bpp.orders.states import OrderStatus, Stage
from catalog.money import Money, total
from tests.support.order_builders import a_quote, a_visit, after, an_order


def a_proposal(quote_id="Q1", rupees="300.00", **changes) -> Proposal:
    """More work in the visit under way, paid in advance."""
    (item,) = an_order().items
    (payment,) = an_order().payments
    price = Money.parse(rupees)
    proposal = Proposal(
        id=quote_id,
        items=(replace(item, item_id=f"ITEM-{quote_id}", payment_ids=(f"PAY-{quote_id}",)),),
        lines=tuple(replace(line, item_id=f"ITEM-{quote_id}") for line in a_quote(rupees).lines),
        payments=(replace(payment, id=f"PAY-{quote_id}", amount=price, status="NOT-PAID", transaction_id=""),),
        visit=None,
        offered_at=after(hours=1),
        ttl="PT2H",
        valid_until=after(hours=3),
    )
    return replace(proposal, **changes)


def paid(order):
    return total(one.amount for one in order.payments)


@pytest.mark.parametrize("state", [None, "accepted", "rejected", "expired", "withdrawn"])
def test_an_order_for_which_none_waits_is_told_as_it_is(state):
    order = an_order(proposals=(a_proposal(state=state),) if state else ())

    assert shown(order) is order


def test_the_newest_that_waits_is_told_with_what_it_adds():
    first, newest, last = a_proposal("Q1"), a_proposal("Q2", "500.00"), a_proposal("Q3", state="rejected")
    order = an_order(proposals=(first, newest, last))

    told = shown(order)

    assert told.items == (*order.items, *newest.items)
    assert told.payments == (*order.payments, *newest.payments)
    assert (told.quote.id, told.quote.ttl, told.quote.valid_until) == ("Q2", "PT2H", newest.valid_until)
    assert told.quote.lines == (*order.quote.lines, *newest.lines)
    assert told.fulfillments == order.fulfillments
    assert told.status is OrderStatus.PENDING
    assert told.quotes[:-1] == order.quotes


def test_the_payments_are_the_price_before_and_after():
    order = an_order(proposals=(a_proposal("Q1"), a_proposal("Q2", "500.00")))

    for one in (order, shown(order), taken(order, order.proposals[0]), taken(order, order.proposals[1])):
        assert paid(one) == one.quote.total


def test_one_that_is_taken_is_the_orders_and_those_that_waited_are_withdrawn():
    before = (a_proposal("Q0", state="expired"), a_proposal("Q1"), a_proposal("Q2", "500.00"))
    order = an_order(proposals=before)

    now = taken(order, before[1])

    assert [one.state for one in now.proposals] == ["expired", "accepted", "withdrawn"]
    assert now.open_proposals == ()
    assert now.status is OrderStatus.ACCEPTED
    assert shown(now) is now
    assert now.quote.total == Money.parse("499.00")


def test_a_visit_that_is_quoted_for_comes_after_those_there_are():
    visit = a_visit(id="F2", stage=Stage.ASSIGNED, otp=None, departed_at=None)
    order = an_order(fulfillments=(a_visit(stage=Stage.COMPLETED),), proposals=(a_proposal(visit=visit),))

    assert [one.id for one in shown(order).fulfillments] == ["F1", "F2"]
    assert order.visit.id == "F1"
    now = taken(order, order.proposals[0])
    assert (now.visit.id, now.status) == ("F2", OrderStatus.ACCEPTED)
