"""Tracking: where about a worker on the way is, if the provider and the worker let it be told.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.storage.ports import Work
from catalog.geo import distance_km, parse_gps
from tests.support.conversation import check_conversation, events_of, moment
from tests.support.effects import audit_log, rows
from tests.support.network import Network, start_stop

Json = dict[str, Any]
HERE = "26.853217,80.996431"
NEXT_DOOR = "26.853912,80.996904"
FAR = "26.871000,80.941000"


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def reported(network: Network, confirmed: Callback, gps: str = HERE) -> tuple[int, Any]:
    """What the worker's telephone says, and what it is told."""
    return await network.call("POST", f"/orders/{await network.ref(confirmed)}/location", {"gps": gps})


async def tracked(network: Network, confirmed: Callback) -> Json:
    """``tracking`` of an on_track of now."""
    found: Json = (await journey.track(network.buyer, confirmed)).callback.message["tracking"]
    return found


def trackings(one: Callback) -> list[bool]:
    return [visit["tracking"] for visit in one.order["fulfillments"]]


async def on_the_way(network: Network, **more: Any) -> tuple[Callback, Callback]:
    confirmed = await network.booked(**more)
    return confirmed, await network.pushed(confirmed, "depart")


async def test_a_worker_on_the_way_is_followed_roughly(network: Network) -> None:  # 55
    confirmed, departed = await on_the_way(network)
    before = await tracked(network, confirmed)
    network.clock.tick(minutes=3)
    status, answer = await reported(network, confirmed)
    told = await tracked(network, confirmed)

    assert trackings(confirmed) == [False]
    assert trackings(departed) == [True]
    assert before == {"id": departed.order["fulfillments"][0]["id"], "status": "inactive"}
    assert (status, set(answer)) == (200, {"at"})
    assert told["status"] == "active"
    assert told["location"]["updated_at"] == answer["at"]
    assert moment(answer["at"]) == network.clock()
    assert told["location"]["gps"] != HERE
    assert 0 < distance_km(parse_gps(told["location"]["gps"]), parse_gps(HERE)) < 0.4


async def test_the_position_is_found_in_each_database(network_on_each: Network) -> None:  # 55
    confirmed, _ = await on_the_way(network_on_each)
    await reported(network_on_each, confirmed)

    assert (await tracked(network_on_each, confirmed))["status"] == "active"


async def test_houses_next_to_each_other_are_told_as_one_place(network: Network) -> None:  # 55
    confirmed, _ = await on_the_way(network)
    await reported(network, confirmed, HERE)
    first = await tracked(network, confirmed)
    await reported(network, confirmed, NEXT_DOOR)
    second = await tracked(network, confirmed)
    await reported(network, confirmed, FAR)
    third = await tracked(network, confirmed)

    assert first["location"]["gps"] == second["location"]["gps"]
    assert distance_km(parse_gps(third["location"]["gps"]), parse_gps(FAR)) < 0.4


async def test_only_the_last_rough_position_is_kept(network: Network) -> None:
    confirmed, _ = await on_the_way(network)
    for gps in (FAR, HERE):
        await reported(network, confirmed, gps)
    ref = await network.ref(confirmed)
    order = await network.context.storage.read(lambda work: work.orders.get(ref))
    assert order is not None
    seen = order.visit.whereabouts
    _, shown = await network.call("GET", f"/orders/{ref}")

    assert seen is not None
    assert str(seen.gps) not in (HERE, FAR)
    assert str(seen.gps) not in str(shown)


async def test_a_position_is_no_event_of_the_order_and_sends_nothing(network: Network) -> None:  # 37, 43
    confirmed, departed = await on_the_way(network)
    ref = await network.ref(confirmed)
    await network.settled()
    before, events = await rows(network.settings.database_url), await events_of(network, ref)
    said = len(await audit_log(network.settings.database_url))
    network.clock.tick(minutes=1)
    await reported(network, confirmed)
    await network.settled()

    assert await rows(network.settings.database_url) == before
    assert await events_of(network, ref) == events
    assert len(await audit_log(network.settings.database_url)) == said
    asked = (await journey.status(network.buyer, confirmed)).callback
    assert asked.order == departed.order


async def test_an_old_position_says_nothing(network: Network) -> None:  # 55
    confirmed, departed = await on_the_way(network)
    await reported(network, confirmed)
    network.clock.tick(minutes=10)
    at_last = await tracked(network, confirmed)
    network.clock.tick(seconds=1)
    too_late = await tracked(network, confirmed)
    await reported(network, confirmed)

    assert at_last["status"] == "active"
    assert too_late == {"id": departed.order["fulfillments"][0]["id"], "status": "inactive"}
    assert (await tracked(network, confirmed))["status"] == "active"


