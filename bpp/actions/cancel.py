"""cancel: the buyer gives an order up while nobody has set off."""

from __future__ import annotations

from beckn_schemas.requests import CancelMessage
from bpp.actions.contract import Outcome, Reply, Request
from bpp.actions.events import answer_confirm
from bpp.actions.on_order import on_cancel, render
from bpp.actions.reading import order_of
from bpp.core.advance import Command
from bpp.core.advance import cancel as give_up
from bpp.core.world import World
from bpp.errors import BusinessError, FeatureNotSupported, InvalidReason, OrderTerminal
from bpp.orders.model import Order
from bpp.orders.states import TERMINAL, WIRE_CODE, Actor, Event, Stage
from bpp.storage.ports import Work
from catalog.quote import term_for


async def cancel(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_cancel. Any reason id is accepted: the specification's own list is empty (protocol.md 1.8)."""
    message: CancelMessage = request.message
    order = await order_of(message.order_id, request, work)
    named = message.cancellation_reason_id or (message.descriptor.code if message.descriptor else None) or ""
    reason = named.strip()
    if error := _refusal(order, reason):
        shown = {"order": render(order, world)}
        return Reply(message=shown, error=error, order_ref=order.ref, updated_at=order.updated_at)
    command = Command(event=Event.CANCEL, actor=Actor.BUYER, by=request.context.bap_id, reason=reason or "001")
    cancelled = (await give_up(order, command, work, world)).order
    await answer_confirm(order, cancelled, work, world)
    return on_cancel(cancelled, world)


def _refusal(order: Order, reason: str) -> BusinessError | None:
    stage = order.visit.stage
    if stage in TERMINAL:
        return OrderTerminal(f"the order is {order.status.lower()}")
    if stage not in {Stage.PENDING, Stage.ASSIGNED}:
        raise FeatureNotSupported("cancelling by the buyer ends when the worker sets off", path="message.order_id")
    term = term_for(order.terms.cancellation, WIRE_CODE[stage])
    if not reason and (term is None or term.reason_required):
        return InvalidReason("a cancellation_reason_id is expected in this state")
    return None
