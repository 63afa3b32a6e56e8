"""How much of each day was told, and what is missing after the limit for it. Pure.

The limit is 02:00 of the next day (network.md 3.1), in Asia/Kolkata, and so is a day.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from bpp.orders.assignment import local_day
from bpp.storage.ports_observability import DayTold, DayWaiting
from catalog.availability import KOLKATA

LIMIT: Final = time(2)
ONE_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day's figures: entries that were pushed, pushed with a warning, refused; messages that wait.

    ``complete``: nothing waits and nothing was refused. ``late``: it is not, and its limit has passed.
    """

    day: date
    pushed: int
    warned: int
    refused: int
    waiting: int
    oldest: datetime | None
    complete: bool
    late: bool

    @property
    def document(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self) | {
            "day": self.day.isoformat(),
            "oldest": None if self.oldest is None else self.oldest.isoformat(),
        }


def limit_of(day: date) -> datetime:
    """The moment by which everything said on a day must have been told."""
    return datetime.combine(day + ONE_DAY, LIMIT, KOLKATA)


def closed(now: datetime) -> date:
    """The newest day whose limit has passed."""
    return day_of(now - timedelta(hours=LIMIT.hour)) - ONE_DAY


def day_of(moment: datetime) -> date:
    """The day that a message counts for."""
    return local_day(moment)


def days(told: Sequence[DayTold], waiting: Sequence[DayWaiting], now: datetime) -> Iterator[Day]:
    """Each day of which anything is known, in order."""
    pushed, missing = {one.day: one for one in told}, {one.day: one for one in waiting}
    for day in sorted({*pushed, *missing}):
        figures, rest = pushed.get(day, DayTold(day=day)), missing.get(day)
        complete = rest is None and figures.refused == 0
        yield Day(
            day=day,
            pushed=figures.pushed,
            warned=figures.warned,
            refused=figures.refused,
            waiting=rest.messages if rest else 0,
            oldest=rest.oldest if rest else None,
            complete=complete,
            late=not complete and now >= limit_of(day),
        )


def overdue(waiting: Sequence[DayWaiting], now: datetime) -> timedelta:
    """For how long something should have been told already; zero where the limit of all that waits is to come."""
    past = [now - limit_of(one.day) for one in waiting]
    return max([timedelta(), *past])
