"""The episodes of a run, by their seeds: what shape each has, and on which ground it is played."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.chaos.episode import Plan, Result, run
from tests.chaos.ground import MountMissingError, Postgres, own_postgres, small_disk
from tests.chaos.lines import every_line
from tests.chaos.report import Json

KILLS, ORDERS = 5, 1000
"""Of one episode: what a small town's workers can do within the days that are offered."""
SHAPES = (
    ("sqlite", 1, False, 1),
    ("postgresql", 2, False, 1),
    ("sqlite", 1, True, 1),
    ("sqlite", 2, False, 1),
    ("postgresql", 1, True, 1),
    ("postgresql", 1, False, 2),
)
"""Database, workers, whether the clock can be moved (and the server made to die at a line), and machines."""


def plan_of(seed: str) -> Plan:
    """The episode of a seed, ``7/3`` being the fourth of the run with seed 7."""
    number = int(seed.rpartition("/")[2])
    database, workers, moved, machines = SHAPES[number % len(SHAPES)]
    rng = Random(seed)
    lines = tuple(rng.sample(every_line(), KILLS)) if moved else ()
    return Plan(
        seed=seed,
        database=database,
        workers=workers,
        machines=machines,
        moved=moved,
        kills=KILLS,
        orders=ORDERS,
        seconds=1800.0,
        customers=12,
        lines=lines,
    )


async def play(plan: Plan) -> Result:
    """An episode on ground of its own, which is removed after it unless a law was broken."""
    folder = Path(tempfile.mkdtemp(prefix="bpp-chaos-"))
    with _ground(plan, folder) as (disk, postgres):
        result = await run(plan, folder, disk=disk, postgres=postgres)
        if result.broken and disk is not None and postgres is None:  # the disk goes, what it holds is wanted
            shutil.copytree(disk, folder / "kept")
    if not result.broken:
        shutil.rmtree(folder)
    return result


@contextmanager
def _ground(plan: Plan, folder: Path) -> Iterator[tuple[Path | None, Postgres | None]]:
    small = os.geteuid() == 0
    with ExitStack() as stack:
        try:
            found = _stand(plan, folder, stack, small=small)
        except MountMissingError as problem:
            print(f"no disk is filled: {problem}", flush=True)
            found = _stand(plan, folder, stack, small=False)
        yield found


def _stand(plan: Plan, folder: Path, stack: ExitStack, *, small: bool) -> tuple[Path | None, Postgres | None]:
    if plan.database == "postgresql":
        postgres, disk = stack.enter_context(own_postgres(small=small))
        return disk, postgres
    return stack.enter_context(small_disk(folder)) if small else None, None


def played_episode(seed: str, kills: int, orders: int) -> Json:
    """An episode; of a run that is smaller than one, no more than is wanted."""
    plan = plan_of(seed)
    return asyncio.run(play(replace(plan, kills=min(plan.kills, kills), orders=min(plan.orders, orders)))).as_json()
