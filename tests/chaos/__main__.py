"""``make chaos``: episode after episode until there were as many kills and orders as wanted; see docs/chaos.md.

Each episode that ended is kept in the folder of the report, by its seed. Run again with the same seed, what was played
is counted and the rest is played; ``--seconds`` ends a run early, to be gone on with later. What broke a law is
counted like all others and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from random import Random

from tests.chaos.episode import Plan, Result, run
from tests.chaos.ground import MountMissingError, Postgres, own_postgres, small_disk
from tests.chaos.lines import every_line
from tests.chaos.report import Json, summary, text, write
from tests.support.postgres import PostgresMissingError

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
    parser.add_argument("--jobs", type=int, default=2, help="episodes at once: one leaves cores idle when it waits")
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
    seeds = (seed for number in itertools.count(chosen.first) if (seed := f"{chosen.seed}/{number}") not in done)

    def lacking() -> bool:
        kills, orders = _sums(played)
        return bool(kills < chosen.kills or orders < chosen.orders)

    with ProcessPoolExecutor(chosen.jobs, get_context("spawn"), max_tasks_per_child=1) as pool:
        playing: set[Future[Json]] = set()
        while lacking():
            while len(playing) < chosen.jobs and time.monotonic() - began < chosen.seconds:
                playing.add(pool.submit(_played, next(seeds), chosen.kills, chosen.orders))
            if not playing:
                break
            ended, playing = wait(playing, return_when=FIRST_COMPLETED)
            for one in ended:
                played.append(one.result())
                _keep(chosen.out, played)
        played += [one.result() for one in playing]  # what was under way when there was enough
    return played


def _sums(played: Sequence[Json]) -> tuple[int, int]:
    return sum(one["kills"] for one in played), sum(one["orders"] for one in played)


def _keep(folder: Path, played: Sequence[Json]) -> None:
    one = played[-1]
    (folder / f"episode-{one['seed'].replace('/', '-')}.json").write_text(json.dumps(one))
    kills, orders = _sums(played)
    print(
        f"{one['seed']}: {one['database']}, {one['machines']} machines, {one['workers']} workers, {one['kills']} kills,"
        f" {one['orders']} orders, {one['seconds']:.0f} s, broken: {len(one['broken'])};"
        f" so far {kills} kills, {orders} orders",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
