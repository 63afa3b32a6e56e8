"""``make chaos``: episode after episode until there were as many kills and orders as wanted; see docs/chaos.md.

Each episode that ended is kept in the folder of the report, by its seed. Run again with the same seed, what was played
is counted and the rest is played; ``--seconds`` ends a run early, to be gone on with later. What broke a law is
counted like all others and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from random import Random

from tests.chaos.episode import Plan, Result, own_postgres, run
from tests.chaos.ground import MountMissingError, Postgres, small_disk
from tests.chaos.lines import every_line
from tests.chaos.report import Json, summary, text, write
from tests.support.postgres import PostgresMissingError

KILLS, ORDERS = 10, 2000
"""Of one episode: more orders than two cores need ten minutes for would be better shared out."""
SHAPES = (
    ("sqlite", 1, False),
    ("postgresql", 2, False),
    ("sqlite", 1, True),
    ("sqlite", 2, False),
    ("postgresql", 1, True),
)
"""Database, workers, and whether the clock can be moved (and the server made to die at a line)."""


def plan_of(seed: str) -> Plan:
    """The episode of a seed, ``7/3`` being the fourth of the run with seed 7."""
    number = int(seed.rpartition("/")[2])
    database, workers, moved = SHAPES[number % len(SHAPES)]
    rng = Random(seed)
    lines = tuple(rng.sample(every_line(), KILLS)) if moved else ()
    return Plan(
        seed=seed,
        database=database,
        workers=workers,
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
    async with _ground(plan, folder) as (disk, postgres):
        result = await run(plan, folder, disk=disk, postgres=postgres)
        if result.broken and disk is not None:  # the disk goes, what it holds is wanted
            shutil.copytree(disk, folder / "kept")
    if not result.broken:
        shutil.rmtree(folder)
    return result


@asynccontextmanager
async def _ground(plan: Plan, folder: Path) -> AsyncIterator[tuple[Path | None, Postgres | None]]:
    async with AsyncExitStack() as stack:
        if plan.database == "postgresql":
            yield None, await stack.enter_async_context(own_postgres())
            return
        try:
            disk = stack.enter_context(small_disk(folder))
        except MountMissingError as problem:
            print(f"no disk is filled: {problem}", flush=True)
            disk = None
        yield disk, None


def _kept(folder: Path, seed: int) -> Iterator[Json]:
    for path in sorted(folder.glob(f"episode-{seed}-*.json")):
        yield json.loads(path.read_text())


def main() -> int:
    """Exit status 0 where no law was broken, 1 where one was, 2 where there is no PostgreSQL."""
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no episode after so many")
    parser.add_argument("--episode", default="", help="play this one alone, such as 7/3")
    parser.add_argument("--first", type=int, default=0, help="number of the first episode, to share a seed out")
    parser.add_argument("--out", type=Path, default=Path("build/chaos"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    wanted = {"seed": chosen.seed, "wanted_kills": chosen.kills, "wanted_orders": chosen.orders}
    try:
        played = [_played(chosen.episode, chosen.kills, chosen.orders)] if chosen.episode else _until_enough(chosen)
    except PostgresMissingError as problem:
        print(problem, file=sys.stderr)
        return 2
    found = summary(played, wanted)
    if not chosen.episode:
        write(chosen.out, found)
    print(text(found))
    return 1 if found["broken"] else 0


def _played(seed: str, kills: int, orders: int) -> Json:
    """An episode; of a run that is smaller than one, no more than is wanted."""
    plan = plan_of(seed)
    return asyncio.run(play(replace(plan, kills=min(plan.kills, kills), orders=min(plan.orders, orders)))).as_json()


def _until_enough(chosen: argparse.Namespace) -> list[Json]:
    began = time.monotonic()
    played = list(_kept(chosen.out, chosen.seed))
    done = {one["seed"] for one in played}
    number = chosen.first
    while time.monotonic() - began < chosen.seconds and (
        sum(one["kills"] for one in played) < chosen.kills or sum(one["orders"] for one in played) < chosen.orders
    ):
        seed = f"{chosen.seed}/{number}"
        number += 1
        if seed in done:
            continue
        one = _played(seed, chosen.kills, chosen.orders)
        (chosen.out / f"episode-{seed.replace('/', '-')}.json").write_text(json.dumps(one))
        played.append(one)
        kills, orders = (sum(each[key] for each in played) for key in ("kills", "orders"))
        print(
            f"{seed}: {one['database']}, {one['workers']} workers, {one['kills']} kills, {one['orders']} orders,"
            f" {one['seconds']:.0f} s, broken: {len(one['broken'])}; so far {kills} kills, {orders} orders",
            flush=True,
        )
    return played


if __name__ == "__main__":
    sys.exit(main())
