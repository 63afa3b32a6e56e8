"""A choice of workers as it is kept: who was chosen, before whom, by which terms of the rank, and who was not and why.

It says where nobody lives: of the job only the district, the day and the services, of the way only its length.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain, islice
from typing import Literal

from bpp.orders.assignment import FAIR_DAYS, AskedGender, Assignment, Candidate, Job
from catalog.availability import KOLKATA
from catalog.ranking import bayesian

Trigger = Literal["select", "init", "confirm", "requote", "assign", "reschedule", "reassign", "redo", "run"]
OF_A_DRAFT: frozenset[Trigger] = frozenset({"select", "init", "confirm"})
"""Choices before there is an order: each takes the place of the one before it."""
MOST_RANKED = 10
MOST_REJECTED = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """An eligible worker with the terms of the rank; ``km`` is None where the place of the job is unknown."""

    worker_id: str
    km: float | None
    jobs_today: int
    jobs_before: int
    rating: float
    idle_since: datetime | None
    as_wished: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """``workers`` go, nobody where empty. ``slot_ref`` is the name by which they hold their time (``Order.slot_ref``).

    ``ranked`` are the first of the ``eligible``, in their order; ``rejected`` some of the others with the predicates
    that failed, ``failures`` how often each failed among all of them. ``named``: an operator named the worker.
    """

    at: datetime
    slot_ref: str
    order_ref: str
    trigger: Trigger
    day: date
    district: str | None
    service_ids: tuple[str, ...]
    workers: tuple[str, ...]
    eligible: int
    ranked: tuple[Ranked, ...]
    rejected: Mapping[str, tuple[str, ...]]
    failures: Mapping[str, int]
    gender: AskedGender = ""
    gender_required: bool = True
    named: str = ""


def choice_of(
    job: Job,
    assignment: Assignment,
    workers: Sequence[str],
    *,
    at: datetime,
    slot_ref: str,
    order_ref: str,
    trigger: Trigger,
    named: str = "",
) -> Choice:
    """What is kept of a choice. That a worker has no time is told only where nothing else stands against him or her."""
    rejected = {
        worker: _reasons(names) if "free_in_slot" in names else names
        for worker, names in sorted(assignment.rejected.items())
    }
    failures = Counter(chain.from_iterable(rejected.values()))
    return Choice(
        at=at,
        slot_ref=slot_ref,
        order_ref=order_ref,
        trigger=trigger,
        day=job.day,
        district=job.district,
        service_ids=tuple(sorted(job.service_ids)),
        workers=tuple(workers),
        eligible=len(assignment.ranked),
        ranked=tuple(_ranked(one, assignment.km.get(one.worker.id), job) for one in _shown(assignment.ranked, workers)),
        rejected=dict(islice(rejected.items(), MOST_REJECTED)),
        failures=dict(sorted(failures.items())),
        gender=job.gender,
        gender_required=job.gender_required,
        named=named,
    )


def _reasons(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name for name in names if name != "free_in_slot") or names


def _shown(ranked: Sequence[Candidate], workers: Sequence[str]) -> list[Candidate]:
    """The first of the ranked, and those further down who were chosen all the same."""
    return [one for place, one in enumerate(ranked) if place < MOST_RANKED or one.worker.id in workers]


def _ranked(one: Candidate, km: float | None, job: Job) -> Ranked:
    return Ranked(
        worker_id=one.worker.id,
        km=None if km is None else round(km, 1),
        jobs_today=one.jobs_today,
        jobs_before=one.jobs_before,
        rating=round(bayesian(one.worker.rating), 2),
        idle_since=one.idle_since,
        as_wished=not job.gender or one.worker.gender == job.gender,
    )


WORDS: Mapping[str, str] = {
    "of_provider": "works for another provider",
    "active": "struck off by the provider",
    "verified": "no police verification for the day",
    "certified": "no certificate of the service for the day",
    "serves_district": "not registered for the district",
    "of_gender": "not of the gender asked for",
    "did_not_drop_out": "dropped out of this visit before",
    "available": "switched off",
    "not_on_leave": "on leave",
    "not_engaged": "engaged elsewhere",
    "free_in_slot": "not free in the slot",
    "can_be_there": "too far away to be there in time",
}
"""What it means that a predicate failed."""


def in_words(choice: Choice) -> list[str]:
    """A choice as an operator reads it, a line for the outcome and one for each worker looked at."""
    who = ", ".join(choice.workers) or "nobody"
    day = choice.day.isoformat()
    lines = [f"{choice.trigger}: {who} of {choice.eligible} who could go on {day}" + _asked(choice)]
    lines += [_of_ranked(one, choice) for one in choice.ranked]
    lines += [
        f"{worker} rejected: {', '.join(WORDS.get(name, name) for name in names)}"
        for worker, names in choice.rejected.items()
    ]
    return lines


def _asked(choice: Choice) -> str:
    asked = f"; {choice.gender} {'asked for' if choice.gender_required else 'wished for'}" if choice.gender else ""
    return asked + (f"; {choice.named} named by an operator" if choice.named else "")


def _of_ranked(one: Ranked, choice: Choice) -> str:
    parts = [] if one.km is None else [f"{one.km} km away"]
    parts += [
        f"{one.jobs_today} {'job' if one.jobs_today == 1 else 'jobs'} that day",
        f"{one.jobs_before} in the {FAIR_DAYS} days before",
        f"rated {one.rating:.2f}",
        f"idle since {one.idle_since.astimezone(KOLKATA):%d %b %H:%M}" if one.idle_since else "no job so far",
    ]
    if not one.as_wished:
        parts.append("not of the gender wished for")
    chosen = "chosen: " if one.worker_id in choice.workers else ""
    return f"{one.worker_id}: {chosen}{', '.join(parts)}"
