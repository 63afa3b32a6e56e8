"""How we settle, as the settings say; and a day's run, which is done in steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal

from beckn_schemas.rsf_context import Participant
from bpp.orders.assignment import local_day
from bpp.settlement.plan import Pace
from bpp.settlement.wire import Meaning
from catalog.availability import KOLKATA

Mode = Literal["off", "messages", "files"]
FIRST_HOUR = 6
"""The hour of India from which on a day's run may begin: what was done the day before is in the books."""
MARGIN, EVENTS = timedelta(hours=1), 1_000
"""How long before the run before, and how many events of orders, are looked at once more: what is committed later than
what came after it is found all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """``mode``: whether settles go out as messages, as files, or not at all; recons are answered in any.

    Work that was done before the day on which it ``begins`` was paid in another way and is not settled by us; None: all
    is. ``meaning`` is what an order's amount means in a recon of ours, ``window`` how long after the work an order may
    be settled, ``taxes_by_collector`` whether the collector takes TCS and TDS, ``nil`` whether it is filed as well that
    there is nothing. ``page`` is how many orders a step of a run takes.
    """

    mode: Mode = "off"
    agency: Participant | None = None
    begins: date | None = None
    meaning: Meaning = "b"
    window: timedelta = timedelta(days=1)
    taxes_by_collector: bool = False
    nil: bool = False
    pace: Pace = field(default_factory=Pace)
    page: int = 200

    @property
    def agency_id(self) -> str:
        """Whom settles are filed with; empty where files are."""
        return self.agency.id if self.agency is not None and self.mode == "messages" else ""


Stage = Literal["prepare", "file", "follow", "done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One day's run: which stage it is in, and after whom in it (``after``) it goes on.

    ``since`` is from when on postings are looked at, ``after_event`` behind which event of an order; ``last_event`` was
    the newest when it began. The figures count settlements.
    """

    id: str
    day: date
    began_at: datetime
    since: datetime
    after_event: int = 0
    last_event: int = 0
    stage: Stage = "prepare"
    after: str = ""
    prepared: int = 0
    filed: int = 0
    followed: int = 0
    ended_at: datetime | None = None


def run_due(last: Run | None, now: datetime) -> bool:
    """Whether the day's run is still to begin; one that somebody began before its hour is another."""
    begins = datetime.combine(local_day(now), time(FIRST_HOUR), KOLKATA)
    return now >= begins and (last is None or last.began_at < begins)


def new_run(last: Run | None, run_id: str, now: datetime, newest: int) -> Run:
    """A run that looks at orders that moved since the one before, the first at all; ``newest`` is the newest event."""
    since = last.began_at - MARGIN if last is not None else datetime.fromtimestamp(0, UTC)
    behind = max(last.last_event - EVENTS, 0) if last is not None else 0
    return Run(id=run_id, day=local_day(now), began_at=now, since=since, after_event=behind, last_event=newest)
