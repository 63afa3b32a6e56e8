"""The database: without it every message is refused with 503 and 31001, and the registry finds nobody at home."""

from __future__ import annotations

from collections.abc import Iterator

from bpp.doctor.finding import Finding, failure, ok, warning
from bpp.doctor.ground import Ground
from bpp.storage.condition import Condition, condition
from bpp.storage.postgres import CONNECTIONS

NAME = "database"
LOW, LITTLE = 200 << 20, 2 << 30
"""Free bytes beside an SQLite file below which it stands still soon, and below which somebody should look."""

LONG_LOG = 1 << 30
"""Bytes of SQLite's log beside the file: it is begun anew whenever no reader holds it, and stays far smaller."""

DURABLE = {"fsync": ("on",), "full_page_writes": ("on",), "synchronous_commit": ("on", "remote_write", "remote_apply")}
"""What PostgreSQL must say, or an ACK is not on the disk when it is given (ADR 7)."""


async def look(ground: Ground) -> list[Finding]:
    """The database of the settings, as this machine sees it."""
    seen = await condition(ground.settings.database_url)
    return [*judge(seen), *judge_server(seen, ground.settings.workers)]


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
    if seen.revision is not None and seen.journal not in (None, "wal"):  # the first upgrade sees to it
        yield warning(
            "database journal",
            f"{seen.journal}, and WAL is expected",
            do="put the file on a disk of this machine: network drives cannot do WAL",
        )
    if seen.log > LONG_LOG:
        yield warning(
            "database log",
            f"{seen.log >> 20} MiB beside the file: some reader never ends",
            do="see which programs have the file open; the log is begun anew at the next start of the server",
        )
    if seen.free is not None and seen.free < LITTLE:
        said = f"{seen.free >> 20} MiB are free beside it"
        room = "make room, or move the file; bpp retention run forgets old bodies"
        yield failure("disk", said, ("31001",), do=room) if seen.free < LOW else warning("disk", said, do=room)


def judge_server(seen: Condition, workers: int) -> Iterator[Finding]:
    """Of PostgreSQL's settings; nothing of SQLite, which has none. ``workers`` are our processes on this machine."""
    if not seen.settings:
        return
    name = "database settings"
    for setting, right in DURABLE.items():
        if seen.settings[setting] not in right:
            yield failure(
                name,
                f"{setting} is {seen.settings[setting]}: what was acknowledged may be lost",
                ("31001",),
                do=f"ALTER SYSTEM SET {setting} = 'on', then SELECT pg_reload_conf()",
            )
    room = int(seen.settings["max_connections"]) - int(seen.settings["superuser_reserved_connections"])
    needed = workers * CONNECTIONS
    said = f"{workers} processes open up to {needed} connections, and {room} are possible"
    if needed > room:
        yield failure(name, said, ("31001",), do="raise max_connections, or lower BPP_WORKERS; count all machines")
    elif 2 * needed > room:
        yield warning(name, f"{said}: no room for a second machine, or a new version beside the old", do="raise it")
    else:
        yield ok(name, said)
