"""Moments that must follow one another on the wire, where they have milliseconds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

MILLISECOND = timedelta(milliseconds=1)


@lru_cache(maxsize=4096)  # the slots of a day stand at every item of a search
def wire_time(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds and ``Z``, the one form we emit."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def minute(moment: datetime) -> datetime:
    """A moment to the minute, in UTC: slots are compared at that precision (protocol.md 1.3)."""
    return moment.astimezone(UTC).replace(second=0, microsecond=0)


def parse_moment(text: str) -> datetime | None:
    """An aware moment from RFC 3339 text, or None where it is none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None


def later_than(earlier: datetime | None, now: datetime) -> datetime:
    """Now, or a millisecond after ``earlier`` if that is later: so that ``updated_at`` strictly increases."""
    now = now.replace(microsecond=now.microsecond // 1000 * 1000)
    if earlier is None or now > earlier:
        return now
    return earlier.replace(microsecond=earlier.microsecond // 1000 * 1000) + MILLISECOND
