"""Rounds of functions in one process: each is repeated for a while in every round, and compared within the round."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from bpp.bench.pair import repeat
from bpp.bench.processes import pinned
from bpp.bench.run import Run

SLICE = 0.25  # seconds for each function in each round


@contextmanager
def _frozen() -> Iterator[None]:
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def timed(functions: Mapping[str, Callable[[], object]], run: Run) -> list[dict[str, float]]:
    """CPU seconds of one call of each function, for each round; a round to warm up is thrown away.

    As in the product, the garbage collector does not walk through large data that was there before.
    """
    names = list(functions)
    rounds = []
    with pinned(), _frozen():
        for number in range(run.rounds + 1):
            turned = [*names[number % len(names) :], *names[: number % len(names)]]
            rounds.append({name: repeat(functions[name], SLICE).each for name in turned})
    return rounds[1:]
