"""What one process tells the others after a commit: a hint, which may be lost, so that they need not find out later.

The theory. Nothing depends on a notice. What is due is found at the next turn of a delivery loop, and each unit reads
the versions of the catalog that it needs. A notice makes it sooner, and takes the reading of a changed catalog off the
path of the next message. So it is told after the commit, by a connection of its own, many at once; on PostgreSQL a
NOTIFY inside a transaction would have its commit wait for every other that notifies, in all processes together.

A callback that was stored is told to nobody: the process that stored it delivers it once its ACK is written, and until
its moment has come nobody else may. What others must be told is that a lane has become free in which something waits
that they have acknowledged.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from bpp.storage.ports import Notice

Heard = Callable[[frozenset[Notice]], None]
EVERYTHING = frozenset(Notice)
POLL = 0.05
"""Seconds between two looks at an SQLite file. A look takes a few microseconds, with its timer some hundred."""


class Notifier(Protocol):
    """The way between the processes of one database."""

    def committed(self, notices: Collection[Notice]) -> None:
        """A transaction of ours was committed, of which others should know this, or nothing. Does not wait."""
        ...

    async def follow(self, heard: Heard) -> None:
        """Tell what others did, and everything when something may have been missed; until cancelled."""
        ...

    async def close(self) -> None:
        """Send what waits, and let go of everything."""
        ...


class SqliteNotifier:
    """Looks whether the file has changed by anybody but us: ``PRAGMA data_version``.

    It costs no file, no address and no peer that may be gone, and cannot miss a change, only not say of what kind it
    was. Where we have committed ourselves meanwhile the figure does not tell by whom it was moved; then we have had our
    turns, and it is left for the first quiet moment.
    """

    def __init__(self, file: Path | None) -> None:
        """Nothing is opened yet."""
        self._file = file
        self._ours = 0

    def committed(self, notices: Collection[Notice]) -> None:
        """See ``Notifier``: others see it by themselves."""
        del notices
        self._ours += 1

    async def follow(self, heard: Heard) -> None:
        """See ``Notifier``."""
        if self._file is None:  # a database in memory has no others
            await asyncio.Event().wait()
            return
        raw = sqlite3.connect(self._file, isolation_level=None)
        try:
            await self._look(raw, heard)
        finally:
            raw.close()

    async def _look(self, raw: sqlite3.Connection, heard: Heard) -> None:
        known, ours = _version(raw), self._ours
        heard(EVERYTHING)
        while True:
            await asyncio.sleep(POLL)
            if self._ours != ours:
                ours = self._ours
            elif (now := _version(raw)) not in (known, None):
                known = now
                heard(EVERYTHING)

    async def close(self) -> None:
        """See ``Notifier``."""


def _version(raw: sqlite3.Connection) -> int | None:
    """A number that changes with each commit of another connection; None where it cannot be had just now."""
    with suppress(sqlite3.Error):
        return int(raw.execute("PRAGMA data_version").fetchone()[0])
    return None
