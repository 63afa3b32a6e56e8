"""What is asked before work that was done badly is made good: how much of what goes back, or when it is done again."""

from __future__ import annotations

from bpp.console.language import gettext, msg
from bpp.console.orders.asking import MOST_STARTS, Asked, Input
from bpp.console.page import Visit
from bpp.console.shown import moment, rupees
from bpp.core.redress import redo_starts
from bpp.core.world import World
from bpp.orders.model import Order
from bpp.orders.redress import refundable
from bpp.storage.ports import Work
from catalog.moments import wire_time
from catalog.money import ZERO

REASON_HINT = msg("Nothing about health or family.")


async def refunding(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """Of which item how much, and why."""
    del visit, work, world
    names = {one.item_id: one.name for one in order.items}
    left = {item_id: amount for item_id, amount in refundable(order).items() if amount > ZERO}
    items = [
        (item_id, gettext("%(what)s: up to %(amount)s") % {"what": names[item_id], "amount": rupees(str(amount))})
        for item_id, amount in left.items()
    ]
    return Asked(
        words=[gettext("The customer is told; who earned on it gives back a part, the worker does not.")],
        inputs=[
            Input(name="item_id", label=gettext("Of what"), options=items, required=True),
            Input(name="amount", label=gettext("How much, in rupees"), required=True, keyboard="decimal"),
            Input(name="reason", label=gettext("Reason"), required=True, hint=gettext(REASON_HINT)),
        ],
    )


async def redoing(visit: Visit, order: Order, work: Work, world: World) -> Asked:
    """When it is done again, and why."""
    del visit
    free = await redo_starts(order, order.visit, work, world, most=MOST_STARTS)
    if not free:
        return Asked(words=[gettext("Nobody of the provider is free in the days on offer.")])
    starts = [(wire_time(one), moment(one)) for one in free]
    return Asked(
        words=[gettext("The same work is done once more; the customer pays nothing for it.")],
        inputs=[
            Input(name="start", label=gettext("New time"), options=starts, required=True),
            Input(name="reason", label=gettext("Reason"), required=True, hint=gettext(REASON_HINT)),
        ],
    )
