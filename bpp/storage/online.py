"""What a revision does to a large table while servers write to it (docs/scaling.md)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from alembic import op
from sqlalchemy import text

LOCK_TIMEOUT = "1s"
"""How long a revision may wait for a table. Whoever comes after it waits behind it, even those who only read."""


def build_index(name: str, table: str, columns: Sequence[str], where: str = "") -> None:
    """Make an index of all rows, or of those for which ``where`` holds; on PostgreSQL beside the writers.

    They would else wait.

    The revision's transaction is committed before it and another begun after it, so that it stands first in its
    revision. One that was broken off has left half an index, which goes first.
    """
    rows = text(where) if where else None
    if op.get_bind().dialect.name != "postgresql":
        op.create_index(name, table, list(columns), sqlite_where=rows)
        return
    with _beside_others():
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')
        op.create_index(name, table, list(columns), postgresql_concurrently=True, postgresql_where=rows)


def drop_index(name: str, table: str) -> None:
    """Take an index away; on PostgreSQL beside whoever uses it."""
    if op.get_bind().dialect.name != "postgresql":
        op.drop_index(name, table)
        return
    with _beside_others():
        op.execute(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"')


@contextmanager
def in_parts() -> Iterator[None]:
    """Each statement for itself, where others wait for the rows that one has changed: on PostgreSQL.

    What stands before it in its revision is committed, as before an index. On SQLite all revisions stay the one
    transaction that they are: whoever starts beside would else see a schema that is half made.
    """
    if op.get_bind().dialect.name != "postgresql":
        yield
        return
    with op.get_context().autocommit_block():
        yield


@contextmanager
def _beside_others() -> Iterator[None]:
    """Outside of a transaction, and with all the time it takes: it waits for others, and nobody waits behind it."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        yield
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
