"""Who may do a visit, and when each of them is free: what a slot is offered, found and held from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bpp.core.world import World
from bpp.orders.assignment import (
    AskedGender,
    Job,
    able,
    local_day,
    papers,
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
from catalog.model import Provider, Worker
from catalog.search import Place

Shifts = Sequence[tuple[Worker, Calendar]]


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


def roster(visit: Visit, taken: Mapping[str, Sequence[datetime]], world: World) -> Roster:
    """Who may do a visit, and when each is free, until his or her papers lapse."""
    span = horizon(world.now, world.rules.horizon_days)
    return booked(shifts(visit, span, world), taken, span)


def booked(team: Shifts, taken: Mapping[str, Sequence[datetime]], span: Horizon) -> Roster:
    """The roster of a team of whose time something is taken."""
    calendars = {one.id: without(shift, taken[one.id], span) if one.id in taken else shift for one, shift in team}
    return Roster(span=span, calendars=calendars, workers=tuple(one for one, _ in team))


def shifts(visit: Visit, span: Horizon, world: World) -> Shifts:
    """The workers who may do a visit, each with the time of his or her shifts until the papers lapse."""
    hours, everybody = visit.provider.hours, world.catalog.workers_of.get(visit.provider.id, ())
    whole = memo_of(visit.provider.id, world).once(
        ("calendars", hours, span), lambda: {one.id: calendar(hours, one, (), span) for one in everybody}
    )
    last = span.first + timedelta(days=span.days - 1)
    found = []
    for one in qualified_workers(visit, world):
        lapse = papers(one, visit.service_ids)
        found.append((one, whole[one.id] if lapse >= last else until(whole[one.id], lapse, span)))
    return found


def qualified_workers(visit: Visit, world: World) -> list[Worker]:
    """The provider's workers who may do such a job today."""
    everybody = world.catalog.workers_of.get(visit.provider.id, ())
    return able(everybody, visit.job(local_day(world.now)), memo_of(visit.provider.id, world))


def memo_of(provider_id: str, world: World) -> Memo:
    """What was worked out of a provider's workers, in this version of the catalog."""
    return world.catalog.teams.get(provider_id) or Memo()


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
    ids = [one.id for one in qualified_workers(visit, world)]
    taken = await work.slots.taken(ids, span.start, span.end, world.now, ref) if ids else {}
    return roster(visit, taken, world)


def minutes_between(start: datetime, end: datetime | None) -> int:
    """The length of a requested range in minutes; 0 where it has no sensible end."""
    if end is None or end <= start:
        return 0
    return -(-(end - start) // timedelta(minutes=1))
