"""Two doors, one engine: a buyer app over signed HTTP and the call centre over the operator API want the same slot."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from bpp.sandbox.offers import Offer, read_offers
from tests.support.callers import CALLER, happens, otp
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, confirm_with, moment, orders, slot_of
from tests.support.ids import IdSource
from tests.support.network import Network, running_network
from tests.support.updates import PAINTER

ROUNDS = 12
ITEM = {"provider_id": "P-INDIRA", "items": [{"item_id": "INDIRA-PAINT"}], "pincode": "226010"}


@pytest.fixture
async def network(network_on_each: Network) -> Any:
    """On SQLite and on PostgreSQL; each test also demands that every callback of it was valid."""
    yield network_on_each
    check_conversation(network_on_each)


async def selected(network: Network, found: Callback, offer: Offer, number: int) -> Callback:
    """An on_select for the nth start, in a transaction of its own."""
    message = select_message(offer, offer.starts[number], network.place)
    context = journey.following(found)
    return (
        await journey.ask(network.buyer, "select", message, transaction_id=network.buyer.new_id(), context=context)
    ).callback


async def quoted(network: Network, offer: Offer, number: int) -> Any:
    """The call centre's quote for the nth start."""
    body = {**ITEM, "start": offer.starts[number].isoformat(), "session": f"seat {number}"}
    status, answer = await network.call("POST", "/quotes", body)
    assert status == 200, answer
    return answer


async def offered(network: Network) -> tuple[Callback, Offer, list[int]]:
    """What the painter, who works alone, offers after today: enough starts that do not overlap."""
    found, _ = await network.offers(PAINTER)
    offer = read_offers(found.message)[0]
    numbers: list[int] = []
    for number, start in enumerate(offer.starts):
        later = not numbers or (start - offer.starts[numbers[-1]]).total_seconds() >= 2 * 3600
        if later and start.date() > network.clock().date():
            numbers.append(number)
    assert len(numbers) >= ROUNDS
    return found, offer, numbers[:ROUNDS]


async def test_of_a_buyer_app_and_a_caller_who_ask_for_one_slot_at_once_exactly_one_holds_it(network: Network) -> None:
    found, offer, numbers = await offered(network)
    winners = []
    for number in numbers:
        theirs, ours = await asyncio.gather(selected(network, found, offer, number), quoted(network, offer, number))

        assert (theirs.error_code == "") is not ours["held"]
        if theirs.error:
            assert theirs.error_code == "90001"
            winners.append("call_centre")
        else:
            assert ours["against"]["code"] == "slot_unavailable"
            assert ours["start"] not in ours["alternatives"]
            winners.append("ondc")
    assert len(winners) == ROUNDS


async def race_for_bookings(network: Network, desk: Network) -> None:
    """Many times: a buyer app and a caller whose holds of one slot have lapsed book it at the same moment."""
    found, offer, numbers = await offered(network)
    won: dict[str, int] = {"ondc": 0, "call_centre": 0}
    for number in numbers:
        chosen = await selected(network, found, offer, number)
        ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
        network.clock.tick(minutes=11)
        priced = await quoted(desk, offer, number)
        network.clock.tick(minutes=11)  # neither holds it any more
        body = {"quote": priced["ref"], **CALLER, "payment_type": "PRE-FULFILLMENT"}

        async def confirmed(ready: Callback = ready, number: int = number) -> Callback:
            answer = await confirm_with(network, ready, order_id=f"O-{number}")
            return await answer_to(answer, network.buyer)

        theirs, (status, ours) = await asyncio.gather(confirmed(), desk.call("POST", "/bookings", body))

        assert (status == 201) is bool(theirs.error), (status, theirs.error_code)
        if status == 201:
            assert theirs.error_code == "90001"
            won["call_centre"] += 1
        else:
            assert (status, ours["error"]["code"]) == (409, "slot_unavailable")
            assert moment(ours["error"]["allowed"][0]) != slot_of(theirs)
            won["ondc"] += 1
    made = await orders(network)
    assert len(made) == ROUNDS == sum(won.values())
    assert len({one.slot_start for one in made}) == ROUNDS
    assert {name: sum(one.channel == name for one in made) for name in won} == won


async def test_of_a_buyer_app_and_a_caller_who_book_one_slot_at_once_exactly_one_gets_it(network: Network) -> None:
    await race_for_bookings(network, network)


async def test_a_quote_booked_twice_at_once_is_one_order(network: Network) -> None:
    _, offer, numbers = await offered(network)
    for number in numbers[:4]:
        body = {"quote": (await quoted(network, offer, number))["ref"], **CALLER, "payment_type": "PRE-FULFILLMENT"}

        answers = await asyncio.gather(*(network.call("POST", "/bookings", body) for _ in range(4)))

        assert sorted(status for status, _ in answers) == [201, 409, 409, 409]
    assert len(await orders(network)) == 4


async def test_an_order_by_telephone_sends_nothing_on_the_network_in_its_whole_life(network: Network) -> None:
    _, offer, numbers = await offered(network)
    body = {"quote": (await quoted(network, offer, numbers[0]))["ref"], **CALLER, "payment_type": "PRE-FULFILLMENT"}
    _, order = await network.call("POST", "/bookings", body)
    await happens(network.call, order, "assign", "depart", "arrive", "renew_otp")
    network.clock.tick(minutes=6)
    await happens(network.call, order, "start", otp=await otp(network.call, order))
    await happens(network.call, order, "requote", lines=[{"title": "Two rooms", "price": "5000.00"}])
    await happens(network.call, order, "reject_quote")
    done = await happens(network.call, order, "complete")

    assert done["order_status"] == "COMPLETED"
    told = await network.context.storage.read(lambda work: work.outbox.find(None, None, 10))
    assert [one.action for one in told] == ["on_search"]  # of the buyer app that looked what is free


async def test_two_server_processes_never_sell_one_slot_by_two_doors(
    postgres_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with AsyncExitStack() as stack:
        networks = []
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            ids = IdSource(series=10 + number)
            networks.append(await stack.enter_async_context(running_network(postgres_url, folder, clock, ids)))
        theirs, ours = networks
        await race_for_bookings(theirs, ours)
        check_conversation(theirs)
