"""cancel: the buyer gives an order up, in any state before completion, at the fee of the term then in force."""

from __future__ import annotations

from beckn_schemas.base import MAX_ID
from beckn_schemas.requests import CancelMessage
from bpp.actions.contract import Outcome, Reply, Request
from bpp.actions.events import answer_confirm
from bpp.actions.on_order import on_cancel, render
from bpp.actions.reading import confirm_under_way, order_of, over
from bpp.core.advance import advance
from bpp.core.command import Command
from bpp.core.give_up import cancellation_term_of
from bpp.core.world import World
from bpp.errors import BusinessError, InvalidReason, InvalidRequest
from bpp.orders.model import Order
from bpp.orders.reasons import NO_REASON
from bpp.orders.states import TERMINAL, Actor, Event
from bpp.storage.ports import Work


async def cancel(request: Request, work: Work, world: World) -> Outcome:
    """Answer with on_cancel. Any reason id is accepted: the specification's own list is empty (protocol.md 1.8).

    A tag ``force`` in the descriptor changes nothing: what the buyer may do, it may do without.
    """
    message: CancelMessage = request.message
    order = await order_of(message.order_id, request, work)
    if under_way := await confirm_under_way(order, work):
        return _refused(order, under_way, world)
    reason = _reason(message)
    if error := _refusal(order, reason, world):
        return _refused(order, error, world)
    reason = reason or NO_REASON
    command = Command(event=Event.CANCEL, actor=Actor.BUYER, by=request.context.bap_id, reason=reason)
    cancelled = (await advance(order, command, work, world)).order
    await answer_confirm(order, cancelled, work, world)
    return on_cancel(cancelled, world)


def _reason(message: CancelMessage) -> str:
    """The reason id, else the descriptor's code; empty for none. Raises InvalidRequest for one that is no id."""
    named = message.cancellation_reason_id or (message.descriptor.code if message.descriptor else None) or ""
    if len(named) > MAX_ID:
        raise InvalidRequest(f"at most {MAX_ID} characters are expected", path="message.descriptor.code")
    return named.strip()


def _refused(order: Order, error: BusinessError, world: World) -> Reply:
    shown = {"order": render(order, world)}
    return Reply(message=shown, error=error, order_ref=order.ref, updated_at=order.updated_at)


def _refusal(order: Order, reason: str, world: World) -> BusinessError | None:
    if order.visit.stage in TERMINAL:
        return over(order)
    term = cancellation_term_of(order, order.visit, world)
    if not reason and (term is None or term.reason_required):
        return InvalidReason("a cancellation_reason_id is expected in this state")
    return None
