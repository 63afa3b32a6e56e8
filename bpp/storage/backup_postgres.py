"""Copies of a PostgreSQL database, by PostgreSQL's own programs: they know every version of its format.

The rows are counted in the very snapshot that ``pg_dump`` copies.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from bpp.storage.backup_copy import AFTER_RESTORE, NEWEST_SEAL, NOT_COUNTED, NOT_RESTORED, BackupRefused, Copied

BEFORE = ("SET client_min_messages = warning", "DROP SCHEMA IF EXISTS public CASCADE")
"""In the transaction of the restore: what a newer schema has beside ours goes, too. The dump makes the schema anew."""

_EMPTIED = tuple(
    f"DO $$BEGIN IF to_regclass('{table}') IS NOT NULL THEN DELETE FROM {table}; END IF; END$$"  # noqa: S608
    for table in NOT_RESTORED
)
AFTER = ("GRANT USAGE ON SCHEMA public TO PUBLIC", "SET search_path = public", *AFTER_RESTORE, *_EMPTIED)


async def copy(url: str, place: Path) -> Copied:
    """Dump the database of a URL to ``place`` in PostgreSQL's custom format."""
    program = _program("pg_dump")
    async with _connected(url, isolation_level="REPEATABLE READ") as connection:
        snapshot = (await connection.execute(text("SELECT pg_export_snapshot()"))).scalar_one()
        counts = await _counts(connection)
        newest = (await connection.execute(text(NEWEST_SEAL))).scalar() if counts.get("audit_seals") else None
        copied = Copied(await _revision(connection), counts, newest or "")
        options = ("--format=custom", "--no-owner", "--no-privileges", "--schema=public")
        await _run(url, program, *options, f"--snapshot={snapshot}", f"--file={place}")
    return copied


async def look(place: Path) -> None:
    """Read the table of contents of a dump. Raises BackupRefused for one that is damaged."""
    await _run("", _program("pg_restore"), "--list", f"--file={os.devnull}", str(place))


async def put_back(place: Path, url: str, *, over: bool) -> None:
    """Put a dump in the place of the database of a URL, in one transaction."""
    programs = _program("pg_restore"), _program("psql")
    async with _connected(url) as connection:
        others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        open_elsewhere = (await connection.execute(text(others))).scalar_one()
        if open_elsewhere:
            raise BackupRefused(f"{open_elsewhere} others have the database open; stop the servers first")
        if not over and any((await _counts(connection)).values()):
            raise BackupRefused("the database holds data; --over replaces it, and nothing of it is kept")
    script = place.with_name(f".restore-{os.getpid()}.sql")
    os.close(os.open(script, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        await _run("", programs[0], "--no-owner", "--no-privileges", f"--file={script}", str(place))
        before, after = ([part for one in several for part in ("--command", one)] for several in (BEFORE, AFTER))
        quiet = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        await _run(url, programs[1], *quiet, *before, "--file", str(script), *after)
    finally:
        script.unlink()


async def _counts(connection: AsyncConnection) -> dict[str, int]:
    """Rows by table, whatever program made it; the parts of a table are counted in it."""
    query = text(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        " AND NOT relispartition AND relname <> :other ORDER BY relname"
    )
    names = (await connection.scalars(query, {"other": NOT_COUNTED})).all()
    return {name: (await connection.execute(text(f'SELECT count(*) FROM "{name}"'))).scalar_one() for name in names}  # noqa: S608


async def _revision(connection: AsyncConnection) -> str:
    return str((await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())


@asynccontextmanager
async def _connected(url: str, **options: str) -> AsyncIterator[AsyncConnection]:
    engine = create_async_engine(url, poolclass=NullPool, hide_parameters=True, **options)
    try:
        async with engine.connect() as connection:
            yield connection
    except (SQLAlchemyError, OSError) as problem:
        raise BackupRefused(f"the database cannot be read: {getattr(problem, 'orig', None) or problem}") from problem
    finally:
        await engine.dispose()


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupRefused(f"{name} is missing on this machine: install PostgreSQL's client programs")
    return found


async def _run(url: str, *command: str) -> None:
    """Run a program of PostgreSQL on the database of a URL, if it needs one; what it complains of is our refusal."""
    environ = {**os.environ, **_libpq(url)} if url else dict(os.environ)
    process = await asyncio.create_subprocess_exec(
        *command, env=environ, umask=0o077, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE
    )
    try:
        _, complaint = await process.communicate()
    except BaseException:
        process.kill()
        await process.wait()
        raise
    if process.returncode != 0:
        name = Path(command[0]).name
        raise BackupRefused(f"{name} failed: {complaint.decode(errors='replace').strip() or process.returncode}")


def _libpq(url: str) -> dict[str, str]:
    """A database URL as PostgreSQL's programs know it; in the environment, since anybody can read arguments."""
    parts = make_url(url)
    query = {name: value if isinstance(value, str) else value[0] for name, value in parts.query.items()}
    values = {
        "PGHOST": query.get("host", parts.host),
        "PGPORT": query.get("port", str(parts.port) if parts.port else None),
        "PGUSER": parts.username,
        "PGPASSWORD": parts.password,
        "PGDATABASE": parts.database,
        "PGSSLMODE": query.get("sslmode", query.get("ssl")),
    }
    return {name: str(value) for name, value in values.items() if value}
