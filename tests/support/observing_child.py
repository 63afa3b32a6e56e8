"""A process that does nothing but push to network observability, to be killed: `python -m … DATABASE ENDPOINT TOKEN`."""

from __future__ import annotations

import asyncio
import signal
import sys
from datetime import timedelta

from bpp.app import utc_now
from bpp.metrics import Metrics
from bpp.observability.push import PushLimits
from bpp.observability.serving import pusher_of
from bpp.settings import load_settings
from bpp.storage.engine import open_storage

LIMITS = PushLimits(rows=16, turn=timedelta(seconds=1), lease=timedelta(seconds=2), idle=timedelta(milliseconds=20))
"""Short, so that whoever comes after one that was killed need not wait long."""


async def main(database: str, endpoint: str, token: str) -> None:
    settings = load_settings(
        {
            "BPP_DATABASE_URL": database,
            "BPP_OBSERVABILITY": "on",
            "BPP_OBSERVABILITY_URL": endpoint,
            "BPP_OBSERVABILITY_TOKEN": token,
        }
    )
    storage = open_storage(database)
    async with pusher_of(settings, storage, utc_now, Metrics(), LIMITS) as pusher:
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, pusher.stop)
        await pusher.run()
    await storage.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
