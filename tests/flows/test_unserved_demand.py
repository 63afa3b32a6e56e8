"""Searches that nobody could serve are counted over the wire, and no word of who searched for what is kept with them."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from bpp.sandbox.messages import search_message
from bpp.sandbox.places import Place
from tests.support.clock import FakeClock
from tests.support.network import Network, running_network

LUCKNOW = Place(name="", area_code="226010", gps="26.850000,80.999000", city="", std="std:0522")
VARANASI = Place(name="", area_code="221001", gps="25.320000,82.970000", city="", std="*")
DELHI = Place(name="", area_code="110001", gps="28.613900,77.209000", city="", std="std:011")
UNKNOWN_PIN = Place(name="", area_code="226999", gps="26.850000,80.999000", city="", std="std:0522")


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running


async def searched(network: Network, words: str, place: Place, domain: str = "ONDC:SRV11") -> None:
    """A search whose answer is an ACK and silence."""
    message = search_message(words=words, place=place)
    answer = await network.buyer.send("search", message, context={"domain": domain})
    assert answer.acked, answer


async def counted(network: Network, **query: Any) -> list[dict[str, Any]]:
    status, found = await network.call("GET", f"/demand/unserved?{urlencode(query)}")
    assert status == 200, found
    return [{name: value for name, value in row.items() if value is not None} for row in found["items"]]


async def test_what_nobody_offers_there_is_counted_by_district_and_service(network: Network) -> None:
    await searched(network, "tap repair", VARANASI)
    await searched(network, "tap repair", VARANASI)

    (row,) = await counted(network, by="district,area_code,service_id,hour,reason,channel")

    assert row == {
        "district": "187",
        "district_name": "Varanasi",
        "area_code": "221001",
        "service_id": "SM-PLB",
        "service_name": "Plumber",
        "hour": 9,
        "reason": "no_provider",
        "channel": "ondc",
        "searches": 2,
    }


async def test_words_that_mean_no_service_of_ours_and_days_that_are_full_are_told_apart(network: Network) -> None:
    await searched(network, "zyxwmark nameson 9876501234", LUCKNOW)

    (row,) = await counted(network, by="service_id,reason")

    assert row == {"service_id": "", "reason": "no_service", "searches": 1}


async def test_what_lies_outside_our_state_is_not_our_demand(network: Network) -> None:
    await searched(network, "tap repair", DELHI)

    assert await counted(network) == []


async def test_what_is_found_in_another_domain_is_not_missing(network: Network) -> None:
    await searched(network, "haircut", LUCKNOW, domain="ONDC:SRV11")

    assert await counted(network) == []


async def test_a_search_that_is_served_is_not_counted(network: Network) -> None:
    await network.offers("tap repair")

    assert await counted(network) == []


async def test_the_same_search_sent_again_is_counted_once(network: Network) -> None:
    message = search_message(words="tap repair", place=VARANASI)
    body = orjson.dumps(network.buyer.envelope("search", message, transaction_id="T1"))
    for _ in range(3):
        await network.buyer.post("search", body)

    assert [row["searches"] for row in await counted(network)] == [1]


async def test_nothing_that_somebody_said_is_in_the_counts(network: Network, tmp_path: Path) -> None:
    await searched(network, "zyxwmark nameson 9876501234", UNKNOWN_PIN)

    with closing(sqlite3.connect(network.settings.database_url.split("///")[1])) as database:
        rows = database.execute("select * from unserved_demand").fetchall()
    assert rows == [("2026-11-23", 9, "ondc", "162", "", "", "no_service", 1)]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"district": "Atlantis"}, "district"),
        ({"first": "2026-11-24", "last": "2026-11-23"}, "first"),
        ({"by": "person"}, "by"),
        ({"limit": "0"}, "limit"),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused_with_the_field(
    network: Network, query: dict[str, str], path: str
) -> None:
    status, answer = await network.call("GET", f"/demand/unserved?{urlencode(query)}")

    assert status == 422
    assert answer["error"]["path"].startswith(path)
