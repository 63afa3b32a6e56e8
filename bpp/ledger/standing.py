"""What the books must contain for an order as it stands: its postings by part, each balanced. Pure.

The parts, by the order's own ids where there are several:

===================  ==================================================================================================
``payment:<id>``     money taken from the consumer, by the buyer app, by us, or by the worker at the door (rule R9)
``visit:<id>``       work done: its price owed by the consumer, and who gets what of it
``share:<id>``       the part of the provider's earnings that goes on to the workers of that visit
``cancellation``     the fee kept of an order that was given up, divided like a price
``refund``           what the buyer app pays back of what it collected
``redress:<id>``     an amount given back of the price of work done, taken from everybody in proportion
``given_back:<id>``  what of that the buyer app pays back of what it collected
``penalty``          what the provider owes for giving up late
``network_fee``      the network's fee on an order that was completed
===================  ==================================================================================================

What we collected and have to pay back stays as the consumer's credit until ``bpp.ledger.paid_out.refund_posting``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from bpp.ledger import chart
from bpp.ledger.model import Account, Line
from bpp.ledger.split import Charge, Split, split
from bpp.orders.model import Fulfillment, LineItem, Order, Payment
from bpp.orders.rates import OrderRates
from bpp.orders.states import TERMINAL, Stage
from catalog.model import ON_SITE
from catalog.money import ZERO, Money, total
from catalog.quote import CANCELLATION_FEE, charges

Part = tuple[str, tuple[Line, ...]]
RUPEE = Money(100)


def standing(order: Order) -> Mapping[str, tuple[Line, ...]]:
    """The lines of each part of an order in its present state; none for an order that keeps no rates yet."""
    if order.rates is None:
        return {}
    rates = order.rates.for_price(total(charges(order.quote).values()))
    parts = [
        *_payments(order),
        *(part for visit in _done(order) for part in _visit(order, visit, rates)),
        *_redressed(order, rates),
        *_given_up(order, rates),
        *_network_fee(order, rates),
    ]
    settled = ((name, tuple(line for line in lines if line.amount != ZERO)) for name, lines in parts)
    return {name: lines for name, lines in settled if lines}


def _payments(order: Order) -> Iterator[Part]:
    visits = {one.id: one for one in order.fulfillments}
    for one in order.payments:
        if one.status == "PAID":
            visit = visits[one.fulfillment_id or order.fulfillments[0].id]
            paid = Line(chart.consumer_due(order.ref), -one.amount)
            yield f"payment:{one.id}", (*_taken(order, one, visit), paid)


def _taken(order: Order, payment: Payment, visit: Fulfillment) -> tuple[Line, ...]:
    """Who has the money. Of cash at the door the provider's wallet is charged at once: its worker holds it."""
    amount = payment.amount
    if payment.collected_by == "BAP" and order.peer is not None:
        return (Line(chart.collected(order.peer.bap_id), amount),)
    if payment.type != ON_SITE:
        return (Line(chart.BANK, amount),)
    provider_id = order.seller.provider_id
    wallet = Line(chart.provider_wallet(provider_id), amount)
    if visit.assignee is None:
        return (wallet,)
    cash = Line(chart.cash_in_hand(visit.assignee.worker_id), amount)
    return (wallet, cash, Line(chart.cash_with_workers(provider_id), -amount))


def _done(order: Order) -> list[Fulfillment]:
    return [one for one in order.fulfillments if one.stage is Stage.COMPLETED]


def _visit(order: Order, visit: Fulfillment, rates: OrderRates) -> Iterator[Part]:
    parts = _visit_split(order, visit, rates)
    yield f"visit:{visit.id}", _earned(order, parts)
    shared = max(parts.provider, ZERO).percent(rates.worker_share)
    team = [one.worker_id for one in (visit.assignee, *visit.crew) if one is not None]
    if team:
        provider = Line(chart.provider_wallet(order.seller.provider_id), shared)
        yield f"share:{visit.id}", (provider, *_shared(shared, [chart.worker_wallet(one) for one in team]))


