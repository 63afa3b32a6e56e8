"""Several processes on one database: they share the work without a coordinator, and take over what a dead one held."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bpp.delivery.limits import Limits
from bpp.sandbox.identities import BPP, write_registry
from bpp.storage.engine import open_storage
from bpp.storage.ports import Work
from tests.support.machines import machines
from tests.support.order_builders import a_callback
from tests.support.scripted_peer import Answer, ScriptedPeer
from tests.support.server import PATIENCE

LANES, IN_LANE = 60, 3
AT_ONCE = Limits().per_peer


@pytest.mark.parametrize(("kind", "count"), [("sqlite_url", 2), ("postgres_url", 3)])
async def test_callbacks_are_shared_in_order_of_their_lanes_and_those_of_a_dead_process_are_taken_over(
    kind: str, count: int, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = request.getfixturevalue(kind)
    write_registry(tmp_path / "registry.json", (BPP,))
    async with machines(url, tmp_path, BPP_DELIVERY_LEASE="PT5S") as found, ScriptedPeer() as peer:
        peer.script = [Answer(held=True)] * count * AT_ONCE
        started = [await found.start() for _ in range(count)]
        await fill(url, peer.url)
        await until(lambda: len(peer.received) >= count * AT_ONCE)
        started[0].kill()
        peer.let_go()
        attempts = await all_delivered(url)

    arrived = Counter(one.json["n"] for one in peer.received)
    lanes = defaultdict(list)
    for one in peer.received:
        lanes[one.json["lane"]].append(one.json["n"])
    assert set(arrived) == set(attempts) == set(range(LANES * IN_LANE))
    assert all(arrived[n] <= attempts[n] for n in attempts)  # none but after a lease had run out
    assert sum(attempts.values()) - len(attempts) <= AT_ONCE  # those of the dead one
    assert all(order == sorted(order) for order in lanes.values())
    assert all(machine.delivered() >= AT_ONCE for machine in started[1:])


async def fill(url: str, peer: str) -> None:
    """Callbacks of many lanes, due at once."""
    now = datetime.now(UTC)

    async def unit(work: Work) -> None:
        for n in range(LANES * IN_LANE):
            lane = n % LANES
            await work.outbox.enqueue(
                a_callback(
                    kind="state",
                    action="on_status",
                    transaction_id=f"T{lane}",
                    url=f"{peer}/on_status",
                    body=b'{"lane":%d,"n":%d}' % (lane, n),
                    created_at=now,
                    due_at=now,
                    give_up_at=now + timedelta(hours=1),
                )
            )

    storage = open_storage(url)
    await storage.run(unit)
    await storage.close()


async def all_delivered(url: str) -> dict[int, int]:
    """How often each callback was tried, once all have arrived."""
    storage = open_storage(url)
    async with asyncio.timeout(PATIENCE):
        while (await storage.read(lambda work: work.outbox.counts())).get("pending"):  # noqa: ASYNC110  in other processes
            await asyncio.sleep(0.05)
    rows = await storage.read(lambda work: work.outbox.find("delivered", None, LANES * IN_LANE))
    await storage.close()
    return {row.seq - 1: row.attempts for row in rows}


async def until(holds) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():  # noqa: ASYNC110  in other processes
            await asyncio.sleep(0.01)
