"""Buyer app and gateway beside a running seller app: what ``make run`` starts in sandbox mode."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bpp.sandbox.api import control_routes
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.desk import Desk
from bpp.sandbox.example_pages import example_routes
from bpp.sandbox.examples import Examples
from bpp.sandbox.field import Field
from bpp.sandbox.gateway import Gateway
from bpp.sandbox.moments import Clock, utc_now

REMEMBERED = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    """What was started."""

    buyer: Buyer
    gateway: Gateway


@asynccontextmanager
async def start_sandbox(
    registry: Path,
    *,
    host: str = "127.0.0.1",
    buyer_port: int = 0,
    gateway_port: int = 0,
    bpp_url: str = "",
    operator_token: str = "",
    clock: Clock = utc_now,
) -> AsyncIterator[Sandbox]:
    """Run the buyer app with its control API, and the gateway, until the block ends. Port 0 takes a free one.

    ``bpp_url`` is where the seller app is reached, by default as the registry file says. With ``operator_token`` the
    examples show what the seller's people do, too. Raises ``OSError`` where a port is taken.
    """
    buyer = Buyer(registry=registry, host=host, port=buyer_port, bpp_url=bpp_url, clock=clock, keep=REMEMBERED)
    gateway = Gateway(registry=registry, host=host, port=gateway_port, clock=clock)
    buyer.add_routes(control_routes(Desk(buyer, gateway=lambda: gateway.url)))
    async with AsyncExitStack() as stack:
        people = Field(bpp_url=bpp_url, token=operator_token) if operator_token else None
        buyer.add_routes(example_routes(Examples(buyer, people), buyer))
        for one in (gateway, buyer, people):
            if one is not None:
                await stack.enter_async_context(one)
        yield Sandbox(buyer=buyer, gateway=gateway)
