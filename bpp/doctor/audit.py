"""The audit chain: what is not sealed can be changed unnoticed."""

from __future__ import annotations

from datetime import datetime, timedelta

from bpp.doctor.finding import Finding, failure, not_run, ok
from bpp.doctor.ground import Ground
from bpp.errors import Unavailable
from bpp.storage.engine import database_file, open_storage
from bpp.storage.ports_sealing import Standing

NAME = "audit chain"
TOO_LONG = timedelta(hours=1)


async def look(ground: Ground) -> list[Finding]:
    """Up to when everything is sealed. Whether it holds takes longer: ``bpp audit verify``."""
    url = ground.settings.database_url
    if (file := database_file(url)) is not None and not file.exists():  # it must not be made by looking
        return [not_run(NAME, "there is no such database")]
    storage = open_storage(url)
    try:
        standing = await storage.read(lambda work: work.seals.standing())
    except Unavailable:
        return [not_run(NAME, "the database does not answer, or lacks its schema")]
    finally:
        await storage.close()
    return [judge(standing, ground.clock())]


def judge(standing: Standing, now: datetime) -> Finding:
    """Of a chain as it stands."""
    if standing.sealed_at is None:
        return ok(NAME, "not begun: a server begins it a minute after its start, and an alert tells if none does")
    age = now - standing.sealed_at
    if age > TOO_LONG:
        return failure(
            NAME,
            f"nothing was sealed for {age.total_seconds() / 3600:.0f} hours",
            do="see that a server runs, and docs/runbook/BppAuditNotSealed.md",
        )
    return ok(NAME, f"sealed up to {age.total_seconds() / 60:.0f} minutes ago, head {standing.head or 'none'}")
