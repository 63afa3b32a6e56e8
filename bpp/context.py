"""What the edges share: made once in ``bpp.app``, unpacked at each edge, passed whole to nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from aiohttp import web

from bpp.actions.execute import Policy
from bpp.core.catalogs import Worlds
from bpp.keys.own import OwnKeys
from bpp.metrics import Metrics
from bpp.network.keyring import Keyring
from bpp.settings import Settings
from bpp.storage.ports import Storage
from bpp.tracing import Traces


@dataclass(slots=True, kw_only=True)
class Life:
    """How a process stands: ``draining`` once it was told to stop, ``failed`` once it cannot do its work any more.

    ``succeeded``: another process serves in its place already.
    """

    draining: bool = False
    succeeded: bool = False
    failed: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppContext:
    """``release`` tells the delivery loop that a callback may go out."""

    settings: Settings
    storage: Storage
    worlds: Worlds
    keyring: Keyring
    policy: Policy
    metrics: Metrics
    clock: Callable[[], datetime]
    keys: OwnKeys
    release: Callable[[int | None], None]
    life: Life = field(default_factory=Life)
    traces: Traces | None = None


APP_CONTEXT = web.AppKey("APP_CONTEXT", AppContext)
