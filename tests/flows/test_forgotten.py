"""An order that was kept long enough is forgotten on the network, too, and what is in the books stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bpp.core.retention import RetentionPolicy, forget
from bpp.sandbox.messages import status_message, support_message
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network

NO_TIME = timedelta()
AT_ONCE = RetentionPolicy(
    orders=NO_TIME,
    projects=NO_TIME,
    parties=NO_TIME,
    messages=NO_TIME,
    drafts=NO_TIME,
    reads=NO_TIME,
    demand=NO_TIME,
)
YEARS = timedelta(days=4000)


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running


async def test_a_forgotten_order_is_unknown_to_its_buyer_app_and_names_nobody(network: Network) -> None:
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    await network.settled()
    before = (await network.call("GET", f"/orders/{ref}"))[1]

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    answer = await network.buyer.send("status", status_message(confirmed.order["id"]))
    _, after = await network.call("GET", f"/orders/{ref}")
    assert answer.error_code == "30018"
    assert network.customer.phone not in str(after)
    assert network.customer.name not in str(after)
    assert after["quote"] == before["quote"]
    assert after["payments"] == before["payments"]
    assert [one["name"] for one in after["timeline"]] == [one["name"] for one in before["timeline"]]


async def test_a_wish_to_be_called_is_not_kept_for_a_forgotten_order(network: Network) -> None:
    confirmed, _ = await network.completed()
    await network.settled()
    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)
    wish = support_message(confirmed.order["id"])
    wish["support"]["callback_phone"] = "9876505555"

    answer = await network.buyer.send("support", wish)

    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    assert answer.acked
    assert "9876505555" not in str(order)


async def test_a_booking_under_way_is_left_alone(network: Network) -> None:
    confirmed = await network.booked()
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    assert order["billing"]["phone"] == network.customer.phone
    pushed = await network.pushed(confirmed, "depart")
    assert pushed.order["billing"]["phone"] == network.customer.phone
