"""Many jobs at once: a whole district's day, each job with the best worker whom those before it have left. Pure.

Greedy, in one order for everybody: by the start of the slot; of those that start together first the one for which
fewest workers are registered, since it has the least choice; then by reference. What a job takes, the next ones find
taken, and it counts in the load of the day, so the work is spread as if the jobs were booked one after another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bpp.orders.assignment import Assignment, Candidate, Job, assign, papers
from catalog.availability import Calendar, Horizon, cells_mask, cells_of, until
from catalog.model import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenJob:
    """A job without a worker: its name, and how many cells of how many workers it takes from ``start``."""

    ref: str
    job: Job
    start: datetime
    needed: int
    crew: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a worker has done and when he or she is free, before the first job."""

    calendar: Calendar
    jobs_today: int = 0
    jobs_before: int = 0
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What became of a job: who goes with which cells, nobody where empty, and the reasons."""

    job: OpenJob
    workers: Mapping[str, tuple[datetime, ...]]
    assignment: Assignment


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """All jobs in the order in which they were given out, and how many pairs of job and worker were looked at."""

    given: tuple[Given, ...]
    evaluations: int


@dataclass(frozen=True, slots=True)
class Pool:
    """The workers by provider, service and district, so that a job meets only those who are registered for it."""

    by_place: Mapping[tuple[str, str, str], tuple[Worker, ...]]
    by_provider: Mapping[str, tuple[Worker, ...]]

    @classmethod
    def of(cls, workers: Iterable[Worker]) -> Pool:
        """The index of some workers."""
        places: dict[tuple[str, str, str], list[Worker]] = defaultdict(list)
        providers: dict[str, list[Worker]] = defaultdict(list)
        for one in workers:
            providers[one.provider_id].append(one)
            for service_id in one.skills:
                for district in one.districts:
                    places[one.provider_id, service_id, district].append(one)
        return cls(
            {key: tuple(found) for key, found in places.items()}, {key: tuple(one) for key, one in providers.items()}
        )

    def registered(self, job: Job) -> tuple[Worker, ...]:
        """The workers registered for the scarcest of a job's services in its district; the provider's where unknown."""
        if job.district is None or not job.service_ids:
            return self.by_provider.get(job.provider_id, ())
        found = [self.by_place.get((job.provider_id, one, job.district), ()) for one in sorted(job.service_ids)]
        return min(found, key=len)


def assign_many(jobs: Sequence[OpenJob], pool: Pool, standing_of: Callable[[Worker], Standing], span: Horizon) -> Batch:
    """Give each job to the best workers left. ``standing_of`` is asked once for each worker who is looked at."""
    standings: dict[str, Standing] = {}
    given: list[Given] = []
    evaluations = 0
    for one in sorted(jobs, key=lambda each: (each.start, len(pool.registered(each.job)), each.ref)):
        candidates, cells = [], {}
        for worker in pool.registered(one.job):
            standing = standings.get(worker.id) or standings.setdefault(worker.id, standing_of(worker))
            calendar = until(standing.calendar, papers(worker, one.job.service_ids), span)
            found = cells_of(calendar, one.start, one.needed, span)
            if found is not None:
                cells[worker.id] = found
            candidates.append(_candidate(worker, standing, free=found is not None))
        evaluations += len(candidates)
        assignment = assign(one.job, candidates)
        chosen = [each.worker.id for each in assignment.ranked[: one.crew]]
        workers = {each: cells[each] for each in chosen} if len(chosen) == one.crew else {}
        for each, taken in workers.items():
            standings[each] = _busier(standings[each], taken, span)
        given.append(Given(job=one, workers=workers, assignment=assignment))
    return Batch(given=tuple(given), evaluations=evaluations)


def _candidate(worker: Worker, standing: Standing, *, free: bool) -> Candidate:
    return Candidate(
        worker=worker,
        free=free,
        jobs_today=standing.jobs_today,
        jobs_before=standing.jobs_before,
        idle_since=standing.idle_since,
    )


def _busier(standing: Standing, cells: Sequence[datetime], span: Horizon) -> Standing:
    calendar = standing.calendar
    free = calendar.free & ~cells_mask(cells, span)
    idle = max(standing.idle_since or cells[-1], cells[-1])
    return replace(
        standing,
        calendar=Calendar(calendar.working, free, calendar.day_length),
        jobs_today=standing.jobs_today + 1,
        idle_since=idle,
    )
