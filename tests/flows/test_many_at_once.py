"""Many customers at once, two server processes on one database: every booking goes its whole way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import aiohttp

from bpp.sandbox import journey
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.identities import BPP, BUYER, write_registry
from bpp.sandbox.messages import Customer
from bpp.sandbox.offers import otp, read_offers
from bpp.sandbox.places import place_at
from tests.support.machines import Machine, balanced, machines
from tests.support.network import OPERATOR_TOKEN
from tests.support.server import PATIENCE, running

PLACE = place_at("226010")
WORDS = ("tap repair", "fan repair", "bathroom cleaning")
CUSTOMERS, RUNNING = 24, 4


async def a_whole_booking(url: str, buyer: Buyer, session: aiohttp.ClientSession, number: int) -> str:
    """From search to rating; the order's last status."""
    found = (await journey.search(buyer, words=WORDS[number % len(WORDS)], place=PLACE)).callback
    offers = read_offers(found.message)
    offer = offers[number % len(offers)]
    start = offer.starts[1 + number * 7 % (len(offer.starts) - 1)]  # the first may be past before it is confirmed
    selected = (await journey.select(buyer, found, offer, start, PLACE)).callback
    assert not selected.error, selected.error
    ready = (await journey.init(buyer, selected, Customer(), PLACE)).callback
    confirmed = (await journey.confirm(buyer, ready)).callback
    assert not confirmed.error, confirmed.error
    orders = f"{url}/api/v1/orders"
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
        ends = await asyncio.gather(
            *(a_whole_booking(server.url, buyer, session, number) for number in range(CUSTOMERS))
        )

    assert ends == ["COMPLETED"] * CUSTOMERS


async def test_machines_restarted_one_by_one_under_load_lose_nothing(postgres_url: str, tmp_path: Path) -> None:
    registry = tmp_path / "registry.json"
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}"}
    backends: list[Machine] = []
    ends: list[str] = []
    restarted = asyncio.Event()

    async def customer(number: int) -> None:
        while not restarted.is_set():
            ends.append(await a_whole_booking(url, buyer, session, number))
            number += RUNNING

    async with (
        balanced(backends) as url,
        machines(postgres_url, tmp_path, BPP_SUBSCRIBER_URI=url, BPP_DELIVERY_LEASE="PT30S") as found,
        aiohttp.ClientSession(headers=headers) as session,
    ):
        write_registry(registry, (BPP.at(url), BUYER))
        async with Buyer(registry=registry, patience=timedelta(seconds=PATIENCE)) as buyer:
            write_registry(registry, (BPP.at(url), BUYER.at(buyer.url)))
            backends += [await found.start(), await found.start()]
            customers = [asyncio.create_task(customer(number)) for number in range(RUNNING)]
            for machine in backends:
                before = len(ends)
                await booked(ends, before + RUNNING, customers)
                await machine.stop()
                await booked(ends, len(ends) + 1, customers)
                await found.start(machine)
            restarted.set()
            await asyncio.gather(*customers)

    assert set(ends) == {"COMPLETED"}


async def booked(ends: list[str], count: int, customers: list[asyncio.Task[None]]) -> None:
    """Go on when so many bookings have been made. Raises what a customer raised."""
    async with asyncio.timeout(2 * PATIENCE):
        while len(ends) < count:
            for one in customers:
                if one.done():
                    one.result()
            await asyncio.sleep(0.02)
