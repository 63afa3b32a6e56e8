"""Pay: what falls due when, and what is said or seen to be paid.

In advance the buyer app collects, on the visit the worker does (rule R9). Without a buyer app all is ours to collect.
Where we collect in advance or afterwards
ourselves, there is a page with a link to pay by (``bpp.core.papers``). A payment's type never changes after on_init
(assertion 42). Whoever collects a payment says that it is paid: nobody else has seen the money.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Literal

from bpp.core.command import Advanced, Command, Paid, QuotedPayment
from bpp.core.record import save, touched
from bpp.core.world import World
from bpp.errors import OrderInvalid
from bpp.orders.model import Fulfillment, Order, Payment, Proposal
from bpp.orders.states import TERMINAL, Actor
from bpp.storage.ports import Work
from catalog.model import IN_ADVANCE, ON_SITE, PaymentType
from catalog.money import ZERO, Money, total

Collector = Literal["BAP", "BPP"]
ALL = 100  # per cent


def collector_of(kind: PaymentType, *, ourselves: bool = False) -> Collector:
    """Who takes the customer's money: the buyer app in advance, unless it leaves that to us, else the worker."""
    return "BAP" if kind == IN_ADVANCE and not ourselves else "BPP"


def due_payments(
    kind: PaymentType, price: Money, advance: Decimal, known: Sequence[str], world: World, *, ourselves: bool = False
) -> tuple[Payment, ...]:
    """The payments of a price: one; or ``advance`` per cent of it beforehand and the rest on site.

    ``known`` are ids given out before, kept so that a repeated init tells the same.
    """
    return tuple(
        Payment(
            id=known[index] if index < len(known) else world.new_id(),
            type=part,
            collected_by=collector_of(part, ourselves=ourselves),
            amount=amount,
        )
        for index, (part, amount) in enumerate(falls_due(kind, price, advance))
    )


def falls_due(kind: PaymentType, price: Money, advance: Decimal) -> tuple[tuple[PaymentType, Money], ...]:
    """A price as it falls due: the whole by its type; or ``advance`` per cent of it beforehand and the rest on site."""
    if kind == IN_ADVANCE and 0 < advance < ALL and ZERO < (first := price.percent(advance)) < price:
        return ((IN_ADVANCE, first), (ON_SITE, price - first))
    return ((kind, price),)


def part_payments(
    order: Order, parts: Sequence[QuotedPayment], price: Money, fulfillment_id: str, world: World
) -> tuple[Payment, ...]:
    """The payments of a further quotation; without ``parts`` the whole falls due as the order's first payment does.

    Raises OrderInvalid where the parts do not add up to the price.
    """
    first = order.payments[0]
    parts = parts or (QuotedPayment(type=first.type, amount=price),)
    if total(one.amount for one in parts) != price:
        raise OrderInvalid(f"payments that add up to {price} are expected", path="payments")
    ourselves = order.peer is None or (first.type == IN_ADVANCE and first.collected_by == "BPP")
    return tuple(
        Payment(
            id=world.new_id(),
            type=one.type,
            collected_by=collector_of(one.type, ourselves=ourselves),
            amount=one.amount,
            status="NOT-PAID",
            fulfillment_id=fulfillment_id,
        )
        for one in parts
    )


def claimed(payments: tuple[Payment, ...], said: Sequence[Paid]) -> tuple[Payment, ...]:
    """Payments with what a buyer app says is paid of them.

    Only what it collects itself can be paid by its word; what we collect is paid when we have it. What is paid already
    stays as it was told first. Raises OrderInvalid for a payment that is said to be paid without a transaction id, and
    for another amount or type than what is due.
    """
    found = []
    for one, (index, word) in zip(payments, matched(payments, said), strict=True):
        path = f"message.order.payments[{index}]"
        if word is not None:
            check_amount(one, word, path)
        if word is None or word.status != "PAID" or one.status == "PAID" or one.collected_by != "BAP":
            found.append(one)
            continue
        check_transaction(word, path)
        found.append(replace(one, status="PAID", transaction_id=word.transaction_id))
    return tuple(found)


