"""What the seller's side does to an order, and the callback the buyer app is owed for it.

The operator API, the command line, durable timers and failed deliveries all come through ``perform`` or ``notify``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bpp.actions.contract import Reply
from bpp.actions.on_order import on_cancel, on_confirm, on_status, on_update
from bpp.actions.outgoing import Addressee, Dispatch, callback_for
from bpp.actions.schedule import SCHEDULES
from bpp.core.advance import advance
from bpp.core.command import Advanced, Command
from bpp.core.give_up import cancel
from bpp.core.world import World
from bpp.errors import NotConfirmed
from bpp.orders.model import Order
from bpp.orders.reasons import CONFIRM_FAILED
from bpp.orders.states import TERMINAL, Actor, Event
from bpp.storage.ports import CallbackKind, MessageKey, Work

NO_WAIT = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Performed:
    """What an event led to, and the number of the callback it sent, if any."""

    advanced: Advanced
    callback_seq: int | None


async def perform(order: Order, command: Command, work: Work, world: World) -> Performed:
    """Advance an order and enqueue its callback, in the caller's unit of work."""
    advanced = await advance(order, command, work, world)
    if command.event is Event.CANCEL:
        await answer_confirm(order, advanced.order, work, world)
    return Performed(advanced=advanced, callback_seq=await notify(advanced, work, world))


async def answer_confirm(before: Order, cancelled: Order, work: Work, world: World) -> None:
    """An order cancelled while the provider's word was awaited still owes the answer to its confirm (decision 11)."""
    if not before.accepted and not before.confirm_sent:
        error = NotConfirmed("the order was cancelled before the provider accepted it")
        await notify(Advanced(order=cancelled, callback="on_confirm", error=error), work, world)


async def notify(advanced: Advanced, work: Work, world: World) -> int | None:
    """Enqueue the callback owed for a change; None for an order of another channel."""
    order = advanced.order
    if order.peer is None or advanced.callback is None:
        return None
    match advanced.callback:
        case "on_confirm":
            return await _confirm_late(advanced, work, world)
        case "on_cancel":
            reply = on_cancel(order, world)
        case "on_status":
            reply = on_status(order, world, advanced.error)
        case "on_update":
            reply = on_update(advanced, world)
    return await _send(reply, order, advanced.callback, world.new_id(), work, world)


async def confirmed(order: Order, work: Work) -> None:
    """The buyer app has taken on_confirm: the provider may be told."""
    if not order.acknowledged:
        await work.orders.save(replace(order, acknowledged=True))


async def not_confirmed(order: Order, work: Work, world: World) -> int | None:
    """on_confirm could not be delivered in its window, or was refused: cancel with 998 and say so.

    Not if the buyer app took it once: then this was a repetition, and whatever became of that, there is an order.
    """
    if order.acknowledged or order.visit.stage in TERMINAL:
        return None
    command = Command(event=Event.CANCEL, actor=Actor.SYSTEM, by="delivery", reason=CONFIRM_FAILED)
    return await notify(await cancel(order, command, work, world), work, world)


async def _confirm_late(advanced: Advanced, work: Work, world: World) -> int | None:
    """The deferred on_confirm: it answers the confirm, so it has its message_id and answers its repetition."""
    order = advanced.order
    if order.peer is None:
        return None
    reply = on_confirm(order, world, advanced.error)
    seq = await _send(reply, order, "on_confirm", order.confirm_message_id, work, world)
    key = MessageKey(
        bap_id=order.peer.bap_id,
        transaction_id=order.peer.transaction_id,
        message_id=order.confirm_message_id,
        action="confirm",
    )
    await work.messages.answered_by(key, seq)
    return seq


async def _send(reply: Reply, order: Order, action: str, message_id: str, work: Work, world: World) -> int:
    assert order.peer is not None  # noqa: S101  callers have looked
    kind: CallbackKind = "confirm" if action == "on_confirm" else "state"
    dispatch = Dispatch(kind=kind, now=world.now, grace=NO_WAIT, window=SCHEDULES[kind].window)
    after = order.confirm_said_at if action == "on_confirm" else None
    to = Addressee.of_peer(order.peer)
    callback = callback_for(reply, to, action, message_id, world.identity, dispatch, after=after)
    return await work.outbox.enqueue(callback)
