"""The choice of a worker: filter by named predicates, rank, explain. Pure.

Sources: rules R6, R8, R11, R18, R27 and R28 of Sewamitra (worker of the booked provider, verified, certified, in the
pool, nearest); rank of decision 19 and ADR 0027.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, NamedTuple

from catalog.availability import KOLKATA
from catalog.geo import Spot, distance_km, distances_km
from catalog.model import Gps, Worker
from catalog.ranking import bayesian, distance_band, travel_time

AskedGender = Literal["female", "male", ""]

FAIR_DAYS = 7  # the days before the job's whose jobs count as well as those of its own day
LATEST = timedelta(hours=1)  # a customer who was told a time is not left waiting longer for another worker
FAIR_STEP = 3  # so many jobs ahead in those days, and another comes first who is as near


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is wanted for: whose order, where, when, and which services it needs.

    ``gender`` is that asked for, any where empty; ``gender_required`` false: a wish and no condition. ``without`` are
    those who dropped out of this very job. A worker who would leave for it at ``leaves_at`` must be there at
    ``there_by``, None where there is time enough; those ``underway`` are on the way or there.
    """

    provider_id: str
    service_ids: frozenset[str]
    district: str | None
    gps: Gps | None
    day: date
    gender: AskedGender = ""
    gender_required: bool = True
    without: frozenset[str] = frozenset()
    leaves_at: datetime | None = None
    there_by: datetime | None = None
    underway: frozenset[str] = frozenset()


class Candidate(NamedTuple):
    """A worker with what the rank needs, and whether the slot is free.

    ``jobs_today`` and ``jobs_before`` are the jobs of the day and of the ``FAIR_DAYS`` before it, ``idle_since`` is the
    end of the last one.
    """

    worker: Worker
    free: bool
    jobs_today: int = 0
    jobs_before: int = 0
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The candidates in the order in which to try them, and for each rejected worker the predicates that failed.

    ``km`` is how far away each of the ranked is, by ids; of nobody where the place of the job is unknown.
    """

    ranked: tuple[Candidate, ...]
    rejected: Mapping[str, tuple[str, ...]]
    km: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Fitness:
    """Who of a provider could have a job on its day whatever its hour, and by the predicates that failed who could not.

    It holds for every job of the same provider, services, district, gender and drop-outs on that day.
    """

    able: tuple[str, ...]
    unfit: Mapping[tuple[str, ...], tuple[str, ...]]


def of_provider(one: Candidate, job: Job) -> bool:
    """Rule R8: only the booked provider's own workers."""
    return one.worker.provider_id == job.provider_id


def active(one: Candidate, _job: Job) -> bool:
    """Not struck off by the provider."""
    return one.worker.active


def verified(one: Candidate, job: Job) -> bool:
    """Rule R11: the police verification covers the day of the job."""
    return one.worker.verified_until is not None and one.worker.verified_until >= job.day


def certified(one: Candidate, job: Job) -> bool:
    """Rule R11: a certificate for each service of the job covers its day."""
    return _held_until(one.worker, job.service_ids) >= job.day


def serves_district(one: Candidate, job: Job) -> bool:
    """Rule R6: registered for the district of the job, where that is known."""
    return job.district is None or job.district in one.worker.districts


def of_gender(one: Candidate, job: Job) -> bool:
    """Of the gender that the customer insists on."""
    return not job.gender or not job.gender_required or one.worker.gender == job.gender


def did_not_drop_out(one: Candidate, job: Job) -> bool:
    """Has not declined this job, fallen ill or been late for it."""
    return one.worker.id not in job.without


def available(one: Candidate, _job: Job) -> bool:
    """Has not switched himself or herself off."""
    return one.worker.available


def not_on_leave(one: Candidate, job: Job) -> bool:
    """No leave on the day of the job."""
    return not any(begin <= job.day <= end for begin, end in one.worker.leaves)


def not_engaged(one: Candidate, job: Job) -> bool:
    """Rules R27 and R28: no contract elsewhere on the day of the job."""
    return not any(contract.first <= job.day <= contract.until for contract in one.worker.engagements)


def free_in_slot(one: Candidate, _job: Job) -> bool:
    """On shift and free for the whole slot."""
    return one.free


def can_be_there(one: Candidate, job: Job) -> bool:
    """Who sets off only now arrives in time; a worker is taken to set off from his or her registered place."""
    if job.leaves_at is None or job.there_by is None or one.worker.id in job.underway:
        return True
    km = distance_km(one.worker.gps, job.gps) if job.gps is not None else 0.0
    return job.leaves_at + travel_time(km) <= job.there_by


