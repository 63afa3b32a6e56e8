"""Copies of an SQLite file: by SQLite's own online backup, in one step and so of one moment, beside any writer."""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from bpp.storage.backup_copy import (
    AFTER_RESTORE,
    NEWEST_SEAL,
    NOT_COUNTED,
    NOT_RESTORED,
    BackupRefused,
    Copied,
    on_disk,
)
from bpp.storage.engine import database_file

WAIT = 5.0
"""Seconds that a lock of the server is waited for."""


async def copy(url: str, place: Path) -> Copied:
    """Copy the file of a URL to ``place``, and look at the copy."""
    return await asyncio.to_thread(_copy, _file(url), place)


async def look(place: Path) -> Copied:
    """What a copy holds; nothing is left beside it. Raises BackupRefused for one that is damaged."""
    return await asyncio.to_thread(_look, place)


async def put_back(place: Path, url: str, now: datetime, *, over: bool) -> Path | None:
    """Put a copy in the place of the file of a URL; returns where the file that was there is kept."""
    return await asyncio.to_thread(_put_back, place, _file(url), now, over=over)


def _file(url: str) -> Path:
    file = database_file(url)
    if file is None:
        raise BackupRefused("a database in memory has no file")
    return file


def _copy(file: Path, place: Path) -> Copied:
    if not file.is_file():
        raise BackupRefused(f"{file}: there is no such database")
    os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        with closing(_open(file)) as source, closing(sqlite3.connect(place)) as target:
            source.backup(target)  # all pages in one step: writers go on, in the log beside the file
            target.execute("PRAGMA journal_mode=DELETE")  # one file, with nothing beside it
    except sqlite3.Error as problem:
        raise BackupRefused(f"{file}: cannot be copied: {problem}") from problem
    return _look(place)


def _look(place: Path) -> Copied:
    try:
        with closing(sqlite3.connect(f"{place.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as copied:
            (said,) = copied.execute("PRAGMA integrity_check(1)").fetchone()
            if said != "ok":
                raise BackupRefused(f"{place}: damaged: {said}")
            (revision,) = copied.execute("SELECT version_num FROM alembic_version").fetchone()
            counts = _counts(copied)
            newest = copied.execute(NEWEST_SEAL).fetchone() if counts.get("audit_seals") else None
            return Copied(revision, counts, newest[0] if newest else "")
    except (sqlite3.Error, TypeError) as problem:
        raise BackupRefused(f"{place}: not a database of ours: {problem}") from problem


def _counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Rows by table, whatever program made it."""
    query = (
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> ?"
    )
    names = [row[0] for row in connection.execute(f"{query} ORDER BY name", (NOT_COUNTED,))]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def _put_back(place: Path, file: Path, now: datetime, *, over: bool) -> Path | None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with _closed(file, over=over):
        coming = file.with_name(f"{file.name}.restoring")
        for left in (coming, *(file.with_name(f"{file.name}{end}") for end in ("-wal", "-shm"))):
            left.unlink(missing_ok=True)  # a log that somebody left without its file would be played into ours
        os.close(os.open(coming, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        shutil.copyfile(place, coming)
        with closing(sqlite3.connect(coming)) as restored:
            for statement in AFTER_RESTORE:
                restored.execute(statement)
            for table in NOT_RESTORED & _counts(restored).keys():
                restored.execute(f"DELETE FROM {table}")  # noqa: S608
            restored.commit()
        on_disk(coming)
        kept = None
        if file.exists():
            kept = file.with_name(f"{file.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
            kept.hardlink_to(file)
        coming.replace(file)
        on_disk(file.parent)
        return kept


@contextmanager
def _closed(file: Path, *, over: bool) -> Iterator[None]:
    """Nobody has the file open, and nobody can open it meanwhile; it holds nothing, or may be replaced."""
    if not file.exists():
        yield
        return
    with closing(_open(file)) as connection:
        try:
            (mode,) = connection.execute("PRAGMA journal_mode=DELETE").fetchone()  # only where nobody else is
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as problem:
            raise BackupRefused(f"{file}: somebody has it open ({problem}); stop the server first") from problem
        if mode != "delete":
            raise BackupRefused(f"{file}: somebody has it open; stop the server first")
        if not over and any(_counts(connection).values()):
            raise BackupRefused(f"{file}: holds data; --over replaces it, and keeps the file beside it")
        yield


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", uri=True, timeout=WAIT, isolation_level=None)
