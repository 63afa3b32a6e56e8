"""Starting the servers under test and the load generator, each on its own core where one process is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from bpp.bench.processes import Process, cores, free_port
from bpp.bench.rounds import Server
from bpp.bench.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a server is started: its variant (``bpp.bench.server``), and under which name its slices are kept.

    ``database_url`` is empty for a copy of the seeded SQLite file. ``processes`` share the port. They run on the
    servers' core; on any where they are ``spread``. ``beside`` is as in ``Server``.
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
    with Process(command, log=stage.folder / "loader.log") as loader:
        sink = loader.hear()["sink"]
        if not spread:
            loader.pin(cores()[1])
        yield loader, sink


def start(starts: Sequence[Start], stage: Stage, sink: int, stack: ExitStack) -> list[Server]:
    """Start servers beside one another; all listen when this returns, and end with the stack."""
    servers = [_launched(one, stage, sink, stack) for one in starts]
    for one, server in zip(starts, servers, strict=True):
        for process in server.processes:
            process.hear()
            if not one.spread:
                process.pin(cores()[0])
    return servers


def _launched(one: Start, stage: Stage, sink: int, stack: ExitStack) -> Server:
    port = free_port()
    url = one.database_url or stage.copy(one.name)
    environ = stage.settings(port, url, sink, **{"BPP_WORKERS": str(one.processes), **one.settings})
    processes = tuple(
        stack.enter_context(
            Process(
                ["-m", "bpp.bench.server", one.variant],
                log=stage.folder / f"{one.name}-{number}.log",
                environ=environ,
            )
        )
        for number in range(one.processes)
    )
    return Server(name=one.name, port=port, processes=processes, beside=one.beside)
