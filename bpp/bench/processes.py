"""Processes that the benchmark starts, what CPU they use, and the machine they share. Ends only what it started."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import orjson

TICKS = os.sysconf("SC_CLK_TCK")
STOP_WITHIN = 20.0
_PROC = Path("/proc")


class BenchFailed(Exception):
    """The benchmark itself could not be run; the text says why."""


class Process:
    """One process of ours, with whatever it starts in its turn."""

    def __init__(self, command: Sequence[str], *, log: Path, environ: Mapping[str, str] | None = None) -> None:
        """Started at once; what it says on stderr goes to the log."""
        self.log = log
        with log.open("ab") as errors:
            self._process = subprocess.Popen(  # noqa: S603  our own program
                [sys.executable, *command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env={**os.environ, **(environ or {})},
            )

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def pin(self, cores: Sequence[int]) -> None:
        """From now on it runs on these cores alone, with all its threads and those that they start."""
        for task in (_PROC / str(self.pid) / "task").iterdir():
            os.sched_setaffinity(int(task.name), cores)

    def ask(self, **command: Any) -> dict[str, Any]:
        """Give it a command line and wait for the line that answers."""
        if self._process.stdin is None:
            raise BenchFailed("the process takes no commands")
        self._process.stdin.write(orjson.dumps(command) + b"\n")
        self._process.stdin.flush()
        return self.hear()

    def hear(self) -> dict[str, Any]:
        """The next line that it says. Raises BenchFailed where it ended instead."""
        line = self._process.stdout.readline() if self._process.stdout is not None else b""
        if not line:
            raise BenchFailed(f"a process of the benchmark ended: {self.tail()}")
        said: dict[str, Any] = orjson.loads(line)
        return said

    def cpu(self) -> float:
        """CPU seconds that it and its living children have used, user and system."""
        return cpu_of_tree(self.pid)

    def memory(self) -> int:
        """Bytes of memory in use by it and its children."""
        return sum(_resident(pid) for pid in _tree(self.pid))

    def tail(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self) -> None:
        """End it: asked first, then made to."""
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def cores() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where servers run, and where the load generator does: apart, where there are two cores."""
    found = sorted(os.sched_getaffinity(0))
    return (found[0],), (found[-1],)


@contextmanager
def pinned() -> Iterator[None]:
    """For as long as the block lasts, this thread runs on the servers' core."""
    everywhere = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores()[0])
    try:
        yield
    finally:
        os.sched_setaffinity(0, everywhere)


def free_port() -> int:
    """A port of loopback that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def cpu_of_tree(pid: int) -> float:
    """CPU seconds, user and system, of a process and its living descendants."""
    return sum(_cpu(one) for one in _tree(pid))


def _cpu(pid: int) -> float:
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS if fields else 0.0


def _stat(pid: int) -> list[str]:
    """The fields after the name, which may itself have brackets and blanks; none of a process that is gone."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _tree(pid: int) -> list[int]:
    found = [pid]
    for one in found:
        for task in (_PROC / str(one) / "task").glob("*/children"):
            try:
                found += map(int, task.read_text().split())
            except OSError:  # gone meanwhile
                continue
    return found


def _resident(pid: int) -> int:
    try:
        return int((_PROC / str(pid) / "statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError):
        return 0


@dataclass(frozen=True, slots=True)
class Jiffies:
    """What the machine's cores did so far, in ticks: everything, and what another machine took of it (steal)."""

    total: int
    steal: int

    @classmethod
    def now(cls) -> Jiffies:
        """As /proc/stat has it."""
        numbers = [int(text) for text in (_PROC / "stat").read_text().splitlines()[0].split()[1:9]]
        return cls(total=sum(numbers), steal=numbers[7])

    def stolen_since(self, before: Jiffies) -> float:
        """The part of the time since then that was stolen."""
        return (self.steal - before.steal) / max(1, self.total - before.total)
