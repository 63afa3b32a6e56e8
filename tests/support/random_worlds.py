"""Small random worlds of workers and a job: most of what may be wrong with somebody is wrong with somebody in each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from random import Random
from typing import Literal

from catalog.model import Engagement, Gps, Rating, Worker
from tests.support.brute_choice import Past, Wanted
from tests.support.catalog_builders import BARABANKI_DISTRICT, LUCKNOW, LUCKNOW_DISTRICT, a_worker

SERVICES = ("SM-PLB", "SM-ELC")
DISTRICTS = (LUCKNOW_DISTRICT, BARABANKI_DISTRICT)
GENDERS: tuple[Literal["female", "male", "other", ""], ...] = ("female", "male", "other", "")
ASKED: tuple[Literal["female", "male", ""], ...] = ("", "", "", "female", "male")
TYPICAL = a_worker()


def a_job(random: Random, day: date, *, out: tuple[str, ...] = ()) -> Wanted:
    """A job of P1 on a day, sometimes without a place, sometimes with a wish."""
    placed = random.random() < 0.9
    return Wanted(
        provider="P1",
        services=tuple(random.sample(SERVICES, random.choice((1, 1, 1, 2)))),
        district=random.choice((LUCKNOW_DISTRICT, LUCKNOW_DISTRICT, LUCKNOW_DISTRICT, None)),
        lat=LUCKNOW.lat if placed else None,
        lon=LUCKNOW.lon if placed else None,
        on=day,
        gender=random.choice(ASKED),
        insisted=random.random() < 0.6,
        out=out,
    )


def some_worker(random: Random, number: int, day: date) -> Worker:
    """A worker with whom something may be wrong on the day."""
    return replace(
        TYPICAL,
        id=f"W{number}",
        provider_id=random.choice(("P1", "P1", "P1", "P1", "P1", "P2")),
        gender=random.choice(GENDERS),
        gps=Gps(LUCKNOW.lat + random.choice((0.0, 0.01, 0.03, 0.07, 0.2)) + random.random() / 1000, LUCKNOW.lon),
        districts=tuple(random.sample(DISTRICTS, random.choice((1, 2, 2, 2)))),
        skills={one: _about(random, day) for one in SERVICES if random.random() < 0.85},
        verified_until=_about(random, day) if random.random() < 0.93 else None,
        leaves=((_near(random, day), _near(random, day) + timedelta(days=1)),) if random.random() < 0.2 else (),
        active=random.random() < 0.95,
        available=random.random() < 0.95,
        engagements=(_contract(random, day),) if random.random() < 0.25 else (),
        rating=Rating(sum=random.randint(0, 40), count=random.choice((0, 8, 10))),
    )


def some_past(random: Random, day: date) -> Past:
    """What the worker has done."""
    now = datetime.combine(day, datetime.min.time()).astimezone()
    idle = None if random.random() < 0.4 else now - timedelta(hours=random.randint(1, 4))
    return Past(free=random.random() < 0.85, today=random.choice((0, 0, 0, 1, 2)), week=random.randint(0, 7), idle=idle)


def _about(random: Random, day: date) -> date:
    """A last day that mostly lies ahead, and sometimes is the day itself or the one before."""
    return day + timedelta(days=random.choice((900, 900, 900, 900, 30, 1, 0, -1)))


def _near(random: Random, day: date) -> date:
    return day + timedelta(days=random.randint(-3, 2))


def _contract(random: Random, day: date) -> Engagement:
    first = _near(random, day)
    last = first + timedelta(days=random.randint(0, 5))
    ended = first + timedelta(days=random.randint(0, 5)) if random.random() < 0.4 else None
    return Engagement(id="E1", mode="industry", employer="Demo Mills", first=first, last=last, ended=ended)
