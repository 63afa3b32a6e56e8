"""Advance: what the buyer, the provider, the worker, an operator or a timer does to an order, by the state table alone.

Every change appends to the order's events and says which callback the buyer app is owed, if any. The handlers of the
events are the only ones that make a new stage.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from bpp.core.command import Advanced, Command
from bpp.core.exchange import setting_off_now
from bpp.core.give_up import cancel, decline
from bpp.core.otp import first_otp, renew, wrong_otp
from bpp.core.pay import collected, paid_to_us, pay, receivable
from bpp.core.reassign import reassign, unassign
from bpp.core.record import save, touched, with_visit
from bpp.core.redress import redo, refund
from bpp.core.requote import accept_quote, ask_quote, expire_quotes, reject_quote, requote, withdraw
from bpp.core.reschedule import reschedule, visit_meant
from bpp.core.selection import assignee, visit_of
from bpp.core.slots import hold
from bpp.core.world import World
from bpp.errors import WorkerUnavailable
from bpp.orders.model import Fulfillment, Order
from bpp.orders.redress import refundable
from bpp.orders.states import Actor, Event, IllegalTransition, allowed, next_stage
from bpp.storage.ports import Work
from catalog.moments import later_than
from catalog.money import ZERO

Handler = Callable[[Order, Command, Work, World], Awaitable[Advanced]]


async def advance(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Apply one event to the order.

    Raises IllegalTransition for what the table does not list, OverrideNeeded when the tokens are used up, and
    WorkerUnavailable or SlotUnavailable when no worker can be assigned. A wrong token is not raised but told in
    ``error``: it counts, and the next token goes out with the callback (decision 14).
    """
    visit = visit_meant(order, command.fulfillment_id)
    possible = allowed_events(order, command.actor, visit)
    if command.event not in possible:
        raise IllegalTransition(visit.stage, command.event, possible)
    return await HANDLERS[command.event](order, command, work, world)


def allowed_events(order: Order, actor: Actor, visit: Fulfillment | None = None) -> tuple[Event, ...]:
    """What may be done to an order now: the table's events, as far as there is something for them to act on.

    They are those of the visit under way, or of the one named. Where the provider's word is awaited that comes before
    all else.
    """
    events = allowed((visit or order.visit).stage, actor)
    if not order.accepted:
        return tuple(event for event in events if event in {Event.ACCEPT, Event.DECLINE, Event.CANCEL})
    idle = {Event.ACCEPT, Event.DECLINE}
    if not order.open_proposals:
        idle |= {Event.ACCEPT_QUOTE, Event.REJECT_QUOTE, Event.EXPIRE_QUOTE}
    quoted = tuple(payment for one in order.open_proposals for payment in paid_to_us(one))
    unpaid = order.payments if actor is Actor.BUYER else (*receivable(order), *quoted)
    if all(one.status == "PAID" or one.amount == ZERO for one in unpaid):
        idle |= {Event.PAY}
    if all(left == ZERO for left in refundable(order).values()):
        idle |= {Event.REFUND}
    return tuple(event for event in events if event not in idle)


async def _accept(order: Order, command: Command, work: Work, world: World) -> Advanced:
    await work.timers.cancel("acceptance", order.ref)
    changed = touched(replace(order, accepted=True), world)
    saved = await save(changed, order, command, work, world)
    return Advanced(order=saved, callback="on_status" if order.confirm_sent else "on_confirm")


