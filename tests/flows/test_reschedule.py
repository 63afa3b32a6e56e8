"""update of the slot: to one that is offered, with who is free; else the old one is kept.

Numbers are those of the protocol reference, section 5. Terms are in test_reschedule_terms, races in test_races, and how an
update is read in test_update.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from tests.support.conversation import (
    answer_to,
    check_conversation,
    events_of,
    is_offered,
    moment,
    orders,
    slot_of,
    state_of,
)
from tests.support.network import Network, end_stop, start_stop
from tests.support.updates import (
    PAINTER,
    another_start,
    at,
    moved,
    sent,
    starts_offered,
)

TWO_WORKERS = "tap repair"
"""Two workers of P-GOMTI can do it, where the third is away."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


def who(callback: Callback) -> str:
    """Who comes."""
    name: str = start_stop(callback)["person"]["name"]
    return name


# To a slot that is offered


async def test_a_visit_moved_to_an_offered_slot_is_confirmed_there(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)
    later = await another_start(network)
    answer = await sent(network, confirmed, {"update_target": "fulfillments", "order": at(confirmed.order, later)})

    told = await answer_to(answer, network.buyer)

    assert told.message_id == answer.request.message_id
    assert (told.order["status"], state_of(told), told.error_code) == ("ACCEPTED", "Pending", "")
    assert end_stop(told)["time"]["label"] == "confirmed"
    for stop in (start_stop(told), end_stop(told)):
        assert moment(stop["time"]["range"]["start"]) == later
        assert moment(stop["time"]["range"]["end"]) == later + timedelta(hours=1)
    assert moment(told.order["updated_at"]) > moment(confirmed.order["updated_at"])


async def test_nothing_but_the_slot_of_a_moved_order_changes(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)

    told = await moved(network, confirmed, await another_start(network))

    for key in ("id", "provider", "items", "billing", "quote", "payments", "cancellation_terms", "created_at"):
        expected = confirmed.order[key] if key != "provider" else {**told.order[key], "id": "P-INDIRA"}
        assert told.order[key] == expected, key


async def test_the_old_slot_is_free_again_and_the_new_one_is_taken(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)
    old, new = slot_of(confirmed), await another_start(network)
    assert not await is_offered(network, old, PAINTER)

    await moved(network, confirmed, new)

    assert await is_offered(network, old, PAINTER)
    assert not await is_offered(network, new, PAINTER)
    other = await network.booked(PAINTER, slot=9, buyer=network.second_buyer)
    assert slot_of(other) == old


async def test_a_status_after_it_tells_the_new_slot(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)

    told = await moved(network, confirmed, await another_start(network))

    assert (await journey.status(network.buyer, confirmed)).callback.order == told.order


