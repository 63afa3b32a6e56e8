"""Starting the servers under test and the load generator, each on its own core where one process is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bpp.bench.processes import Process, free_port, wait_for
from bpp.bench.rounds import Server, cores
from bpp.bench.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a server is started: its variant (``bpp.bench.server``), and under which name its slices are kept.

    ``database_url`` is empty for a copy of the seeded SQLite file. ``processes`` share the port, on any core when
    there are several or ``spread`` says so. ``beside`` is as in ``Server``.
    """

    name: str
    variant: str = "durable"
    database_url: str = ""
    processes: int = 1
    spread: bool = False
    settings: Mapping[str, str] = field(default_factory=dict)
    beside: Callable[[], float] = lambda: 0.0


@contextmanager
def load_generator(stage: Stage, *, spread: bool = False) -> Iterator[tuple[Process, int]]:
    """The load generator, and the port of its sink; on a core of its own unless the load is spread."""
    command = ["-m", "bpp.bench.loader", str(stage.visits_file)]
    with Process(command, log=stage.folder / "loader.log", cores=() if spread else cores()[1]) as loader:
        yield loader, loader.hear()["sink"]


def start(one: Start, stage: Stage, sink: int, stack: ExitStack) -> Server:
    """Start a server; it listens when this returns, and ends with the stack."""
    port = free_port()
    url = one.database_url or stage.copy(one.name)
    more = {"BPP_WORKERS": str(one.processes), **one.settings}
    environ = stage.settings(port, url, sink, **more)
    where = () if one.spread or one.processes > 1 else cores()[0]
    processes = []
    for number in range(one.processes):
        log = stage.folder / f"{one.name}-{number}.log"
        command = ["-m", "bpp.bench.server", one.variant]
        process = stack.enter_context(Process(command, log=log, environ=environ, cores=where))
        processes.append(process)
    for process in processes:
        process.hear()
    wait_for(port, processes[0])
    return Server(name=one.name, port=port, processes=tuple(processes), beside=one.beside)