def check_amount(payment: Payment, word: Paid, path: str) -> None:
    """Raise OrderInvalid where a word on a payment is of another type or amount than what is due."""
    if word.type and word.type != payment.type:
        raise OrderInvalid(f"the type of this payment is {payment.type}", path=f"{path}.type")
    if word.amount is not None and word.amount != payment.amount:
        raise OrderInvalid(f"the amount is {payment.amount}", path=f"{path}.params.amount")


def check_transaction(word: Paid, path: str) -> None:
    """Raise OrderInvalid where what is said to be paid has no transaction id (assertion 31)."""
    if word.status == "PAID" and not word.transaction_id:
        raise OrderInvalid("a payment that is PAID needs a transaction_id", path=f"{path}.params.transaction_id")


def matched(payments: Sequence[Payment], said: Sequence[Paid]) -> tuple[tuple[int, Paid | None], ...]:
    """For each payment what is said of it, with its index there: by id, else by its place in a list of the same length.

    Ids of payments are not stable between messages of real buyer apps (protocol.md 1.5).
    """
    by_id = {one.id: (index, one) for index, one in enumerate(said) if one.id}
    known = {one.id for one in payments}
    found: list[tuple[int, Paid | None]] = []
    for place, one in enumerate(payments):
        if one.id in by_id:
            found.append(by_id[one.id])
        elif len(said) == len(payments) and said[place].id not in known:
            found.append((place, said[place]))
        else:
            found.append((place, None))
    return tuple(found)


async def pay(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Take note of what was paid: by the buyer app's word what it collects, by the seller's what we collect.

    Raises OrderInvalid where nothing of what is named is due, or is another's to collect.
    """
    if command.actor is Actor.BUYER:
        changed = replace(order, payments=claimed(order.payments, command.paid))
    else:
        awaited = receivable(order)
        changed = replace(
            order,
            payments=tuple(_received(one, command.paid) if one in awaited else one for one in order.payments),
        )
        if changed.payments == order.payments:
            due = ", ".join(one.id for one in awaited)
            raise OrderInvalid(f"payments that we collect and that are due: {due or 'none'}", path="payment_id")
    if changed.payments == order.payments:
        return Advanced(order=order, callback=None)
    paid = [one.id for one, was in zip(changed.payments, order.payments, strict=True) if one != was]
    saved = await save(touched(changed, world), order, command, work, world, payments=", ".join(paid))
    return Advanced(order=saved, callback="on_status")


def collected(order: Order, visit: Fulfillment, world: World) -> Order:
    """What the worker collects on site is paid when the visit is done; what is due afterwards is not yet."""
    first = order.fulfillments[0].id
    payments = tuple(
        replace(one, status="PAID", transaction_id=one.transaction_id or f"CASH-{world.new_id()}")
        if one.type == ON_SITE and one.status != "PAID" and (one.fulfillment_id or first) == visit.id
        else one
        for one in order.payments
    )
    return replace(order, payments=payments)


def receivable(order: Order) -> tuple[Payment, ...]:
    """What we are still to be paid: all that we collect, but on site only when the visit is over (assertion 42).

    Of an order that was given up that is what is left of the price: the fee.
    """
    first = order.fulfillments[0].id
    over = {one.id for one in order.fulfillments if one.stage in TERMINAL}
    return tuple(
        one
        for one in order.payments
        if one.collected_by == "BPP"
        and one.status != "PAID"
        and one.amount > ZERO
        and (one.type != ON_SITE or (one.fulfillment_id or first) in over)
    )


def paid_to_us(proposal: Proposal) -> tuple[Payment, ...]:
    """What of a quotation is paid to us and not at the door."""
    return tuple(one for one in proposal.payments if has_pay_page(one))


def has_pay_page(payment: Payment) -> bool:
    """Whether a payment is made by our page: we collect it, and not at the door."""
    return payment.collected_by == "BPP" and payment.type != ON_SITE


def _received(one: Payment, said: Sequence[Paid]) -> Payment:
    word = next((word for word in said if word.id == one.id), None)
    return one if word is None else replace(one, status="PAID", transaction_id=word.transaction_id)
