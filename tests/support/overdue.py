"""A test that never ends is ended, and what it waited for is said: no run of the suite waits for ever.

No promise about time: the usual patience is many times what the longest test of `make test` takes on a busy machine.
"""

from __future__ import annotations

import asyncio
import io
import linecache
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import pytest

AT_MOST, GRACE = 600.0, 60.0
"""Seconds until a test is failed where it stands; and how many its fixtures then have before the process is ended."""
ENDED: Final = 70
"""The exit status of a process that had to be ended."""
SIGNAL: Final = signal.SIGUSR2
FRAMES: Final = 12
_LOOPS: list[asyncio.AbstractEventLoop] = []


def patience_of(environ: Mapping[str, str]) -> float:
    """`BPP_TEST_PATIENCE`, in seconds, such as `inf` for the tests that run for hours when they are told to."""
    return float(environ.get("BPP_TEST_PATIENCE", AT_MOST))


def known(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """Remembers the loop whose tasks are told of while it is not closed."""
    _LOOPS[:] = [one for one in (*_LOOPS, loop) if not one.is_closed()]
    return loop


@contextmanager
def watched(name: str, said: int, at_most: float = AT_MOST, grace: float = GRACE) -> Iterator[None]:
    """Around one test with its fixtures: after `at_most` it fails with its stack and tasks; after `grace` the process ends.

    Only the main thread is interrupted, by a signal, since that is where tests wait. A loop that is in the middle of
    a callback, which would keep a failure to itself, is stopped behind it. `said` is a file descriptor that nothing
    captures: what a process that has to be ended can tell goes there.
    """
    over = threading.Event()

    def fail(_signal: int, frame: FrameType | None) -> None:
        told = f"It did not end within {at_most:g} seconds.\n{waiting()}"
        if _in_callback(frame):
            sys.stderr.write(f"{told}\n")
            asyncio.get_running_loop().stop()
        else:
            pytest.fail(told)

    def watch() -> None:
        if over.wait(None if at_most == float("inf") else at_most):
            return
        told = waiting()
        signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
        if not over.wait(grace):
            os.write(said, f"\n{name} did not let itself be ended.\n{told}\nNow:\n{waiting()}\n".encode())
            os._exit(ENDED)

    before = signal.signal(SIGNAL, fail)
    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        over.set()
        watching.join()
        signal.signal(SIGNAL, before)


def _in_callback(frame: FrameType | None) -> bool:
    """Whether a loop is in the middle of a callback or of a task's step."""
    while frame is not None:
        code = frame.f_code
        if Path(code.co_filename).parent.name == "asyncio" and code.co_name in {"_run", "_run_once"}:
            return code.co_name == "_run"
        frame = frame.f_back
    return False


def waiting() -> str:
    """Where the main thread stands, and where each task of a test's loop waits."""
    text = io.StringIO()
    try:
        frame = sys._current_frames().get(threading.main_thread().ident or 0)
        text.writelines(traceback.format_stack(frame)[-FRAMES:])
        for one in [one for one in _LOOPS if not one.is_closed()]:
            for task in asyncio.all_tasks(one):
                text.write(f"{task.get_name()} waits in\n")
                text.writelines(_steps(task.get_coro()))
    except Exception as problem:  # noqa: BLE001  the tasks go on while they are looked at
        text.write(f"and more that could not be told: {problem!r}\n")
    return text.getvalue()


def _steps(coro: Any) -> Iterator[str]:
    """A suspended coroutine, what it awaits, and what that awaits, a line each."""
    for _ in range(FRAMES):
        frame = getattr(coro, "cr_frame", None) or getattr(coro, "ag_frame", None) or getattr(coro, "gi_frame", None)
        if frame is None:
            return
        code = frame.f_code
        line = linecache.getline(code.co_filename, frame.f_lineno).strip()
        yield f'  File "{code.co_filename}", line {frame.f_lineno}, in {code.co_name}\n    {line}\n'
        coro = getattr(coro, "cr_await", None) or getattr(coro, "ag_await", None) or getattr(coro, "gi_yieldfrom", None)
