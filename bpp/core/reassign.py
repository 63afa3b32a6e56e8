"""Reassign: another worker for a visit whose worker declines, falls ill or is late (ADR 0027).

The slot stays the customer's. Whoever drops out of a visit is remembered in it and not chosen for it again. Where
nobody else can go, the visit is PENDING and waits for an operator: another time is for the customer to agree to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import structlog

from bpp.core.command import Advanced, Command
from bpp.core.exchange import relieve
from bpp.core.late import overdue, watch_next
from bpp.core.record import save, with_visit
from bpp.core.reschedule import visit_meant
from bpp.core.selection import assignee, visit_of
from bpp.core.world import World
from bpp.errors import InvalidRequest
from bpp.orders.model import Fulfillment, Order
from bpp.orders.states import Actor, Event, next_stage
from bpp.storage.ports import OrderEvent, Work
from catalog.model import Provider, Worker

log = structlog.get_logger(__name__)

LATE = "late"
ESCALATE = "escalate"
"""A line of the timeline that asks for an operator; no event of the state table, since nothing changes."""


async def reassign(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """The next best worker for the visit under way, or the one named; without one it is PENDING.

    ``command.worker_id`` is who drops out, the one who leads where empty. Raises InvalidRequest for somebody who was
    not to come.
    """
    visit = visit_meant(order, command.fulfillment_id)
    left = _without(visit, command.worker_id)
    workers = await _relieved(order, visit, left, work, world)
    if not workers:
        return await unassign(order, command, work, world)
    return await _sent(order, visit, left, workers, command, work, world)


async def unassign(order: Order, command: Command, work: Work, world: World) -> Advanced:
    """Take the visit from its workers without another choice: it is PENDING, and an operator is wanted."""
    visit = visit_meant(order, command.fulfillment_id)
    left = _without(visit, command.worker_id)
    await work.slots.release(order.slot_ref(visit))
    log.warning("visit_without_worker", ref=order.ref, fulfillment_id=visit.id)
    return await _sent(order, visit, left, (), replace(command, event=Event.UNASSIGN), work, world)


async def relieve_late(order: Order, work: Work, world: World) -> Advanced | None:
    """Who should have set off and has not: another goes where one can still make it, else an operator is told, once.

    None where nothing changed, as when a timer is out of date.
    """
    visit = overdue(order, world)
    if visit is None or visit.assignee is None:
        return None
    late = visit.assignee.worker_id
    command = Command(event=Event.REASSIGN, actor=Actor.SYSTEM, by="timer", worker_id=late, reason=LATE)
    left = _without(visit, late)
    workers = await _relieved(order, visit, left, work, world, or_keep=True)
    if workers:
        return await _sent(order, visit, left, workers, replace(command, fulfillment_id=visit.id), work, world)
    log.warning("visit_late", ref=order.ref, fulfillment_id=visit.id)
    detail: Mapping[str, str] = {"by": "timer", "reason": LATE, "worker_id": late}
    await work.orders.record(
        OrderEvent(
            at=world.now,
            ref=order.ref,
            fulfillment_id=visit.id,
            event=ESCALATE,
            actor=Actor.SYSTEM,
            source=visit.stage,
            target=visit.stage,
            detail=detail,
        )
    )
    await watch_next(order, work, world)
    return None


def _without(visit: Fulfillment, worker_id: str) -> Fulfillment:
    """The visit as nobody's, with who drops out remembered; nothing of the old worker's way or token is left."""
    team = [one.worker_id for one in (visit.assignee, *visit.crew) if one]
    gone = worker_id or next(iter(team), "")
    if gone not in team:
        raise InvalidRequest(f"who was to come is {', '.join(team) or 'nobody'}", path="worker_id")
    return replace(
        visit,
        dropped=(*visit.dropped, gone),
        left_in=visit.code,
        team_size=len(team),
        otp_after=visit.otp.serial if visit.otp else visit.otp_after,
        assignee=None,
        crew=(),
        otp=None,
        whereabouts=None,
        departed_at=None,
    )


async def _relieved(
    order: Order, visit: Fulfillment, left: Fulfillment, work: Work, world: World, *, or_keep: bool = False
) -> tuple[Worker, ...]:
    provider: Provider | None = world.catalog.providers.get(order.seller.provider_id)
    if provider is None:
        return ()
    team = [one.worker_id for one in (visit.assignee, *visit.crew) if one]
    held = await relieve(
        visit_of(order, provider, left),
        visit.slot.start,
        work,
        world,
        ref=order.slot_ref(visit),
        bap_id=order.peer.bap_id if order.peer else "",
        order_ref=order.ref,
        staying=[one for one in team if one not in left.dropped],
        or_keep=or_keep,
    )
    return held.workers if held else ()


async def _sent(
    order: Order,
    visit: Fulfillment,
    left: Fulfillment,
    workers: tuple[Worker, ...],
    command: Command,
    work: Work,
    world: World,
) -> Advanced:
    """The visit with those who go now; a token that was out is void."""
    stage = next_stage(visit.stage, command.event, command.actor)
    if visit.otp is not None:
        await work.timers.cancel("otp", order.ref)
    team = [assignee(worker, order.seller) for worker in workers]
    changed = replace(left, stage=stage, assignee=team[0] if team else None, crew=tuple(team[1:]), sent_at=world.now)
    saved = await save(
        with_visit(order, changed, world), order, command, work, world, visit_id=visit.id, dropped=left.dropped[-1]
    )
    return Advanced(order=saved, callback="on_status")
