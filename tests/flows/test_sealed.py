"""A server seals what it records beside its work, and tells by a figure when something of it was changed."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest

from bpp.core.verifying import verify
from bpp.setting_types import LOGS_KEPT
from tests.support.clock import FakeClock
from tests.support.figures import figures
from tests.support.network import WATCHFUL, Network, Observed, running_network


@pytest.fixture
async def watched(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """A network that is sealed all the time."""
    async with running_network(sqlite_url, tmp_path, clock, None, Observed(pace=WATCHFUL)) as running:
        yield running


async def until(network: Network, holds: Callable[[dict[str, float]], bool]) -> None:
    async with asyncio.timeout(20):
        while not holds(await figures(network.url)):  # noqa: ASYNC110  it is the figures that tell
            await asyncio.sleep(0.02)


async def sealed(network: Network) -> None:
    """Until everything of now is sealed: twice, since what is under way when one sealing begins is for the next."""
    for _ in range(2):
        now = network.clock.tick(seconds=1).timestamp()
        await until(network, lambda found, now=now: found["bpp_audit_sealed_timestamp_seconds"] >= now)  # type: ignore[misc]


async def test_a_booking_is_sealed_and_one_changed_byte_of_it_rings(watched: Network) -> None:
    await watched.completed()
    await watched.settled()
    await sealed(watched)
    found = await verify(watched.context.storage, watched.clock(), least_kept=LOGS_KEPT)
    with closing(sqlite3.connect(watched.settings.database_url.partition("///")[2])) as connection:
        (messages,) = connection.execute("SELECT count(*) FROM message_log").fetchone()
        (covered,) = connection.execute("SELECT sum(rows) FROM audit_seals WHERE source = 'message_log'").fetchone()
        connection.execute("UPDATE message_log SET signature = signature || ' ' WHERE seq = 2")
        connection.commit()
    await until(watched, lambda found: found["bpp_audit_faults"] > 0)

    assert found.faults == []
    assert covered == messages > 8