def _shared(amount: Money, wallets: Sequence[Account]) -> Iterator[Line]:
    """An amount credited in equal parts; the first, who leads, gets the paise that are over."""
    each = Money(amount.paise // len(wallets))
    for place, wallet in enumerate(wallets):
        yield Line(wallet, -each if place else each * (len(wallets) - 1) - amount)


def _visit_split(order: Order, visit: Fulfillment, rates: OrderRates) -> Split:
    agreed = charges(order.quote)
    items = {one.item_id: one for one in order.of_visit(visit)}  # one item may stand in several lines
    charged = _charges([(one, agreed.get(name, ZERO)) for name, one in items.items()], rates)
    gross = total(one.gross for one in charged)
    return split(charged, rates, finder_fee=_finder_fee(order, visit, gross), cash=_cash(order, [visit]))


def _charges(priced: Iterable[tuple[LineItem, Money]], rates: OrderRates) -> list[Charge]:
    """Prices together by their rate of tax, so that the tax of each rate is rounded once."""
    sums: dict[tuple[Decimal, bool], Money] = {}
    for item, amount in priced:
        key = (item.tax_rate, item.service_id in rates.operator_pays)
        sums[key] = sums.get(key, ZERO) + amount
    return [
        Charge(gross=amount, tax_rate=rate, operator_pays=operator_pays)
        for (rate, operator_pays), amount in sums.items()
    ]


def _finder_fee(order: Order, visit: Fulfillment, gross: Money) -> Money:
    """The buyer app's: a percentage of each visit's price, or an amount once, with the first visit that was done."""
    if order.peer is None:
        return ZERO
    value = Decimal(order.finder_fee.amount)
    if order.finder_fee.type == "percent":
        return gross.percent(value)
    first = min(_done(order) or [visit], key=lambda one: (one.completed_at or one.slot.end, one.id))
    return RUPEE.times(value) if first.id == visit.id else ZERO


def _cash(order: Order, visits: Sequence[Fulfillment]) -> Money:
    """What is collected at the door of some visits."""
    ids, first = {one.id for one in visits}, order.fulfillments[0].id
    return total(one.amount for one in order.payments if one.type == ON_SITE and (one.fulfillment_id or first) in ids)


def _earned(order: Order, parts: Split) -> tuple[Line, ...]:
    """A price as the consumer owes it and everybody gets it."""
    bap_id = order.peer.bap_id if order.peer else ""
    return (
        Line(chart.consumer_due(order.ref), parts.gross),
        Line(chart.finder_fee(bap_id), -parts.finder_fee),
        Line(chart.finder_fee_gst(bap_id), -parts.finder_fee_gst),
        Line(chart.COMMISSION, -parts.commission),
        Line(chart.GST_ON_COMMISSION, -parts.commission_gst),
        Line(chart.TCS, -parts.tcs),
        Line(chart.TDS, -parts.tds),
        Line(chart.GST_9_5, -parts.gst_9_5),
        Line(chart.provider_wallet(order.seller.provider_id), -parts.provider),
    )


def _redressed(order: Order, rates: OrderRates) -> Iterator[Part]:
    """Refunds of work done: the split of the amount, undone. The workers keep their share, the buyer app its fee."""
    items = {one.item_id: one for one in order.items}
    held = _held_by_buyer_app(order)
    for one in order.refunds:
        item = items[one.item_id]
        parts = split(_charges([(item, one.amount)], rates), rates, cash=_cash_of(order, item, one.amount))
        taken_back = _earned(order, parts)
        yield f"redress:{one.id}", tuple(Line(line.account, -line.amount) for line in taken_back)
        back = min(one.amount, held)
        if order.peer is not None and back != ZERO:
            held -= back
            collected = Line(chart.collected(order.peer.bap_id), -back)
            yield f"given_back:{one.id}", (Line(chart.consumer_due(order.ref), back), collected)


def _cash_of(order: Order, item: LineItem, amount: Money) -> Money:
    """What of an amount of an item was paid at the door: as much of it as of its visit."""
    visit = next(one for one in order.fulfillments if item in order.of_visit(one))
    agreed = charges(order.quote)
    gross = total(agreed.get(item_id, ZERO) for item_id in {one.item_id for one in order.of_visit(visit)})
    return amount.times(Decimal(min(_cash(order, [visit]), gross).paise) / gross.paise)


def _held_by_buyer_app(order: Order) -> Money:
    return total(one.amount for one in order.payments if one.status == "PAID" and one.collected_by == "BAP")


def _given_up(order: Order, rates: OrderRates) -> Iterator[Part]:
    gone = order.cancellation
    if gone is None:
        return
    kept = _fee_split(order, rates)
    if kept is not None:
        yield "cancellation", _earned(order, kept)
    provider = chart.provider_wallet(order.seller.provider_id)
    yield "penalty", (Line(provider, gone.penalty), Line(chart.PENALTIES, -gone.penalty))
    if order.peer is not None:
        given_back = total(one.amount for one in order.refunds)
        back = min(gone.refund, max(_held_by_buyer_app(order) - given_back, ZERO))
        yield "refund", (Line(chart.consumer_due(order.ref), back), Line(chart.collected(order.peer.bap_id), -back))


def _fee_split(order: Order, rates: OrderRates) -> Split | None:
    """The fee divided like the price of the item on whose line it stands. Nobody was brought to it: no finder fee."""
    line = next((one for one in order.quote.lines if one.title == CANCELLATION_FEE), None)
    if line is None:
        return None
    item = next(one for one in order.items if one.item_id == line.item_id)
    stopped = [one for one in order.fulfillments if one.stage is Stage.CANCELLED]
    return split(_charges([(item, line.amount)], rates), rates, cash=_cash(order, stopped))


def _network_fee(order: Order, rates: OrderRates) -> Iterator[Part]:
    """Of an order from the network that was completed, none of it given up, for more than the network leaves free."""
    over = all(one.stage in TERMINAL for one in order.fulfillments) and order.cancellation is None
    if order.peer is not None and over and order.quote.total > rates.network_fee_above:
        fee = rates.network_fee + rates.network_fee.percent(rates.gst_on_network_fee)
        yield "network_fee", (Line(chart.NETWORK_COST, fee), Line(chart.NETWORK_DUE, -fee))
