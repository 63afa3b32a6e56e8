"""Which slots are open, and holding one: calendars out of the database, the choice out of the pure packages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpp.core.roster import Shift, Visit, fitness_on, load_roster, open_starts, shifts
from bpp.core.world import World
from bpp.errors import SlotUnavailable, WorkerUnavailable
from bpp.orders.assignment import FAIR_DAYS, Assignment, Candidate, Job, assign, assign_free, local_day
from bpp.orders.choice import Trigger, choice_of
from bpp.storage.ports import NO_LOAD, Load, Work
from catalog.availability import (
    CELL,
    Horizon,
    cells_needed,
    cells_of,
    fits,
    grid_mask,
    horizon,
    slot_of,
    within,
    without,
)
from catalog.model import Slot, Worker

ALTERNATIVES = 60
TOO_MANY_HELD = "too_many_held"
"""The reason of a SlotUnavailable against which somebody can do something: let one of the slots go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A held slot: the workers in the order of their rank, and the stretch they are held for."""

    workers: tuple[Worker, ...]
    slot: Slot


def _on_offer(visit: Visit, start: datetime, span: Horizon, world: World) -> bool:
    """Whether a start is among those that are offered where somebody is free: in the future, on the grid."""
    index = span.index(start)
    after = max(world.now, world.said_at or world.now)
    on_grid = index > span.index(after) and grid_mask(visit.provider.hours, span) >> index & 1
    return bool(on_grid and within([start], visit.hours))


async def hold(
    visit: Visit,
    start: datetime,
    work: Work,
    world: World,
    *,
    ref: str,
    bap_id: str,
    worker_id: str = "",
    prefer: Collection[str] = (),
    again: bool = False,
    fresh: bool = False,
    capped: bool = True,
    trigger: Trigger,
    order_ref: str = "",
) -> Held:
    """Hold an offered slot for ``ref`` in the place of what it held before.

    The nearest eligible workers are tried in the order of their rank; one named by ``worker_id`` leads, or nobody
    goes, while those in ``prefer`` come first if they can. ``again``: the slot was the customer's before, so it need
    not be on offer, only some worker free. ``capped``: it counts against what a buyer app, or a
    session of a channel of ours, may hold at once; ``bap_id`` names either.
    The choice that stands is kept with its reasons, ``trigger`` and ``order_ref`` (empty: ``ref``).
    Raises WorkerUnavailable when nobody is qualified at all, SlotUnavailable when the slot was not offered, is past
    or has just been taken.
    """
    if not fresh:
        await work.slots.release(ref)
    span = horizon(world.now, world.rules.horizon_days)
    team = shifts(visit, span, world)
    if sum(len(shift.workers) for shift in team) < visit.crew:
        raise WorkerUnavailable("no verified and certified worker of the provider can do this")
    if capped and not again and await work.slots.holds_at_least(bap_id, world.rules.most_holds(bap_id), world.now):
        text = "too many selections of one buyer app or session hold slots at once"
        raise SlotUnavailable(text, reason=TOO_MANY_HELD)
    needed = cells_needed(visit.minutes)
    free = await _free(team, span, start, needed, work, world, ref=ref)
    if not again and not (_on_offer(visit, start, span, world) and len(free) >= visit.crew):
        raise SlotUnavailable("the slot is past, taken or was not offered")
    job = visit.job(local_day(start))
    assignment = _assigned(job, free, visit, span, world)
    held: list[Worker] = []
    slot: Slot | None = None
    for candidate in _in_order(assignment.ranked, team, worker_id, prefer):
        worker = candidate.worker
        calendar = next(shift.calendar for shift in team if worker.id in shift.workers)
        cells = cells_of(calendar, start, needed, span) or ()
        if await work.slots.hold(worker.id, cells, ref, bap_id, _expiry(world), world.now):
            held.append(worker)
            slot = slot or slot_of(cells)
        elif worker_id and not held:
            break
        if slot is not None and len(held) == visit.crew:
            await work.assignments.keep(
                choice_of(
                    job,
                    assignment,
                    [one.id for one in held],
                    at=world.now,
                    slot_ref=ref,
                    order_ref=order_ref or ref,
                    trigger=trigger,
                    named=worker_id,
                )
            )
            return Held(workers=tuple(held), slot=slot)
    await work.slots.release(ref)
    raise SlotUnavailable("the slot has just been taken")


async def alternatives(
    visit: Visit, work: Work, world: World, *, ref: str, earliest: datetime | None = None, most: int = ALTERNATIVES
) -> tuple[datetime, ...]:
    """Starts that can be booked for a visit now, the first ones; none is before ``earliest``."""
    team = await load_roster(visit, work, world, ref=ref)
    found = [start for start in open_starts(visit, team, world) if earliest is None or start >= earliest]
    return tuple(found[:most])


async def first_free(
    visit: Visit, work: Work, world: World, *, ref: str, earliest: datetime, after: datetime
) -> datetime:
    """The first start that can be booked after a moment, else the last before it; none is before ``earliest``.

    Raises SlotUnavailable where there is none.
    """
    team = await load_roster(visit, work, world, ref=ref)
    found = [start for start in open_starts(visit, team, world) if start >= earliest]
    if not found:
        raise SlotUnavailable("no worker of the provider is free within the days that are offered")
    return next((start for start in found if start >= after), found[-1])


async def _free(
    team: tuple[Shift, ...], span: Horizon, start: datetime, needed: int, work: Work, world: World, *, ref: str
) -> Mapping[str, Load]:
    """Those of a team with whom a job may begin at a moment, by their ids, each with what the rank asks of the past.

    What ``ref`` itself holds is no hindrance. A job longer than somebody's day goes on in later days.
    """
    index = span.cell(start)
    on_shift = [shift for shift in team if fits(shift.calendar, index, needed)] if index is not None else []
    if index is None or not on_shift:
        return {}
    ids = [worker for shift in on_shift for worker in shift.workers]
    day = Horizon(local_day(start), 1)
    days = (day.start - timedelta(days=FAIR_DAYS), day.start, day.end)
    if all(needed <= shift.calendar.day_length for shift in on_shift):
        return await work.slots.free(ids, start, start + needed * CELL, world.now, ref, days)
    last = max(cell for shift in on_shift for cell in cells_of(shift.calendar, start, needed, span) or ())
    taken = await work.slots.taken(ids, start, last + CELL, world.now, ref)
    free = [
        worker
        for shift in on_shift
        for worker in shift.workers
        if fits(without(shift.calendar, taken.get(worker, ()), span), index, needed)
    ]
    loads = await work.slots.load(free, *days)
    return {worker: loads.get(worker, NO_LOAD) for worker in free}


def _assigned(job: Job, free: Mapping[str, Load], visit: Visit, span: Horizon, world: World) -> Assignment:
    """The choice among the provider's workers; who would set off only now is judged by the way as well."""
    if job.leaves_at is None:
        everybody = world.catalog.workers
        candidates = [_candidate(everybody[worker], load, free=True) for worker, load in free.items()]
        return assign_free(job, candidates, fitness_on(job.day, visit, span, world))
    team = world.catalog.workers_of.get(visit.provider.id, ())
    return assign(job, [_candidate(one, free.get(one.id, NO_LOAD), free=one.id in free) for one in team])


def _candidate(worker: Worker, load: Load, *, free: bool) -> Candidate:
    today, before, idle = load
    return Candidate(worker=worker, free=free, jobs_today=today, jobs_before=before, idle_since=idle)


def _in_order(
    ranked: tuple[Candidate, ...], team: tuple[Shift, ...], worker_id: str, prefer: Collection[str]
) -> tuple[Candidate, ...]:
    """Whom to try, in order: the one named leads, whatever the rank, and the rest of a crew follows by it."""
    if not worker_id:
        return tuple(sorted(ranked, key=lambda one: one.worker.id not in prefer)) if prefer else ranked
    if not any(worker_id in shift.workers for shift in team):
        raise WorkerUnavailable(f"worker {worker_id} may not do this job")
    if worker_id not in {one.worker.id for one in ranked}:
        raise SlotUnavailable(f"worker {worker_id} is not free in this slot")
    return tuple(sorted(ranked, key=lambda one: one.worker.id != worker_id))


def _expiry(world: World) -> datetime:
    return world.now + world.rules.slot_hold
