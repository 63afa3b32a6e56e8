"""The small network that flow tests run in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.clock import FakeClock
from tests.support.network import Network, running_network
from tests.support.seeded import seeded_sqlite


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database with the schema and the demonstration catalog: making them anew takes most of a flow's time."""
    return seeded_sqlite(tmp_path)


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The real server on SQLite with two buyer apps around it, at Monday 09:00."""
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running


@pytest.fixture
async def network_on_each(database_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The same on SQLite and on PostgreSQL."""
    async with running_network(database_url, tmp_path, clock) as running:
        yield running
