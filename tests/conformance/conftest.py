"""A proving ground for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.ground import Ground, proving_ground
from tests.support.seeded import seeded_sqlite


@pytest.fixture
async def ground(tmp_path: Path) -> AsyncIterator[Ground]:
    """The real server on SQLite, a seller that may lie in front of it, and two buyer apps."""
    async with proving_ground(seeded_sqlite(tmp_path), tmp_path) as ready:
        yield ready
