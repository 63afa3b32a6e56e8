"""The main scenario: a durable, signed select round trip, beside the same without this or that."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from bpp.bench.processes import Process, free_port, wait_for
from bpp.bench.rounds import Load, Round, Server, cores, run_rounds
from bpp.bench.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """How a server is started: its variant, under which name its slices are kept, and further settings."""

    name: str
    variant: str
    settings: Mapping[str, str]


VARIANTS = tuple(
    Start(name=name, variant=name, settings={}) for name in ("durable", "storeless", "one_commit_each", "bare", "naive")
)


@contextmanager
def load_generator(stage: Stage) -> Iterator[tuple[Process, int]]:
    """The load generator on a core of its own, and the port of its sink."""
    command = ["-m", "bpp.bench.loader", str(stage.visits_file)]
    with Process(command, log=stage.folder / "loader.log", cores=cores()[1]) as loader:
        yield loader, loader.hear()["sink"]


def start(one: Start, stage: Stage, sink: int, stack: ExitStack) -> Server:
    """Start a server of one process on its own copy of the database; it listens when this returns."""
    port = free_port()
    environ = stage.settings(port, stage.copy(one.name), sink, **one.settings)
    command = ["-m", "bpp.bench.server", one.variant]
    log = stage.folder / f"{one.name}.log"
    process = stack.enter_context(Process(command, log=log, environ=environ, cores=cores()[0]))
    wait_for(port, process)
    return Server(name=one.name, port=port, processes=(process,))


def run_select(
    stage: Stage, variants: Sequence[Start], *, rounds: int, load: Load, told: Callable[[str], None]
) -> list[Round]:
    """All variants up at once, then the rounds."""
    with ExitStack() as stack:
        loader, sink = stack.enter_context(load_generator(stage))
        servers = [start(one, stage, sink, stack) for one in variants]
        for server in servers:
            told(f"{server.name}: process {server.processes[0].pid}")
        return run_rounds(loader, servers, count=rounds, load=load, told=told)
