"""``bpp serve`` with two things more: a clock that can be moved from outside, and a line of the program to die at.

Run as ``python -m tests.chaos.entry``, with the settings of the server in the environment. ``CHAOS_CLOCK`` names a file
of eight bytes, the seconds by which the clock is off; it is looked at whenever somebody asks what time it is.
``CHAOS_DIE`` is ``path:line:times``: as soon as that line is about to run for the so-manieth time, the process is
killed with SIGKILL, on whichever thread. Only ``build_app`` of the product is used, by its own arguments.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import signal
import struct
import sys
import threading
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

import uvloop
from aiohttp import web

from bpp.app import build_app, prepare
from bpp.logs import configure_logs
from bpp.settings import Settings, load_settings

OFFSET = struct.Struct("=d")
CLOCK, DIE = "CHAOS_CLOCK", "CHAOS_DIE"


class MovedClock:
    """The machine's clock and as much as the file says."""

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            self._memory = mmap.mmap(file.fileno(), OFFSET.size, access=mmap.ACCESS_READ)

    def __call__(self) -> datetime:
        """Now, as this server believes."""
        (seconds,) = OFFSET.unpack(self._memory[: OFFSET.size])
        return datetime.now(UTC) + timedelta(seconds=seconds)


def move(path: Path, seconds: float) -> None:
    """Set by how much the clock that reads this file is off."""
    with path.open("r+b" if path.exists() else "wb") as file:
        file.write(OFFSET.pack(seconds))


def die_at(place: str) -> None:
    """Arm the line. Whatever is not of its file runs without further notice."""
    path, line, times = place.rsplit(":", 2)
    number, left = int(line), [int(times)]

    def at_line(frame: FrameType, event: str, _argument: Any) -> Any:
        if event == "line" and frame.f_lineno == number:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return at_line

    def at_call(frame: FrameType, _event: str, _argument: Any) -> Any:
        return at_line if frame.f_code.co_filename.endswith(path) else None

    threading.settrace(at_call)
    sys.settrace(at_call)


async def _serve(settings: Settings, clock: MovedClock) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(build_app(settings, clock=clock), access_log=None, handle_signals=False)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        await stop.wait()


def main() -> None:
    """Migrate, listen until SIGTERM."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level, json=True)
    uvloop.run(prepare(settings))
    if place := os.environ.get(DIE):
        die_at(place)
    uvloop.run(_serve(settings, MovedClock(Path(os.environ[CLOCK]))))


if __name__ == "__main__":
    main()
