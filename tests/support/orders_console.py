"""An order's pages as its people use them, without a browser."""

from __future__ import annotations

from typing import Any

from bpp.people.model import Role
from bpp.sandbox.exchange import Callback
from tests.support.callers import booked
from tests.support.console import Shown, Visitor
from tests.support.network import Network


async def by_telephone(network: Network, **more: Any) -> str:
    """Our reference of an order that somebody made by telephone."""
    order = await booked(network.call, **more)
    ref: str = order["ref"]
    return ref


async def of_buyer_app(network: Network, **more: Any) -> tuple[str, Callback]:
    """Our reference of an order that a buyer app made, and the callback that confirmed it; all is delivered."""
    confirmed = await network.booked(**more)
    await network.settled()
    return await network.ref(confirmed), confirmed


async def seat(network: Network, role: Role, ref: str) -> dict[str, Any]:
    """What somebody of a role must have to see an order: its seller, where the role is a provider's."""
    if role is not Role.PROVIDER:
        return {}
    return {"provider_id": (await network.call("GET", f"/orders/{ref}"))[1]["provider_id"]}


async def opened(visitor: Visitor, ref: str, what: str = "") -> Shown:
    """The page of an order, or the one that asks before something is done to it."""
    return await visitor.get(f"/console/orders/{ref}{'/' + what if what else ''}")


async def did(visitor: Visitor, ref: str, what: str, **fields: str) -> Shown:
    """Fill in what an action asks, and send it."""
    return await visitor.send(await opened(visitor, ref, what), f"/{what}", **fields)


def offered(page: Shown, ref: str) -> list[str]:
    """What may be done now, by the links of an order's page, in their order."""
    mark = f'href="/console/orders/{ref}/'
    names = (part.partition('"')[0] for part in page.text.split(mark)[1:])
    return [one for one in names if "/" not in one]
