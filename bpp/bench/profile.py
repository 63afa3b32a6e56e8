"""Where the time of a server goes: py-spy beside one long slice of the select load."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from bpp.bench.processes import BenchFailed
from bpp.bench.rounds import Load, run_slice
from bpp.bench.run import Run
from bpp.bench.servers import Start, load_generator, start

SECONDS = 6
PER_SECOND = 250
SHOWN = 60


def profiled(variant: str, run: Run) -> str:
    """The functions of a variant (``bpp.bench.server``) under load by their share of its samples, as a table.

    Threads that wait are left out. Raises BenchFailed where py-spy is missing or may not look.
    """
    program = shutil.which("py-spy", path=str(Path(sys.executable).parent)) or shutil.which("py-spy")
    if program is None:
        raise BenchFailed("py-spy is needed: it is among the development dependencies")
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(run.stage))
        (server,) = start([Start(name=variant, variant=variant)], run.stage, sink, stack)
        warm = run_slice(loader, server, Load(seconds=1), 300)
        samples = run.folder / "samples.txt"
        command = [program, "record", "--pid", str(server.processes[0].pid), "--duration", str(SECONDS)]
        command += ["--rate", str(PER_SECOND), "--format", "raw", "--nonblocking", "--output", str(samples)]
        with subprocess.Popen(  # noqa: S603  the program found above
            command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        ) as spy:
            found = run_slice(loader, server, Load(seconds=SECONDS + 1), warm.rate)
            _, complaint = spy.communicate()
    if not samples.exists():
        raise BenchFailed(f"py-spy saw nothing: {complaint.decode(errors='replace')}")
    head = f"{variant}: {found.cpu_each * 1e6:.0f} us CPU a round trip, {found.rate:.0f}/s"
    return "\n".join([head, *_shares(samples.read_text().splitlines())])


def _shares(lines: Iterable[str]) -> list[str]:
    """Samples are lines of frames, outermost first, and their count; a frame ends in its line number."""
    own, within, total = Counter[str](), Counter[str](), 0
    for line in lines:
        stack, _, count = line.rpartition(" ")
        frames = [frame.rpartition(":")[0] or frame for frame in stack.split(";")]
        total += int(count)
        own[frames[-1]] += int(count)
        for frame in set(frames):
            within[frame] += int(count)
    rows = [f"{count / total:7.1%} {own[frame] / total:7.1%}  {frame}" for frame, count in within.most_common(SHOWN)]
    return [" within     own  function", *rows]
