"""When callbacks are tried again, by what the buyer loses when they fail (ADR 4). Data only; used by both sides.

Source: network.md 5: pre-order answers within the ttl, on_confirm up to ten minutes and then reason 998, states for a
day. A quote is worthless after its ttl; an order state is not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bpp.storage.ports import CallbackKind


@dataclass(frozen=True, slots=True)
class Schedule:
    """Waits before the second, third, ... try, the last one repeated, until the window has passed."""

    waits: tuple[timedelta, ...]
    window: timedelta


def _seconds(*values: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(seconds=value) for value in values)


SCHEDULES: Mapping[CallbackKind, Schedule] = {
    "pre_order": Schedule(_seconds(1, 2, 4, 8), timedelta(seconds=30)),
    "confirm": Schedule(_seconds(5, 15, 30, 60, 120), timedelta(minutes=10)),
    "state": Schedule(_seconds(30, 60, 120, 300, 600, 1800, 3600), timedelta(hours=24)),
    "poll": Schedule(_seconds(5, 15, 30, 60, 120), timedelta(minutes=10)),
}

KIND_OF: Mapping[str, CallbackKind] = {
    "on_search": "pre_order",
    "on_select": "pre_order",
    "on_init": "pre_order",
    "on_confirm": "confirm",
    "on_status": "poll",
    "on_track": "poll",
    "on_cancel": "state",
    "on_update": "state",
    "on_rating": "confirm",
    "on_support": "confirm",
    "on_issue": "state",
    "on_issue_status": "poll",
    "on_recon": "state",
}
"""The kind of a solicited callback; unsolicited ones are states."""
