"""A district's day: the visits of one day that have no worker, given out together (``bpp.orders.batch``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bpp.core.command import Advanced, Command
from bpp.core.exchange import setting_off_now
from bpp.core.record import save, with_visit
from bpp.core.selection import assignee, visit_of
from bpp.core.world import World
from bpp.orders.assignment import FAIR_DAYS, local_day
from bpp.orders.batch import Given, OpenJob, Pool, Standing, assign_many
from bpp.orders.choice import choice_of
from bpp.orders.model import Order
from bpp.orders.states import Actor, Event, Stage, next_stage
from bpp.storage.ports import NO_LOAD, Load, Work
from catalog.availability import Horizon, calendar, cells_needed
from catalog.model import Worker

AT_ONCE = 2_000  # ids in one query: both databases bound the parameters of a statement


@dataclass(frozen=True, slots=True, kw_only=True)
class DayRun:
    """What came of a run: the orders that got workers, the references of those that did not, and the work it was.

    ``after`` is where to go on, None at the end of the day.
    """

    advanced: tuple[Advanced, ...]
    unassigned: tuple[str, ...]
    evaluations: int
    after: str | None


async def assign_day(
    district: str, day: date, work: Work, world: World, *, by: str, limit: int, after: str | None = None
) -> DayRun:
    """Give workers to the first ``limit`` visits without one that begin on a day, by their time, and lie in a district.

    Who cannot be there in time any more is not sent. A worker whose time another took in the
    meantime leaves the visit without one until the next run.
    """
    span = Horizon(day, world.rules.horizon_days)
    found = await work.orders.without_worker(span.start, span.start + timedelta(days=1), after, limit + 1)
    page = found[:limit]
    open_ = {one.slot_ref(one.visit): one for one in page if _is_open(one, district, world)}
    jobs = [_open_job(ref, one, world) for ref, one in open_.items()]
    providers = {one.seller.provider_id for one in open_.values()}
    team = [worker for name in providers for worker in world.catalog.workers_of.get(name, ())]
    known = await _loads([one.id for one in team], span, work, world)
    batch = assign_many(jobs, Pool.of(team), lambda worker: _standing(worker, known, span, world), span)
    advanced, left = [], []
    for one in batch.given:
        order = open_[one.job.ref]
        done = await _give(order, one, by, work, world) if one.workers else None
        if done is None:
            left.append(order.ref)
        else:
            advanced.append(done)
    return DayRun(
        advanced=tuple(advanced),
        unassigned=tuple(left),
        evaluations=batch.evaluations,
        after=page[-1].ref if len(found) > len(page) else None,
    )


def _is_open(order: Order, district: str, world: World) -> bool:
    visit = order.visit
    known = order.seller.provider_id in world.catalog.providers
    return order.accepted and known and visit.stage is Stage.PENDING and visit.district == district


def _open_job(ref: str, order: Order, world: World) -> OpenJob:
    visit = order.visit
    wanted = visit_of(order, world.catalog.providers[order.seller.provider_id], visit)
    wanted = setting_off_now(wanted, visit.slot.start, world)
    return OpenJob(
        ref=ref,
        job=wanted.job(local_day(visit.slot.start)),
        start=visit.slot.start,
        needed=cells_needed(wanted.minutes),
        crew=wanted.crew,
    )


Known = tuple[Mapping[str, Sequence[datetime]], Mapping[str, Load]]


async def _loads(workers: Sequence[str], span: Horizon, work: Work, world: World) -> Known:
    taken: dict[str, Sequence[datetime]] = {}
    loads: dict[str, Load] = {}
    day_end, since = span.start + timedelta(days=1), span.start - timedelta(days=FAIR_DAYS)
    for first in range(0, len(workers), AT_ONCE):
        some = workers[first : first + AT_ONCE]
        taken |= await work.slots.taken(some, span.start, span.end, world.now, "")
        loads |= await work.slots.load(some, since, span.start, day_end)
    return taken, loads


def _standing(worker: Worker, known: Known, span: Horizon, world: World) -> Standing:
    taken, loads = known
    hours = world.catalog.providers[worker.provider_id].hours
    today, before, idle = loads.get(worker.id, NO_LOAD)
    return Standing(
        calendar=calendar(hours, worker, taken.get(worker.id, ()), span),
        jobs_today=today,
        jobs_before=before,
        idle_since=idle,
    )


async def _give(order: Order, given: Given, by: str, work: Work, world: World) -> Advanced | None:
    """The order with its workers, their time booked; None where another has it."""
    ref, bap_id = given.job.ref, order.peer.bap_id if order.peer else ""
    expiry = world.now + world.rules.slot_hold
    for worker_id, cells in given.workers.items():
        if not await work.slots.hold(worker_id, cells, ref, bap_id, expiry, world.now):
            await work.slots.release(ref)
            return None
    await work.slots.book(ref, world.now)
    found = [one.worker for one in given.assignment.ranked if one.worker.id in given.workers]
    await work.assignments.keep(
        choice_of(
            given.job.job,
            given.assignment,
            list(given.workers),
            at=world.now,
            slot_ref=ref,
            order_ref=order.ref,
            trigger="run",
        )
    )
    command = Command(event=Event.ASSIGN, actor=Actor.SELLER, by=by)
    lead, *crew = (assignee(worker, order.seller) for worker in found)
    stage = next_stage(order.visit.stage, command.event, command.actor)
    visit = replace(order.visit, stage=stage, assignee=lead, crew=tuple(crew), sent_at=world.now)
    saved = await save(with_visit(order, visit, world), order, command, work, world, visit_id=visit.id)
    return Advanced(order=saved, callback="on_status")
