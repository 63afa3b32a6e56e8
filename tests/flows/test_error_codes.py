"""Published codes that no other flow test meets: each raised over the wire by the case it is for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.messages import search_message, select_message
from bpp.sandbox.moments import wire_time
from bpp.sandbox.offers import read_offers
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with
from tests.support.network import Network, running_network
from tests.support.walk import Walk, slot_of

HOME = "ONDC:SRV11"


def moved(walk: Walk, fulfillment_id: str, start: Any) -> dict[str, Any]:
    """The order of an update that moves a visit."""
    stop = {"type": "end", "time": {"label": "selected", "range": {"start": wire_time(start)}}}
    return {"id": walk.confirmed.order["id"], "fulfillments": [{"id": fulfillment_id, "stops": [stop]}]}


async def test_an_order_is_not_made_while_what_is_due_in_advance_is_unpaid_where_that_is_asked(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_UNPAID_CONFIRM="false") as network:
        ready = await network.initialised()
        unpaid = [{**one, "status": "NOT-PAID"} for one in ready.order["payments"]]

        answer = await confirm_with(network, ready, ("payments", unpaid))

        refused = await answer_to(answer, network.buyer)
        assert (refused.error_code, refused.order["status"]) == ("31004", "CANCELLED")
        check_conversation(network)


@pytest.mark.parametrize(("fee", "code"), [(("percent", "100.5"), "41001"), (("percent", "100"), "")])
async def test_a_finder_fee_of_more_than_the_whole_order_is_refused_at_select(
    network: Network, fee: tuple[str, str], code: str
) -> None:
    message = search_message(words="tap repair", place=network.place, fee=fee)
    found = await journey.ask(network.buyer, "search", message, transaction_id=network.buyer.new_id())
    (offer, *_) = read_offers(found.callback.message)

    answer = await network.buyer.send(
        "select",
        select_message(offer, offer.starts[0], network.place),
        transaction_id=found.callback.transaction_id,
    )

    assert answer.error_code == code


async def test_a_flat_finder_fee_above_a_cheap_visit_is_taken_since_more_may_be_quoted_for(network: Network) -> None:
    message = search_message(words="painting consultation", place=network.place, fee=("amount", "150"))
    found = await journey.ask(network.buyer, "search", message, transaction_id=network.buyer.new_id())
    (offer, *_) = read_offers(found.callback.message)
    assert offer.price < 150

    chosen = await journey.select(network.buyer, found.callback, offer, offer.starts[0], network.place)

    assert chosen.callback.error == {}


async def test_a_visit_that_has_begun_cannot_be_moved_and_keeps_its_slot(network: Network) -> None:
    walk = Walk(network=network, domain=HOME)
    await walk.book("tap repair")
    await walk.depart()
    visit = walk.confirmed.order["fulfillments"][0]["id"]

    refused = await walk.update("fulfillments", moved(walk, visit, walk.offer.starts[9]))

    assert refused.error_code == "50002"
    assert slot_of(refused) == slot_of(walk.confirmed)
    check_conversation(network)


async def test_an_unknown_visit_is_named_where_several_could_be_meant(network: Network) -> None:
    walk = Walk(network=network, domain=HOME)
    await walk.book("painting consultation")
    await walk.depart()
    await walk.arrive()
    await walk.start()
    tomorrow, later, *_ = [one for one in walk.offer.starts if one.date() > network.clock().date()]
    await walk.quote_for("Two rooms painted", "9000.00", minutes=60, start=tomorrow)
    await walk.take_quotation()
    second = walk.last.order["fulfillments"][1]["id"]

    unknown = await walk.update("fulfillments", moved(walk, "F-UNKNOWN", later))
    named = await walk.update("fulfillments", moved(walk, second, later))

    assert unknown.error_code == "50007"
    assert slot_of(unknown) == tomorrow
    assert (named.error, slot_of(named)) == ({}, later)
    check_conversation(network)
