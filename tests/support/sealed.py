"""Databases whose tables that only grow have rows, sealed; and hands that change them past all rules."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert, text, type_coerce, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.types import BigInteger

from bpp.audit.sources import CHANGES, LEDGER, LINES, MESSAGES, SOURCES
from bpp.core.sealing import Sealer
from bpp.core.verifying import Verified, verify
from bpp.storage.engine import is_sqlite
from bpp.storage.messages import body_digest
from bpp.storage.schema import metadata
from bpp.storage.tables_ledger import APPEND_ONLY
from bpp.storage.tables_sealing import ledger_numbers
from bpp.storage.types import UtcMicros
from tests.support.clock import MONDAY_MORNING as NOW

HALF_A_YEAR = timedelta(days=180)
ROWS = 3
TABLES = tuple(one for one in SOURCES if one != CHANGES)
"""Those that are filled; what says of changes fills itself."""


def value(column: Any, number: int) -> Any:
    """A value of a row that only that row has."""
    if isinstance(column.type, UtcMicros):
        return NOW + timedelta(minutes=number)
    if column.name == "detail":
        return f'{{"note":"Asha {number} says","code":"{number}"}}'
    return number if column.type.python_type is int else f"{column.name} {number}"


def body(number: int, kind: str) -> bytes:
    """What message ``number`` said, or was answered."""
    return f"{kind} {number}".encode()


def row(table: Table, number: int) -> dict[str, Any]:
    """A row of a table with its number."""
    values = {one.name: value(one, number) for one in table.columns}
    if table.name == MESSAGES:
        values |= {f"{kind}_digest": body_digest(body(number, kind)) for kind in ("body", "answer")}
    return values


async def fill(url: str) -> None:
    """Some rows of each table that is sealed, with bodies of messages and lines of postings."""
    async with hands(url) as connection:
        if not is_sqlite(url):
            await _count_from(connection, 1, CHANGES, ledger_numbers.name)
        for name in TABLES:
            table = metadata.tables[name]
            await connection.execute(insert(table), [row(table, number) for number in range(1, ROWS + 1)])
        lines = metadata.tables[LINES]
        for number in range(1, ROWS + 1):
            for line in (0, 1):
                values = row(lines, number) | {"posting_id": f"id {number}", "number": line}
                await connection.execute(insert(lines), values)
        kept = [(number, kind) for number in range(1, ROWS + 1) for kind in ("body", "answer")]
        bodies = [{"digest": body_digest(body(*one)), "body": body(*one), "erased_at": None} for one in kept]
        await connection.execute(insert(metadata.tables["message_bodies"]), bodies)
        if not is_sqlite(url):
            await _count_from(connection, ROWS + 1, *(one for one in TABLES if one != LEDGER))


async def _count_from(connection: AsyncConnection, number: int, *tables: str) -> None:
    """The next number of some tables: PostgreSQL goes on from the test before, or does not see numbers given by hand."""
    for name in tables:
        column = "number" if name == ledger_numbers.name else "seq"
        given = f"SELECT setval(pg_get_serial_sequence('{name}', '{column}'), {number}, false)"
        await connection.execute(text(given))


@asynccontextmanager
async def hands(url: str) -> AsyncIterator[AsyncConnection]:
    """A connection of somebody who owns the database: no trigger refuses anything. Committed at the end."""
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        dropped = await _disarmed(connection, url)
        yield connection
        await _armed(connection, url, dropped)
    await engine.dispose()


async def _disarmed(connection: AsyncConnection, url: str) -> list[str]:
    if is_sqlite(url):
        query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%append-only%'"
        found = (await connection.execute(text(query))).all()
        for name, _ in found:
            await connection.exec_driver_sql(f"DROP TRIGGER {name}")
        return [sql for _, sql in found]
    for table in APPEND_ONLY:
        await connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER {table.name}_append_only"))
    return []


async def _armed(connection: AsyncConnection, url: str, dropped: list[str]) -> None:
    for sql in dropped:
        await connection.exec_driver_sql(sql)
    if not is_sqlite(url):
        for table in APPEND_ONLY:
            await connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER {table.name}_append_only"))


async def put(url: str, table: Table, where: Any, **values: Any) -> None:
    """Set columns of a row, as they are stored: moments are numbers."""
    stored = {
        name: type_coerce(one, BigInteger)
        if isinstance(table.c[name].type, UtcMicros) and isinstance(one, int)
        else one
        for name, one in values.items()
    }
    async with hands(url) as connection:
        await connection.execute(update(table).where(where).values(stored))


async def all_sealed(storage: Any, now: datetime = NOW, name: str = "sealer") -> None:
    """Everything that is there, by a sealer of a name."""
    assert await Sealer(storage, name).seal(now) is not None


async def looked(storage: Any, now: datetime = NOW + timedelta(days=1), **more: Any) -> Verified:
    """What a walk along the chain finds."""
    return await verify(storage, now, **{"least_kept": HALF_A_YEAR, **more})
