"""Who may do a visit, and when each of them is free: what a slot is offered, found and held from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bpp.core.world import World
from bpp.orders.assignment import (
    AskedGender,
    Fitness,
    Job,
    fitness,
    papers,
    qualified,
)
from bpp.storage.ports import Work
from catalog.availability import (
    Calendar,
    Horizon,
    calendar,
    cells_needed,
    free_at,
    horizon,
    moments,
    offered_starts,
    until,
    within,
    without,
)
from catalog.customization import TimeOfDay
from catalog.memo import Memo
from catalog.model import Provider
from catalog.search import Place


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


@dataclass(frozen=True, slots=True)
class Shift:
    """A calendar with nothing taken, and the ids of the workers who have it."""

    calendar: Calendar
    workers: tuple[str, ...]

    def calendars(self, busy: Mapping[str, int]) -> Iterator[Calendar]:
        """The calendars of its workers as they are booked; one is enough where somebody has nothing taken."""
        if any(worker not in busy for worker in self.workers):
            yield self.calendar
            return
        for worker in self.workers:
            free = self.calendar.free & ~busy[worker]
            yield Calendar(self.calendar.working, free, self.calendar.day_length)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The workers qualified for a visit, by their ids, with their calendars over the horizon."""

    span: Horizon
    calendars: Mapping[str, Calendar]


def roster(visit: Visit, taken: Mapping[str, Sequence[datetime]], world: World) -> Roster:
    """Who may do a visit, and when each is free, until his or her papers lapse."""
    span = horizon(world.now, world.rules.horizon_days)
    calendars = {
        worker: without(shift.calendar, taken[worker], span) if worker in taken else shift.calendar
        for shift in shifts(visit, span, world)
        for worker in shift.workers
    }
    return Roster(span=span, calendars=calendars)


def shifts(visit: Visit, span: Horizon, world: World) -> tuple[Shift, ...]:
    """The workers who may do such a job today, those together who have the same time until their papers lapse."""
    return memo_of(visit.provider.id, span, world).once(("shifts", _terms(visit)), lambda: _shifts(visit, span, world))


def fitness_on(day: date, visit: Visit, span: Horizon, world: World) -> Fitness:
    """Which of the provider's workers could do a visit on a day, whatever its hour."""
    everybody = world.catalog.workers_of.get(visit.provider.id, ())
    return memo_of(visit.provider.id, span, world).once(
        ("fitness", day, _terms(visit)), lambda: fitness(everybody, visit.job(day))
    )


def qualified_workers(visit: Visit, world: World) -> list[str]:
    """The ids of the provider's workers who may do such a job today."""
    span = horizon(world.now, world.rules.horizon_days)
    return [worker for shift in shifts(visit, span, world) for worker in shift.workers]


def memo_of(provider_id: str, span: Horizon, world: World) -> Memo:
    """What was worked out today of a provider's workers, in this version of the catalog."""
    return (world.catalog.teams.get(provider_id) or Memo()).of(span)


def _terms(visit: Visit) -> tuple[object, ...]:
    """What of a visit matters to whether somebody may do it at all."""
    return visit.service_ids, visit.place.district, visit.gender, visit.gender_required, visit.without


def _shifts(visit: Visit, span: Horizon, world: World) -> tuple[Shift, ...]:
    job = visit.job(span.first)
    found: dict[Calendar, list[str]] = defaultdict(list)
    for one in world.catalog.workers_of.get(visit.provider.id, ()):
        if qualified(one, job):
            whole = calendar(visit.provider.hours, one, (), span)
            found[until(whole, papers(one, visit.service_ids), span)].append(one.id)
    return tuple(Shift(same, tuple(workers)) for same, workers in found.items())


def open_starts(visit: Visit, team: Roster, world: World) -> list[datetime]:
    """The starts to offer for a visit: in the future, on the grid, with enough workers free at once."""
    needed = cells_needed(visit.minutes)
    after = max(world.now, world.said_at or world.now)
    mask = offered_starts(list(team.calendars.values()), needed, team.span, visit.provider.hours, after)
    found = within(moments(mask, team.span), visit.hours)
    if visit.crew == 1:
        return found
    return [start for start in found if len(free_at(team.calendars, start, needed, team.span)) >= visit.crew]


async def load_roster(visit: Visit, work: Work, world: World, *, ref: str) -> Roster:
    """The roster with what is taken now, but for what ``ref`` itself holds."""
    span = horizon(world.now, world.rules.horizon_days)
    ids = qualified_workers(visit, world)
    taken = await work.slots.taken(ids, span.start, span.end, world.now, ref) if ids else {}
    return roster(visit, taken, world)


def minutes_between(start: datetime, end: datetime | None) -> int:
    """The length of a requested range in minutes; 0 where it has no sensible end."""
    if end is None or end <= start:
        return 0
    return -(-(end - start) // timedelta(minutes=1))
