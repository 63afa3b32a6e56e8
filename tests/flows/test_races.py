"""Races over real sockets, on both databases: a slot is sold once, an order is made once, a message works once.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from bpp.sandbox.offers import read_offers
from tests.support.clock import FakeClock
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    events_of,
    is_offered,
    moment,
    orders,
    slot_of,
)
from tests.support.effects import rows
from tests.support.ids import IdSource
from tests.support.network import Network, running_network, start_stop
from tests.support.updates import PAINTER, accepted, at_work, moved, price, quoted_for, rejected

ROUNDS = 10


@pytest.fixture
async def network(network_on_each: Network) -> AsyncIterator[Network]:
    """On SQLite and on PostgreSQL; each test also demands that every callback of it was valid."""
    yield network_on_each
    check_conversation(network_on_each)


@dataclass(frozen=True)
class Racer:
    """A buyer app with the seller process it talks to."""

    network: Network
    buyer: Buyer

    async def ready(self, found: Callback, number: int) -> Callback:
        """As far as the on_init of the nth start of the first offer of an on_search, in a new transaction."""
        buyer, network = self.buyer, self.network
        offer = read_offers(found.message)[0]
        message = select_message(offer, offer.starts[number], network.place)
        chosen = (
            await journey.ask(
                buyer,
                "select",
                message,
                transaction_id=buyer.new_id(),
                to=network.url,
                context={"location": found.context["location"], "bpp_uri": network.url},
            )
        ).callback
        assert not chosen.error, chosen.error
        return (await journey.init(buyer, chosen, network.customer, network.place)).callback

    async def confirmed(self, ready: Callback) -> Callback:
        answer = await confirm_with(self.network, ready, order_id=f"O-{self.buyer.new_id()}", buyer=self.buyer)
        return await answer_to(answer, self.buyer)


async def race(racers: Sequence[Racer], clock: FakeClock) -> None:
    """Ten times: two buyers whose holds of one slot have lapsed confirm it at the same moment."""
    first, second = racers
    found, offers = await first.network.offers(PAINTER, buyer=first.buyer)
    numbers = [number for number, start in enumerate(offers[0].starts) if start.date() > clock().date()][:ROUNDS]
    assert len(numbers) == ROUNDS
    for number in numbers:
        ready_first = await first.ready(found, number)
        clock.tick(minutes=11)
        ready_second = await second.ready(found, number)
        clock.tick(minutes=11)

        told = await asyncio.gather(first.confirmed(ready_first), second.confirmed(ready_second))

        assert sorted((one.order["status"], one.error_code) for one in told) == [
            ("ACCEPTED", ""),
            ("CANCELLED", "90001"),
        ]
        (lost,) = (one for one in told if one.error)
        alternatives = {moment(one) for one in lost.order["items"][0]["time"]["schedule"]["times"]}
        assert offers[0].starts[number] not in alternatives
        assert alternatives
    assert len(await orders(first.network)) == ROUNDS
    _, left = await first.network.offers(PAINTER, buyer=first.buyer)
    assert not {offers[0].starts[number] for number in numbers} & {*left[0].starts}


async def test_of_two_buyers_who_confirm_the_last_slot_exactly_one_gets_it(network: Network) -> None:  # 33
    await race((Racer(network, network.buyer), Racer(network, network.second_buyer)), network.clock)


async def test_two_server_processes_on_one_database_never_sell_a_slot_twice(
    postgres_url: str, tmp_path: Path, clock: FakeClock
) -> None:  # 33
    async with AsyncExitStack() as stack:
        networks = []
        for number in range(2):
            folder = tmp_path / str(number)
            folder.mkdir()
            ids = IdSource(series=10 + number)
            networks.append(await stack.enter_async_context(running_network(postgres_url, folder, clock, ids)))
        one, other = networks
        await race((Racer(one, one.buyer), Racer(other, other.second_buyer)), clock)
        check_conversation(one)
        check_conversation(other)


async def test_a_slot_is_held_as_often_as_there_are_workers_and_no_oftener(network: Network) -> None:  # 16, 17, 33
    found, offers = await network.offers()
    offer, start = offers[0], offers[0].starts[3]
    free = 3  # of P-GOMTI's workers these are verified and certified for plumbing: 1, 2 and 4

    async def select(buyer: Buyer) -> Callback:
        message = select_message(offer, start, network.place)
        context = journey.following(found)
        exchange = await journey.ask(buyer, "select", message, transaction_id=buyer.new_id(), context=context)
        return exchange.callback

    told = await asyncio.gather(*(select(one) for one in (network.buyer, network.second_buyer) for _ in range(10)))

    assert Counter(one.error_code for one in told) == {"": free, "90001": 20 - free}
    confirmed = [
        await Racer(network, buyer).confirmed(
            (await journey.init(buyer, one, network.customer, network.place)).callback
        )
        for one in told
        if not one.error
        for buyer in (network.buyer, network.second_buyer)
        if one.context["bap_id"] == buyer.participant.subscriber_id
    ]
    assert len({start_stop(one)["person"]["name"] for one in confirmed}) == free
    assert {slot_of(one) for one in confirmed} == {start}
    assert not await is_offered(network, start, "tap repair")


async def test_parallel_confirms_of_one_transaction_make_one_order(network: Network) -> None:  # 5
    ready = await network.initialised()
    buyer = network.buyer

    answers = await asyncio.gather(*(confirm_with(network, ready, message_id=buyer.new_id()) for _ in range(8)))
    told = [await answer_to(one, buyer) for one in answers]

    assert {one.order["status"] for one in told} == {"ACCEPTED"}
    assert len({one.message_id for one in told}) == 8
    assert all(one.message == told[0].message for one in told)
    (row,) = await orders(network)
    assert await events_of(network, row.ref) == ["assign"]


async def test_parallel_confirms_under_different_order_ids_make_one_order(network: Network) -> None:  # 5
    ready = await network.initialised()
    buyer = network.buyer

    answers = await asyncio.gather(
        *(confirm_with(network, ready, order_id=f"O-{n}", message_id=buyer.new_id()) for n in range(6))
    )

    assert Counter(one.error_code for one in answers) == {"": 1, "31002": 5}
    (row,) = await orders(network)
    (won,) = (one for one in answers if one.acked)
    assert (await answer_to(won, buyer)).order["id"] == row.order_id


async def test_one_order_id_in_parallel_transactions_makes_one_order(network: Network) -> None:  # 35
    ready = [await network.initialised(slot=slot) for slot in range(4)]

    answers = await asyncio.gather(*(confirm_with(network, one, order_id="O-1") for one in ready))

    assert Counter(one.error_code for one in answers) == {"": 1, "31002": 3}
    assert len(await orders(network)) == 1


async def test_parallel_duplicates_of_one_message_have_one_effect_and_one_answer(network: Network) -> None:  # 5
    ready = await network.initialised()
    buyer = network.buyer
    made = buyer.envelope(
        "confirm",
        messages.confirm_message(ready.order, order_id="O-1", now=buyer.clock(), payment_id="UPI-1"),
        transaction_id=ready.transaction_id,
        context=journey.following(ready),
    )
    await network.settled()
    before = await rows(network.settings.database_url)
    body = orjson.dumps(made)

    answers = await asyncio.gather(*(buyer.post("confirm", body) for _ in range(12)))
    await answer_to(answers[0], buyer)
    await network.settled()

    assert all(one.acked for one in answers)
    assert len({one.body for one in buyer.callbacks if one.action == "on_confirm"}) == 1
    after = await rows(network.settings.database_url)
    assert {name: after[name] - before[name] for name in ("orders", "inbox", "outbox", "order_events")} == {
        "orders": 1,
        "inbox": 1,
        "outbox": 1,
        "order_events": 1,
    }


async def test_a_cancel_of_the_buyer_and_one_of_the_provider_leave_one_cancellation(network: Network) -> None:  # 52
    confirmed = [await network.booked(slot=slot) for slot in range(3)]

    async def by_buyer(one: Callback) -> Callback:
        return (await journey.cancel(network.buyer, one, "002")).callback

    told = await asyncio.gather(
        *(by_buyer(one) for one in confirmed), *(network.event(one, "cancel", reason="011") for one in confirmed)
    )
    await network.settled()

    for one, answer, event in zip(confirmed, told[:3], told[3:], strict=True):
        assert isinstance(answer, Callback)
        assert isinstance(event, tuple)
        by_provider = event[0] == 200
        assert (answer.error_code == "50008") is by_provider
        polled = (await journey.status(network.buyer, one)).callback
        assert polled.order["cancellation"]["cancelled_by"] == ("PRODUCER" if by_provider else "CONSUMER")
    for row in await orders(network):
        assert await events_of(network, row.ref) == ["assign", "cancel"]


async def test_of_parallel_events_each_step_happens_once(network: Network) -> None:  # 37
    confirmed = await network.booked()
    ref = await network.ref(confirmed)

    answers = await asyncio.gather(
        *(network.call("POST", f"/orders/{ref}/events", {"event": "depart"}) for _ in range(6))
    )
    await network.settled()

    assert Counter(status for status, _ in answers) == {200: 1, 409: 5}
    assert await events_of(network, ref) == ["assign", "depart"]
    assert [one.action for one in network.buyer.callbacks].count("on_status") == 1


async def test_parallel_selects_of_a_new_transaction_hold_one_slot_between_them(network: Network) -> None:
    found, offers = await network.offers()  # 5
    starts = offers[0].starts[:6]
    answers = await asyncio.gather(
        *(
            network.buyer.send(
                "select", select_message(offers[0], start, network.place), transaction_id=found.transaction_id
            )
            for start in starts
        )
    )
    for answer in answers:
        await answer_to(answer, network.buyer)

    storage, holder, now = network.context.storage, network.buyer.participant.subscriber_id, network.clock()
    assert await storage.read(lambda work: work.slots.holds_at_least(holder, 1, now))
    assert not await storage.read(lambda work: work.slots.holds_at_least(holder, 2, now))


async def booked_cells(network: Network, ref: str) -> Mapping[str, Sequence[datetime]]:
    return await network.context.storage.read(lambda work: work.slots.held_by(ref))


async def test_of_two_buyers_who_move_to_one_slot_exactly_one_gets_it_and_nobody_loses_the_old_one(
    network: Network,
) -> None:  # 45
    buyers = (network.buyer, network.second_buyer)
    told = [await network.booked(PAINTER, slot=slot, buyer=buyer) for slot, buyer in zip((9, 12), buyers, strict=True)]
    _, offers = await network.offers(PAINTER)
    for wanted in [start for start in offers[0].starts if start.date() > max(map(slot_of, told)).date()][:ROUNDS]:
        before = [slot_of(one) for one in told]

        after = await asyncio.gather(
            *(moved(network, one, wanted, buyer=buyer) for one, buyer in zip(told, buyers, strict=True))
        )

        assert sorted(one.error_code for one in after) == ["", "90001"]
        assert [slot_of(one) for one in after] == [
            slot if one.error_code else wanted for one, slot in zip(after, before, strict=True)
        ]
        held = [await booked_cells(network, row.ref) for row in await orders(network)]
        cells = [(worker, one) for each in held for worker, some in each.items() for one in some]
        assert len(set(cells)) == 8
        assert {min(some) for each in held for some in each.values()} == {slot_of(one) for one in after}
        told = after


async def test_two_buyers_who_want_each_others_slot_both_keep_theirs(network: Network) -> None:  # 45
    buyers = (network.buyer, network.second_buyer)
    told = [await network.booked(PAINTER, slot=slot, buyer=buyer) for slot, buyer in zip((9, 12), buyers, strict=True)]
    slots = [slot_of(one) for one in told]

    after = await asyncio.gather(
        *(
            moved(network, one, slot, buyer=buyer)
            for one, slot, buyer in zip(told, reversed(slots), buyers, strict=True)
        )
    )

    assert [(one.error_code, slot_of(one)) for one in after] == [("90001", slot) for slot in slots]


async def test_a_move_and_a_selection_of_one_slot_give_it_to_one_of_them(network: Network) -> None:  # 33, 45
    confirmed = await network.booked(PAINTER, slot=9)
    found, offers = await network.offers(PAINTER, buyer=network.second_buyer)
    offer, wanted = offers[0], offers[0].starts[20]

    told, chosen = await asyncio.gather(
        moved(network, confirmed, wanted),
        journey.select(network.second_buyer, found, offer, wanted, network.place),
    )

    assert sorted((told.error_code, chosen.callback.error_code)) == ["", "90001"]
    assert slot_of(told) == (slot_of(confirmed) if told.error_code else wanted)


async def test_a_quotation_taken_and_refused_at_once_has_one_end(network: Network) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started)

    told = await asyncio.gather(
        accepted(network, quoted), rejected(network, quoted), network.event(quoted, "reject_quote")
    )
    await network.settled()

    last = (await journey.status(network.buyer, started)).callback
    assert last.order["status"] == "IN-PROGRESS"
    assert price(last) in ("99.00", "1599.00")
    (row,) = await orders(network)
    ends = [one for one in await events_of(network, row.ref) if one in ("accept_quote", "reject_quote")]
    assert len(ends) == 1
    assert (ends == ["accept_quote"]) is (price(last) == "1599.00")
    assert (price(last) == "1599.00") is (told[0].error_code == "")