async def test_a_moved_visit_goes_its_whole_way(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    told = await moved(network, confirmed, new)
    network.clock.set(new - timedelta(minutes=10))

    told = await network.pushed(told, "depart")

    assert (state_of(told), slot_of(told)) == ("In-Transit", new)


async def test_a_visit_may_be_moved_more_than_once(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)
    first = await moved(network, confirmed, await another_start(network))

    back = await moved(network, first, slot_of(confirmed))

    assert slot_of(back) == slot_of(confirmed)
    assert await is_offered(network, slot_of(first), PAINTER)


async def test_a_visit_moved_to_where_it_is_changes_nothing(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)
    (row,) = await orders(network)

    told = await moved(network, confirmed, slot_of(confirmed))

    assert (slot_of(told), told.error_code) == (slot_of(confirmed), "")
    assert told.order["updated_at"] == confirmed.order["updated_at"]
    assert await orders(network) == [row]
    assert await events_of(network, row.ref) == ["assign"]


async def test_a_visit_may_overlap_with_its_own_old_slot(network: Network) -> None:  # 44
    confirmed = await network.booked("door painted", slot=9)  # two hours, by the only painter
    old = slot_of(confirmed)

    told = await moved(network, confirmed, old + timedelta(hours=1))

    assert slot_of(told) == old + timedelta(hours=1)
    assert moment(end_stop(told)["time"]["range"]["end"]) == old + timedelta(hours=3)
    assert await is_offered(network, old, PAINTER)  # one hour before it is free again
    assert not await is_offered(network, old + timedelta(hours=2), PAINTER)


# Who comes


async def test_the_same_worker_comes_where_he_or_she_is_free(network: Network) -> None:  # 44
    await network.call("PATCH", "/workers/W-GOMTI-4", {"active": False})
    first = await network.booked(TWO_WORKERS, slot=9)
    second = await network.booked(TWO_WORKERS, slot=9)  # the other worker at the same time
    assert who(first) != who(second)
    new = await another_start(network, TWO_WORKERS)

    told = [await moved(network, one, new) for one in (second, first)]

    assert [who(one) for one in told] == [who(second), who(first)]


async def test_another_worker_comes_where_the_first_is_not_free(network: Network) -> None:  # 44
    await network.call("PATCH", "/workers/W-GOMTI-4", {"active": False})
    first = await network.booked(TWO_WORKERS, slot=9)
    second = await network.booked(TWO_WORKERS, slot=20, buyer=network.second_buyer)
    assert who(first) == who(second)

    told = await moved(network, first, slot_of(second))

    assert (slot_of(told), who(told) != who(first)) == (slot_of(second), True)
    assert start_stop(told)["contact"]["phone"] != start_stop(first)["contact"]["phone"]
    assert not await is_offered(network, slot_of(second), TWO_WORKERS)  # both are at work then
    assert await is_offered(network, slot_of(first), TWO_WORKERS)


async def booked_crew(network: Network, number: int) -> Callback:
    """Three bathrooms at once, of the four cleaners there are."""
    found, offers = await network.offers("bathroom cleaning")
    message = select_message(offers[0], offers[0].starts[number], network.place, count=3)
    selected = await journey.ask(
        network.buyer, "select", message, transaction_id=found.transaction_id, context=journey.following(found)
    )
    ready = await journey.init(network.buyer, selected.callback, network.customer, network.place)
    return (await journey.confirm(network.buyer, ready.callback)).callback


async def test_a_crew_moves_together(network: Network) -> None:  # 44
    confirmed = await booked_crew(network, 9)
    new = await another_start(network, "bathroom cleaning", 20)
    ref = await network.ref(confirmed)
    _, before = await network.call("GET", f"/orders/{ref}")

    told = await moved(network, confirmed, new)

    _, after = await network.call("GET", f"/orders/{ref}")
    teams = [
        {visit["worker"]["worker_id"], *(one["worker_id"] for one in visit["crew"])}
        for visit in (before["fulfillments"][0], after["fulfillments"][0])
    ]
    assert teams[0] == teams[1]
    assert len(teams[0]) == 3
    taken = await network.context.storage.read(lambda work: work.slots.held_by(ref))
    assert {worker: cells[0] for worker, cells in taken.items()} == dict.fromkeys(teams[1], slot_of(told))


async def test_a_crew_for_whom_too_few_are_free_keeps_its_slot(network: Network) -> None:  # 45
    confirmed = await booked_crew(network, 9)
    other = await booked_crew(network, 20)

    refused = await moved(network, confirmed, slot_of(other))

    assert (refused.error_code, slot_of(refused)) == ("90001", slot_of(confirmed))
    ref = await network.ref(confirmed)
    taken = await network.context.storage.read(lambda work: work.slots.held_by(ref))
    assert {cells[0] for cells in taken.values()} == {slot_of(confirmed)}
    assert len(taken) == 3


# To a slot that cannot be had


@pytest.mark.parametrize("kind", ["taken", "past", "never offered", "beyond the horizon"])
async def test_a_slot_that_cannot_be_had_is_refused_with_others_and_the_old_one_kept(
    network: Network, kind: str
) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    start = {
        "past": network.clock() - timedelta(hours=1),
        "never offered": slot_of(confirmed) + timedelta(minutes=20),
        "beyond the horizon": network.clock() + timedelta(days=40, minutes=30),
    }.get(kind)
    if start is None:
        start = slot_of(await network.booked(PAINTER, slot=20, buyer=network.second_buyer))

    refused = await moved(network, confirmed, start)

    assert refused.error_code == "90001"
    assert (refused.order["status"], state_of(refused)) == ("ACCEPTED", "Pending")
    assert (slot_of(refused), end_stop(refused)["time"]["label"]) == (slot_of(confirmed), "confirmed")
    assert not await is_offered(network, slot_of(confirmed), PAINTER)
    free = starts_offered(refused)
    assert start not in free
    assert slot_of(confirmed) not in free
    told = await moved(network, confirmed, free[-1])
    assert (slot_of(told), told.error_code) == (free[-1], "")


async def test_where_no_slot_can_be_had_the_refusal_says_so_and_the_old_one_is_kept(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    away = {"leaves": [[(network.clock() - timedelta(days=1)).date().isoformat(), "2099-12-31"]]}
    await network.call("PATCH", "/workers/W-INDIRA-1", away)

    refused = await moved(network, confirmed, new)

    assert (refused.error_code, slot_of(refused)) == ("90001", slot_of(confirmed))
    assert starts_offered(refused) == []
    assert refused.order["items"][0]["time"]["range"] == end_stop(confirmed)["time"]["range"]


async def test_a_refused_move_leaves_no_trace_but_the_answer(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    (row,) = await orders(network)

    await moved(network, confirmed, slot_of(confirmed) + timedelta(minutes=20))

    assert await orders(network) == [row]
    assert await events_of(network, row.ref) == ["assign"]
    polled = (await journey.status(network.buyer, confirmed)).callback
    assert "time" not in polled.order["items"][0]


async def test_a_visit_that_nobody_can_make_any_more_keeps_its_slot(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    await network.call("PATCH", "/workers/W-INDIRA-1", {"active": False})

    refused = await moved(network, confirmed, new)

    assert (refused.error_code, slot_of(refused)) == ("40006", slot_of(confirmed))
    ref = await network.ref(confirmed)
    taken = await network.context.storage.read(lambda work: work.slots.held_by(ref))
    assert taken["W-INDIRA-1"][0] == slot_of(confirmed)
