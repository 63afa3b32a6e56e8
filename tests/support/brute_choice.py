"""Who is to be sent, written from the rules' text and nothing else: the judge of the choice, slow and plain.

It shares no code with the product: not its distances, its days or its measures.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any, Literal

from catalog.model import Worker

INDIA = timezone(timedelta(hours=5, minutes=30))
EARTH_KM = 6371.0


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A job in the words of the rules."""

    provider: str
    services: tuple[str, ...]
    district: str | None
    lat: float | None
    lon: float | None
    on: date
    gender: Literal["female", "male", ""] = ""
    insisted: bool = True
    out: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Past:
    """What a worker has done, and whether the slot is free."""

    free: bool = True
    today: int = 0
    week: int = 0
    idle: datetime | None = None


def may_be_sent(worker: Worker, past: Past, job: Wanted) -> bool:
    """R6, R8, R11, R27, R28, the worker's own word, and the customer's."""
    ours = worker.provider_id == job.provider and worker.active and worker.available
    papers = worker.verified_until is not None and worker.verified_until >= job.on
    for service in job.services:
        papers = papers and service in worker.skills and worker.skills[service] >= job.on
    here = job.district is None or job.district in worker.districts
    for first, last in worker.leaves:
        here = here and (job.on < first or job.on > last)
    for contract in worker.engagements:
        last = contract.last if contract.ended is None or contract.ended > contract.last else contract.ended
        here = here and (job.on < contract.first or job.on > last)
    liked = not (job.gender and job.insisted and worker.gender != job.gender)
    return ours and papers and here and liked and past.free and worker.id not in job.out


def better(one: tuple[Worker, Past], two: tuple[Worker, Past], job: Wanted) -> bool:
    """Whether the first is to be sent rather than the second: wish, band, today, week in steps of 3, rating, idle, id."""
    mine, yours = _terms(*one, job), _terms(*two, job)
    for left, right in zip(mine, yours, strict=True):
        if left != right:
            return bool(left < right)
    return False


def best_of(candidates: Sequence[tuple[Worker, Past]], job: Wanted) -> str | None:
    """The id of the only one than whom nobody is better, or None."""
    fit = [one for one in candidates if may_be_sent(*one, job)]
    for one in fit:
        if not any(better(other, one, job) for other in fit if other is not one):
            return one[0].id
    return None


def _terms(worker: Worker, past: Past, job: Wanted) -> list[Any]:
    band = 0
    if job.lat is not None and job.lon is not None:
        km = _km(worker.gps.lat, worker.gps.lon, job.lat, job.lon)
        band = 0 if km <= 2 else 1 if km <= 5 else 2 if km <= 10 else 3
    rating = (5 * 4 + worker.rating.sum) / (5 + worker.rating.count)
    idle = past.idle if past.idle is not None else datetime(1970, 1, 1, tzinfo=INDIA)
    not_wished = bool(job.gender) and worker.gender != job.gender
    return [not_wished, band, past.today, past.week // 3, -rating, idle, worker.id]


def _km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    north, east = math.radians(other_lat - lat), math.radians(other_lon - lon)
    half = math.sin(north / 2) ** 2
    half += math.cos(math.radians(lat)) * math.cos(math.radians(other_lat)) * math.sin(east / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(half))
