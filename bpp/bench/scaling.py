"""Scenario ``scaling``: one, two and four processes on one port and one database, by what bare crypto scales to.

The load generator shares the cores with the servers, so the true scaling is somewhat better than what is measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from bpp.bench.processes import Process
from bpp.bench.rounds import CALIBRATION, Round, run_rounds
from bpp.bench.run import Found, Run, account, rate_over, ratios
from bpp.bench.servers import Start, load_generator, start

COUNTS = (1, 2, 4)
IN_FLIGHT = 64


def scaling(run: Run) -> Found:
    """The throughput of two and four processes over one's, divided by that of as many bare crypto loops."""
    found = Found()
    stage = run.stage
    with ExitStack() as stack:
        spinners = [
            stack.enter_context(Process(["-m", "bpp.bench.spin"], log=stage.folder / f"spin-{number}.log"))
            for number in range(max(COUNTS))
        ]
        for one in spinners:
            one.hear()
        loader, sink = stack.enter_context(load_generator(stage, spread=True))
        starts = [Start(name=f"{count} processes", processes=count, spread=True) for count in COUNTS]
        servers = start(starts, stage, sink, stack)
        crypto: list[dict[int, float]] = []
        load = replace(run.load, in_flight=IN_FLIGHT)
        rounds = run_rounds(
            loader, servers, count=run.rounds, load=load, told=run.told, before=lambda: crypto.append(_crypto(spinners))
        )
    found.raw["scaling"] = [one.document() for one in rounds]
    found.raw["scaling_crypto"] = [{str(count): rate for count, rate in one.items()} for one in crypto[1:]]
    account(rounds, found)
    scaled = {id(one): loops for one, loops in zip(rounds, crypto[1:], strict=True)}
    for count, row in ((2, "scaling.two"), (4, "scaling.four")):
        many, single = f"{count} processes", f"{COUNTS[0]} processes"
        ratios(rounds, partial(_scaled, count=count, crypto=scaled), many, single, found=found, row=row)
    return found


def _scaled(one: Round, *, count: int, crypto: Mapping[int, Mapping[int, float]]) -> float:
    """What so many processes bring over one, by what so many crypto loops bring in the same round."""
    servers = rate_over(one, over=f"{count} processes", under=f"{COUNTS[0]} processes")
    loops = crypto[id(one)]
    return servers / (loops[count] / loops[COUNTS[0]])


def _crypto(spinners: Sequence[Process]) -> dict[int, float]:
    """Pairs a second of so many loops at once."""
    return {count: _rate(spinners[:count]) for count in COUNTS}


def _rate(spinners: Sequence[Process]) -> float:
    with ThreadPoolExecutor(len(spinners)) as asking:
        done = list(asking.map(lambda one: one.ask(seconds=CALIBRATION), spinners))
    return sum(float(one["count"] / one["seconds"]) for one in done)
