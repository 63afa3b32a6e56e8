"""A whole booking is told to network observability by the server itself, and nobody in it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.clock import FakeClock
from tests.support.complaining import Complaining
from tests.support.couriers import until
from tests.support.grievances import BuyerV2, Hands
from tests.support.network import running_network
from tests.support.observatory import TOKEN, Answer, Observatory
from tests.support.settling import settling
from tests.support.tickets_console import SAID as COMPLAINED
from tests.support.tickets_console import complained

SAID = ("on_search", "select", "on_select", "init", "on_init", "confirm", "on_confirm", "on_status")
WANTED = {name for one in SAID for name in (one, f"{one}_response")}


def told(observatory: Observatory) -> dict[str, str]:
    return {
        "BPP_OBSERVABILITY": "on",
        "BPP_OBSERVABILITY_URL": observatory.url,
        "BPP_OBSERVABILITY_TOKEN": TOKEN,
    }


async def test_everything_from_on_search_on_is_told_with_its_answers_and_nobody_in_it(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with (
        Observatory() as observatory,
        running_network(sqlite_url, tmp_path, clock, **told(observatory)) as network,
    ):
        await network.completed()

        async def all_of_it() -> bool:
            return set(observatory.types) == WANTED

        await until(all_of_it)
        customer = network.customer

    text = json.dumps(list(observatory.took.values()), ensure_ascii=False)
    assert [one for one in (customer.name, customer.phone, customer.email) if one and one in text] == []
    assert network.place.area_code in text


async def test_complaints_and_settlement_are_told_in_both_directions_and_nobody_in_them(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with Observatory() as observatory, settling(sqlite_url, tmp_path, clock, **told(observatory)) as three:
        network, customer = three.network, three.network.customer
        confirmed, _ = await network.completed()
        hands = Hands()
        hands.now = network.clock()
        desk = Complaining(network, confirmed, BuyerV2(hands))
        desk.buyer.issue["descriptor"]["long_desc"] = f"I am {customer.name}, call {customer.phone}"
        await desk.say(desk.buyer.payload())
        await complained(network, await network.ref(confirmed), against="buyer_app", code="VIS001")
        await network.buyer.next_callback(action="issue")
        order_id = await three.sold()
        payload = three.books.recon(order_id, network.clock())
        assert (await three.recon(payload["message"])).acked
        await network.buyer.next_callback(action="on_recon")
        await three.filed(order_id)
        families = {"issue", "on_issue", "recon", "on_recon", "settle", "on_settle"}
        wanted = WANTED | {name for one in families for name in (one, f"{one}_response")}

        async def all_of_it() -> bool:
            return wanted <= set(observatory.types)

        await until(all_of_it)

    text = json.dumps(list(observatory.took.values()), ensure_ascii=False)
    said = (customer.name, customer.phone, customer.email, COMPLAINED)
    assert [one for one in said if one and one in text] == []


async def test_an_endpoint_that_hangs_holds_up_no_booking_and_no_stop(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    hangs = Observatory(judge=lambda *_: Answer(delay=60.0))
    settings = {**told(hangs), "BPP_DRAIN_TIMEOUT": "PT0.2S"}
    async with hangs, running_network(sqlite_url, tmp_path, clock, **settings) as network:
        confirmed = await network.booked()

    assert not confirmed.error
    assert hangs.took == {}


async def test_nobody_is_told_in_the_sandbox_unless_it_is_wanted(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with Observatory() as observatory:
        settings = {**told(observatory), "BPP_OBSERVABILITY": "in_prod"}
        async with running_network(sqlite_url, tmp_path, clock, **settings) as network:
            await network.booked()
            await network.settled()

    assert observatory.asked == 0
