"""Faults that only simple counterparts stumble over: what ``checks/habits.py`` must find."""

from __future__ import annotations

from tests.conformance.planted import Changes, Planted, says

_PROVIDER = "message.catalog.providers[0]"


def _catalog(name: str, check: str, path: str, value: object) -> Planted:
    return Planted(name=name, check=check, seller=Changes("on_search", says(path, value)), scenario="odd_searches")


PLANTED: tuple[Planted, ...] = (
    _catalog("a day as holiday", "holidays", f"{_PROVIDER}.time.schedule.holidays", ["2026-12-25"]),
    _catalog("no holidays", "holidays", f"{_PROVIDER}.time.schedule.holidays", []),
)
