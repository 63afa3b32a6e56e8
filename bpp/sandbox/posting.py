"""The sending of a message over HTTP, bounded: what comes back is read as far as an answer may be long."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import aiohttp

from bpp.sandbox.exchange import Sent, SyncAnswer

MAX_ANSWER = 1 << 20
"""How much of an answer is read, in bytes."""


class Unreachable(Exception):
    """Nobody answered at that address, or not in time."""


async def posted(session: aiohttp.ClientSession, sent: Sent, headers: Sequence[tuple[str, str]]) -> SyncAnswer:
    """Send a message with these headers, and no redirect followed; its synchronous answer. Raises ``Unreachable``."""
    left = asyncio.get_running_loop().time()
    try:
        async with session.post(
            sent.url, data=sent.body, headers=headers, allow_redirects=False, skip_auto_headers=("Content-Type",)
        ) as response:
            arrived = asyncio.get_running_loop().time()
            return SyncAnswer(
                request=sent,
                status=response.status,
                headers=response.headers.copy(),
                body=await first_bytes(response.content, MAX_ANSWER),
                left=left,
                arrived=arrived,
            )
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        raise Unreachable(f"no answer from {sent.url}: {type(problem).__name__} {problem}".strip()) from problem


async def first_bytes(stream: aiohttp.StreamReader, limit: int) -> bytes:
    """As much of a body as there is, ``limit`` bytes at most."""
    try:
        return await stream.readexactly(limit)
    except asyncio.IncompleteReadError as whole:
        return whole.partial
