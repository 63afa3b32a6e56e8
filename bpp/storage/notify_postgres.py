"""LISTEN and NOTIFY: notices between the processes and machines of one PostgreSQL.

The theory. One connection of each process listens and tells. It asks for no durability, so that nobody waits for the
disk, and gathers what is told within a few milliseconds. A notice to ourselves goes round now and then: where it does
not come back, the connection is dead without saying so, or a pool lies between that hands the next transaction to
another connection of the server (PgBouncer in transaction mode, which takes a LISTEN and never passes on what comes).
Then a warning is logged once, the connection is made anew from time to time, and everything goes on without it.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Collection
from contextlib import suppress
from typing import Any

import asyncpg
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bpp.storage.notify import EVERYTHING, Heard
from bpp.storage.ports import Notice

log = structlog.get_logger(__name__)
CHANNEL = "sewamitra_bpp"
GATHER = 0.01
ECHO_EVERY, ECHO_WITHIN = 30.0, 10.0
TOLD_WITHIN = 10.0
"""Seconds for one word: where the network swallows all, the system itself waits for a quarter of an hour."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 15.0
TELL = "SELECT pg_notify($1, said) FROM unnest($2::text[]) AS said"
PROBLEMS = (asyncpg.PostgresError, asyncpg.InterfaceError, SQLAlchemyError, OSError)


class PostgresNotifier:
    """See ``Notifier``."""

    def __init__(self, engine: AsyncEngine) -> None:
        """Nothing is opened yet."""
        self._engine = engine
        self._open: tuple[asyncpg.Connection, AsyncConnection] | None = None
        self._speaking = asyncio.Lock()
        self._waiting: set[str] = set()
        self._telling: asyncio.Task[None] | None = None
        self._echo = f"echo {secrets.token_hex(8)}"
        self._echoed, self._lost = asyncio.Event(), asyncio.Event()
        self._heard: Heard | None = None

    def committed(self, notices: Collection[Notice]) -> None:
        """See ``Notifier``."""
        self._waiting.update(notices)
        if self._waiting and (self._telling is None or self._telling.done()):
            self._telling = asyncio.create_task(self._tell(), name="notices")

    async def follow(self, heard: Heard) -> None:
        """See ``Notifier``."""
        self._heard = heard
        await self._shut()  # it may have been opened to tell alone
        pause, arrive = FIRST_PAUSE, True
        while True:
            try:
                await self._connected()
                heard(EVERYTHING)
                while await self._comes_round():
                    pause, arrive = FIRST_PAUSE, True
                    with suppress(TimeoutError):
                        await asyncio.wait_for(self._lost.wait(), ECHO_EVERY)
            except PROBLEMS as problem:
                log.info("notices_interrupted", reason=type(problem).__name__)
            else:
                if arrive and not self._lost.is_set():
                    log.warning("notices_do_not_arrive", hint="LISTEN needs a direct connection or a pool by session")
                    arrive = False
            await self._shut()
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def close(self) -> None:
        """See ``Notifier``."""
        if self._telling is not None:
            await self._telling
        await self._shut()

    async def _tell(self) -> None:
        while self._waiting:
            await asyncio.sleep(GATHER)
            said, self._waiting = sorted(self._waiting), set()
            try:
                await self._say(said)
            except PROBLEMS as problem:  # others find out by themselves
                log.info("notice_lost", reason=type(problem).__name__)

    async def _comes_round(self) -> bool:
        """Whether what we say is heard here; False as soon as the connection is lost."""
        if self._lost.is_set():
            return False
        self._echoed.clear()
        await self._say([self._echo])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._echoed.wait(), ECHO_WITHIN)
        return self._echoed.is_set()

    def _hear(self, raw: asyncpg.Connection, pid: int, _channel: str, said: str) -> None:
        if said == self._echo:
            self._echoed.set()
        elif pid != raw.get_server_pid() and said in EVERYTHING and self._heard is not None:
            self._heard(frozenset({Notice(said)}))

    async def _say(self, texts: Collection[str]) -> None:
        """Tell the others, one word after the other: the connection takes no second one meanwhile."""
        async with self._speaking, asyncio.timeout(TOLD_WITHIN):
            await (await self._opened()).execute(TELL, CHANNEL, texts)

    async def _connected(self) -> None:
        async with self._speaking, asyncio.timeout(TOLD_WITHIN):
            await self._opened()

    async def _opened(self) -> asyncpg.Connection:
        if self._open is None:
            sql = await self._engine.connect()
            raw: Any = (await sql.get_raw_connection()).driver_connection
            self._open = (raw, sql)
            self._lost.clear()
            raw.add_termination_listener(lambda _: self._lost.set())
            await raw.execute("SET synchronous_commit = off")
            if self._heard is not None:
                await raw.add_listener(CHANNEL, self._hear)
        return self._open[0]

    async def _shut(self) -> None:
        if self._open is not None:
            raw, sql = self._open
            self._open = None
            raw.terminate()
            await sql.invalidate()
            await sql.close()
