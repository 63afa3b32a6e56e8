"""Many customers at once, two server processes on one database: every booking goes its whole way."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp

from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import otp, read_offers
from bpp.sandbox.places import place_at
from tests.support.network import OPERATOR_TOKEN
from tests.support.server import PATIENCE, Server, running

PLACE = place_at("226010")
WORDS = ("tap repair", "fan repair", "bathroom cleaning")
CUSTOMERS = 24


async def a_whole_booking(server: Server, buyer: Buyer, session: aiohttp.ClientSession, number: int) -> str:
    """From search to rating; the order's last status."""
    found = (await journey.search(buyer, words=WORDS[number % len(WORDS)], place=PLACE)).callback
    offers = read_offers(found.message)
    offer = offers[number % len(offers)]
    start = offer.starts[number * 7 % len(offer.starts)]
    selected = (await journey.select(buyer, found, offer, start, PLACE)).callback
    assert not selected.error, selected.error
    ready = (await journey.init(buyer, selected, Customer(), PLACE)).callback
    confirmed = (await journey.confirm(buyer, ready)).callback
    assert not confirmed.error, confirmed.error
    orders = f"{server.url}/api/v1/orders"
    async with session.get(orders, params={"order_id": confirmed.order["id"]}) as answer:
        ref = (await answer.json())["items"][0]["ref"]
    token, last, seen = "", confirmed, set[str]()
    for event in ("depart", "arrive", "start", "complete"):
        body = {"event": event, **({"otp": token} if event == "start" else {})}
        async with session.post(f"{orders}/{ref}/events", json=body) as answer:
            assert answer.status == 200, await answer.text()
        last = await buyer.next_callback(
            confirmed.transaction_id,
            "on_status",
            timeout=PATIENCE,
            where=lambda one: one.message_id not in seen,  # a busy machine may deliver one of them twice
        )
        seen.add(last.message_id)
        token = otp(last.order)
    assert not (await journey.rate(buyer, confirmed, 5)).callback.error
    status: str = last.order["status"]
    return status


async def test_every_one_of_many_bookings_at_once_goes_its_whole_way(database_url: str, tmp_path: Path) -> None:
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    async with (
        running(database_url, tmp_path, BPP_WORKERS="2", BPP_DELIVERY_LEASE="PT30S") as (server, buyer),
        aiohttp.ClientSession(headers=headers) as session,
    ):
        ends = await asyncio.gather(*(a_whole_booking(server, buyer, session, number) for number in range(CUSTOMERS)))

    assert ends == ["COMPLETED"] * CUSTOMERS
