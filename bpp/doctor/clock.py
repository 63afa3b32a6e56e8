"""Our clock against others': the ``Date`` header tells a whole second, so only what is certain is a failure.

Source: security.md 1.4: most peers grant nothing to a ``created`` in the future, we five seconds; /subscribe refuses
"Timestamp is invalid" with 132.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bpp.doctor.finding import Finding, failure, not_run, ok, warning
from bpp.doctor.ground import Ground, fetch
from signing.signature import BACKDATE, LIFETIME

TICK = timedelta(seconds=1)
NOTICEABLE = timedelta(seconds=2)
NTP = "keep the clock with NTP (chrony, systemd-timesyncd)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A clock of somebody: what it said in an answer to a request that we sent and whose answer we had then."""

    whose: str
    sent: datetime
    came: datetime
    said: datetime

    @property
    def least_ahead(self) -> timedelta:
        """How far our clock is ahead at least; negative where it may be behind."""
        return self.sent - (self.said + TICK)

    @property
    def most_ahead(self) -> timedelta:
        """And at most."""
        return self.came - self.said


async def look(ground: Ground) -> list[Finding]:
    """The registry's clock and that of our own public URL."""
    places = {"our own server": f"{ground.root}/health/live"}
    if ground.settings.live_registry:
        places = {"the registry": ground.settings.registry, **places}
    findings: list[Finding] = []
    for whose, url in places.items():
        sent = ground.clock()
        page = await fetch(ground, "GET", url)
        said = _date(page.date)
        if said is None:
            findings.append(not_run(f"clock of {whose}", page.problem or "its answer has no Date"))
        else:
            reading = Reading(whose=whose, sent=sent, came=ground.clock(), said=said)
            findings += judge(reading, ground.settings.clock_skew)
    return findings


def judge(reading: Reading, skew: timedelta) -> Iterator[Finding]:
    """``skew`` is how far ahead of ours a peer's clock may be for us."""
    name = f"clock of {reading.whose}"
    middle = (reading.least_ahead + reading.most_ahead) / 2
    told = f"ours is {abs(middle.total_seconds()):.0f} s {'ahead of' if middle > timedelta() else 'behind'} it"
    limits = f"peers allow 0 s ahead, and we sign {BACKDATE.total_seconds():.0f} s back"
    if reading.least_ahead > BACKDATE:
        yield failure(name, f"{told}; {limits}: our signatures come from the future", ("132", "1045"), do=NTP)
    elif -reading.most_ahead > LIFETIME - BACKDATE:
        yield failure(name, f"{told}: our signatures have run out when they are made", ("132", "1035"), do=NTP)
    elif -reading.most_ahead > skew:
        yield failure(name, f"{told}: we refuse signatures of peers whose clock is right", ("30016",), do=NTP)
    elif abs(middle) > NOTICEABLE:
        yield warning(name, f"{told}; {limits}", ("1045",), do=NTP)
    else:
        yield ok(name, f"within {NOTICEABLE.total_seconds():.0f} s of ours; {limits}")


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
