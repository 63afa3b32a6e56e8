"""Synthetic workers: near their district's headquarters, most of them verified and certified, some not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from random import Random
from typing import Any, Literal

from catalog.model import Engagement, Provider, Worker
from catalog.places import districts
from catalog.synthetic.chances import WORKERS, draw, happens
from catalog.synthetic.plan import Plan
from catalog.synthetic.providers import FIRST_PHONE, HOURS, IMAGE, YEARS, near
from catalog.synthetic.rates import COMMON
from catalog.synthetic.words import MEN, OTHERS, WOMEN

Gender = Literal["female", "male", "other"]
_WOMEN_IN = {"SM-BTY": 0.9, "SM-MHD": 0.9, "SM-BBY": 0.9, "SM-COK": 0.6, "SM-HCL": 0.5}
_ELSEWHERE, _OTHERS = 0.12, 0.01
_GENDERS: tuple[Gender, ...] = ("female", "male", "other")
_NAMES: Mapping[Gender, tuple[str, ...]] = {"female": WOMEN, "male": MEN, "other": OTHERS}


def workers_of(plan: Plan, provider: Provider, first: int, today: date, rng: Random) -> Iterator[Worker]:
    """As many as the plan says, numbered from ``first``. Those of an anchor that do what is common are in order."""
    home = districts()[provider.districts[0]].headquarters
    for place in range(plan.workers):
        number = first + place
        trade = plan.trades[place % len(plan.trades)]
        reliable = plan.anchor and trade in COMMON
        gender = _gender(trade, rng)
        yield Worker(
            id=f"SYN-W{number:06d}",
            provider_id=provider.id,
            name=f"{rng.choice(_NAMES[gender])} Demo",
            phone=str(FIRST_PHONE + 10_000 + number),
            photo=IMAGE,
            gender=gender,
            gps=near(home, rng),
            districts=provider.districts if happens("goes everywhere", rng) else provider.districts[:1],
            skills=_skills(plan, trade, today, rng, reliable=reliable),
            hours=provider.hours if reliable else rng.choice(HOURS),
            shares_location=happens("shares the location", rng),
            external_id=f"DEMO-{number:06d}" if happens("in another register", rng) else "",
            **(_sound(number, today) if reliable else _standing(number, today, rng)),
        )


def _gender(trade: str, rng: Random) -> Gender:
    women = _WOMEN_IN.get(trade, _ELSEWHERE)
    return rng.choices(_GENDERS, (women, 1 - women, _OTHERS))[0]


def _skills(plan: Plan, trade: str, today: date, rng: Random, *, reliable: bool) -> Mapping[str, date]:
    """The worker's own trade and up to two others of the provider's; some certificates have lapsed."""
    others = rng.sample(plan.trades, min(len(plan.trades), rng.randint(0, 2)))
    found = {one: _until(today, rng) for one in (trade, *others)}
    return {**found, trade: today + 2 * YEARS} if reliable else found


def _until(today: date, rng: Random) -> date:
    return today + timedelta(
        days=rng.randint(-30, -1) if happens("lapsed certificate", rng) else rng.randint(30, 3 * 365)
    )


def _sound(number: int, today: date) -> Mapping[str, Any]:
    return {"verified_until": today + 2 * YEARS, "verification": f"DEMO-V{number:06d}"}


def _standing(number: int, today: date, rng: Random) -> Mapping[str, Any]:
    """Verification, leave, engagement and switch: one worker in six cannot be sent for one reason or another."""
    found = dict(_sound(number, today))
    match draw(WORKERS, rng):
        case "unverified":
            found = {"verified_until": None}
        case "lapsed":
            found["verified_until"] = today - timedelta(days=rng.randint(1, 60))
        case "struck off":
            found["active"] = False
        case "switched off":
            found["available"] = False
        case "on leave":
            found["leaves"] = ((today, today + timedelta(days=rng.randint(1, 14))),)
        case "engaged":
            found["engagements"] = (_engagement(number, today),)
    return found


def _engagement(number: int, today: date) -> Engagement:
    first, last = today - timedelta(days=20), today + timedelta(days=70)
    return Engagement(id=f"E{number}", mode="industry", employer="Demo Works", first=first, last=last)