Predicate = Callable[[Candidate, Job], bool]
QUALIFICATIONS: tuple[Predicate, ...] = (
    of_provider,
    active,
    verified,
    certified,
    serves_district,
    of_gender,
    did_not_drop_out,
)
"""Whether a worker may do such a job at all."""
PRESENCE = (available, not_on_leave, not_engaged)
"""Whether a worker is there on the day."""
STANDING = (*QUALIFICATIONS, *PRESENCE)
AT_THE_HOUR = (free_in_slot, can_be_there)
ELIGIBILITY = (*STANDING, *AT_THE_HOUR)
NOT_FREE = (free_in_slot.__name__,)


def latest_arrival(start: datetime, minutes: int) -> datetime:
    """When a worker who sets off late must be there: within the time of the work, and within an hour."""
    return start + min(timedelta(minutes=minutes), LATEST)


def papers(worker: Worker, service_ids: Iterable[str]) -> date:
    """The last day on which a worker is both verified and certified for some services."""
    return min(worker.verified_until or date.min, _held_until(worker, service_ids))


def qualified(worker: Worker, job: Job) -> bool:
    """Whether a worker may do such a job at all, whatever the time of day."""
    one = Candidate(worker=worker, free=True)
    return all(predicate(one, job) for predicate in QUALIFICATIONS)


def may_go(worker: Worker, job: Job) -> bool:
    """Whether a worker who has the job may still be sent to it on its day."""
    one = Candidate(worker=worker, free=True)
    return all(predicate(one, job) for predicate in (*QUALIFICATIONS, *PRESENCE))


def fitness(workers: Iterable[Worker], job: Job) -> Fitness:
    """Which of some workers could have a job whatever its hour."""
    able: list[str] = []
    unfit: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for one in workers:
        failed = _failed(Candidate(worker=one, free=True), job, STANDING)
        (unfit[failed] if failed else able).append(one.id)
    return Fitness(tuple(able), {failed: tuple(ids) for failed, ids in unfit.items()})


def assign(job: Job, candidates: Iterable[Candidate]) -> Assignment:
    """Rank the eligible workers; say of each other one which predicates failed."""
    eligible, rejected = [], {}
    for one in candidates:
        if failed := _failed(one, job, ELIGIBILITY):
            rejected[one.worker.id] = failed
        else:
            eligible.append(one)
    return _ranked(eligible, rejected, job)


def assign_free(job: Job, free: Sequence[Candidate], fit: Fitness) -> Assignment:
    """What ``assign`` says of everybody, where those who are ``free`` are known, and all of them could have the job.

    Not for those who would set off only now.
    """
    names = {one.worker.id for one in free}
    rejected = {worker: failed for failed, workers in fit.unfit.items() for worker in workers}
    rejected |= dict.fromkeys([worker for worker in fit.able if worker not in names], NOT_FREE)
    return _ranked(free, rejected, job)


def _failed(one: Candidate, job: Job, predicates: Sequence[Predicate]) -> tuple[str, ...]:
    return tuple([predicate.__name__ for predicate in predicates if not predicate(one, job)])


def _held_until(worker: Worker, services: Iterable[str]) -> date:
    return min([worker.skills.get(service, date.min) for service in services], default=date.max)


def _ranked(eligible: Sequence[Candidate], rejected: Mapping[str, tuple[str, ...]], job: Job) -> Assignment:
    km: dict[str, float] = {}
    if job.gps is not None:
        away = distances_km(Spot.of(job.gps), [Spot.of(one.worker.gps) for one in eligible])
        km = {one.worker.id: distance for one, distance in zip(eligible, away, strict=True)}
    ranked = sorted(eligible, key=lambda one: _rank(one, job, km.get(one.worker.id, 0.0)))
    return Assignment(tuple(ranked), rejected, km)


Rank = tuple[bool, int, int, int, float, float, str]


def rank(one: Candidate, job: Job) -> Rank:
    """Wish first, then distance band, jobs, rating (best first), idle longest, id: decision 19 and ADR 0027.

    Where a gender is wished for, those who have it come before the others, each part in the order of decision 19. Its
    load is that of the day and then that of the days before, in steps: so the better rated are ahead by a step at most.
    """
    return _rank(one, job, distance_km(one.worker.gps, job.gps) if job.gps is not None else 0.0)


def _rank(one: Candidate, job: Job, km: float) -> Rank:
    idle = one.idle_since.timestamp() if one.idle_since is not None else 0.0
    other = bool(job.gender) and one.worker.gender != job.gender
    rating = -bayesian(one.worker.rating)
    return other, distance_band(km), one.jobs_today, one.jobs_before // FAIR_STEP, rating, idle, one.worker.id


def local_day(moment: datetime) -> date:
    """The date in Asia/Kolkata."""
    return moment.astimezone(KOLKATA).date()
