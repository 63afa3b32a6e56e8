"""How often what is out of the ordinary happens in a synthetic catalog: invented, so that it looks like life."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

CHANCES: Mapping[str, float] = {
    "an individual": 0.25,
    "serves neighbours": 0.35,
    "a registered firm": 0.6,
    "a registered individual": 0.1,
    "accepts by hand": 0.1,
    "tracks": 0.3,
    "no pan": 0.05,
    "fewer services elsewhere": 0.3,
    "an offer": 0.05,
    "not on sale": 0.04,
    "out of date": 0.5,
    "a struck-off price": 0.15,
    "another price elsewhere": 0.1,
    "only at home": 0.02,
    "goes everywhere": 0.5,
    "shares the location": 0.3,
    "in another register": 0.3,
    "lapsed certificate": 0.03,
}
PROVIDERS: Mapping[str, float] = {"suspended": 0.03, "expired": 0.03, "to come": 0.02, "in force": 0.92}
WORKERS: Mapping[str, float] = {
    "unverified": 0.04,
    "lapsed": 0.04,
    "struck off": 0.02,
    "switched off": 0.02,
    "on leave": 0.02,
    "engaged": 0.02,
    "in order": 0.84,
}


def happens(what: str, rng: Random) -> bool:
    """Whether it does this time."""
    return rng.random() < CHANCES[what]


def draw(table: Mapping[str, float], rng: Random) -> str:
    """One of several that exclude each other."""
    return rng.choices(tuple(table), tuple(table.values()))[0]
