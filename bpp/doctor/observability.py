"""Network observability: every seller tells it what was said, the same day (network.md 3.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bpp.doctor.finding import Finding, failure, not_run, ok, warning
from bpp.doctor.ground import Ground
from bpp.observability.gaps import overdue
from bpp.observability.push import MOST_COUNTED
from bpp.observability.types import told
from bpp.storage.engine import open_storage
from bpp.storage.ports import Work
from bpp.storage.ports_observability import Cursor, DayWaiting, Refusal

NAME = "network observability"
TOKEN = frozenset({"HTTP 401", "HTTP 403"})
SEE = "bpp observability gaps, and docs/runbook/BppObservabilityLate.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How far it was told: the cursor if there is one, what waits, and the first of what was refused."""

    cursor: Cursor | None = None
    waiting: Sequence[DayWaiting] = ()
    refused: Sequence[Refusal] = ()


async def look(ground: Ground) -> list[Finding]:
    """What the settings say, and what the database does."""
    settings = ground.settings
    if not settings.observed:
        if settings.env == "prod":
            do = "set BPP_OBSERVABILITY_URL and BPP_OBSERVABILITY_TOKEN (from the network's portal)"
            return [warning(NAME, "nobody is told, and every live seller must tell", do=do)]
        return [not_run(NAME, "it is told in production only, unless BPP_OBSERVABILITY is on")]
    storage = open_storage(settings.database_url)
    try:
        standing = await storage.read(lambda work: _standing(work, told(settings.observability_also)))
    finally:
        await storage.close()
    return list(judge(standing, ground.clock()))


async def _standing(work: Work, actions: frozenset[str]) -> Standing:
    return Standing(
        cursor=await work.observability.cursor(),
        waiting=await work.observability.waiting(actions, MOST_COUNTED),
        refused=await work.observability.refusals(None, None, 1),
    )


def judge(seen: Standing, now: datetime) -> Iterator[Finding]:
    """Of what the database says."""
    if seen.cursor is None:
        yield not_run(NAME, "nothing was told yet: the server has not run with these settings")
        return
    count = sum(one.messages for one in seen.waiting)
    late = overdue(seen.waiting, now)
    if late:
        hours = int(late.total_seconds() // 3600)
        yield failure(NAME, f"{count} messages wait, the first of them {hours} h past the limit", do=SEE)
    elif seen.cursor.failures:
        token = "; make another token in the network's portal" if seen.cursor.reason in TOKEN else ""
        said = f"{count} messages wait: {seen.cursor.reason}, {seen.cursor.failures} times in a row"
        yield warning(NAME, said, do=f"{SEE}{token}")
    else:
        yield ok(NAME, f"told up to row {seen.cursor.seq} of the log, {count} messages wait")
    if seen.refused:
        words = seen.refused[0].words
        do = "bpp observability gaps, and docs/runbook/BppObservabilityRefused.md"
        yield warning(f"{NAME}, refused", f"some entries were refused: {words}", do=do)
