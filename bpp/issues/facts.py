"""What grievances need to know of an order: its ids, how its visits stand, and what money came in and went back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bpp.orders.model import Fulfillment, Order
from bpp.orders.redress import refundable
from bpp.orders.states import Stage
from catalog.money import ZERO, Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A visit: its id on the wire, its stage, and the items that it does."""

    id: str
    stage: Stage
    code: str
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order as far as a grievance is concerned.

    ``paid`` is what the buyer has paid, ``refunded`` what went back; ``left`` what is left of the price of each item
    that was done.
    """

    ref: str
    order_id: str
    transaction_id: str
    provider_id: str
    status: str
    visits: tuple[Visit, ...]
    item_ids: frozenset[str]
    paid: Money
    refunded: Money
    left: Mapping[str, Money]
    cancelled: bool = False

    @property
    def refundable(self) -> Money:
        """The most that can go back at once: of one item, and of what was paid."""
        return max(min(self.paid - self.refunded, max(self.left.values(), default=ZERO)), ZERO)

    def visit_of(self, item_id: str) -> str:
        """The visit that does an item of the order."""
        return next(one.id for one in self.visits if item_id in one.item_ids)


def facts_of(order: Order) -> OrderFacts:
    """The facts of an order. What a cancellation gave back counts as refunded, too."""
    gone = order.cancellation
    return OrderFacts(
        ref=order.ref,
        order_id=order.order_id,
        transaction_id=order.peer.transaction_id if order.peer else "",
        provider_id=order.seller.provider_id,
        status=str(order.status),
        visits=tuple(_visit(order, one) for one in order.fulfillments),
        item_ids=frozenset(one.item_id for one in order.items),
        paid=total(one.amount for one in order.payments if one.status == "PAID"),
        refunded=total(one.amount for one in order.refunds) + (gone.refund if gone else ZERO),
        left=refundable(order),
        cancelled=gone is not None,
    )


def _visit(order: Order, visit: Fulfillment) -> Visit:
    items = tuple(one.item_id for one in order.of_visit(visit))
    return Visit(id=visit.id, stage=visit.stage, code=visit.code, item_ids=items)
