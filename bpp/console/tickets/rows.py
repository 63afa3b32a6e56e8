"""A complaint as a row of a list, with the time that is left for it; and who sees complaints at all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bpp.issues.model import Level, Status
from bpp.operator.ticket_models import TicketSummary
from bpp.people.model import Role

READERS = frozenset({Role.OPERATOR, Role.OFFICER, Role.PROVIDER, Role.ADMIN})
MINUTE = timedelta(minutes=1)
OVER = frozenset({Status.RESOLVED, Status.CLOSED})


@dataclass(frozen=True, slots=True)
class Left:
    """Minutes until the time is over, or since: ``late`` says which."""

    minutes: int
    late: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A complaint, what it is about in both languages, and the time that is left; None once the clock has stopped.

    ``level`` says whose it is by now: what is late is the grievance officer's. None of ours, which is the other side's.
    """

    one: TicketSummary
    category: Mapping[str, str]
    left: Left | None
    level: Level | None


def row(one: TicketSummary, now: datetime) -> Row:
    """The row of a complaint."""
    rest = one.resolution_due - now
    left = None if one.status in OVER else Left(abs(rest) // MINUTE, late=rest <= timedelta())
    level = Level.GRIEVANCE if left and left.late and one.level is Level.ISSUE else one.level
    return Row(one, {"en": one.category, "hi": one.category_hi}, left, None if one.ours else level)
