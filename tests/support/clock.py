"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

MONDAY_MORNING = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)
"""Monday, 09:00 in Lucknow: the start of a working day."""


class FakeClock:
    """The `Clock` of a test: called, it tells the time; `tick` moves it.

    `clock.tick(minutes=5)` takes what `timedelta` takes and returns the new time. A negative step is allowed: clocks
    of machines are set back, too.
    """

    def __init__(self, start: datetime = MONDAY_MORNING) -> None:
        if start.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self._now = start.astimezone(UTC)

    def __call__(self) -> datetime:
        """The time as it is now, aware and in UTC."""
        return self._now

    def tick(self, **step: float) -> datetime:
        """Move the time by `timedelta(**step)`."""
        self._now += timedelta(**step)
        return self._now

    def set(self, now: datetime) -> datetime:
        """Put the clock at an aware time."""
        if now.tzinfo is None:
            raise ValueError("the clock needs an aware datetime")
        self._now = now.astimezone(UTC)
        return self._now
