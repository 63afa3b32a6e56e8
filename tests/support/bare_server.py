"""Servers of bare connections, for peers that do not speak HTTP as they should."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

TURNS_TO_ACCEPT = 5
"""Turns of the loop after which a connection that was accepted has met its handler."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def bare_server(
    talk: Talk, host: str = "127.0.0.1", port: int = 0, *, limit: int = 1 << 16
) -> AsyncIterator[int]:
    """Have each connection handled by ``talk``; the port. What is still open at the end is reset, and seen to be gone."""
    met: list[asyncio.StreamWriter] = []

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        met.append(writer)
        await talk(reader, writer)

    server = await asyncio.start_server(meet, host, port, limit=limit)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for _ in range(TURNS_TO_ACCEPT):
            await asyncio.sleep(0)
        for writer in met:
            writer.transport.abort()
        await asyncio.gather(*(writer.wait_closed() for writer in met), return_exceptions=True)
