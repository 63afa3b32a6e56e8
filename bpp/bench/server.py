"""A server under test: ``python -m bpp.bench.server VARIANT``, with the settings of its environment, until SIGTERM.

``durable`` is the product as ``bpp serve`` runs it, with the JSON logs of production at their default level; several
processes of it may share a port.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys

import uvloop

from bpp.logs import configure_logs
from bpp.serve import listening
from bpp.settings import Settings, load_settings


async def durable(settings: Settings) -> None:
    """The product."""
    async with listening(settings, shared_port=settings.workers > 1):
        await asked_to_stop()


async def asked_to_stop() -> None:
    """Until SIGINT or SIGTERM."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()


VARIANTS = {"durable": durable}


def main(variant: str) -> None:
    """Serve."""
    settings = load_settings(os.environ)
    configure_logs(settings.log_level, json=True)
    uvloop.run(VARIANTS[variant](settings))


if __name__ == "__main__":
    main(sys.argv[1])
