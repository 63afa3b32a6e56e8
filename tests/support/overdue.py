"""A test that never ends is ended, and what it waited for is said: no run of the suite waits for ever.

No promise about time: `AT_MOST` is many times what the longest test takes on a busy machine.
"""

from __future__ import annotations

import asyncio
import io
import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest

AT_MOST, GRACE = 600.0, 60.0
"""Seconds until a test is failed where it stands; and how many its fixtures then have before the process is ended."""
ENDED: Final = 70
"""The exit status of a process that had to be ended."""
SIGNAL: Final = signal.SIGUSR2
_LOOPS: list[asyncio.AbstractEventLoop] = []


def known(loop: asyncio.AbstractEventLoop) -> asyncio.AbstractEventLoop:
    """Remembers the loop whose tasks are told of while it is not closed."""
    _LOOPS[:] = [one for one in (*_LOOPS, loop) if not one.is_closed()]
    return loop


@contextmanager
def watched(name: str, said: int, at_most: float = AT_MOST, grace: float = GRACE) -> Iterator[None]:
    """Around one test with its fixtures: after `at_most` it fails with its stack and tasks; after `grace` the process ends.

    Only the main thread is interrupted, by a signal, since that is where tests wait. `said` is a file descriptor that
    nothing captures: what a process that has to be ended can tell goes there.
    """
    over = threading.Event()

    def fail(*_: object) -> None:
        pytest.fail(f"It did not end within {at_most:g} seconds.\n{waiting()}")

    def watch() -> None:
        if over.wait(at_most):
            return
        told = f"\n{name} did not end.\n{waiting()}\n"
        signal.pthread_kill(threading.main_thread().ident or 0, SIGNAL)
        if not over.wait(grace):
            os.write(said, f"{told}{name} did not let itself be ended.\n{waiting()}\n".encode())
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


def waiting() -> str:
    """Where the main thread stands, and where each task of a test's loop waits."""
    text = io.StringIO()
    frame = sys._current_frames().get(threading.main_thread().ident or 0)
    text.writelines(traceback.format_stack(frame)[-12:])
    for one in [one for one in _LOOPS if not one.is_closed()]:
        for task in asyncio.all_tasks(one):
            task.print_stack(limit=12, file=text)
    return text.getvalue()
