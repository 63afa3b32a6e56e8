"""Peers over the operator API: how each spells, whose word that is, and what was seen."""

from __future__ import annotations

from dataclasses import replace

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bpp.context import APP_CONTEXT
from bpp.core.catalogs import Worlds
from bpp.domains.peers import Dialects
from bpp.operator.app import BASE_PATH, operator_app
from bpp.storage.ports_traits import LearnedTrait
from tests.bpp.operator.conftest import SECRET
from tests.support.world_builders import an_identity, some_rules

PEER, OTHER = "buyer.example.in", "another.example.in"


async def learn(desk, peer, **traits):
    for trait, value in traits.items():
        one = LearnedTrait(peer=peer, trait=trait, value=value, at=desk.clock(), action="confirm", transaction_id="T1")
        await desk.storage.run(lambda work, one=one: work.traits.learn(one))


async def test_nobody_is_listed_before_anybody_was_heard(desk):
    assert await desk.call("GET", "/peers") == (200, {"items": [], "next": None})


async def test_what_was_learned_is_listed_with_where_it_comes_from(desk_on_each):
    desk = desk_on_each
    await learn(desk, PEER, status_case="upper", search_finder_fee="Buyer_finder_fee")
    since = desk.clock().isoformat()
    desk.clock.tick(minutes=1)
    await learn(desk, PEER, status_case="title")
    await learn(desk, OTHER, categories="hex")

    _, found = await desk.call("GET", "/peers")

    another, buyer = found["items"]
    assert (another["subscriber_id"], buyer["subscriber_id"]) == (OTHER, PEER)
    assert another["dialect"]["categories"] == {"value": "hex", "origin": "learned"}
    assert buyer["dialect"] == {
        "status_case": {"value": "title", "origin": "learned"},
        "cancelled_by": {"value": "PRODUCER", "origin": "default"},
        "categories": {"value": "decimal", "origin": "default"},
        "finder_fee": {"value": "Buyer_finder_fee", "origin": "learned"},
    }
    fee, case = buyer["seen"]
    assert (case["trait"], case["value"], case["changes"]) == ("status_case", "title", 1)
    assert (fee["trait"], fee["value"], fee["changes"]) == ("search_finder_fee", "Buyer_finder_fee", 0)
    assert (fee["action"], fee["transaction_id"]) == ("confirm", "T1")
    assert fee["since"].replace("Z", "+00:00")[:19] == since[:19]


async def test_a_configured_peer_is_listed_before_it_was_heard_and_its_setting_beats_what_it_shows(desk):
    await learn(desk, PEER, status_case="title")
    configured = Dialects(configured={PEER: {"status_case": "upper"}, OTHER: {"cancelled_by": "PROVIDER"}})
    worlds = Worlds(
        clock=desk.clock, new_id=str, rules=some_rules(), identity=an_identity(), otp_secret=SECRET, dialects=configured
    )
    app, operator = web.Application(), operator_app()
    operator[APP_CONTEXT] = replace(desk.context, worlds=worlds)
    app.add_subapp(BASE_PATH, operator)
    async with TestClient(TestServer(app)) as client:
        headers = {"Authorization": "Bearer supervisor-token"}
        async with client.get(f"{BASE_PATH}/peers", headers=headers) as response:
            another, buyer = (await response.json())["items"]

    assert another["dialect"]["cancelled_by"] == {"value": "PROVIDER", "origin": "configured"}
    assert another["seen"] == []
    assert buyer["dialect"]["status_case"] == {"value": "upper", "origin": "configured"}
    assert [one["value"] for one in buyer["seen"]] == ["title"]
