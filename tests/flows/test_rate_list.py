"""A provider's rate list on its way from a spreadsheet to a buyer app: the acceptance test of the import."""

from __future__ import annotations

import io
from typing import Any

import pytest

from bpp.operator.files import CSV, XLSX
from bpp.sandbox import journey
from bpp.sandbox.offers import read_offers
from tests.support.network import OPERATOR_TOKEN, Network
from tests.support.rate_lists import Planted, as_csv, as_xlsx, planted

ROWS, FAULTS = 5_000, 200
PATH = "/api/v1/providers/P-GOMTI/rate-list"
FILES = {"hi": (XLSX, as_xlsx), "en": (CSV, as_csv)}
WORDS = ("tap repair", "door bell")


async def sent(network: Network, content: bytes, media_type: str, **query: str) -> Any:
    headers = {"Authorization": f"Bearer {OPERATOR_TOKEN}", "Content-Type": media_type}
    async with network.session.post(
        f"{network.url}{PATH}", data=io.BytesIO(content), headers=headers, params=query
    ) as answer:
        assert answer.status == 200, await answer.text()
        return await answer.json()


async def stored(network: Network) -> dict[str, str]:
    data = await network.context.storage.read(lambda work: work.directory.load())
    return {one.id: one.name for one in data.offerings if one.provider_id == "P-GOMTI"}


def told(answer: Any) -> list[tuple[int, str, str]]:
    return sorted((fault["row"], fault["column"], fault["kind"]) for row in answer["rows"] for fault in row["faults"])


async def seen(network: Network, words: str) -> set[str]:
    """The ids that a buyer app is offered, over the wire."""
    found = (await journey.search(network.buyer, words=words, place=network.place)).callback
    return {one.item_id for one in read_offers(found.message)}


@pytest.mark.parametrize("language", ["hi", "en"])
async def test_five_thousand_offerings_with_two_hundred_faults_come_in_but_for_exactly_those(network, language):
    one: Planted = planted(language, rows=ROWS, faults=FAULTS)
    media_type, write = FILES[language]
    content = write(one)
    before = await stored(network)
    assert len(one.faults) == FAULTS

    dry = await sent(network, content, media_type, dry_run="true", skip_faulty="true")

    assert told(dry) == sorted(one.faults)
    assert dry["language"] == language
    assert dry["counts"] == {"new": ROWS - FAULTS, "refused": FAULTS}
    assert await stored(network) == before

    real = await sent(network, content, media_type, skip_faulty="true")

    assert told(real) == sorted(one.faults)
    assert real["stored"] == dry["stored"]
    assert set(await stored(network)) == {*before, *real["stored"]}
    assert len(real["stored"]) == one.sound == ROWS - FAULTS
    for words in WORDS:
        assert set(real["stored"]) & await seen(network, words)


async def test_while_a_row_is_refused_nothing_is_imported_unless_the_rest_is_asked_for(network):
    one = planted("en", rows=30, faults=3)
    before = await stored(network)

    refused = await sent(network, as_csv(one), CSV)

    assert told(refused) == sorted(one.faults)
    assert refused["stored"] == []
    assert await stored(network) == before


async def test_what_was_imported_is_in_the_next_search_and_gone_from_it_after_a_list_that_replaces_it(network):
    rows = "Service,Sub-service,Name,Rate\n" + "Plumber,Tap & Mixer Repair,Golden tap polished,77\n"
    before = await seen(network, "tap repair")

    (new,) = (await sent(network, rows.encode(), CSV))["stored"]
    assert await seen(network, "tap repair") == {*before, new}

    other = "Service,Sub-service,Rate\nPlumber,Toilet fixing,349\n"
    answer = await sent(network, other.encode(), CSV, replace="true")
    assert new in answer["absent"]
    assert new in answer["stored"]
    assert await seen(network, "plumber") == {"GOMTI-TOILET"}
