"""The laws of the books, for any order: each part balances, parts add up to the price, nothing is rounded away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.core.give_up import charge
from bpp.ledger.model import Party, Posting, Purpose, balances
from bpp.ledger.rates import published
from bpp.ledger.snapshot import Payee, order_rates
from bpp.ledger.split import Charge, split
from bpp.ledger.standing import standing
from bpp.orders.cancellation import Cancellation
from bpp.orders.masking import forgotten
from bpp.orders.model import FinderFee, Order
from bpp.orders.rates import OrderRates, Rate
from bpp.orders.redress import refundable
from bpp.orders.refund import Refund
from bpp.orders.states import TERMINAL, Actor, Stage
from catalog.money import ZERO, Money, total
from catalog.quote import QuoteLine, charges, lessened
from tests.bpp.core.test_money_laws import a_world, amounts, orders, shares
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import a_peer, an_order

RUPEES_499 = Money.parse("499.00")
PARTS = ("finder_fee", "finder_fee_gst", "commission", "commission_gst", "tcs", "tds", "gst_9_5", "provider")
TABLE = {
    "A": (date(2025, 5, 5), True, "0.00", "14.97 2.69 42.29 7.61 2.12 0.42 0.00 428.90"),
    "B": (date(2025, 7, 22), True, "0.00", "14.97 2.69 0.00 0.00 2.12 0.42 0.00 478.80"),
    "C": (date(2025, 5, 5), False, "0.00", "14.97 2.69 47.52 8.55 0.00 0.48 23.76 401.03"),
    "cash R9": (date(2025, 5, 5), True, "499.00", "14.97 2.69 42.29 7.61 0.00 0.00 0.00 431.44"),
    "half in cash": (date(2025, 5, 5), True, "249.50", "14.97 2.69 42.29 7.61 1.06 0.21 0.00 430.17"),
}


@pytest.mark.parametrize(("day", "registered", "cash", "expected"), TABLE.values(), ids=TABLE)
def test_the_worked_splits(day, registered, cash, expected):
    rates = order_rates(published().on(day), Payee(registered=registered), ["SM-PLB"], ZERO)
    one = Charge(gross=RUPEES_499, tax_rate=Decimal(18), operator_pays="SM-PLB" in rates.operator_pays)

    found = split([one], rates, finder_fee=RUPEES_499.percent(Decimal(3)), cash=Money.parse(cash))

    assert " ".join(str(getattr(found, name)) for name in PARTS) == expected
    assert (str(found.base), str(found.gst)) == (("422.88", "76.12") if registered else ("475.24", "23.76"))


rated = st.builds(
    Rate, value=shares, base=st.sampled_from(("net", "gross")), scope=st.sampled_from(("all", "released"))
)
some_rates = st.builds(
    OrderRates,
    day=st.just(date(2026, 11, 23)),
    commission=rated,
    tcs=rated,
    tds=rated,
    gst_on_commission=shares,
    gst_on_finder_fee=shares,
    gst_9_5=shares,
    operator_pays=st.sampled_from(((), ("SM-PLB",))),
    network_fee=amounts,
    network_fee_above=amounts,
    gst_on_network_fee=shares,
    worker_share=shares,
)
some_charges = st.lists(st.builds(Charge, gross=amounts, tax_rate=shares, operator_pays=st.booleans()), max_size=4)


@given(some_charges, some_rates, amounts, amounts)
def test_the_parts_of_any_price_add_up_to_it(charged, rates, fee, cash):
    found = split(charged, rates, finder_fee=fee, cash=cash)

    assert total(getattr(found, name) for name in PARTS) == found.gross == total(one.gross for one in charged)
    assert found.base + found.gst == found.gross
    assert found.gst_9_5 <= found.gst
    assert min(found.tcs, found.tds, found.commission) >= ZERO


@st.composite
def settled(draw: st.DrawFn) -> Order:
    """Any order with rates, discounts, a buyer app or none, perhaps given up or done."""
    order = draw(orders())
    price = order.items[0].unit_price * order.items[0].count
    saved = QuoteLine(
        title="discount",
        kind="discount",
        amount=-Money(draw(st.integers(1, price.paise))),
        item_id=order.items[0].item_id,
        offer_id="O",
    )
    if draw(st.booleans()):
        order = replace(order, quotes=(*order.quotes, replace(order.quote, lines=(*order.quote.lines, saved))))
    order = replace(
        order,
        rates=draw(some_rates),
        peer=draw(st.sampled_from((a_peer(), None))),
        finder_fee=draw(st.builds(FinderFee, type=st.sampled_from(("percent", "amount")), amount=shares.map(str))),
    )
    match draw(st.sampled_from(("under way", "done", "given up", "done in part and given up"))):
        case "done":
            visits = tuple(
                replace(one, stage=Stage.COMPLETED, completed_at=MONDAY_MORNING + timedelta(hours=place))
                for place, one in enumerate(order.fulfillments)
            )
            order = _redressed(draw, replace(order, fulfillments=visits))
        case "done in part and given up":
            first, *rest = order.fulfillments
            first = replace(first, stage=Stage.COMPLETED, completed_at=MONDAY_MORNING)
            order = _redressed(draw, replace(order, fulfillments=(first, *rest)))
            order = _given_up(order, draw(st.sampled_from((Actor.BUYER, Actor.SELLER))))
        case "given up":
            order = _given_up(order, draw(st.sampled_from((Actor.BUYER, Actor.SELLER))))
    return order


def _redressed(draw: st.DrawFn, order: Order) -> Order:
    """Of what was done parts are given back, until perhaps nothing is left."""
    for number in range(draw(st.integers(0, 3))):
        left = {item_id: amount for item_id, amount in refundable(order).items() if amount > ZERO}
        if not left:
            break
        item_id = draw(st.sampled_from(sorted(left)))
        amount = Money(draw(st.integers(1, left[item_id].paise)))
        given = Refund(id=f"R{number}", at=MONDAY_MORNING, item_id=item_id, amount=amount)
        quote = lessened(order.quote, item_id, amount)
        order = replace(order, refunds=(*order.refunds, given), quotes=(*order.quotes, quote))
    return order


def _given_up(order: Order, actor: Actor) -> Order:
    cost = charge(order, actor, a_world())
    visits = tuple(one if one.stage in TERMINAL else replace(one, stage=Stage.CANCELLED) for one in order.fulfillments)
    gone = Cancellation(cancelled_by="CONSUMER", reason="012", fee=cost.fee, refund=cost.refund, penalty=cost.penalty)
    return replace(order, fulfillments=visits, quotes=(*order.quotes, cost.quote), cancellation=gone)


@settings(max_examples=150)
@given(settled())
def test_every_part_of_any_order_balances_and_all_of_them_are_what_it_owes(order):
    parts = standing(order)
    sums = balances(line for lines in parts.values() for line in lines)

    for name, lines in parts.items():
        Posting(id="X", at=MONDAY_MORNING, ref=order.ref, part=name, memo="", lines=lines)
        assert all(line.amount != ZERO for line in lines)
    due = next((amount for one, amount in sums.items() if one.party is Party.CONSUMER), ZERO)
    assert due == _owed(order)
    if order.peer is None:
        assert not any(one.party in {Party.BUYER_APP, Party.NETWORK} for one in sums)
    cash = total(amount for one, amount in sums.items() if one.purpose is Purpose.CASH_IN_HAND)
    assert cash == -total(amount for one, amount in sums.items() if one.purpose is Purpose.CASH_WITH_WORKERS)


def _owed(order: Order) -> Money:
    """What the consumer still owes: the price of what was done and kept, less refunds and what is paid and kept."""
    agreed = charges(order.quote)
    done = total(
        agreed[item_id]
        for visit in order.fulfillments
        if visit.stage is Stage.COMPLETED
        for item_id in {item.item_id for item in order.of_visit(visit)}
    )
    received = total(one.amount for one in order.payments if one.status == "PAID")
    gone = order.cancellation
    held = total(one.amount for one in order.payments if one.status == "PAID" and one.collected_by == "BAP")
    given_back = total(one.amount for one in order.refunds)
    fee, refund = (gone.fee, gone.refund) if gone else (ZERO, ZERO)
    return done + fee - given_back - received + (min(given_back + refund, held) if order.peer else ZERO)


@settings(max_examples=60)
@given(settled())
def test_an_order_that_is_forgotten_stands_for_the_same_money(order):
    assert standing(forgotten(order, MONDAY_MORNING)) == standing(order)


@settings(max_examples=60)
@given(settled())
def test_what_is_wholly_given_back_leaves_nobody_but_the_workers_and_the_buyer_app_with_money_of_it(order):
    left = {item_id: amount for item_id, amount in refundable(order).items() if amount > ZERO}
    rates = replace(order.rates, network_fee=ZERO) if order.rates else None
    whole = replace(order, finder_fee=FinderFee(), refunds=(), cancellation=None, rates=rates)
    for item_id, amount in refundable(whole).items() if left else ():
        given = Refund(id=f"W{item_id}", at=MONDAY_MORNING, item_id=item_id, amount=amount)
        whole = replace(whole, refunds=(*whole.refunds, given)) if amount > ZERO else whole

    sums = balances(line for lines in standing(whole).values() for line in lines)
    parts = {line.account.purpose for name, lines in standing(whole).items() for line in lines if "redress" in name}
    for purpose in parts & {Purpose.COMMISSION, Purpose.GST_ON_COMMISSION, Purpose.TCS, Purpose.TDS, Purpose.GST_9_5}:
        of_it = total(amount for one, amount in sums.items() if one.purpose is purpose)
        assert abs(of_it.paise) <= 4 * len(whole.refunds), "each refund is rounded by itself"


def test_an_order_without_rates_is_not_in_the_books():
    order = an_order()

    assert order.payments[0].status == "PAID"
    assert standing(order) == {}
    assert standing(replace(order, rates=OrderRates(day=date(2026, 11, 23)))) != {}
