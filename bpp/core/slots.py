"""Which slots are open, and holding one: calendars out of the database, the choice out of the pure packages."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpp.core.roster import Roster, Shifts, Visit, booked, load_roster, memo_of, open_starts, shifts
from bpp.core.world import World
from bpp.errors import SlotUnavailable, WorkerUnavailable
from bpp.orders.assignment import (
    FAIR_DAYS,
    NOBODY,
    Candidate,
    assign,
    local_day,
    unfit,
)
from bpp.orders.choice import Trigger, choice_of
from bpp.storage.ports import Work
from catalog.availability import (
    CELL,
    Horizon,
    cells_needed,
    cells_of,
    free_at,
    grid_mask,
    horizon,
    slot_of,
    within,
)
from catalog.model import Slot, Worker

ALTERNATIVES = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A held slot: the workers in the order of their rank, and the stretch they are held for."""

    workers: tuple[Worker, ...]
    slot: Slot


def _on_offer(visit: Visit, start: datetime, world: World) -> bool:
    """Whether a start is among those that are offered where somebody is free: in the future, on the grid."""
    span = horizon(world.now, world.rules.horizon_days)
    index = span.index(start)
    after = max(world.now, world.said_at or world.now)
    on_grid = index > span.index(after) and grid_mask(visit.provider.hours, span) >> index & 1
    return bool(on_grid and within([start], visit.hours))


async def _roster_at(
    team: Shifts, span: Horizon, start: datetime, needed: int, work: Work, world: World, *, ref: str
) -> Roster:
    """The roster as far as a job that begins at ``start`` needs it: what is taken of its time, and not of the rest.

    One that is longer than somebody's day goes on in later days.
    """
    within_a_day = all(needed <= shift.day_length for _, shift in team)
    end = start + needed * CELL if within_a_day else span.end
    ids = [worker.id for worker, _ in team]
    taken = await work.slots.taken(ids, start, end, world.now, ref) if ids and start < end else {}
    return booked(team, taken, span)


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
    qualified = shifts(visit, span, world)
    if len(qualified) < visit.crew:
        raise WorkerUnavailable("no verified and certified worker of the provider can do this")
    if capped and not again and await work.slots.holds_at_least(bap_id, world.rules.most_holds(bap_id), world.now):
        raise SlotUnavailable("too many selections of one buyer app or session hold slots at once")
    needed = cells_needed(visit.minutes)
    team = await _roster_at(qualified, span, start, needed, work, world, ref=ref)
    free = free_at(team.calendars, start, needed, span)
    if not again and not (_on_offer(visit, start, world) and len(free) >= visit.crew):
        raise SlotUnavailable("the slot is past, taken or was not offered")
    job = visit.job(local_day(start))
    everybody = world.catalog.workers_of.get(visit.provider.id, ())
    known = unfit(everybody, job, memo_of(visit.provider.id, world)) if job.leaves_at is None else NOBODY
    able = [one for one in everybody if one.id not in known]
    assignment = assign(job, await _candidates(able, start, free, work), known)
    ranked = _in_order(assignment.ranked, team, worker_id, prefer)
    held: list[Worker] = []
    slot: Slot | None = None
    for candidate in ranked:
        worker = candidate.worker
        cells = cells_of(team.calendars[worker.id], start, needed, team.span) or ()
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
    visit: Visit, work: Work, world: World, *, ref: str, earliest: datetime | None = None
) -> tuple[datetime, ...]:
    """Starts that can be booked for a visit now, the first ones; none is before ``earliest``."""
    team = await load_roster(visit, work, world, ref=ref)
    found = [start for start in open_starts(visit, team, world) if earliest is None or start >= earliest]
    return tuple(found[:ALTERNATIVES])


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


async def _candidates(workers: Sequence[Worker], start: datetime, free: Sequence[str], work: Work) -> list[Candidate]:
    """Some workers with what the rank needs, and whether they are among the ``free``."""
    day = Horizon(local_day(start), 1)
    since = day.start - timedelta(days=FAIR_DAYS)
    loads = await work.slots.load(free, since, day.start, day.end)
    found = []
    for one in workers:
        today, before, idle = loads.get(one.id, (0, 0, None))
        found.append(Candidate(worker=one, free=one.id in free, jobs_today=today, jobs_before=before, idle_since=idle))
    return found


def _in_order(
    ranked: tuple[Candidate, ...], team: Roster, worker_id: str, prefer: Collection[str]
) -> tuple[Candidate, ...]:
    """Whom to try, in order: the one named leads, whatever the rank, and the rest of a crew follows by it."""
    if not worker_id:
        return tuple(sorted(ranked, key=lambda one: one.worker.id not in prefer))
    if worker_id not in {one.id for one in team.workers}:
        raise WorkerUnavailable(f"worker {worker_id} may not do this job")
    if worker_id not in {one.worker.id for one in ranked}:
        raise SlotUnavailable(f"worker {worker_id} is not free in this slot")
    return tuple(sorted(ranked, key=lambda one: one.worker.id != worker_id))


def _expiry(world: World) -> datetime:
    return world.now + world.rules.slot_hold
