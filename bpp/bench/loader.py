"""The load generator: a process of its own that takes commands as JSON lines and answers each with one.

``python -m bpp.bench.loader VISITS.json``. It says the port of its sink first. ``prepare`` signs fresh requests for a
server, ``load`` sends them, ``spin`` does pairs so that this core is busy while another is measured.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path
from statistics import quantiles
from typing import Any

import orjson
import uvloop

from bpp.bench.bodies import Selects, Signed, buyers
from bpp.bench.look import faults_of
from bpp.bench.pair import one_pair, repeat
from bpp.bench.traffic import Tally, Traffic
from bpp.bench.visits import Visits

PERCENTILES = (50, 95, 99)


class Loader:
    """What the commands do."""

    def __init__(self, visits: Visits) -> None:
        """Not listening yet."""
        self._visits = visits
        self._traffic = Traffic()
        self._selects: Selects | None = None
        self._server = ""
        self._ready: list[Signed] = []

    async def start(self) -> int:
        """Listen; the sink's port."""
        port = await self._traffic.listen()
        self._selects = Selects(self._visits, buyers(f"http://127.0.0.1:{port}"))
        return port

    async def do(self, command: dict[str, Any]) -> dict[str, Any]:
        """One command's answer."""
        match command.pop("do"):
            case "prepare":
                return self._prepare(**command)
            case "load":
                return await self._load(**command)
            case "spin":
                return asdict(repeat(one_pair, command["seconds"]))
            case unknown:
                raise ValueError(unknown)

    def _prepare(self, server: str, port: int, count: int) -> dict[str, Any]:
        if self._selects is None:
            raise RuntimeError("the sink does not listen yet")
        self._server = server
        self._ready = self._selects.make(server, f"127.0.0.1:{port}", count)
        return {"bytes": len(self._ready[0].body)}

    async def _load(
        self, port: int, seconds: float, patience: float, in_flight: int = 0, rate: float = 0.0
    ) -> dict[str, Any]:
        began, used = time.perf_counter(), cpu_seconds()
        if rate:
            tally = await self._traffic.open_loop(port, self._ready, seconds, rate, patience)
        else:
            tally = await self._traffic.closed_loop(port, self._ready, seconds, in_flight, patience)
        if self._selects is not None:
            self._selects.sent(self._server, tally.sent)
        took, cpu = time.perf_counter() - began, cpu_seconds() - used
        exhausted = tally.sent == len(self._ready)
        return {**summed_up(tally), "seconds": took, "loader_cpu": cpu, "exhausted": exhausted}


def summed_up(tally: Tally) -> dict[str, Any]:
    """A slice as figures; ``lost`` is what was sent and neither came back nor was refused. Times in milliseconds."""
    faults = [fault for head, body in tally.sample for fault in faults_of(head, body)]
    return {
        "sent": tally.sent,
        "acked": tally.acked,
        "completed": tally.completed,
        "refused": tally.refused,
        "errors": tally.errors,
        "repeated": tally.repeated,
        "strange": tally.strange,
        "broken": tally.broken,
        "lost": tally.sent - tally.completed - tally.refused,
        "looked_at": len(tally.sample),
        "faults": faults[:5],
        "faulty": len(faults),
        "refusals": tally.refusals[:3],
        "round_trip_ms": percentiles(tally.round_trips),
        "ack_ms": percentiles(tally.acks),
    }


def percentiles(seconds: list[float]) -> dict[str, float]:
    """Of some times, in milliseconds; nothing of fewer than two."""
    if len(seconds) < 2:  # noqa: PLR2004  a quantile needs two
        return {}
    cuts = quantiles(seconds, n=100, method="inclusive")
    return {f"p{one}": cuts[one - 1] * 1000 for one in PERCENTILES}


def cpu_seconds() -> float:
    """What this process has used, user and system."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def serve(visits: Visits) -> None:
    """Take commands until there are no more."""
    loop, loader = asyncio.get_running_loop(), Loader(visits)
    commands = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(commands), sys.stdin)
    say({"sink": await loader.start()})
    while line := await commands.readline():
        say(await loader.do(orjson.loads(line)))


def say(answer: dict[str, Any]) -> None:
    """One line to whoever gives the commands."""
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    uvloop.run(serve(Visits.of_document(orjson.loads(Path(sys.argv[1]).read_bytes()))))
