"""A real flow with one field missing or spelled in another way still runs to its end.

The table is in ``tests/support/variations.py``; what is refused, and why, is in ``test_bad_input.py`` and
``test_odd_input.py``. One server answers all of them, each in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from beckn_schemas.invariants import check_callback
from tests.support.clock import FakeClock
from tests.support.conversation import blemishes
from tests.support.network import Network, running_network
from tests.support.replay import FLOWS, Json, Replay
from tests.support.seeded import seeded_sqlite
from tests.support.variations import VARIATIONS, Variation

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def network(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Network]:
    """One server for all variations."""
    folder = tmp_path_factory.mktemp("variations")
    async with running_network(seeded_sqlite(folder), folder, FakeClock()) as running:
        yield running


@pytest.mark.parametrize("variation", VARIATIONS, ids=lambda one: f"{one.source} | {one.name}")
async def test_a_real_flow_with_one_field_varied_runs_to_its_end(
    network: Network, shared: Path, variation: Variation
) -> None:
    varied = 0

    def change(message: Json) -> None:
        nonlocal varied
        if variation.applies_to(message):
            varied += variation.change(message)

    replay = Replay(
        network,
        shared / "traffic" / "mystore-seller" / variation.flow,
        change=change,
        query=variation.query,
        headers=variation.headers,
    )

    await replay.run()
    match variation.then:
        case "rating":
            await replay.rate()
        case "track":
            await replay.track()
        case "support":
            await replay.support()

    assert varied
    for callback in replay.came():
        assert (callback.problem, check_callback(callback.document)) == ("", [])
        assert list(blemishes(callback.document)) == []


async def test_no_variation_stands_in_the_table_twice() -> None:
    names = [(one.flow, one.source, one.name) for one in VARIATIONS]

    assert len(set(names)) == len(names) > 150


async def test_each_of_the_six_flows_is_varied() -> None:
    assert {one.flow for one in VARIATIONS} == set(FLOWS)
