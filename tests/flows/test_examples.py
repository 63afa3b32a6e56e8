"""The examples are valid today: sent as they are they are taken and answered, and what they show passes the checks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest

from bpp.cli.validation import judged
from bpp.domains.peers import UNCONFIGURED
from bpp.sandbox.example_pages import PATH, example_routes
from bpp.sandbox.examples import FLOWS, Examples
from bpp.sandbox.exchange import Callback
from bpp.sandbox.field import Field
from bpp.sandbox.listener import Listener
from bpp.sandbox.offers import otp
from tests.support.network import OPERATOR_TOKEN, Network


class Page:
    """The examples as a reader gets them."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def get(self, path: str = "", method: str = "GET", **query: str) -> tuple[int, dict[str, Any]]:
        async with self.session.request(method, f"{self.url}{PATH}{path}", params=query) as answer:
            return answer.status, await answer.json()


@pytest.fixture
async def page(network: Network) -> AsyncIterator[Page]:
    """The pages over the network's first buyer app and the seller's people."""
    listener = Listener("127.0.0.1", 0, max_body=1 << 20)
    async with Field(bpp_url=network.url, token=OPERATOR_TOKEN) as people:
        listener.add_routes(example_routes(Examples(network.buyer, people), network.buyer))
        await listener.start()
        yield Page(listener.url, network.session)
        await listener.stop()


@pytest.mark.parametrize("flow", FLOWS)
async def test_every_example_of_a_flow_sent_in_order_is_acknowledged_and_answered(network: Network, page: Page, flow):
    reader = network.second_buyer
    mine = {"bap_id": reader.participant.subscriber_id, "bap_uri": reader.url, "transaction_id": reader.new_id()}
    status, index = await page.get()
    assert status == 200
    heard: dict[str, Callback] = {}
    last = ""

    for line in index["flows"][flow]["lines"]:
        match line:
            case {"send": name}:
                _, message = await page.get(f"/{flow}/{name}.json", **mine)
                answer = await reader.post(name, orjson.dumps(message))
                assert answer.acked, answer.document
            case {"seller": event}:
                more = {"otp": otp(heard[last].order)} if event == "start" else {}
                status, said = await network.event(heard["on_confirm"], event, **more)
                assert status == 200, said
            case {"expect": name}:
                action = "_".join(name.split("_")[:2])
                heard[name] = await reader.next_callback(mine["transaction_id"], action)
                assert not heard[name].error, heard[name].error
                last = name


async def test_every_example_of_a_callback_passes_the_checks_and_every_request_our_door(network: Network, page: Page):
    _, index = await page.get()
    seen = set()

    for name, flow in index["flows"].items():
        for line in flow["lines"]:
            if "seller" in line:
                continue
            kind, what = next((key, line[key]) for key in ("send", "expect") if key in line)
            _, message = await page.get(f"/{name}/{what}.json")
            found = judged(orjson.dumps(message), own_id=network.settings.subscriber_id, dialect_of=UNCONFIGURED.of)
            assert (found.findings, found.corrections, found.notes) == ((), (), ()), line
            assert found.kind == {"send": "request", "expect": "callback"}[kind]
            seen.add(message["context"]["action"])

    assert seen >= {"search", "on_search", "update", "on_update", "cancel", "on_cancel", "rating", "on_rating"}


async def test_what_the_examples_do_may_be_done_early_in_the_morning_too(network: Network, page: Page):
    network.clock.tick(hours=21)  # six in the morning: today is all free, and too near to be moved

    assert "error" not in (await page.get("/reschedule/on_update.json"))[1]


async def test_a_reader_chooses_identity_transaction_and_time(network: Network, page: Page):
    first = (await page.get("/reschedule/select.json", bap_id="me.example.in", bap_uri="http://127.0.0.1:9"))[1]
    second = (await page.get("/reschedule/select.json", slot="2", transaction_id="T-2"))[1]
    confirm = (await page.get("/reschedule/confirm.json", transaction_id="T-2"))[1]

    assert (first["context"]["bap_id"], first["context"]["bap_uri"]) == ("me.example.in", "http://127.0.0.1:9")
    assert first["context"]["message_id"] != second["context"]["message_id"]
    assert (second["context"]["transaction_id"], confirm["message"]["order"]["id"]) == ("T-2", "O-T-2")
    assert start_of(first) < start_of(second)
    network.clock.tick(minutes=1)
    later = (await page.get("/reschedule/select.json"))[1]
    assert later["context"]["timestamp"] > first["context"]["timestamp"]


async def test_examples_are_played_anew_when_asked_and_when_they_are_old(network: Network, page: Page):
    first = (await page.get())[1]
    same = (await page.get())[1]
    anew = (await page.get(method="POST"))[1]
    network.clock.tick(minutes=11)
    later = (await page.get())[1]

    ids = [one["flows"]["reschedule"]["transaction_id"] for one in (first, same, anew, later)]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


@pytest.mark.parametrize(
    ("path", "query", "status", "code"),
    [
        ("/dance/select.json", {}, 404, "unknown_flow"),
        ("/reschedule/dance.json", {}, 404, "unknown_message"),
        ("/reschedule/on_dance.json", {}, 404, "unknown_message"),
        ("/reschedule/select.json", {"slot": "99"}, 404, "unknown_message"),
        ("/reschedule/select.json", {"slot": "x"}, 400, "invalid"),
    ],
)
async def test_what_there_is_not_is_refused_with_words(page: Page, path, query, status, code):
    found, document = await page.get(path, **query)

    assert (found, document["error"]["code"]) == (status, code)
    assert document["error"]["message"]


async def test_without_the_sellers_people_a_flow_ends_before_the_visit(network: Network):
    flows = await Examples(network.buyer, None).flows()

    assert {one.kind for one in flows["service_completion"].lines} == {"send", "expect"}


def start_of(message):
    return message["message"]["order"]["fulfillments"][0]["stops"][0]["time"]["range"]["start"]
