"""Scenarios ``latency`` and ``memory``: what nobody sets a bar for on a shared machine, and everybody asks."""

from __future__ import annotations

import time
from contextlib import ExitStack

from bpp.bench.rounds import Load, Slice, run_slice
from bpp.bench.run import Found, Run, account_slices
from bpp.bench.servers import Start, load_generator, start

SHARES = (50, 70)
KEPT_UP = 0.93
"""An open loop that came to less of its rate than this was no load of that share."""


def latency(run: Run) -> Found:
    """Round trips at random moments, at half and at 70 % of what a closed loop has just reached, from when due."""
    found = Found()
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(run.stage))
        (server,) = start([Start(name="durable")], run.stage, sink, stack)
        expected = run_slice(loader, server, run.load, 300).rate
        seen: list[Slice] = []
        longer = Load(seconds=2 * run.load.seconds, in_flight=run.load.in_flight)
        for number in range(run.rounds):
            expected = run_slice(loader, server, run.load, expected).rate
            for share in SHARES:
                rate = expected * share / 100
                one = run_slice(loader, server, longer, expected, rate=rate)
                seen.append(one)
                late = one.rate < KEPT_UP * rate
                run.told(f"round {number + 1}: {share} % of {expected:.0f}/s, {one.traffic['round_trip_ms']}")
                if not late:
                    _keep(one, share, found)
        account_slices("durable", seen, found)
    return found


def _keep(one: Slice, share: int, found: Found) -> None:
    for name, value in one.traffic["round_trip_ms"].items():
        found.values.setdefault(f"latency.{name}_at_{share}", []).append(value)
    for name, value in one.traffic["ack_ms"].items():
        found.values.setdefault(f"latency.ack_{name}_at_{share}", []).append(value)


def memory(run: Run) -> Found:
    """One process with the catalog of the whole state, after some load; not in a quick run."""
    found = Found()
    if run.quick:
        found.notes.append("memory: a quick run does not make the catalog of the whole state for it")
        return found
    stage = run.whole
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(stage))
        began = time.perf_counter()
        (server,) = start([Start(name="whole")], stage, sink, stack)
        found.values["memory.start"] = [time.perf_counter() - began]
        one = run_slice(loader, server, run.load, 300)
        found.values["memory.whole"] = [server.processes[0].memory() / 2**20]
        account_slices("whole", [one], found)
    return found
