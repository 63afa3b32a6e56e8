"""``make chaos``: episode after episode until there were as many kills and orders as wanted; see docs/chaos.md.

Each episode that ended is kept in the folder of the report, by its seed. Run again with the same seed, what was played
is counted and the rest is played; ``--seconds`` ends a run early, to be gone on with later. What broke a law is
counted like all others and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import itertools
import json
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path

from tests.chaos.play import played_episode
from tests.chaos.report import Json, summary, text, write
from tests.support.postgres import PostgresMissingError


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
        played = (
            [played_episode(chosen.episode, chosen.kills, chosen.orders)] if chosen.episode else _until_enough(chosen)
        )
    except PostgresMissingError as problem:
        print(problem, file=sys.stderr)
        return 2
    found = summary(played, wanted)
    if not chosen.episode:
        write(chosen.out, found)
    print(text(found))
    return 1 if found["broken"] else 0


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
                playing.add(pool.submit(played_episode, next(seeds), chosen.kills, chosen.orders))
            if not playing:
                break
            ended, playing = wait(playing, return_when=FIRST_COMPLETED)
            for one in ended:
                played.append(one.result())
                _keep(chosen.out, played)
        for one in playing:  # under way when there was enough
            played.append(one.result())
            _keep(chosen.out, played)
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
