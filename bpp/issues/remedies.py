"""From a remedy that was accepted or imposed to what must be done with the order, as a value; and when it must not be.

Ask before a remedy is offered as well as before it is done: the order may have moved. Source: network reference 1.5
("Fulfil what was resolved") and 1.9.6; services have no returns (4.2).
"""

from __future__ import annotations

from dataclasses import dataclass

from bpp.issues.facts import OrderFacts, Visit
from bpp.issues.model import Issue, Resolution
from bpp.orders.states import TERMINAL, Stage
from catalog.money import ZERO, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money back to the buyer: posted to the ledger, taken off the quote, told by on_update with the issue's id."""

    issue_id: str
    order_ref: str
    amount: Money
    item_id: str
    fulfillment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Redo:
    """The visit once more, at another time and without charge, told by on_update."""

    issue_id: str
    order_ref: str
    fulfillment_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelOrder:
    """The order is given up, by the seller and without a fee, told by on_cancel."""

    issue_id: str
    order_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoAction:
    """Nothing is done; ``why`` is what the buyer is told."""

    issue_id: str
    order_ref: str
    why: str


Remedy = Refund | Redo | CancelOrder | NoAction


class NotRemediable(Exception):
    """A remedy that does not fit the order as it stands. ``field`` is what to change; the text is safe to show."""

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


def remedy_for(issue: Issue, resolution: Resolution, order: OrderFacts) -> Remedy:
    """What is to be done. Raises NotRemediable where the order does not allow it, or where the code is none of ours."""
    match resolution.code:
        case "REFUND":
            return _refund(issue, resolution, order)
        case "REPLACEMENT":
            return Redo(issue_id=issue.id, order_ref=order.ref, fulfillment_id=_done_visit(issue, resolution, order).id)
        case "CANCEL":
            if order.cancelled or all(one.stage in TERMINAL for one in order.visits):
                raise NotRemediable("an order that is not over is expected, to be cancelled", field="code")
            return CancelOrder(issue_id=issue.id, order_ref=order.ref)
        case "NO_ACTION":
            why = (resolution.long_desc or resolution.short_desc).strip()
            if not why:
                raise NotRemediable("a reason is expected where nothing is done", field="long_desc")
            return NoAction(issue_id=issue.id, order_ref=order.ref, why=why)
        case _:
            raise NotRemediable("one of REFUND, REPLACEMENT, CANCEL and NO_ACTION is expected", field="code")


def _refund(issue: Issue, resolution: Resolution, order: OrderFacts) -> Refund:
    amount = resolution.amount
    if amount is None or amount <= ZERO:
        raise NotRemediable("an amount above zero is expected, to be refunded", field="amount")
    if resolution.item_id and resolution.item_id not in order.left:
        raise NotRemediable("an item of the order whose work was done is expected", field="item_id")
    item_id = resolution.item_id or _item_meant(issue, amount, order)
    most = min(order.refundable, order.left[item_id]) if item_id else order.refundable
    if not item_id or amount > most:
        text = f"at most {most} can be refunded: {order.paid} was paid, {order.refunded} went back before"
        raise NotRemediable(text, field="amount")
    return Refund(
        issue_id=issue.id,
        order_ref=order.ref,
        amount=amount,
        item_id=item_id,
        fulfillment_id=order.visit_of(item_id),
    )


def _item_meant(issue: Issue, amount: Money, order: OrderFacts) -> str:
    """Of what it goes back where that is not said: what is complained of, if so much is left of it, else anything."""
    visits = issue.referred("FULFILLMENT")
    of_visits = (item_id for one in order.visits if one.id in visits for item_id in one.item_ids)
    meant = (*issue.referred("ITEM"), *of_visits, *order.left)
    return next((one for one in meant if order.left.get(one, ZERO) >= amount), "")


def _done_visit(issue: Issue, resolution: Resolution, order: OrderFacts) -> Visit:
    """The visit to be done again: the one complained of, or that of the item, or the order's only one."""
    meant = _meant(issue, resolution, order)
    if len(meant) != 1:
        raise NotRemediable("one visit of the order is expected, to be done again", field="fulfillment_id")
    if meant[0].stage is not Stage.COMPLETED:
        raise NotRemediable("a visit that is completed is expected, to be done again", field="fulfillment_id")
    return meant[0]


def _meant(issue: Issue, resolution: Resolution, order: OrderFacts) -> list[Visit]:
    items = {resolution.item_id} if resolution.item_id else set(issue.referred("ITEM"))
    named = [one for one in order.visits if one.id in issue.referred("FULFILLMENT")]
    of_items = [one for one in named or order.visits if items & set(one.item_ids)]
    return of_items if len(named) != 1 and of_items else named or list(order.visits)
