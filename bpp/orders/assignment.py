"""The choice of a worker: filter by named predicates, rank, explain. Pure.

Sources: rules R6, R8, R11 and R18 of Sewamitra (worker of the booked provider, verified, certified, nearest);
rank of decision 19.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from catalog.availability import KOLKATA
from catalog.geo import distance_km
from catalog.model import Gps, Worker
from catalog.ranking import bayesian, distance_band


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a worker is wanted for: whose order, where, when, and which services it needs."""

    provider_id: str
    service_ids: frozenset[str]
    district: str | None
    gps: Gps | None
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A worker with what the rank needs: the jobs of the day, the end of the last one, and whether the slot is free."""

    worker: Worker
    free: bool
    jobs_today: int = 0
    idle_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """The candidates in the order in which to try them, and for each rejected worker the predicates that failed."""

    ranked: tuple[Candidate, ...]
    rejected: Mapping[str, tuple[str, ...]]


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
    return all(one.worker.skills.get(service, date.min) >= job.day for service in job.service_ids)


def serves_district(one: Candidate, job: Job) -> bool:
    """Rule R6: registered for the district of the job, where that is known."""
    return job.district is None or job.district in one.worker.districts


def not_on_leave(one: Candidate, job: Job) -> bool:
    """No leave on the day of the job."""
    return not any(begin <= job.day <= end for begin, end in one.worker.leaves)


def free_in_slot(one: Candidate, _job: Job) -> bool:
    """On shift and free for the whole slot."""
    return one.free


QUALIFICATIONS: tuple[Callable[[Candidate, Job], bool], ...] = (
    of_provider,
    active,
    verified,
    certified,
    serves_district,
)
ELIGIBILITY = (*QUALIFICATIONS, not_on_leave, free_in_slot)


def qualified(worker: Worker, job: Job) -> bool:
    """Whether a worker may do such a job at all, whatever the time of day."""
    one = Candidate(worker=worker, free=True)
    return all(predicate(one, job) for predicate in QUALIFICATIONS)


def assign(job: Job, candidates: Sequence[Candidate]) -> Assignment:
    """Rank the eligible workers; say of each other one which predicates failed."""
    failed = {
        one.worker.id: tuple(predicate.__name__ for predicate in ELIGIBILITY if not predicate(one, job))
        for one in candidates
    }
    eligible = [one for one in candidates if not failed[one.worker.id]]
    ranked = tuple(sorted(eligible, key=lambda one: rank(one, job)))
    return Assignment(ranked, {worker: names for worker, names in failed.items() if names})


def rank(one: Candidate, job: Job) -> tuple[int, int, float, float, str]:
    """Distance band, jobs today, rating (best first), idle longest, id: decision 19."""
    band = distance_band(distance_km(one.worker.gps, job.gps)) if job.gps is not None else 0
    idle = one.idle_since.timestamp() if one.idle_since is not None else 0.0
    return band, one.jobs_today, -bayesian(one.worker.rating), idle, one.worker.id


def local_day(moment: datetime) -> date:
    """The date in Asia/Kolkata."""
    return moment.astimezone(KOLKATA).date()
