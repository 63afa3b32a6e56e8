"""What has no code on the network and no policy that publishes it is sold through our own channels, and only there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox.messages import search_message, select_message
from tests.support.callers import booked, found
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network

CARE = "SM-CRG-E12"


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """The network, with a provider that has begun to offer elder care, which the network has no code for."""
    async with running_network(sqlite_url, tmp_path, clock) as running:
        _, tap = await running.call("GET", "/offerings/GOMTI-TAP")
        care: dict[str, Any] = {key: value for key, value in tap.items() if key not in ("domain", "category")}
        care |= {"id": "GOMTI-CARE", "sub_service_id": CARE, "name": "Elder care", "name_hi": "बुजुर्ग देखभाल"}
        status, made = await running.call("POST", "/offerings", care)
        assert (status, made["category"]) == (201, ""), made
        _, worker = await running.call("GET", "/workers/W-GOMTI-1")
        skills = {"skills": {**worker["skills"], "SM-CRG": "2031-03-31"}}
        status, _ = await running.call("PATCH", "/workers/W-GOMTI-1", skills)
        assert status == 200
        yield running


async def test_a_buyer_app_finds_nothing_of_it_and_cannot_select_it(network: Network) -> None:
    for message in (search_message(words="elder care", place=network.place), search_message(place=network.place)):
        await network.buyer.send("search", message)
    await network.settled()
    answer, offers = await network.offers("tap repair")
    wish = select_message(offers[0], offers[0].starts[0], network.place)
    wish["order"]["items"][0]["id"] = "GOMTI-CARE"

    refused = await network.buyer.send("select", wish, transaction_id=answer.transaction_id)

    assert "GOMTI-CARE" not in "".join(str(one.document) for one in network.buyer.callbacks)
    assert refused.error_code == "30004"


async def test_a_caller_finds_and_books_it_while_it_is_unserved_on_the_network(network: Network) -> None:
    await network.buyer.send("search", search_message(words="elder care", place=network.place))
    heard = await found(network.call, "elder care")
    (provider,) = heard["items"]

    order = await booked(network.call, item="GOMTI-CARE")

    assert [one["item_id"] for one in provider["services"]] == ["GOMTI-CARE"]
    assert (order["channel"], order["worker_id"]) == ("call_centre", "W-GOMTI-1")
    _, missed = await network.call("GET", "/demand/unserved?by=channel,service_id,reason")
    assert [(one["channel"], one["service_id"], one["reason"]) for one in missed["items"]] == [
        ("ondc", "SM-CRG", "no_provider")
    ]
