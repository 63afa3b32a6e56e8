"""What this process does because others did something: it looks what is due, and takes over a changed catalog early."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import structlog

from bpp.core.catalogs import Worlds
from bpp.errors import Unavailable
from bpp.storage.ports import Notice, Storage

log = structlog.get_logger(__name__)
BETWEEN = 0.2
"""Seconds between two looks at the catalog: ratings change all the time."""


async def follow_neighbours(storage: Storage, worlds: Worlds, wake: Callable[[], None]) -> None:
    """Wake the delivery loop, and read what is new of the catalog before a message needs it; until cancelled.

    Each unit goes on reading the versions that it needs: a notice may be lost.
    """
    news = asyncio.Event()

    def heard(notices: frozenset[Notice]) -> None:
        if Notice.DUE in notices:
            wake()
        if Notice.CATALOG in notices:
            news.set()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(storage.follow(heard))
        while True:
            await news.wait()
            news.clear()
            try:
                await storage.read(worlds.current)
            except Unavailable:
                log.warning("catalog_not_read")
            except Exception:  # the next message meets it, too; that we hear of others must not end with it
                log.exception("catalog_not_read")
            await asyncio.sleep(BETWEEN)
