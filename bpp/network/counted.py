"""A registry whose questions are counted and timed."""

from __future__ import annotations

import time

from beckn_schemas.registry import Subscriber
from bpp.metrics import Metrics
from bpp.network.registry import Registry


class CountedRegistry:
    """See ``bpp.network.registry.Registry``; the answers are those of the registry behind it."""

    def __init__(self, registry: Registry, metrics: Metrics) -> None:
        """In front of any registry."""
        self._registry = registry
        self._metrics = metrics

    def version(self) -> int:
        """That of the registry."""
        return self._registry.version()

    async def lookup(self, subscriber_id: str, unique_key_id: str) -> tuple[Subscriber, ...]:
        """Ask, and tell what came of it. Raises ``RegistryUnavailable``."""
        began, outcome = time.monotonic(), "failed"
        try:
            found = await self._registry.lookup(subscriber_id, unique_key_id)
            outcome = "found" if found else "unknown"
        finally:
            self._metrics.looked_up(outcome, time.monotonic() - began)
        return found
