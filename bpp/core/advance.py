"""Advance: what the provider, the worker, an operator or a timer does to an order, by the state table alone.

Every change appends to the order's events and says which callback the buyer app is owed, if any. Nobody else makes
a new stage.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bpp.core.selection import assignee, visit_of
from bpp.core.slots import hold
from bpp.core.world import World
from bpp.errors import BusinessError, IncorrectOtp, NotConfirmed, WorkerUnavailable
from bpp.orders.model import Cancellation, Fulfillment, Order
from bpp.orders.otp import Otp, matches, token
from bpp.orders.states import Actor, Event, IllegalTransition, Stage, allowed, next_stage
from bpp.storage.ports import OrderEvent, Timer, Work
from catalog.moments import later_than
from catalog.quote import cancellation_fee, refunded

CallbackName = Literal["on_status", "on_cancel", "on_confirm"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One event with what it needs. ``override`` is a supervisor's reason for a start without the token."""

    event: Event
    actor: Actor
    by: str = ""
    worker_id: str = ""
    otp: str = ""
    override: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advanced:
    """The order as it is now, the callback owed to the buyer app, and an error that goes with it."""

    order: Order
    callback: CallbackName | None
    error: BusinessError | None = None


class OverrideNeeded(Exception):
    """Too many wrong tokens: only a supervisor's override with a reason starts the job now."""


