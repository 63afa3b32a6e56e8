"""A select that names no slot, and one whose slot was lost: the free ones are offered, none is ever confirmed.

Numbers are those of the protocol reference, section 5. That such a select is refused by default is in test_select.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import init_message, select_message
from bpp.sandbox.offers import Offer, read_offers, state, total_adds_up
from bpp.sandbox.places import place_at
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with, orders, slot_of
from tests.support.effects import rows
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, end_stop, moment, running_network

TIME = "order.fulfillments[0].stops[0].time"
NO_SLOT: dict[str, Any] = {
    "no time": DELETE,
    "an empty time": {},
    "a label alone": {"label": "selected"},
    "an empty range": {"range": {}},
    "an end alone": {"range": {"end": "2026-11-24T05:30:00.000Z"}},
    "days alone": {"days": "1,2"},
}


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """A seller that offers slots to who names none; each test also demands that every callback of it was valid."""
    async with running_network(sqlite_url, tmp_path, clock, BPP_NO_SLOT="offer") as running:
        yield running
        check_conversation(running)


async def search(network: Network, item_id: str = "INDIRA-PAINT") -> tuple[Callback, Offer]:
    found = (await journey.search(network.buyer, place=network.place)).callback
    return found, next(one for one in read_offers(found.message) if one.item_id == item_id)


async def choose(network: Network, found: Callback, message: Any) -> Callback:
    follow = journey.following(found)
    asked = await network.buyer.send("select", message, transaction_id=found.transaction_id, context=follow)
    return await answer_to(asked, network.buyer)


def slotless(network: Network, offer: Offer, time: Any = DELETE, **more: Any) -> Any:
    return edited(select_message(offer, offer.starts[0], more.pop("place", network.place), **more), TIME, time)


def free_starts(callback: Callback) -> list[datetime]:
    return [moment(text) for text in callback.order["items"][0]["time"]["schedule"]["times"]]


@pytest.mark.parametrize("name", NO_SLOT)
async def test_who_names_no_slot_is_shown_the_free_ones_and_none_is_confirmed(network: Network, name: str) -> None:
    found, offer = await search(network)  # 18; protocol 4, row 7

    told = await choose(network, found, slotless(network, offer, NO_SLOT[name]))

    assert told.error_code == "90001"
    assert end_stop(told)["time"] == {"label": "rejected"}  # no range is claimed for a slot that nobody chose
    assert end_stop(told)["location"]["gps"]
    assert state(told.order) == "Serviceable"
    assert free_starts(told) == list(offer.starts)
    assert told.order["items"][0]["time"]["label"] == "validity"
    assert told.order["quote"]["price"]["value"] == "99.00"
    assert total_adds_up(told.order["quote"])
    left = await rows(network.settings.database_url)
    assert (left["slot_cells"], left["drafts"]) == (0, 0)


async def test_nothing_can_be_initialised_or_confirmed_from_it(network: Network) -> None:  # 18, 28
    found, offer = await search(network)
    told = await choose(network, found, slotless(network, offer))

    init = await network.buyer.send(
        "init", init_message(told.order, network.customer, network.place), transaction_id=found.transaction_id
    )

    assert init.error_code == "31002"
    assert await orders(network) == []


async def test_each_slot_offered_can_then_be_selected_and_booked(network: Network) -> None:  # 17
    found, offer = await search(network)
    told = await choose(network, found, slotless(network, offer))
    start = free_starts(told)[-1]

    chosen = await choose(network, found, select_message(offer, start, network.place))
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)

    assert (chosen.error, end_stop(chosen)["time"]["label"]) == ({}, "confirmed")
    assert slot_of(confirmed) == start


async def test_a_slot_chosen_before_stays_held_and_is_among_those_offered(network: Network) -> None:  # 16
    found, offer = await search(network)
    chosen = await choose(network, found, select_message(offer, offer.starts[2], network.place))

    told = await choose(network, found, slotless(network, offer))

    assert offer.starts[2] in free_starts(told)
    assert (await journey.init(network.buyer, chosen, network.customer, network.place)).callback.error == {}


async def test_what_else_stands_against_a_selection_is_said_first(network: Network) -> None:  # 22
    found, offer = await search(network, "GOMTI-TAP")

    too_many = await choose(network, found, slotless(network, offer, count=6))
    far = await choose(network, found, slotless(network, offer, place=place_at("208001")))
    unpaid = await choose(network, found, slotless(network, offer, payment_type="BARTER"))

    assert [one.error_code for one in (too_many, far, unpaid)] == ["40009", "30009", "40004"]
    assert state(far.order) == "Non-serviceable"
    for one in (too_many, far):
        assert end_stop(one)["time"] == {"label": "rejected"}
        assert "time" not in one.order["items"][0]
    unknown = edited(slotless(network, offer), "order.items[0].id", "NOTHING")
    answer = await network.buyer.send("select", unknown, transaction_id=found.transaction_id)
    assert answer.error_code == "30004"


async def test_where_nothing_is_free_that_is_said_of_all_the_days_on_offer(network: Network) -> None:  # 17
    found, offer = await search(network)
    days = ["2026-11-23", "2026-11-30"]
    status, answer = await network.call("PATCH", "/workers/W-INDIRA-1", {"leaves": [days]})
    assert status == 200, answer

    told = await choose(network, found, slotless(network, offer))

    assert told.error_code == "90001"
    assert free_starts(told) == []
    said = told.order["items"][0]["time"]
    assert (moment(said["range"]["start"]), said["days"]) == (network.clock(), "1,2,3,4,5,6")
    assert end_stop(told)["time"] == {"label": "rejected"}


# A slot that was lost


@pytest.mark.parametrize("step", ["init", "confirm"])
async def test_the_alternatives_to_a_lost_slot_can_be_booked_to_the_end(network: Network, step: str) -> None:  # 28, 33
    found, offer = await search(network)
    lost_start = offer.starts[5]
    chosen = await choose(network, found, select_message(offer, lost_start, network.place))
    if step == "confirm":
        chosen = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    network.clock.tick(minutes=11)
    await network.booked("painting consultation", slot=5, buyer=network.second_buyer)

    if step == "init":
        lost = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    else:
        lost = await answer_to(await confirm_with(network, chosen), network.buyer)

    assert lost.error_code == "90001"
    assert end_stop(lost)["time"]["label"] == "rejected"
    assert slot_of(lost) == lost_start
    assert lost_start not in free_starts(lost)
    for start in (free_starts(lost)[0], free_starts(lost)[-1]):
        again = await choose(network, found, select_message(offer, start, network.place))
        assert (again.error, end_stop(again)["time"]["label"]) == ({}, "confirmed")
    ready = (await journey.init(network.buyer, again, network.customer, network.place)).callback
    confirmed = await answer_to(await confirm_with(network, ready, message_id=network.buyer.new_id()), network.buyer)
    assert (confirmed.order["status"], slot_of(confirmed)) == ("ACCEPTED", start)


async def test_a_place_without_coordinates_is_refused_before_any_slot_is_offered(network: Network) -> None:
    found, offer = await search(network)
    nowhere = edited(slotless(network, offer), "order.fulfillments[0].stops[0].location", DELETE)

    answer = await network.buyer.send("select", nowhere, transaction_id=found.transaction_id)

    assert answer.error_code == "30000"
