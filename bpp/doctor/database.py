"""The database: without it every message is refused with 503 and 31001, and the registry finds nobody at home."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground
from bpp.storage.condition import Condition, condition

NAME = "database"
LOW, LITTLE = 200 << 20, 2 << 30
"""Free bytes beside an SQLite file below which it stands still soon, and below which somebody should look."""


async def look(ground: Ground) -> list[Finding]:
    """The database of the settings, as this machine sees it."""
    return list(judge(await condition(ground.settings.database_url)))


def judge(seen: Condition) -> Iterator[Finding]:
    """Of a database as it was found."""
    if seen.head is not None and seen.revision != seen.head and (not seen.problem or seen.revision):
        yield failure(
            NAME, f"schema {seen.revision or 'none'}, and {seen.head} is expected", ("31001",), do="bpp db upgrade"
        )
    elif not seen.writable:
        yield failure(
            NAME,
            f"it cannot be opened and written: {seen.problem}",
            ("31001",),
            do="see BPP_DATABASE_URL, the rights on file and folder, and whether the server of the database runs",
        )
    else:
        yield ok(NAME, f"schema {seen.revision}, a write took {seen.wrote.total_seconds() * 1000:.0f} ms")
    if seen.journal not in (None, "wal"):
        yield warning(
            "database journal",
            f"{seen.journal}, and WAL is expected",
            do="put the file on a disk of this machine: network drives cannot do WAL",
        )
    if seen.free is not None and seen.free < LITTLE:
        said = f"{seen.free >> 20} MiB are free beside it"
        room = "make room, or move the file; bpp retention run forgets old bodies"
        yield failure("disk", said, ("31001",), do=room) if seen.free < LOW else warning("disk", said, do=room)
