"""Rounds: each calibrates the unit, then gives every server one slice of the same load, one after another.

All servers are up the whole time, so that what the machine does meanwhile happens to all of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import Any

from bpp.bench.pair import Measured, one_pair, repeat
from bpp.bench.processes import Jiffies, Process, pinned

CALIBRATION = 0.4  # seconds
PATIENCE = 15.0  # seconds for what is under way when a slice ends
FIRST_GUESS = 600  # round trips a second, until a slice has shown how many there are
SPARE = 1.6
LOADER_FULL, MOST_STOLEN = 0.9, 0.05
"""Beyond these the load generator, or another machine, is what was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server under test: its processes share the port. ``beside`` uses CPU that is reported and not counted."""

    name: str
    port: int
    processes: tuple[Process, ...]
    beside: Callable[[], float] = lambda: 0.0

    def cpu(self) -> float:
        """What its processes have used."""
        return sum(one.cpu() for one in self.processes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """What one server did in one round. CPU in seconds; ``traffic`` is the load generator's own account."""

    server: str
    cpu: float
    beside: float
    stolen: float
    traffic: Mapping[str, Any]

    @property
    def completed(self) -> int:
        """Round trips."""
        done: int = self.traffic["completed"]
        return done

    @property
    def cpu_each(self) -> float:
        """CPU seconds of one round trip; infinite where there was none."""
        return self.cpu / self.completed if self.completed else math.inf

    @property
    def rate(self) -> float:
        """Round trips a second."""
        return self.completed / float(self.traffic["seconds"])

    @property
    def spoilt(self) -> str:
        """Why the slice says nothing of the server; empty where it does."""
        if self.traffic["loader_cpu"] > LOADER_FULL * self.traffic["seconds"]:
            return "the load generator was the bottleneck"
        if self.stolen > MOST_STOLEN:
            return "another machine took the CPU"
        return "" if self.completed else "no round trip was completed"


@dataclass(slots=True, kw_only=True)
class Round:
    """The unit of a round, in CPU seconds, and the slices by the name of their server."""

    pair: float
    slices: dict[str, Slice] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Every raw figure."""
        return {"pair_s": self.pair, "slices": {name: asdict(one) for name, one in self.slices.items()}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How a slice is loaded: seconds, and round trips under way at once."""

    seconds: float = 1.5
    in_flight: int = 48


def run_rounds(
    loader: Process,
    servers: Sequence[Server],
    *,
    count: int,
    load: Load,
    told: Callable[[str], None],
    before: Callable[[], object] = lambda: None,
) -> list[Round]:
    """A round to warm up, which is thrown away, and then so many; ``before`` is called at the begin of each."""
    guesses: dict[str, float] = {}
    rounds = []
    for number in range(count + 1):
        before()
        one = Round(pair=calibrate(loader).each)
        for index in range(len(servers)):
            server = servers[(index + number) % len(servers)]
            found = run_slice(loader, server, load, guesses.get(server.name, FIRST_GUESS))
            guesses[server.name] = found.rate
            one.slices[server.name] = found
        told(_line(number, one))
        rounds.append(one)
    return rounds[1:]


def run_slice(loader: Process, server: Server, load: Load, expected: float, *, rate: float = 0.0) -> Slice:
    """One slice for one server; ``rate`` makes it an open loop."""
    count = math.ceil(load.seconds * (rate or expected) * SPARE) + 2 * load.in_flight
    loader.ask(do="prepare", server=server.name, port=server.port, count=count)
    jiffies, cpu, beside = Jiffies.now(), server.cpu(), server.beside()
    how = {"rate": rate} if rate else {"in_flight": load.in_flight}
    traffic = loader.ask(do="load", port=server.port, seconds=load.seconds, patience=PATIENCE, **how)
    return Slice(
        server=server.name,
        cpu=server.cpu() - cpu,
        beside=server.beside() - beside,
        stolen=Jiffies.now().stolen_since(jiffies),
        traffic=traffic,
    )


def calibrate(loader: Process) -> Measured:
    """The pair on the servers' core, while the load generator does pairs on its own."""
    with ThreadPoolExecutor(max_workers=1) as asking:
        spinning = asking.submit(loader.ask, do="spin", seconds=CALIBRATION)
        with pinned():
            found = repeat(one_pair, CALIBRATION)
        spinning.result()
    return found


def _line(number: int, one: Round) -> str:
    told = ", ".join(
        f"{name} {found.cpu_each / one.pair:.2f} pairs {found.rate:.0f}/s"
        + (f" ({found.spoilt})" if found.spoilt else "")
        for name, found in one.slices.items()
    )
    return f"round {number or 'to warm up'}: pair {one.pair * 1e6:.0f} us; {told}"
