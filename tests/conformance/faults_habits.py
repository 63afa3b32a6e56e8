"""Faults that only simple counterparts stumble over: what ``checks/habits.py`` must find."""

from __future__ import annotations

from tests.conformance.planted import Changes, Planted, says
from tests.support.json_edit import DELETE

_PROVIDER = "message.catalog.providers[0]"


def _catalog(name: str, check: str, path: str, value: object) -> Planted:
    return Planted(name=name, check=check, seller=Changes("on_search", says(path, value)), scenario="odd_searches")


PLANTED: tuple[Planted, ...] = (
    Planted(
        name="nowhere",
        check="provider_locations",
        seller=Changes("on_init", says("message.order.provider.locations", DELETE)),
    ),
    _catalog("no type of payment", "simply_read", "message.catalog.payments[0].type", DELETE),
    Planted(
        name="count as text",
        check="whole_counts",
        seller=Changes("on_init", says("message.order.items[0].quantity.selected.count", "1")),
    ),
    _catalog("a day as holiday", "holidays", f"{_PROVIDER}.time.schedule.holidays", ["2026-12-25"]),
    _catalog("no holidays", "holidays", f"{_PROVIDER}.time.schedule.holidays", []),
)
