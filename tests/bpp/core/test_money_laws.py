"""The laws of money, for any prices, parts and states: nothing is lost, nothing is charged twice, all is exact."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from bpp.core.give_up import charge
from bpp.core.pay import due_payments
from bpp.core.world import World
from bpp.orders.model import LineItem, Order, Proposal
from bpp.orders.proposals import shown, taken
from bpp.orders.redress import refundable
from bpp.orders.refund import Refund
from bpp.orders.states import Actor, OrderStatus, Stage
from catalog.model import IN_ADVANCE, ON_SITE, CancellationTerm, PaymentType, Terms
from catalog.money import ZERO, Money, total
from catalog.quote import Quote, QuoteLine, lessened, priced_lines, refunded
from catalog.snapshot import Catalog
from tests.support.clock import MONDAY_MORNING
from tests.support.ids import IdSource
from tests.support.order_builders import a_visit, an_order
from tests.support.world_builders import an_identity, some_rules

amounts = st.integers(1, 10_000_000).map(Money)
shares = st.decimals(0, 100, places=2)
kinds: st.SearchStrategy[PaymentType] = st.sampled_from(("PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"))
stages = st.sampled_from((Stage.ASSIGNED, Stage.EN_ROUTE, Stage.ARRIVED, Stage.STARTED))


def a_world(minutes: int = 0) -> World:
    return World(
        now=MONDAY_MORNING + timedelta(minutes=minutes),
        new_id=IdSource(),
        catalog=Catalog.build(version=1, providers=(), offerings=(), workers=()),
        rules=some_rules(),
        identity=an_identity(),
        otp_secret=b"",
    )


@st.composite
def priced(draw: st.DrawFn, visit_id: str, number: int) -> tuple[LineItem, tuple[QuoteLine, ...]]:
    """An item with its lines of a quote."""
    price, count, rate = draw(amounts), draw(st.integers(1, 9)), draw(shares)
    item_id = f"I-{visit_id}-{number}"
    like = an_order().items[0]
    item = replace(like, item_id=item_id, count=count, unit_price=price, tax_rate=rate, fulfillment_id=visit_id)
    return item, priced_lines(title="Work", item_id=item_id, unit_price=price, count=count, tax_rate=rate)


@st.composite
def parts(draw: st.DrawFn, visit_id: str) -> tuple[tuple[LineItem, ...], tuple[QuoteLine, ...]]:
    """Items of a visit with their lines."""
    rows = [draw(priced(visit_id, number)) for number in range(draw(st.integers(1, 3)))]
    return tuple(item for item, _ in rows), tuple(line for _, lines in rows for line in lines)


@st.composite
def proposals(draw: st.DrawFn, number: int, *, on_visit: str) -> Proposal:
    """A further quotation, within a visit or with a visit of its own."""
    visit = a_visit(id=f"V{number}", otp=None) if draw(st.booleans()) else None
    where = visit.id if visit else on_visit
    items, lines = draw(parts(f"{where}-Q{number}"))
    whole = total(line.amount for line in lines)
    due = due_payments(draw(kinds), whole, draw(shares), (), replace(a_world(), new_id=IdSource(series=number + 10)))
    return Proposal(
        id=f"Q{number}",
        items=tuple(replace(one, fulfillment_id=where) for one in items),
        lines=lines,
        payments=tuple(replace(one, status="NOT-PAID", fulfillment_id=where) for one in due),
        visit=visit,
        offered_at=MONDAY_MORNING,
        ttl="PT1H",
        valid_until=MONDAY_MORNING + timedelta(hours=1),
        state=draw(st.sampled_from(("open", "open", "rejected", "expired", "withdrawn"))),
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """An order in which some quotations were taken, the earlier visits are over, and some payments are made."""
    items, lines = draw(parts("F1"))
    whole = total(line.amount for line in lines)
    quote = Quote(lines=lines, ttl="PT30M", valid_until=MONDAY_MORNING)
    order = an_order(
        items=items,
        quotes=(quote,),
        fulfillments=(a_visit(otp=None),),
        payments=due_payments(draw(kinds), whole, draw(shares), (), a_world()),
        accepted=draw(st.booleans()),
        terms=draw(terms()),
    )
    for number in range(draw(st.integers(0, 3))):
        order = taken(order, replace(draw(proposals(number, on_visit="F1")), state="open"))
    last = len(order.fulfillments) - 1
    stage = draw(stages)
    visits = tuple(
        replace(one, stage=stage if place == last else Stage.COMPLETED) for place, one in enumerate(order.fulfillments)
    )
    paid = tuple(replace(one, status=draw(st.sampled_from(("PAID", "NOT-PAID")))) for one in order.payments)
    waiting = tuple(draw(proposals(number, on_visit=visits[-1].id)) for number in range(7, 7 + draw(st.integers(0, 3))))
    return replace(order, fulfillments=visits, payments=paid, proposals=(*order.proposals, *waiting))


@st.composite
def terms(draw: st.DrawFn) -> Terms:
    """A fee or a share for some of the states."""
    found = []
    for state in ("Pending", "In-Transit", "At-Location"):
        fee = draw(st.none() | amounts)
        share = draw(shares) if fee is None else None
        if draw(st.booleans()):
            found.append(CancellationTerm(state=state, cancel_by="PT1H", fee=fee, percentage=share))
    return Terms(cancellation=tuple(found), reschedule=())


def sum_of(order: Order) -> Money:
    return total(one.amount for one in order.payments)


@given(kinds, amounts, shares, st.lists(st.uuids().map(str), max_size=2, unique=True), st.booleans())
def test_the_parts_of_a_price_are_the_price_and_ids_once_given_stay(kind, price, advance, known, ourselves):
    found = due_payments(kind, price, advance, known, a_world(), ourselves=ourselves)

    assert total(one.amount for one in found) == price
    assert all(one.amount > ZERO for one in found)
    assert [one.type for one in found] in ([kind], [IN_ADVANCE, ON_SITE])
    assert [one.id for one in found][: len(known)] == known[: len(found)]
    assert len({one.id for one in found}) == len(found)
    assert all((one.collected_by == "BAP") is (one.type == IN_ADVANCE and not ourselves) for one in found)


@given(orders())
def test_what_is_shown_of_an_order_costs_what_its_payments_add_up_to(order):
    told = shown(order)

    assert sum_of(told) == told.quote.total
    assert (told.proposals, told.status) == (order.proposals, order.status)
    if not order.open_proposals:
        assert told == order
    else:
        newest = order.open_proposals[-1]
        assert told.quote.id == newest.id
        assert told.quote.total == order.quote.total + total(one.amount for one in newest.payments)


@given(orders(), st.integers(0, 2))
def test_taking_a_quotation_adds_its_price_and_takes_nothing_back(order, which):
    waiting = order.open_proposals
    if not waiting:
        return
    proposal = waiting[which % len(waiting)]
    after = taken(order, proposal)

    assert after.quotes[:-1] == order.quotes
    for before, now in ((order.items, after.items), (order.payments, after.payments)):
        assert now[: len(before)] == before
    assert after.fulfillments[: len(order.fulfillments)] == order.fulfillments
    assert sum_of(after) == after.quote.total == order.quote.total + total(line.amount for line in proposal.lines)
    assert not after.open_proposals
    assert [one.state for one in after.proposals if one.id == proposal.id] == ["accepted"]
    assert after.status is not OrderStatus.PENDING
    assert {one.fulfillment_id for one in proposal.items} <= {one.id for one in after.fulfillments}


@given(orders(), st.sampled_from(Actor), st.integers(0, 500))
def test_cancelling_costs_at_most_what_is_not_done_and_gives_back_what_was_paid_beyond_that(order, actor, minutes):
    cost = charge(order, actor, a_world(minutes))

    done = {item.item_id for one in order.fulfillments if one.stage is Stage.COMPLETED for item in order.of_visit(one)}
    kept = total(line.amount for line in order.quote.lines if line.item_id in done)
    paid = total(one.amount for one in order.payments if one.status == "PAID")
    assert ZERO <= cost.fee <= order.quote.total - kept
    assert ZERO <= cost.penalty <= order.quote.total - kept
    assert cost.quote.total == kept + cost.fee
    assert cost.fee == ZERO or actor is Actor.BUYER
    assert cost.penalty == ZERO or actor is Actor.SELLER
    assert ZERO <= cost.refund <= paid
    assert cost.refund == max(paid - cost.quote.total, ZERO)
    assert ZERO <= cost.quote.total - (paid - cost.refund) <= sum_of(order) - paid, "what is still due was due before"
    assert cost.quote.lines[: len(order.quote.lines)] == order.quote.lines


@given(orders(), st.sampled_from(Actor), st.data())
def test_what_went_back_before_does_not_go_back_once_more_when_the_rest_is_given_up(order, actor, data):
    first, *rest = order.fulfillments
    order = replace(order, fulfillments=(replace(first, stage=Stage.COMPLETED), *rest))
    without = charge(order, actor, a_world()).refund
    item_id, left = next(iter(refundable(order).items()))
    amount = Money(data.draw(st.integers(1, left.paise)))
    given_back = Refund(id="R1", at=MONDAY_MORNING, item_id=item_id, amount=amount)
    quote = lessened(order.quote, item_id, amount)

    order = replace(order, refunds=(given_back,), quotes=(*order.quotes, quote))

    assert charge(order, actor, a_world()).refund == without


@given(st.data(), orders())
def test_a_refund_leaves_what_is_kept_and_the_fee(data, order):
    quote = order.quote
    ids = sorted({line.item_id for line in quote.lines})
    kept = data.draw(st.sets(st.sampled_from(ids)))
    undone = total(line.amount for line in quote.lines if line.item_id not in kept)
    fee = Money(data.draw(st.integers(0, undone.paise)))

    left = refunded(quote, fee, kept=kept)

    added = left.lines[len(quote.lines) :]
    assert left.total == quote.total - undone + fee
    assert all(line.amount < ZERO and line.item_id not in kept for line in added if line.kind == "refund")
    assert [line.amount for line in added if line.kind != "refund"] == ([fee] if fee != ZERO else [])


@given(orders(), st.data())
def test_what_a_discount_took_off_is_not_given_back(order, data):
    quote = order.quote
    off = Money(data.draw(st.integers(1, quote.total.paise)))
    discount = QuoteLine(title="Offer", kind="discount", amount=-off, item_id=quote.lines[0].item_id)
    fee = Money(data.draw(st.integers(0, (quote.total - off).paise)))

    left = refunded(replace(quote, lines=(*quote.lines, discount)), fee)

    assert left.total == fee
    assert all(line.amount <= ZERO for line in left.lines if line.kind == "refund")


@given(st.integers(1, 10_000_000), st.integers(1, 999), shares)
def test_two_lines_of_a_price_are_the_price(paise, count, rate):
    lines = priced_lines(title="Work", item_id="I1", unit_price=Money(paise), count=count, tax_rate=Decimal(rate))

    assert total(line.amount for line in lines) == Money(paise) * count
    assert all(line.amount >= ZERO for line in lines)
