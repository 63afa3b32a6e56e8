"""A worker's papers, leave, contracts and standing changed, with the bookings that become impossible by it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bpp.core.selection import visit_of
from bpp.core.world import World
from bpp.orders.assignment import local_day
from bpp.orders.model import Fulfillment, Order
from bpp.orders.states import TERMINAL, Stage
from bpp.parties.model import PartyEvent
from bpp.parties.states import STANDING, State, Step, next_state
from bpp.parties.workforce import hindrances
from bpp.storage.ports import Work
from catalog.availability import CELL
from catalog.model import Slot, Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """A visit that a worker is booked for and can no longer do; ``reasons`` are names of ``hindrances``.

    ``lead`` is false for a further worker of a job that is done in parallel.
    """

    ref: str
    fulfillment_id: str
    order_id: str
    channel: str
    stage: Stage
    slot: Slot
    lead: bool
    reasons: tuple[str, ...]


async def bookings_affected(worker: Worker, work: Work, world: World) -> tuple[Booking, ...]:
    """The visits to come, or under way, that a worker is booked for and cannot do being as he or she is given here.

    By the time of their slots. The worker may be as stored, or as a change would leave him or her.
    """
    found: list[Booking] = []
    for order in await work.orders.open_of(worker.provider_id):
        for visit in order.fulfillments:
            if worker.id in _team(visit) and visit.stage not in TERMINAL:
                reasons = await _reasons(worker, order, visit, work, world)
                found += [_booking(worker, order, visit, reasons)] if reasons else []
    return tuple(sorted(found, key=lambda one: (one.slot.start, one.ref)))


async def change(
    before: Worker, after: Worker, event: str, actor: str, work: Work, world: World, detail: Mapping[str, str]
) -> tuple[Booking, ...]:
    """Store a changed worker with the step in his or her history; the bookings that this makes impossible.

    Those that were impossible before are not told again.
    """
    await work.directory.put_worker(after)
    happened = PartyEvent(at=world.now, subject="worker", subject_id=after.id, event=event, actor=actor, detail=detail)
    await work.parties.record(happened)
    return await newly_affected(before, after, work, world)


async def newly_affected(before: Worker, after: Worker, work: Work, world: World) -> tuple[Booking, ...]:
    """The bookings that a change of a worker makes impossible."""
    known = {(one.ref, one.fulfillment_id): one.reasons for one in await bookings_affected(before, work, world)}
    found = await bookings_affected(after, work, world)
    return tuple(one for one in found if known.get((one.ref, one.fulfillment_id)) != one.reasons)


async def stand(
    worker: Worker, wanted: Step, reason: str, actor: str, work: Work, world: World
) -> tuple[Worker, tuple[Booking, ...]]:
    """Suspend or restore a worker, with the bookings affected; raises NotPossible as the table of standing says."""
    source = State.ACTIVE if worker.active else State.SUSPENDED
    target = next_state(source, wanted, STANDING, reason)
    after = replace(worker, active=target is State.ACTIVE)
    await work.directory.put_worker(after)
    happened = PartyEvent(
        at=world.now,
        subject="worker",
        subject_id=worker.id,
        event=wanted,
        actor=actor,
        source=source,
        target=target,
        reason=reason,
    )
    await work.parties.record(happened)
    return after, await newly_affected(worker, after, work, world)


async def _reasons(worker: Worker, order: Order, visit: Fulfillment, work: Work, world: World) -> tuple[str, ...]:
    """What stands against the worker on any day on which the visit takes his or her time."""
    held = await work.slots.held_by(order.slot_ref(visit))
    days = {local_day(cell) for cell in held.get(worker.id, ())} or {
        local_day(visit.slot.start),
        local_day(visit.slot.end - CELL),
    }
    provider = world.catalog.providers[order.seller.provider_id]
    wanted = visit_of(order, provider, visit)
    found = [hindrances(worker, wanted.job(day)) for day in sorted(days)]
    return tuple(dict.fromkeys(reason for one in found for reason in one))


def _team(visit: Fulfillment) -> set[str]:
    return {one.worker_id for one in (visit.assignee, *visit.crew) if one is not None}


def _booking(worker: Worker, order: Order, visit: Fulfillment, reasons: tuple[str, ...]) -> Booking:
    return Booking(
        ref=order.ref,
        fulfillment_id=visit.id,
        order_id=order.order_id,
        channel=order.channel,
        stage=visit.stage,
        slot=visit.slot,
        lead=visit.assignee is not None and visit.assignee.worker_id == worker.id,
        reasons=reasons,
    )
