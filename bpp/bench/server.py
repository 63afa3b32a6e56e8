"""A server under test: ``python -m bpp.bench.server VARIANT``, with the settings of its environment, until SIGTERM.

``durable`` is the product as ``bpp serve`` runs it, with the JSON logs of production at their default level; several
processes of it may share a port. The other variants are the same with one thing otherwise, or are what it is compared
with (``bpp.bench.bare``).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Mapping

import uvloop
from aiohttp import web

from bpp.app import build_app
from bpp.bench.bare import bare_app, naive_app
from bpp.bench.commit_each import CommitEach
from bpp.bench.memory import MemoryStorage
from bpp.logs import configure_logs
from bpp.settings import Settings, load_settings


def durable(settings: Settings) -> web.Application:
    """The product."""
    return build_app(settings)


def one_commit_each(settings: Settings) -> web.Application:
    """The product, with a transaction for each unit of work."""
    return build_app(settings, opened=CommitEach)


def storeless(settings: Settings) -> web.Application:
    """The product, keeping nothing."""
    return build_app(settings, opened=MemoryStorage)


VARIANTS: Mapping[str, Callable[[Settings], web.Application]] = {
    "durable": durable,
    "one_commit_each": one_commit_each,
    "storeless": storeless,
    "bare": bare_app,
    "naive": naive_app,
}


async def serve(variant: str, settings: Settings) -> None:
    """Listen until asked to stop."""
    runner = web.AppRunner(VARIANTS[variant](settings), access_log=None, handle_signals=False)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port, reuse_port=settings.workers > 1 or None).start()
        print(json.dumps({"listening": settings.port}), flush=True)  # noqa: T201  for whoever started it
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        await stop.wait()
    finally:
        await runner.cleanup()


def main(variant: str) -> None:
    """Serve, on the loop that the variant is meant to have."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level, json=True)
    (asyncio if variant == "naive" else uvloop).run(serve(variant, settings))


if __name__ == "__main__":
    main(sys.argv[1])
