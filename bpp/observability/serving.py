"""The pusher of a server process, made of its settings."""

from __future__ import annotations

import asyncio
import os
import platform
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from bpp.metrics import Metrics
from bpp.network.guard import AddressGuard
from bpp.network.transport import Transport
from bpp.observability.entries import Telling
from bpp.observability.masking import Masker
from bpp.observability.push import Endpoint, Pusher, PushLimits
from bpp.observability.reader import Reader
from bpp.observability.types import told
from bpp.settings import Settings
from bpp.storage.ports import Storage

SECRET = "observability"  # noqa: S105  its name
"""Under which our own secret is kept that tokens are made with; it never changes, and nobody is told it."""


class Silence:
    """In the place of a pusher where nobody is to be told."""

    async def run(self) -> None:
        """There is nothing to do."""

    def stop(self) -> None:
        """Nothing was begun."""


@asynccontextmanager
async def pusher_of(
    settings: Settings,
    storage: Storage,
    clock: Callable[[], datetime],
    metrics: Metrics,
    limits: PushLimits | None = None,
) -> AsyncIterator[Pusher | Silence]:
    """A pusher with connections of its own; silence where nobody is to be told.

    The operator names the endpoint, and nobody else: it is called as peers are, by https outside the sandbox and at
    addresses that are public or in ``BPP_CALLBACK_ALLOW``.
    """
    if not settings.observed:
        yield Silence()
        return
    limits = limits or PushLimits()
    masker = Masker(await storage.run(lambda work: work.keys.secret(SECRET)))
    telling = Telling(actions=told(settings.observability_also), masker=masker, subscriber_id=settings.subscriber_id)
    guard = AddressGuard(allowed=settings.callback_allow, require_https=not settings.sandbox)
    async with Transport(
        guard=guard,
        clock=clock,
        total_timeout=limits.patience,
        connections=limits.at_once,
        connections_per_host=limits.at_once,
    ) as transport:
        yield Pusher(
            storage=storage,
            transport=transport,
            reader=Reader(storage, telling),
            endpoint=Endpoint(url=settings.observability_url, token=settings.observability_token),
            clock=clock,
            holder=f"{platform.node()}:{os.getpid()}:{secrets.token_hex(4)}",
            metrics=metrics,
            limits=limits,
        )


async def ended(task: asyncio.Task[None], within: timedelta) -> None:
    """Let a task that was told to stop end; one that has not after ``within`` is cut off."""
    await asyncio.wait({task}, timeout=within.total_seconds())
    task.cancel()
