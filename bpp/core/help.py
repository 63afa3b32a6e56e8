"""Help: a customer wants to be called back about an order. Noted in the order's life, where the call centre looks."""

from __future__ import annotations

import re

from bpp.core.world import World
from bpp.orders.model import Order
from bpp.orders.states import Actor
from bpp.storage.ports import OrderEvent, Work

SUPPORT_ASKED = "support_asked"
_NUMBER = re.compile(r"\+?[0-9]{6,15}")  # ITU-T E.164: at most fifteen digits


async def ask_for_call(order: Order, phone: str, work: Work, world: World) -> None:
    """Note the wish in the order's life; the order does not change."""
    number = callable_number(phone)
    event = OrderEvent(
        at=world.now,
        ref=order.ref,
        fulfillment_id=order.visit.id,
        event=SUPPORT_ASKED,
        actor=Actor.BUYER,
        source=order.visit.stage,
        target=order.visit.stage,
        detail={"callback_phone": number} if number else {},
    )
    await work.orders.record(event)


def callable_number(text: str) -> str:
    """A telephone number without what people put between its digits; empty for what nobody can call.

    No more than that is kept: what else may stand in the field is not for us.
    """
    digits = re.sub(r"[\s().\-/]", "", text)
    return digits if _NUMBER.fullmatch(digits) else ""
