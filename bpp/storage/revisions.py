"""Which schema a database has, and whether this program may run on it; bringing it up to date.

The theory. Programs of two releases run side by side while machines are restarted one by one. The first of the newer
ones makes the revisions that it knows; the older ones go on, since a revision only adds. One that takes something
away says in ``schema_support`` which programs may still run; its release follows one that no longer needs what goes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from bpp.errors import Unavailable
from bpp.storage.tables_support import schema_support

log = structlog.get_logger(__name__)
LOCK_NOT_AVAILABLE = "55P03"
TRIES, PAUSE = 60, 1.0
"""How often a revision asks for a table that others hold, and the seconds between, in which who waits has his turn."""


def alembic_config(url: str) -> Config:
    """Alembic's configuration for a database URL; no file is read."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["url"] = url
    return config


async def bring_up_to_date(url: str) -> None:
    """Make the revisions that a database lacks. A schema newer than we know is left as it is, if we may run on it.

    Raises Unavailable where we may not, or where the database cannot be reached or changed.
    """
    for tries in range(1, TRIES + 1):
        try:
            if await _is_ready(url):
                return
            await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
        except (CommandError, SQLAlchemyError, OSError) as problem:
            # Alembic does not know a revision that a newer program has made since we looked.
            again = isinstance(problem, CommandError) or _table_is_held(problem)
            if tries == TRIES or not again:
                raise Unavailable(f"the database's schema cannot be brought up to date: {problem}") from problem
            log.warning("schema_upgrade_waits", tries=tries, reason=type(problem).__name__)
            await asyncio.sleep(PAUSE)


async def _is_ready(url: str) -> bool:
    """Whether there is nothing to make. Raises Unavailable where the schema is too new for us."""
    scripts = ScriptDirectory.from_config(alembic_config(url))
    engine = create_async_engine(url)
    try:
        async with engine.connect() as connection:
            revision, oldest = await connection.run_sync(_standing, {one.revision for one in scripts.walk_revisions()})
    finally:
        await engine.dispose()
    ours = scripts.get_current_head() or ""
    if oldest is None:
        return revision == ours
    if oldest > ours:
        raise Unavailable(
            f"the database's schema is of a newer program (revision {revision}) and no longer for this one, whose "
            f"newest revision is {ours}; it must know {oldest} at least: install a newer release"
        )
    log.warning("schema_is_newer", revision=revision, ours=ours)
    return True


def _standing(connection: Connection, known: set[str]) -> tuple[str | None, str | None]:
    """The revision of a database; and, where we do not know it, the oldest that a program must know to run here."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None or revision in known:
        return revision, None
    return revision, connection.execute(select(func.max(schema_support.c.oldest_revision))).scalar() or ""


def _table_is_held(problem: BaseException) -> bool:
    return isinstance(problem, DBAPIError) and getattr(problem.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE
