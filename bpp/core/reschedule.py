"""Reschedule: another slot for a visit that has not begun, within the terms, in one transaction with the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from beckn_schemas.base import parse_duration
from bpp.core.command import Advanced, Command
from bpp.core.exchange import move
from bpp.core.record import save, with_visit
from bpp.core.selection import assignee, visit_of
from bpp.core.slots import alternatives
from bpp.core.world import World
from bpp.errors import FulfillmentNotFound, InvalidRequest, SlotUnavailable, UpdateNotPossible, WorkerUnavailable
from bpp.orders.assignment import local_day
from bpp.orders.model import Fulfillment, Order, Payment
from bpp.orders.proposals import room_for
from bpp.orders.states import Actor, Event, next_stage
from bpp.storage.ports import Work
from catalog.model import RescheduleTerm
from catalog.money import ZERO, Money
from catalog.quote import Quote, QuoteLine


async def reschedule(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Move the visit under way, or the one named, to another start.

    The buyer is bound by the terms: in time, and for their fee as a line and a payment that is not paid yet; the
    seller's side moves a visit for nothing. The worker stays where he or she is free then, else another comes. A slot
    that cannot be had comes back in ``error`` with alternatives, and the old one is kept. The same start as before
    changes nothing. Raises UpdateNotPossible where the terms forbid it and IllegalTransition where the state does.
    """
    visit = visit_meant(order, command.fulfillment_id)
    stage = next_stage(visit.stage, Event.RESCHEDULE, command.actor)
    if command.start is None:
        raise InvalidRequest("the start of another slot is expected", path="start")
    if command.start == visit.slot.start:
        return Advanced(order=order, callback=None)
    fee = moving_fee(order, command.actor, visit.id, world)
    if fee != ZERO and not room_for(order, payments=1):
        raise UpdateNotPossible("the order was moved and quoted for too often to be moved for a fee again")
    provider = world.catalog.providers[order.seller.provider_id]  # on sale or not: it was sold
    then = visit if _same_day(visit, command.start) else _on_another_day(visit)
    bap_id = order.peer.bap_id if order.peer else ""
    team = tuple(one.worker_id for one in (visit.assignee, *visit.crew) if one)
    try:
        held = await move(
            visit_of(order, provider, then),
            command.start,
            work,
            world,
            ref=order.slot_ref(visit),
            bap_id=bap_id,
            team=team,
            order_ref=order.ref,
        )
    except (SlotUnavailable, WorkerUnavailable) as problem:
        others = await other_starts(order, visit, work, world)
        return Advanced(order=order, callback=None, error=problem, refused=True, alternatives=others)
    lead, *crew = (assignee(worker, order.seller) for worker in held.workers)
    moved = replace(then, slot=held.slot, stage=stage, assignee=lead, crew=tuple(crew), sent_at=None)
    changed = with_fee(with_visit(order, moved, world), moved, fee, world)
    saved = await save(changed, order, command, work, world, visit_id=visit.id, start=command.start.isoformat())
    return Advanced(order=saved, callback="on_update")


def visit_meant(order: Order, fulfillment_id: str) -> Fulfillment:
    """The visit of that id, or the one under way where none is named.

    Raises FulfillmentNotFound for an unknown id, and UpdateNotPossible for a visit that is only quoted for.
    """
    if not fulfillment_id:
        return order.visit
    if fulfillment_id in {one.visit.id for one in order.open_proposals if one.visit}:
        raise UpdateNotPossible("this visit is only quoted for: it can be moved when the quotation has been taken")
    for one in order.fulfillments:
        if one.id == fulfillment_id:
            return one
    raise FulfillmentNotFound(f"the order has no fulfillment {fulfillment_id!r}", path="fulfillment_id")


def moving_fee(order: Order, actor: Actor, fulfillment_id: str, world: World) -> Money:
    """What moving a visit costs now: the buyer by the terms, the seller's side nothing. Raises as ``reschedule``."""
    visit = visit_meant(order, fulfillment_id)
    return fee_of(order, visit, world) if actor is Actor.BUYER else ZERO


async def other_starts(order: Order, visit: Fulfillment, work: Work, world: World) -> tuple[datetime, ...]:
    """The starts to which a visit can be moved, without its own."""
    provider, ref = world.catalog.providers[order.seller.provider_id], order.slot_ref(visit)
    free = await alternatives(visit_of(order, provider, _on_another_day(visit)), work, world, ref=ref)
    if visit.dropped:
        that_day = await alternatives(visit_of(order, provider, visit), work, world, ref=ref)
        free = tuple(start for start in free if start in that_day or not _same_day(visit, start))
    return tuple(start for start in free if start != visit.slot.start)


def _same_day(visit: Fulfillment, start: datetime) -> bool:
    return local_day(start) == local_day(visit.slot.start)


def _on_another_day(visit: Fulfillment) -> Fulfillment:
    """The visit for which everybody is asked again: who could not go that day may be able to another."""
    return replace(visit, dropped=())


def fee_of(order: Order, visit: Fulfillment, world: World) -> Money:
    """What moving a visit costs the buyer now. Raises UpdateNotPossible where the terms do not let it be moved."""
    term = reschedule_term_of(order, visit)
    if term is None or not term.eligible:
        raise UpdateNotPossible("the terms of the order do not let this visit be rescheduled now")
    if visit.slot.start - world.now < parse_duration(term.within):
        raise UpdateNotPossible(f"a visit can be rescheduled until {term.within} before it begins")
    return term.fee


def reschedule_term_of(order: Order, visit: Fulfillment) -> RescheduleTerm | None:
    """The reschedule term of a visit's state."""
    return next((term for term in order.terms.reschedule if term.state == visit.code), None)


def with_fee(order: Order, visit: Fulfillment, fee: Money, world: World) -> Order:
    """The order with a fee as a line of its quote and as a payment (assertion 45)."""
    if fee == ZERO:
        return order
    first, quote = order.payments[0], order.quote
    item = order.of_visit(visit)[0]
    line = QuoteLine(title="reschedule_fee", kind="misc", amount=fee, item_id=item.item_id)
    payment = Payment(
        id=world.new_id(),
        type=first.type,
        collected_by=first.collected_by,
        amount=fee,
        status="NOT-PAID",
        fulfillment_id=visit.id,
    )
    fresh = Quote(lines=(*quote.lines, line), ttl=quote.ttl, valid_until=quote.valid_until)
    return replace(order, quotes=(*order.quotes, fresh), payments=(*order.payments, payment))
