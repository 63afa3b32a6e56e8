"""Which slots are open, and holding one: calendars out of the database, the choice out of the pure packages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bpp.core.world import World
from bpp.errors import SlotUnavailable, WorkerUnavailable
from bpp.orders.assignment import (
    FAIR_DAYS,
    AskedGender,
    Candidate,
    Job,
    assign,
    local_day,
    papers,
    qualified,
    unfit,
)
from bpp.orders.choice import Trigger, choice_of
from bpp.storage.ports import Work
from catalog.availability import (
    CELL,
    Calendar,
    Horizon,
    calendar,
    cells_needed,
    cells_of,
    fits,
    grid_mask,
    horizon,
    moments,
    offered_starts,
    slot_of,
    until,
    within,
    without,
)
from catalog.customization import TimeOfDay
from catalog.model import Provider, Slot, Worker
from catalog.remembered import Remembered
from catalog.search import Place

ALTERNATIVES = 60
_QUALIFIED = Remembered[tuple[Worker, ...]](4096)
_SHIFTS = Remembered[tuple[tuple[Worker, Calendar], ...]](4096)
_UNFIT = Remembered[Mapping[str, tuple[str, ...]]](4096)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """What has to fit into a worker's day: services, time for one worker, and how many workers go together.

    It begins in one of the ``hours``; at any time where there are none. The fields from ``gender`` on are as in
    ``Job``.
    """

    provider: Provider
    service_ids: frozenset[str]
    place: Place
    minutes: int
    crew: int = 1
    hours: tuple[TimeOfDay, ...] = ()
    gender: AskedGender = ""
    gender_required: bool = True
    without: frozenset[str] = frozenset()
    leaves_at: datetime | None = None
    there_by: datetime | None = None
    underway: frozenset[str] = frozenset()

    def job(self, day: date) -> Job:
        """The job as the choice of a worker sees it."""
        return Job(
            provider_id=self.provider.id,
            service_ids=self.service_ids,
            district=self.place.district,
            gps=self.place.gps,
            day=day,
            gender=self.gender,
            gender_required=self.gender_required,
            without=self.without,
            leaves_at=self.leaves_at,
            there_by=self.there_by,
            underway=self.underway,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The workers qualified for a visit with their calendars over the horizon."""

    span: Horizon
    calendars: Mapping[str, Calendar]
    workers: tuple[Worker, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A held slot: the workers in the order of their rank, and the stretch they are held for."""

    workers: tuple[Worker, ...]
    slot: Slot


def roster(visit: Visit, taken: Mapping[str, Sequence[datetime]], world: World) -> Roster:
    """Who may do a visit, and when each is free, until his or her papers lapse."""
    span = horizon(world.now, world.rules.horizon_days)
    team = shifts(visit, span, world)
    calendars = {
        worker.id: without(shift, taken[worker.id], span) if worker.id in taken else shift for worker, shift in team
    }
    return Roster(span=span, calendars=calendars, workers=tuple(worker for worker, _ in team))


def shifts(visit: Visit, span: Horizon, world: World) -> tuple[tuple[Worker, Calendar], ...]:
    """The workers who may do a visit, each with the time of his or her shifts until the papers lapse."""
    workers = qualified_workers(visit, world)
    hours = visit.provider.hours

    def make() -> tuple[tuple[Worker, Calendar], ...]:
        return tuple(
            (one, until(calendar(hours, one, (), span), papers(one, visit.service_ids), span)) for one in workers
        )

    return _SHIFTS.get(workers, (hours, visit.service_ids, span), make)


def qualified_workers(visit: Visit, world: World) -> tuple[Worker, ...]:
    """The provider's workers who may do such a job today."""
    workers = world.catalog.workers_of.get(visit.provider.id, ())
    job = visit.job(local_day(world.now)).whoever_and_whenever()
    return _QUALIFIED.get(workers, job, lambda: tuple(one for one in workers if qualified(one, job)))


def open_starts(visit: Visit, team: Roster, world: World) -> list[datetime]:
    """The starts to offer for a visit: in the future, on the grid, with enough workers free at once."""
    needed = cells_needed(visit.minutes)
    after = max(world.now, world.said_at or world.now)
    mask = offered_starts(list(team.calendars.values()), needed, team.span, visit.provider.hours, after)
    found = within(moments(mask, team.span), visit.hours)
    if visit.crew == 1:
        return found
    return [start for start in found if len(_free_at(start, needed, team)) >= visit.crew]


def _unfit(everybody: tuple[Worker, ...], job: Job) -> Mapping[str, tuple[str, ...]]:
    """Who cannot have a job whatever its hour, and why; where the way counts, everybody is looked at with it."""
    if job.leaves_at is not None:
        return {}
    whenever = job.whoever_and_whenever()
    return _UNFIT.get(everybody, whenever, lambda: unfit(everybody, whenever))


def _on_offer(visit: Visit, start: datetime, world: World) -> bool:
    """Whether a start is among those that are offered where somebody is free: in the future, on the grid."""
    span = horizon(world.now, world.rules.horizon_days)
    index = span.index(start)
    after = max(world.now, world.said_at or world.now)
    on_grid = index > span.index(after) and grid_mask(visit.provider.hours, span) >> index & 1
    return bool(on_grid and within([start], visit.hours))


async def load_roster(visit: Visit, work: Work, world: World, *, ref: str) -> Roster:
    """The roster with what is taken now, but for what ``ref`` itself holds."""
    span = horizon(world.now, world.rules.horizon_days)
    ids = [one.id for one in qualified_workers(visit, world)]
    taken = await work.slots.taken(ids, span.start, span.end, world.now, ref) if ids else {}
    return roster(visit, taken, world)


async def _roster_at(visit: Visit, start: datetime, work: Work, world: World, *, ref: str) -> Roster:
    """The roster as far as a job that begins at ``start`` needs it: what is taken of its time, and not of the rest.

    One that is longer than somebody's day goes on in later days.
    """
    span = horizon(world.now, world.rules.horizon_days)
    team = shifts(visit, span, world)
    needed = cells_needed(visit.minutes)
    within_a_day = all(needed <= shift.day_length for _, shift in team)
    end = start + needed * CELL if within_a_day else span.end
    ids = [worker.id for worker, _ in team]
    taken = await work.slots.taken(ids, start, end, world.now, ref) if ids and start < end else {}
    return roster(visit, taken, world)


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
    if len(qualified_workers(visit, world)) < visit.crew:
        raise WorkerUnavailable("no verified and certified worker of the provider can do this")
    if capped and not again and await work.slots.holds_at_least(bap_id, world.rules.most_holds(bap_id), world.now):
        raise SlotUnavailable("too many selections of one buyer app or session hold slots at once")
    team = await _roster_at(visit, start, work, world, ref=ref)
    needed = cells_needed(visit.minutes)
    free = _free_at(start, needed, team)
    if not again and not (_on_offer(visit, start, world) and len(free) >= visit.crew):
        raise SlotUnavailable("the slot is past, taken or was not offered")
    job = visit.job(local_day(start))
    everybody = world.catalog.workers_of.get(visit.provider.id, ())
    known = _unfit(everybody, job)
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


def minutes_between(start: datetime, end: datetime | None) -> int:
    """The length of a requested range in minutes; 0 where it has no sensible end."""
    if end is None or end <= start:
        return 0
    return -(-(end - start) // timedelta(minutes=1))


def _expiry(world: World) -> datetime:
    return world.now + world.rules.slot_hold


def _free_at(start: datetime, needed: int, team: Roster) -> list[str]:
    return [one.id for one in team.workers if fits(team.calendars[one.id], start, needed, team.span)]
