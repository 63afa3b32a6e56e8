"""Twenty kills under load, as many other faults as come between, and what buyer apps and books say afterwards.

The full run is `make chaos`; docs/chaos.md has the laws and the faults.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos.episode import Plan, Result, run
from tests.chaos.ground import MountMissingError, own_postgres, small_disk
from tests.chaos.lines import every_line, points
from tests.support.postgres import PostgresMissingError
from tests.support.required import Needed, skip_or_fail


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own."""
    try:
        with small_disk(tmp_path) as place:
            yield place
    except MountMissingError as problem:
        skip_or_fail(Needed.MOUNT, str(problem), os.environ)


def struck(result: Result) -> Counter[str]:
    """How often each fault struck."""
    return Counter(one.kind for one in result.faults)


async def test_killed_at_the_boundaries_of_a_message_with_its_clock_moved_the_seller_breaks_no_law(tmp_path):
    plan = Plan(
        seed="boundaries", database="sqlite", moved=True, kills=10, orders=20, lines=points(), only=("die at a line",)
    )

    result = await run(plan, tmp_path)

    assert result.broken == []
    assert struck(result)["die at a line"] == len(points())
    assert result.kills >= 10
    assert result.orders >= 20


async def test_with_its_database_cut_off_and_full_and_its_machines_killed_the_seller_breaks_no_law(tmp_path):
    only = ("kill all", "postgres killed", "disk full", "kill all", "postgres stopped", "die at a callback")
    plan = Plan(seed="cut off", database="postgresql", machines=2, kills=8, orders=16, only=only)
    try:
        with own_postgres(small=True) as (postgres, disk):
            result = await run(plan, tmp_path, disk=disk, postgres=postgres)
    except PostgresMissingError as problem:
        skip_or_fail(Needed.POSTGRES, str(problem), os.environ)
    except MountMissingError as problem:
        skip_or_fail(Needed.MOUNT, str(problem), os.environ)

    assert result.broken == []
    assert result.kills >= 8
    assert result.orders >= 16
    assert struck(result).keys() >= {"postgres killed", "postgres stopped", "disk full"}


async def test_with_its_disk_full_and_its_workers_killed_the_seller_breaks_no_law(disk, tmp_path):
    plan = Plan(seed="full", database="sqlite", workers=2, kills=2, orders=8, only=("disk full", "kill worker"))

    result = await run(plan, tmp_path, disk=disk)

    assert result.broken == []
    assert result.kills >= 2
    assert struck(result)["disk full"]


def test_a_server_can_be_made_to_die_at_every_boundary_and_every_statement():
    assert {*points()} <= {*every_line()}