async def advance(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Apply one event to the visit under way.

    Raises IllegalTransition for what the table does not list, OverrideNeeded when the tokens are used up, and
    WorkerUnavailable or SlotUnavailable when no worker can be assigned. A wrong token is not raised but told in
    ``error``: it counts, and the next token goes out with the callback (decision 14).
    """
    visit = order.visit
    target = next_stage(visit.stage, command.event, command.actor)
    if command.event not in allowed_events(order, command.actor):
        raise IllegalTransition(visit.stage, command.event, allowed_events(order, command.actor))
    match command.event:
        case Event.ACCEPT:
            return await _accept(order, command, work, world)
        case Event.DECLINE:
            return await decline(order, command, work, world)
        case Event.CANCEL:
            return await cancel(order, command, work, world)
        case Event.START:
            if wrong := await _wrong_otp(order, visit, command, work, world):
                return wrong
        case Event.COMPLETE:
            order = _collected(order, world)
    visit = await _visit_after(order, visit, command, work, world)
    changed = with_visit(order, replace(visit, stage=target), world)
    return Advanced(order=await save(changed, order, command, work, world), callback="on_status")


async def _visit_after(order: Order, visit: Fulfillment, command: Command, work: Work, world: World) -> Fulfillment:
    """The visit with what an event leaves on it, but for its stage."""
    match command.event:
        case Event.ASSIGN:
            return await _assign(order, command, work, world)
        case Event.DEPART:
            return replace(visit, departed_at=world.now)
        case Event.ARRIVE:
            return await _next_otp(order, visit, 1, 0, work, world)
        case Event.START:
            await work.timers.cancel("otp", order.ref)
            return replace(visit, started_at=world.now, otp=None)
        case Event.COMPLETE:
            return replace(visit, completed_at=later_than(visit.departed_at, world.now))
        case _:
            return visit


async def cancel(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Cancel the whole order: slot freed, worker free again, refund lines, the fee of the term in force.

    Only the buyer's cancelling costs a fee; a seller's or the system's refunds everything.
    """
    visit = order.visit
    next_stage(visit.stage, Event.CANCEL, command.actor)
    consumer = command.actor is Actor.BUYER
    fee = cancellation_fee(order.terms.cancellation if consumer else (), visit.code, order.quote.total)
    cancellation = Cancellation(cancelled_by="CONSUMER" if consumer else "SELLER", reason=command.reason, fee=fee)
    stopped = tuple(
        one if one.stage is Stage.COMPLETED else replace(one, stage=Stage.CANCELLED, otp=None)
        for one in order.fulfillments
    )
    changed = replace(
        order,
        fulfillments=stopped,
        quotes=(*order.quotes, refunded(order.quote, fee)),
        cancellation=cancellation,
        updated_at=later_than(order.updated_at, world.now),
    )
    await work.slots.release(order.ref)
    await work.timers.cancel("otp", order.ref)
    await work.timers.cancel("acceptance", order.ref)
    return Advanced(order=await save(changed, order, command, work, world), callback="on_cancel")


async def decline(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """A provider says no, or nothing in time: the awaited on_confirm carries the error, the order is cancelled."""
    gone = await cancel(order, replace(command, event=Event.DECLINE, actor=Actor.SYSTEM), work, world)
    error = NotConfirmed("the provider did not accept the order")
    return Advanced(order=gone.order, callback="on_confirm", error=error)


async def renew_otp(order: Order, serial: int, work: Work, world: World) -> Advanced | None:
    """The token ran out while the worker waits: the next serial; None when the timer is out of date."""
    visit = order.visit
    if visit.stage is not Stage.ARRIVED or visit.otp is None or visit.otp.serial != serial:
        return None
    fresh = await _next_otp(order, visit, serial + 1, visit.otp.tries, work, world)
    changed = with_visit(order, fresh, world)
    return Advanced(order=await work.orders.save(changed), callback="on_status")


def allowed_events(order: Order, actor: Actor) -> tuple[Event, ...]:
    """What may be done to an order now: the table's events, with acceptance before all else where it is awaited."""
    events = allowed(order.visit.stage, actor)
    asked = {Event.ACCEPT, Event.DECLINE}
    if order.accepted:
        return tuple(event for event in events if event not in asked)
    return tuple(event for event in events if event in {*asked, Event.CANCEL})


def current_token(order: Order, visit: Fulfillment, secret: bytes, at: datetime) -> str | None:
    """The token in force for a visit at a moment; None where none is, as between a token's end and its successor."""
    if visit.otp is None or not visit.otp.valid_from <= at < visit.otp.valid_to:
        return None
    return token(secret, order.ref, visit.id, visit.otp.serial)


def with_visit(order: Order, visit: Fulfillment, world: World) -> Order:
    """The order with one fulfillment changed, and a later ``updated_at``."""
    return replace(
        order,
        fulfillments=tuple(visit if one.id == visit.id else one for one in order.fulfillments),
        updated_at=later_than(order.updated_at, world.now),
    )


async def save(changed: Order, before: Order, command: Command, work: Work, world: World) -> Order:
    """Store a changed order with the event that changed it."""
    detail = {
        name: value
        for name, value in (
            ("by", command.by),
            ("reason", command.reason),
            ("override", command.override),
            ("worker_id", changed.visit.assignee.worker_id if changed.visit.assignee else ""),
        )
        if value
    }
    event = OrderEvent(
        at=world.now,
        ref=before.ref,
        fulfillment_id=before.visit.id,
        event=command.event,
        actor=command.actor,
        source=before.visit.stage,
        target=next(one.stage for one in changed.fulfillments if one.id == before.visit.id),
        detail=detail,
    )
    await work.orders.record(event)
    return await work.orders.save(changed)


async def _accept(order: Order, command: Command, work: Work, world: World) -> Advanced:
    await work.timers.cancel("acceptance", order.ref)
    changed = replace(order, accepted=True, updated_at=later_than(order.updated_at, world.now))
    return Advanced(order=await save(changed, order, command, work, world), callback="on_confirm")


async def _assign(order: Order, command: Command, work: Work, world: World) -> Fulfillment:
    """The worker named, or the best free one; the slot stays the customer's."""
    visit = order.visit
    if visit.assignee is not None and command.worker_id in ("", visit.assignee.worker_id):
        return visit
    provider = world.catalog.providers.get(order.seller.provider_id)
    if provider is None:
        raise WorkerUnavailable("the provider is gone")
    bap_id = order.peer.bap_id if order.peer else ""
    held = await hold(
        visit_of(order, provider),
        visit.slot.start,
        work,
        world,
        ref=order.ref,
        bap_id=bap_id,
        worker_id=command.worker_id,
        again=True,
    )
    await work.slots.book(order.ref, world.now)
    lead, *crew = (assignee(worker, order.seller) for worker in held.workers)
    return replace(visit, assignee=lead, crew=tuple(crew))


async def _next_otp(order: Order, visit: Fulfillment, serial: int, tries: int, work: Work, world: World) -> Fulfillment:
    until = world.now + world.rules.otp_ttl
    await work.timers.set(Timer(kind="otp", subject=order.ref, due_at=until, serial=serial))
    return replace(visit, otp=Otp(serial=serial, valid_from=world.now, valid_to=until, tries=tries))


async def _wrong_otp(order: Order, visit: Fulfillment, command: Command, work: Work, world: World) -> Advanced | None:
    """None when the job may start; else the answer to a wrong or late token."""
    otp = visit.otp
    if command.override:
        return None
    if otp is None or otp.tries >= world.rules.otp_attempts:
        raise OverrideNeeded
    right = matches(token(world.otp_secret, order.ref, visit.id, otp.serial), command.otp)
    if right and world.now < otp.valid_to:
        return None
    fresh = await _next_otp(order, visit, otp.serial + 1, otp.tries + 1, work, world)
    changed = with_visit(order, fresh, world)
    failed = replace(command, reason="incorrect OTP" if not right else "expired OTP")
    saved = await save(changed, order, failed, work, world)
    error = IncorrectOtp("the OTP was incorrect; a new one was sent" if not right else "the OTP had expired")
    return Advanced(order=saved, callback="on_status", error=error)


def _collected(order: Order, world: World) -> Order:
    """What the worker collects on site is paid when the job is done."""
    payments = tuple(
        replace(one, status="PAID", transaction_id=one.transaction_id or f"CASH-{world.new_id()}")
        if one.collected_by == "BPP" and one.status != "PAID"
        else one
        for one in order.payments
    )
    return replace(order, payments=payments)
