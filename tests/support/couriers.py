"""Delivery loops on a storage of the test: real transport, real time only for the idle wait, ours for all else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import Any

from bpp.core.catalogs import Worlds
from bpp.delivery.limits import Limits
from bpp.delivery.loop import DeliveryLoop
from bpp.network.guard import AddressGuard
from bpp.network.transport import Transport
from bpp.storage.ports import Storage
from signing.header import KeyId
from signing.keys import SigningKey
from signing.signature import sign_digest
from tests.support.clock import FakeClock
from tests.support.ids import IdSource
from tests.support.world_builders import an_identity, some_rules

KEY = SigningKey(bytes(range(32)))
KEY_ID = KeyId("bpp.example.in", "k1")
LOOPBACK = AddressGuard(allowed=(ip_network("127.0.0.0/8"),), require_https=False)
QUICK = timedelta(milliseconds=5)
PATIENCE_S = 120.0
OTP_SECRET = b"a secret of the tests"
RULES = some_rules(otp_attempts=5, holds_per_peer=100)
IDENTITY = an_identity(subscriber_id="bpp.example.in", subscriber_uri="https://bpp.example.in/ondc")


class OneKey:
    """A key that nobody rotates."""

    def header_of(self, digest: str, now: datetime) -> str:
        return sign_digest(digest, KEY, KEY_ID, now)

    def rotating(self, now: datetime) -> bool:  # noqa: ARG002
        return False


def worlds_of(clock: FakeClock, new_id: Callable[[], str] | None = None) -> Worlds:
    """The worlds of a test, at the time of its clock."""
    return Worlds(clock=clock, new_id=new_id or IdSource(9), rules=RULES, identity=IDENTITY, otp_secret=OTP_SECRET)


@asynccontextmanager
async def delivering(
    storage: Storage, clock: FakeClock, *, patience: timedelta = timedelta(seconds=10), **limits: Any
) -> AsyncIterator[DeliveryLoop]:
    """A delivery loop at work; stopped in the end, when what is under way has ended."""
    async with Transport(guard=LOOPBACK, clock=clock, total_timeout=patience) as transport:
        loop = DeliveryLoop(
            storage=storage,
            transport=transport,
            signer=OneKey(),
            worlds=worlds_of(clock),
            clock=clock,
            limits=Limits(**{"idle": QUICK, **limits}),
        )
        running = asyncio.create_task(loop.run())
        try:
            yield loop
        finally:
            loop.stop()
            await asyncio.wait_for(running, PATIENCE_S)


async def until(condition: Callable[[], Awaitable[Any]]) -> Any:
    """Wait until a condition gives something true, and give it back. Fails after a while that is never reached."""
    async with asyncio.timeout(PATIENCE_S):
        while not (found := await condition()):  # noqa: ASYNC110  a database has no event to wait for
            await asyncio.sleep(0.003)
    return found


async def turns(count: int = 12) -> None:
    """Let the loops look again several times, to see that they leave something alone."""
    await asyncio.sleep(count * QUICK.total_seconds())
