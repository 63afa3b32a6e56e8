"""A worker's papers, leave, contracts and standing changed, with the bookings that become impossible by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bpp.core.selection import visit_of
from bpp.core.world import World
from bpp.orders.assignment import Job, local_day
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


@dataclass(frozen=True, slots=True)
class _Booked:
    """A visit that the worker is booked for, with the job that it is on each day that takes his or her time."""

    order: Order
    visit: Fulfillment
    jobs: tuple[Job, ...]


async def bookings_affected(worker: Worker, work: Work, world: World) -> tuple[Booking, ...]:
    """The visits to come, or under way, that a worker is booked for and cannot do being as he or she is given here.

    By the time of their slots. The worker may be as stored, or as a change would leave him or her.
    """
    return _impossible(worker, await _booked(worker, work, world))


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
    booked = await _booked(after, work, world)
    known = {(one.ref, one.fulfillment_id): one.reasons for one in _impossible(before, booked)}
    return tuple(one for one in _impossible(after, booked) if known.get((one.ref, one.fulfillment_id)) != one.reasons)


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


async def _booked(worker: Worker, work: Work, world: World) -> tuple[_Booked, ...]:
    """The visits to come, or under way, of the teams that the worker is in."""
    found = [
        (order, visit)
        for order in await work.orders.open_of(worker.provider_id)
        for visit in order.fulfillments
        if worker.id in _team(visit) and visit.stage not in TERMINAL
    ]
    return tuple([await _with_days(worker, order, visit, work, world) for order, visit in found])


async def _with_days(worker: Worker, order: Order, visit: Fulfillment, work: Work, world: World) -> _Booked:
    held = await work.slots.held_by(order.slot_ref(visit))
    days = {local_day(cell) for cell in held.get(worker.id, ())} or {
        local_day(visit.slot.start),
        local_day(visit.slot.end - CELL),
    }
    wanted = visit_of(order, world.catalog.providers[order.seller.provider_id], visit)
    return _Booked(order, visit, tuple(wanted.job(day) for day in sorted(days)))


def _impossible(worker: Worker, booked: Iterable[_Booked]) -> tuple[Booking, ...]:
    """Those of the bookings that the worker cannot do, with what stands against it on any of their days."""
    found = []
    for one in booked:
        reasons = tuple(dict.fromkeys(reason for job in one.jobs for reason in hindrances(worker, job)))
        found += [_booking(worker, one.order, one.visit, reasons)] if reasons else []
    return tuple(sorted(found, key=lambda one: (one.slot.start, one.ref)))


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
