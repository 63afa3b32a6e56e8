"""``bpp serve`` with two things more: a clock that can be moved from outside, and a line of the program to die at.

Run as ``python -m tests.chaos.entry``, with the settings of the server in the environment, and what ``moved`` and
``dying`` look for there. Of the product only ``prepare`` and ``build_app`` are used, by their own arguments.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import uvloop
from aiohttp import web

from bpp.collecting import collect_seldom
from tests.chaos import dying
from tests.chaos.moved import CLOCK, MovedClock

if TYPE_CHECKING:
    from bpp.settings import Settings


async def _serve(settings: Settings, app: web.Application) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(app, access_log=None, handle_signals=False)
        stack.push_async_callback(runner.cleanup)
        await runner.setup()
        await web.TCPSite(runner, settings.host, settings.port).start()
        await stop.wait()


def main() -> None:
    """Migrate, listen until SIGTERM. The program is imported once the line to die at is armed."""
    collect_seldom()
    if place := os.environ.get(dying.DIE):
        dying.arm(place)
    from bpp.app import build_app, prepare  # noqa: PLC0415
    from bpp.logs import configure_logs  # noqa: PLC0415
    from bpp.settings import load_settings  # noqa: PLC0415

    settings = load_settings(os.environ)
    configure_logs(settings.log_level, json=True)
    uvloop.run(prepare(settings))
    app = build_app(settings, clock=MovedClock(Path(os.environ[CLOCK])))
    uvloop.run(_serve(settings, app))


if __name__ == "__main__":
    main()
