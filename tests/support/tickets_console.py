"""Complaints at the console, without a browser."""

from __future__ import annotations

from typing import Any

from tests.support.console import Shown, Visitor
from tests.support.network import Network

SAID = "The tap still drips"


async def an_order_done(network: Network) -> str:
    """Our reference of an order whose work is done and paid for; all is delivered."""
    confirmed, _ = await network.completed()
    await network.settled()
    return await network.ref(confirmed)


async def complained(network: Network, ref: str, **more: Any) -> str:
    """The number of a customer's complaint, taken down by telephone."""
    body = {"code": "ITM004", "short_desc": SAID, "language": "en", **more}
    status, ticket = await network.call("POST", f"/orders/{ref}/tickets", body)
    assert status == 201, ticket
    number: str = ticket["ref"]
    return number


async def ticket_of(network: Network, number: str) -> dict[str, Any]:
    """A complaint as the operator API tells it."""
    status, ticket = await network.call("GET", f"/tickets/{number}")
    assert status == 200, ticket
    return dict(ticket)


async def step(network: Network, number: str, name: str, **more: Any) -> dict[str, Any]:
    """A step over the operator API, a minute later."""
    network.clock.tick(seconds=60)
    status, ticket = await network.call("POST", f"/tickets/{number}/steps", {"step": name, **more})
    assert status == 200, ticket
    return dict(ticket)


async def looked(visitor: Visitor, number: str, what: str = "") -> Shown:
    """The page of a complaint, or the one that asks before something is answered."""
    return await visitor.get(f"/console/tickets/{number}{'/' + what if what else ''}")


async def answered(visitor: Visitor, number: str, what: str, **fields: str) -> Shown:
    """Fill in what an answer asks, and send it."""
    return await visitor.send(await looked(visitor, number, what), f"/{what}", **fields)


def possible(page: Shown, number: str) -> list[str]:
    """What may be answered now, by the links of a complaint's page, in their order."""
    mark = f'href="/console/tickets/{number}/'
    return [part.partition('"')[0] for part in page.text.split(mark)[1:]]