async def _start(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The job begins with the customer's token, or on a supervisor's word."""
    visit = order.visit
    if wrong := await wrong_otp(order, visit, command, work, world):
        return wrong
    await work.timers.cancel("otp", order.ref)
    return await _moved(order, replace(visit, started_at=world.now, otp=None), command, work, world)


async def _complete(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The job is done: what is collected on site is paid, quotations for more work in this visit are void."""
    visit = order.visit
    order_then = await withdraw(collected(order, visit, world), visit, work)
    done = replace(visit, completed_at=later_than(visit.departed_at, world.now))
    return await _moved(order, done, command, work, world, then=order_then)


async def _depart(order: Order, command: Command, work: Work, world: World) -> Advanced:
    return await _moved(order, replace(order.visit, departed_at=world.now), command, work, world)


async def _arrive(order: Order, command: Command, work: Work, world: World) -> Advanced:
    visit = replace(order.visit, whereabouts=None)
    return await _moved(order, await first_otp(order, visit, work, world), command, work, world)


async def _assign(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The worker named, or the best free one who can be there in time; the slot stays the customer's."""
    return await _moved(order, await _assigned(order, command, work, world), command, work, world)


async def _assigned(order: Order, command: Command, work: Work, world: World) -> Fulfillment:
    visit = visit_meant(order, command.fulfillment_id)
    # Whom an operator names may go again, having got well or been talked to.
    visit = replace(visit, dropped=tuple(one for one in visit.dropped if one != command.worker_id))
    if visit.assignee is not None and command.worker_id in ("", visit.assignee.worker_id):
        return visit
    provider = world.catalog.providers.get(order.seller.provider_id)
    if provider is None:
        raise WorkerUnavailable("the provider is gone")
    bap_id = order.peer.bap_id if order.peer else ""
    ref = order.slot_ref(visit)
    wanted = visit_of(order, provider, visit)
    if not command.worker_id:  # whom an operator names may have good reasons to be late
        wanted = setting_off_now(wanted, visit.slot.start, world)
    held = await hold(
        wanted,
        visit.slot.start,
        work,
        world,
        ref=ref,
        bap_id=bap_id,
        worker_id=command.worker_id,
        again=True,
        trigger="assign",
        order_ref=order.ref,
    )
    await work.slots.book(ref, world.now)
    lead, *crew = (assignee(worker, order.seller) for worker in held.workers)
    return replace(visit, assignee=lead, crew=tuple(crew), sent_at=world.now)


async def _moved(
    order: Order, visit: Fulfillment, command: Command, work: Work, world: World, *, then: Order | None = None
) -> Advanced:
    """The order with its visit in the next stage; ``then`` is the order with what else the event changed."""
    target = next_stage(visit.stage, command.event, command.actor)
    changed = with_visit(then or order, replace(visit, stage=target), world)
    saved = await save(changed, order, command, work, world, visit_id=visit.id)
    return Advanced(order=saved, callback="on_status")


async def _pay(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Money for a quotation that waits takes it: nobody pays for what he does not want."""
    named = {one.id for one in command.paid}
    waiting = [one for one in order.open_proposals if named & {payment.id for payment in paid_to_us(one)}]
    if command.actor is Actor.BUYER or not waiting:
        return await pay(order, command, work, world)
    taking = replace(command, event=Event.ACCEPT_QUOTE, proposal_id=waiting[-1].id)
    taken = await accept_quote(order, taking, work, world)
    if taken.refused:
        return taken
    return replace(await pay(taken.order, command, work, world), callback="on_update")


async def _expire(order: Order, command: Command, work: Work, world: World) -> Advanced:
    return await expire_quotes(order, command, work, world) or Advanced(order=order, callback=None)


HANDLERS: Mapping[Event, Handler] = {
    Event.ACCEPT: _accept,
    Event.DECLINE: decline,
    Event.ASSIGN: _assign,
    Event.DEPART: _depart,
    Event.ARRIVE: _arrive,
    Event.START: _start,
    Event.COMPLETE: _complete,
    Event.CANCEL: cancel,
    Event.RESCHEDULE: reschedule,
    Event.REQUOTE: requote,
    Event.ACCEPT_QUOTE: accept_quote,
    Event.REJECT_QUOTE: reject_quote,
    Event.EXPIRE_QUOTE: _expire,
    Event.ASK_QUOTE: ask_quote,
    Event.PAY: _pay,
    Event.RENEW_OTP: renew,
    Event.REASSIGN: reassign,
    Event.UNASSIGN: unassign,
    Event.REFUND: refund,
    Event.REDO: redo,
}
"""What each event does; a test compares its keys with the state table's events."""
