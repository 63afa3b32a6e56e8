"""Time as the sandbox needs it: the machine's clock, the network's spelling, and Indian time for people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

Clock = Callable[[], datetime]

IST = timezone(timedelta(hours=5, minutes=30), "IST")
"""Indian time; there is no daylight saving."""


def utc_now() -> datetime:
    """The time as the machine has it, aware and in UTC: the default clock of buyer and gateway."""
    return datetime.now(UTC)


def wire_time(moment: datetime) -> str:
    """As the network writes it: UTC, milliseconds, ``Z`` (protocol 1.0, row "timestamps")."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def weekday(moment: datetime) -> str:
    """The ISO weekday in India, ``"1"`` for Monday."""
    return str(moment.astimezone(IST).isoweekday())


def in_words(moment: datetime) -> str:
    """For people: ``Tue 3 Feb 2026, 10:00``, in Indian time."""
    local = moment.astimezone(IST)
    return f"{local:%a} {local.day} {local:%b %Y, %H:%M}"
