"""What the alerts measure: one figure each, out of what this process remembers. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from bpp.console.engine.figures import Figures, quantile

LATE = 0.99
IN_TIME = 5.0
"""Seconds that buyer apps wait for a callback."""
Measure = Callable[[Figures, datetime], float | None]
"""The figure of a rule; None where there is nothing to judge by."""


def share(part: float, whole: float) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def refused_inside(figures: Figures, _now: datetime) -> float | None:
    """Without those who ask faster than their share: whoever does so shall wake nobody."""
    refused = figures.sum("bpp_messages_total", answer="NACK 31001")
    asked = sum(figures.sum("bpp_turned_away_total", limit=limit) for limit in ("peer_rate", "stranger_rate"))
    return share(refused - asked, figures.sum("bpp_messages_total"))


def unbelieved(figures: Figures, _now: datetime) -> float | None:
    """The share of messages whose signature did not hold."""
    return share(figures.sum("bpp_messages_total", answer="NACK 30016"), figures.sum("bpp_messages_total"))


def late(name: str) -> Measure:
    """Within how many seconds all but one in a hundred were."""
    return lambda figures, _now: quantile(figures.buckets(name), LATE)


def lag(figures: Figures, _now: datetime) -> float | None:
    """How late the slowest process comes to what is due, but for one time in a hundred."""
    processes = figures.by("bpp_event_loop_lag_seconds_count", "process")
    found = [quantile(figures.buckets("bpp_event_loop_lag_seconds", process=one), LATE) for one in processes]
    return max((one for one in found if one is not None), default=None)


def callbacks_late(figures: Figures, _now: datetime) -> float | None:
    """The share of callbacks that did not arrive in time."""
    in_time = dict(figures.buckets("bpp_callback_seconds")).get(IN_TIME, 0.0)
    arrived = share(in_time, figures.sum("bpp_callback_seconds_count"))
    return None if arrived is None else 1 - arrived


def lookups(figures: Figures, _now: datetime) -> float | None:
    """The share of questions to the registry that failed."""
    failed = figures.sum("bpp_registry_lookups_total", outcome="failed")
    return share(failed, figures.sum("bpp_registry_lookups_total"))


def largest(name: str, **labels: str) -> Measure:
    """The largest value of a figure."""
    return lambda figures, _now: figures.largest(name, **labels)


def total(name: str, **labels: str) -> Measure:
    """The sum of a figure."""
    return lambda figures, _now: figures.sum(name, **labels)


def age(name: str, **labels: str) -> Measure:
    """Seconds since the newest moment that a figure tells."""

    def measure(figures: Figures, now: datetime) -> float | None:
        newest = figures.largest(name, **labels)
        return now.timestamp() - newest if newest else None

    return measure


def down(figures: Figures, _now: datetime) -> float | None:
    """Before the first count nobody knows; then readiness tells it."""
    counted = figures.largest("bpp_counted_timestamp_seconds", what="outbox")
    return None if counted is None else 1 - figures.sum("bpp_database_up")


def imbalance(figures: Figures, _now: datetime) -> float | None:
    """By how many paise the books do not balance, on either side."""
    return max(map(abs, figures.by("bpp_ledger_imbalance_paise", "").values()), default=None)


def files(figures: Figures, _now: datetime) -> float | None:
    """How near the fullest process is to its limit of open files."""
    most = figures.by("bpp_process_max_files", "process")
    opened = figures.by("bpp_process_open_files", "process")
    return max((opened[one] / most[one] for one in opened if most.get(one)), default=None)


def versions_apart(figures: Figures, _now: datetime) -> float | None:
    """How far the versions of the catalog are apart among processes."""
    newest, oldest = figures.largest("bpp_catalog_version"), figures.least("bpp_catalog_version")
    return None if newest is None or oldest is None else newest - oldest
