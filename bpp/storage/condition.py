"""What can be said of a database from outside: there, migrated, writable, and how much room is left."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from bpp.storage import tables
from bpp.storage.engine import database_file, is_sqlite, probe_engine
from bpp.storage.revisions import alembic_config

SETTINGS = ("fsync", "full_page_writes", "synchronous_commit", "max_connections", "superuser_reserved_connections")
"""Settings of PostgreSQL on which durability and the number of our connections depend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """``problem`` says why it does not open, or cannot be written. ``free`` are bytes beside an SQLite file.

    ``journal`` is SQLite's mode of journal, "wal" where it is as it should be, ``log`` the size of that beside the
    file. ``settings`` are those of PostgreSQL that ``SETTINGS`` names. ``wrote`` is how long a write took.
    """

    problem: str = ""
    revision: str | None = None
    head: str | None = None
    writable: bool = False
    journal: str | None = None
    free: int | None = None
    log: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    wrote: timedelta = timedelta()


async def condition(url: str) -> Condition:
    """Look at the database of a URL. It is not made where it is not there; nothing is left in it."""
    file = database_file(url)
    if file is not None and not file.exists():
        return Condition(problem="there is no such file")
    engine = probe_engine(url)
    free = (await asyncio.to_thread(shutil.disk_usage, file.parent)).free if file is not None else None
    head = ScriptDirectory.from_config(alembic_config(url)).get_current_head()
    revision = journal = None
    settings: dict[str, str] = {}
    started = time.monotonic()
    try:
        async with engine.connect() as connection:
            revision = await connection.run_sync(lambda one: MigrationContext.configure(one).get_current_revision())
            if is_sqlite(url):
                journal = (await connection.exec_driver_sql("PRAGMA journal_mode")).scalar_one()
            else:
                settings = {name: (await connection.execute(text(f"SHOW {name}"))).scalar_one() for name in SETTINGS}
            if revision is not None:
                await _write(connection)
    except (SQLAlchemyError, OSError) as problem:
        said = str(getattr(problem, "orig", None) or problem)
        return Condition(problem=said, revision=revision, head=head, journal=journal, free=free)
    finally:
        await engine.dispose()
    return Condition(
        revision=revision,
        head=head,
        writable=revision is not None,
        journal=journal,
        free=free,
        log=await asyncio.to_thread(_size_of_log, file),
        settings=settings,
        wrote=timedelta(seconds=time.monotonic() - started),
    )


def _size_of_log(file: Path | None) -> int:
    beside = file.with_name(f"{file.name}-wal") if file is not None else None
    return beside.stat().st_size if beside is not None and beside.exists() else 0


async def _write(connection: AsyncConnection) -> None:
    """A row that is taken back."""
    await connection.execute(insert(tables.secrets).values(name=f"probe {secrets.token_hex(8)}", value=""))
    await connection.rollback()
