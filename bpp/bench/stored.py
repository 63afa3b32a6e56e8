"""Scenario ``stored``: the same select on databases that have seen nothing, and ten thousand orders to a million."""

from __future__ import annotations

from contextlib import ExitStack
from functools import partial

from bpp.app import utc_now
from bpp.bench.history import remember
from bpp.bench.rounds import run_rounds
from bpp.bench.run import Found, Run, account, cpu_over, ratios
from bpp.bench.servers import Start, load_generator, start
from bpp.bench.stage import sqlite_url

EMPTY = "empty"
SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
QUICK_SIZES = ("10k",)


def stored(run: Run) -> Found:
    """CPU of a round trip on each of them over that on the empty one."""
    found, stage = Found(), run.stage
    names = QUICK_SIZES if run.quick else tuple(SIZES)
    starts = [Start(name=EMPTY)]
    for name in names:
        run.told(f"writing {SIZES[name]:,} orders")
        stage.copy(name)
        path = stage.folder / f"{name}.db"
        remember(path, SIZES[name], len(stage.data.workers), utc_now())
        starts.append(Start(name=f"stored {name}", database_url=sqlite_url(path)))
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(stage))
        servers = start(starts, stage, sink, stack)
        rounds = run_rounds(loader, servers, count=run.rounds, load=run.load, told=run.told)
    found.raw["stored"] = [one.document() for one in rounds]
    account(rounds, found)
    for name in names:
        full = f"stored {name}"
        ratios(rounds, partial(cpu_over, over=full, under=EMPTY), EMPTY, full, found=found, row=f"stored.{name}")
        (stage.folder / f"{name}.db").unlink()
    return found
