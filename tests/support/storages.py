"""Databases that have their schema: migrated once, copied or emptied for each test; and storages opened on them.

A `conftest.py` that wants the fixtures imports them from here.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from structlog.testing import capture_logs
from structlog.typing import EventDict

from bpp.bench.postgres import Databases
from bpp.storage.door import SqlStorage
from bpp.storage.engine import open_storage, upgrade
from bpp.storage.schema import metadata
from bpp.storage.tables_ledger import APPEND_ONLY

OpenStorage = Callable[[], SqlStorage]
KINDS = ["sqlite", "postgresql"]


def migrate(url: str) -> None:
    """Bring a database up to date, from code that may or may not be inside an event loop."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, upgrade(url)).result()


async def _empty(url: str) -> None:
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.begin() as connection:
        # What is append-only is emptied all the same: between tests its triggers are off.
        for table in APPEND_ONLY:
            await connection.execute(text(f"ALTER TABLE {table.name} DISABLE TRIGGER USER"))
        for table in metadata.sorted_tables:
            await connection.execute(table.delete())
        for table in APPEND_ONLY:
            await connection.execute(text(f"ALTER TABLE {table.name} ENABLE TRIGGER USER"))
    await engine.dispose()


@pytest.fixture
def logs() -> Iterator[list[EventDict]]:
    """What a test with a storage made the program log. Not written out, since a readable traceback takes seconds to draw."""
    with capture_logs() as captured:
        yield captured


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema, to be copied."""
    path = tmp_path_factory.mktemp("template") / "bpp.sqlite3"
    migrate(f"sqlite+aiosqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Databases) -> Iterator[str]:
    """A PostgreSQL database with the schema; emptied between tests, since to copy it takes half a second."""
    url = postgres.create()
    migrate(url)
    yield url
    postgres.drop(url)


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> str:
    """An SQLite database with the schema and no rows."""
    path = shutil.copy(sqlite_template, tmp_path / "bpp.sqlite3")
    return f"sqlite+aiosqlite:///{path}"


@pytest.fixture
def postgres_database(postgres_template: str) -> str:
    """A PostgreSQL database with the schema and no rows."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        thread.submit(asyncio.run, _empty(postgres_template)).result()
    return postgres_template


@pytest.fixture(params=KINDS)
def database(request: pytest.FixtureRequest) -> str:
    """A database of each kind with the schema and no rows."""
    kind = {"sqlite": "sqlite_database", "postgresql": "postgres_database"}[request.param]
    url: str = request.getfixturevalue(kind)
    return url


@pytest.fixture
async def storages(database: str, logs: list[EventDict]) -> AsyncIterator[OpenStorage]:
    """Opens storages on the test's database: each has its own connections, as another process would."""
    opened: list[SqlStorage] = []

    def open_one() -> SqlStorage:
        opened.append(open_storage(database))
        return opened[-1]

    yield open_one
    for one in opened:
        await one.close()


@pytest.fixture
async def storage(storages: OpenStorage) -> SqlStorage:
    """A storage on an empty database of each kind; made inside the event loop, where its tasks live."""
    return storages()
