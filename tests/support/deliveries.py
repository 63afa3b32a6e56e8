"""What the outbox of a running network says of its callbacks."""

from __future__ import annotations

import asyncio

from bpp.storage.ports import Callback
from tests.support.network import Network


async def stored(network: Network, action: str) -> Callback:
    """The newest callback of an action as the outbox has it."""
    rows = await network.context.storage.read(lambda work: work.outbox.find(None, None, 500))
    return next(one for one in rows if one.action == action)


async def judged(network: Network, action: str, attempts: int = 1, patience: float = 10) -> Callback:
    """The newest callback of an action once so many attempts were made and the last one was judged."""
    async with asyncio.timeout(patience):
        while True:
            one = await stored(network, action)
            if one.attempts >= attempts and one.leased_until is None:
                return one
            await asyncio.sleep(0.005)