@pytest.mark.parametrize("event", ["arrive", "cancel"])
async def test_the_end_of_the_way_is_the_end_of_following(network: Network, event: str) -> None:  # 55
    confirmed, _ = await on_the_way(network)
    await reported(network, confirmed)
    more: Any = {"reason": "011"} if event == "cancel" else {}
    then = await network.pushed(confirmed, event, **more)
    ref = await network.ref(confirmed)
    order = await network.context.storage.read(lambda work: work.orders.get(ref))

    assert trackings(then) == [False]
    assert await tracked(network, confirmed) == {"id": then.order["fulfillments"][0]["id"], "status": "inactive"}
    assert order is not None
    assert order.visit.whereabouts is None
    status, answer = await reported(network, confirmed)
    assert (status, answer["error"]["code"]) == (409, "not_followed")


async def test_before_the_worker_sets_off_nobody_is_followed(network: Network) -> None:  # 55
    confirmed = await network.booked()
    status, answer = await reported(network, confirmed)

    assert (status, answer["error"]["code"]) == (409, "not_followed")
    assert "on the way" in answer["error"]["message"]
    assert (await tracked(network, confirmed))["status"] == "inactive"


async def patched(network: Network, path: str, body: Json) -> None:
    status, answer = await network.call("PATCH", path, body)
    assert status == 200, answer


async def test_without_the_providers_word_nobody_is_followed(network: Network) -> None:  # 55
    confirmed, departed = await on_the_way(network, words="bathroom cleaning")
    status, answer = await reported(network, confirmed)

    assert trackings(departed) == [False]
    assert (status, answer["error"]["code"]) == (409, "not_followed")
    assert "provider" in answer["error"]["message"]
    assert (await tracked(network, confirmed))["status"] == "inactive"


async def workers(network: Network, provider_id: str) -> list[str]:
    async def unit(work: Work) -> list[str]:
        return [one.id for one in (await work.directory.load()).workers if one.provider_id == provider_id]

    return await network.context.storage.read(unit)


async def test_without_the_workers_word_nobody_is_followed(network: Network) -> None:  # 55
    for worker_id in await workers(network, "P-GOMTI"):
        await patched(network, f"/workers/{worker_id}", {"shares_location": False})
    confirmed, departed = await on_the_way(network)
    status, answer = await reported(network, confirmed)

    assert trackings(departed) == [False]
    assert (status, answer["error"]["code"]) == (409, "not_followed")
    assert "worker" in answer["error"]["message"]
    assert (await tracked(network, confirmed))["status"] == "inactive"


async def test_a_worker_may_take_the_word_back_on_the_way(network: Network) -> None:  # 55
    confirmed, departed = await on_the_way(network)
    await reported(network, confirmed)
    name = start_stop(departed)["person"]["name"]
    data = await network.context.storage.read(lambda work: work.directory.load())
    (worker_id,) = (one.id for one in data.workers if one.name == name)
    await patched(network, f"/workers/{worker_id}", {"shares_location": False})
    status, answer = await reported(network, confirmed, FAR)
    told = await tracked(network, confirmed)

    assert (status, answer["error"]["code"]) == (409, "not_followed")
    assert told == {"id": departed.order["fulfillments"][0]["id"], "status": "inactive"}


@pytest.mark.parametrize("side", ["provider", "worker"])
async def test_a_report_after_the_word_was_taken_back_erases_what_was_kept(network: Network, side: str) -> None:  # 55
    confirmed, departed = await on_the_way(network)
    await reported(network, confirmed)
    ref = await network.ref(confirmed)
    before = await network.context.storage.read(lambda work: work.orders.get(ref))
    assert before is not None
    assert before.visit.assignee is not None
    if side == "provider":
        await patched(network, f"/providers/{before.seller.provider_id}", {"tracking": False})
    else:
        await patched(network, f"/workers/{before.visit.assignee.worker_id}", {"shares_location": False})

    told = await tracked(network, confirmed)
    status, answer = await reported(network, confirmed, FAR)
    after = await network.context.storage.read(lambda work: work.orders.get(ref))

    assert told == {"id": departed.order["fulfillments"][0]["id"], "status": "inactive"}
    assert (status, answer["error"]["code"]) == (409, "not_followed")
    assert side in answer["error"]["message"]
    assert before.visit.whereabouts is not None
    assert after is not None
    assert after.visit.whereabouts is None


@pytest.mark.parametrize("gps", ["", "here", "26.85", "80.99,26.85", "0,0", "26.85,80.99,1", "nan,nan", "x" * 65, 5])
async def test_what_is_no_position_is_refused(network: Network, gps: Any) -> None:
    confirmed, _ = await on_the_way(network)
    status, answer = await reported(network, confirmed, gps)

    assert (status, answer["error"]["path"]) == (422, "gps")
    assert (await tracked(network, confirmed))["status"] == "inactive"


async def test_a_position_for_no_order_is_refused(network: Network) -> None:
    status, answer = await network.call("POST", "/orders/nothing/location", {"gps": HERE})

    assert (status, answer["error"]["code"]) == (404, "not_found")


async def test_another_buyer_app_follows_nobody(network: Network) -> None:  # 36, 55
    confirmed, _ = await on_the_way(network)
    await reported(network, confirmed)

    answer = await network.second_buyer.send("track", {"order_id": confirmed.order["id"]})

    assert answer.error_code == "30018"
