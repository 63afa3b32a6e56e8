"""What may still be given back of an order. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.orders.model import Order
from bpp.orders.states import Stage
from catalog.money import ZERO, Money, total
from catalog.quote import charges


def refundable(order: Order) -> Mapping[str, Money]:
    """What is left of the price of each item that was done, tax included, by its id; nothing of what was never done."""
    agreed = charges(order.quote)
    done = [one for one in order.fulfillments if one.stage is Stage.COMPLETED]
    items = dict.fromkeys(item.item_id for visit in done for item in order.of_visit(visit))
    return {
        item_id: agreed.get(item_id, ZERO) - total(one.amount for one in order.refunds if one.item_id == item_id)
        for item_id in items
    }
