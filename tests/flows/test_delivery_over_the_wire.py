"""Delivery: what is tried again and how, what is not, in which order, and what a lost on_confirm leads to.

Numbers are those of the protocol reference, section 5. Waits are those of ``bpp.actions.schedule``, reached by the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.buyer import Buyer
from bpp.sandbox.exchange import ACKED, Answer, Callback, nacked
from signing.header import SignatureHeader
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    is_offered,
    orders,
    slot_of,
    state_of,
)
from tests.support.deliveries import judged
from tests.support.network import Network

PAINTER = "painting consultation"
UNAVAILABLE = Answer(status=503, body=b"try later")


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def came(network: Network, confirmed: Callback, action: str = "on_status", patience: float = 10) -> Callback:
    return await network.buyer.next_callback(confirmed.transaction_id, action, timeout=patience)


def received(buyer: Buyer, action: str) -> list[Callback]:
    return [one for one in buyer.callbacks if one.action == action]


# Again

PASSING: Mapping[str, Answer] = {
    "500": Answer(status=500, body=b"<html>"),
    "503": UNAVAILABLE,
    "408": Answer(status=408, body=b""),
    "429": Answer(status=429, body=b"{}"),
    "503 with a NACK in it": nacked("20006", status=503),
    "NACK 23001": nacked("23001"),
    "NACK 31001": nacked("31001"),
    "a closed connection": Answer(drops=True),
    "200 with no ACK in it": Answer(body=b"<html>welcome</html>"),
}


@pytest.mark.parametrize("name", PASSING)
async def test_what_passes_is_tried_again_with_the_same_bytes_and_a_fresh_signature(
    network: Network, name: str
) -> None:
    confirmed = await network.booked()  # 58
    network.buyer.script("on_status", PASSING[name])
    first = await network.pushed(confirmed, "depart")
    failed = await judged(network, "on_status")
    assert failed.state == "pending"

    network.clock.tick(seconds=30)
    second = await came(network, confirmed)

    assert second.body == first.body
    assert second.message_id == first.message_id
    headers = [SignatureHeader.parse(one.headers["Authorization"]) for one in (first, second)]
    assert headers[0].created < headers[1].created
    assert (await judged(network, "on_status", 2)).state == "delivered"
    assert (await network.pushed(confirmed, "arrive")).order["status"] == "IN-PROGRESS"  # nothing happened twice
    await network.settled()
    assert len(received(network.buyer, "on_status")) == 3


async def test_a_buyer_app_that_never_answers_is_given_up_on_for_now_and_tried_again(network: Network) -> None:  # 58
    confirmed = await network.booked()
    network.buyer.script("on_status", Answer(hangs=True))
    first = await network.pushed(confirmed, "depart")

    failed = await judged(network, "on_status", patience=30)
    network.clock.tick(seconds=30)
    second = await came(network, confirmed)

    assert failed.state == "pending"
    assert second.body == first.body


async def test_a_peer_that_names_a_time_is_left_alone_until_then(network: Network) -> None:  # 58
    confirmed = await network.booked()
    network.buyer.script("on_status", Answer(status=429, body=b"", headers={"Retry-After": "120"}))
    await network.pushed(confirmed, "depart")
    failed = await judged(network, "on_status")

    assert (failed.due_at - network.clock()).total_seconds() >= 120
    network.clock.tick(seconds=119)
    await network.booked(buyer=network.second_buyer)  # the loop has turned many times
    assert len(received(network.buyer, "on_status")) == 1
    network.clock.tick(seconds=2)
    assert (await came(network, confirmed)).order["status"] == "IN-PROGRESS"


# Not again

FINAL: Mapping[str, Answer] = {
    "NACK 20006": nacked("20006"),
    "NACK without a code": Answer(body=b'{"message":{"ack":{"status":"NACK"}}}'),
    "401 with a NACK": nacked("20001", status=401),
    "400": Answer(status=400, body=b""),
    "404": Answer(status=404, body=b"not here"),
}


@pytest.mark.parametrize("name", FINAL)
async def test_what_is_refused_is_not_sent_again_and_does_not_hold_up_what_follows(network: Network, name: str) -> None:
    confirmed = await network.booked()  # 58
    network.buyer.script("on_status", FINAL[name])
    await network.pushed(confirmed, "depart")

    assert (await judged(network, "on_status")).state == "refused"
    network.clock.tick(hours=2)
    arrived = await network.pushed(confirmed, "arrive")
    await network.settled()

    assert state_of(arrived) == "At-Location"
    assert [state_of(one) for one in received(network.buyer, "on_status")] == ["In-Transit", "At-Location"]


async def test_an_answer_that_nobody_took_in_its_window_is_given_up_and_an_operator_may_send_it_again(
    network: Network,
) -> None:  # 58
    network.buyer.always("on_select", UNAVAILABLE)
    chosen = await network.selected()
    for attempt in range(1, 20):
        one = await judged(network, "on_select", attempt)
        if one.state != "pending":
            break
        network.clock.tick(seconds=8)
    network.buyer.always("on_select", ACKED)

    assert one.state == "given_up"
    assert len({each.body for each in received(network.buyer, "on_select")}) == 1
    status, answer = await network.call("POST", f"/deliveries/{one.seq}/retry")
    assert status == 200, answer
    again = await came(network, chosen, "on_select")
    assert again.body == chosen.body


async def test_a_callback_to_an_address_that_we_do_not_call_is_given_up_at_once(network: Network) -> None:  # 58
    answer = await network.buyer.send(
        "search",
        messages.search_message(words="tap", place=network.place),
        context={"bap_uri": "http://10.0.0.1:9"},
    )

    assert answer.acked
    assert (await judged(network, "on_search")).state == "given_up"


# Order


async def test_a_transactions_callbacks_arrive_in_order_whatever_fails(network: Network) -> None:  # 37, 58
    confirmed = await network.booked()
    network.buyer.script("on_status", UNAVAILABLE, UNAVAILABLE)
    await network.pushed(confirmed, "depart")
    await judged(network, "on_status")
    for event in ("arrive", "cancel"):
        status, answer = await network.event(confirmed, event, **({"reason": "011"} if event == "cancel" else {}))
        assert status == 200, answer
    other = await network.booked("bathroom cleaning")  # another transaction of the same buyer app is not held up
    assert other.order["status"] == "ACCEPTED"

    for _ in range(2):
        before = len(received(network.buyer, "on_status"))
        network.clock.tick(seconds=60)
        async with asyncio.timeout(60):
            while len(received(network.buyer, "on_status")) == before:  # noqa: ASYNC110  these were taken already
                await asyncio.sleep(0.005)
        await first_judged(network)
    await network.settled()

    told = [one for one in network.buyer.callbacks if one.transaction_id == confirmed.transaction_id][4:]
    assert [(one.action, state_of(one)) for one in told] == [
        ("on_status", "In-Transit"),
        ("on_status", "In-Transit"),
        ("on_status", "In-Transit"),
        ("on_status", "At-Location"),
        ("on_cancel", "Cancelled"),
    ]


async def first_judged(network: Network) -> None:
    """Wait until nothing is being delivered at this moment."""

    async def leased() -> bool:
        rows = await network.context.storage.read(lambda work: work.outbox.find("pending", None, 500))
        return any(one.leased_until is not None for one in rows)

    async with asyncio.timeout(60):
        while await leased():  # noqa: ASYNC110  the database has no event to wait for
            await asyncio.sleep(0.005)


async def test_an_answer_to_a_poll_that_failed_is_replaced_by_the_next_one(network: Network) -> None:  # decision 6
    confirmed = await network.booked()
    network.buyer.script("on_status", UNAVAILABLE)
    first = await network.buyer.send(
        "status", {"order_id": confirmed.order["id"]}, transaction_id=confirmed.transaction_id
    )
    await answer_to(first, network.buyer)
    await judged(network, "on_status")

    await journey.status(network.buyer, confirmed)
    await network.settled()
    network.clock.tick(minutes=5)
    await network.pushed(confirmed, "depart")

    counts = await network.context.storage.read(lambda work: work.outbox.counts())
    assert counts.get("superseded") == 1
    assert len(received(network.buyer, "on_status")) == 3


async def test_a_poll_never_replaces_a_state_that_was_not_delivered_yet(network: Network) -> None:  # decision 6
    confirmed = await network.booked()
    network.buyer.script("on_status", UNAVAILABLE)
    pushed = await network.pushed(confirmed, "depart")
    await judged(network, "on_status")

    answer = await network.buyer.send(
        "status", {"order_id": confirmed.order["id"]}, transaction_id=confirmed.transaction_id
    )
    network.clock.tick(seconds=30)
    polled = await answer_to(answer, network.buyer)

    told = received(network.buyer, "on_status")
    assert [one.message_id for one in told] == [pushed.message_id, pushed.message_id, polled.message_id]


# One peer does not hold up another


async def test_a_buyer_app_that_hangs_delays_nobody_else(network: Network) -> None:  # 58
    network.buyer.always("on_search", Answer(hangs=True))
    message = messages.search_message(words="tap repair", place=network.place)
    answers = await asyncio.gather(*(network.buyer.send("search", message) for _ in range(12)))
    await network.buyer.next_callback(action="on_search")

    confirmed, done = await network.completed(buyer=network.second_buyer)

    assert all(one.acked for one in answers)
    assert done.order["status"] == "COMPLETED"
    assert confirmed.context["bap_id"] == network.second_buyer.participant.subscriber_id


async def test_a_buyer_app_that_is_gone_delays_nobody_else(network: Network) -> None:  # 58
    network.buyer.always("on_search", Answer(drops=True))
    message = messages.search_message(words="tap repair", place=network.place)
    for _ in range(3):
        assert (await network.buyer.send("search", message)).acked
        await network.buyer.next_callback(action="on_search")

    _, done = await network.completed(buyer=network.second_buyer)

    assert done.order["status"] == "COMPLETED"


async def test_a_peer_at_rest_is_woken_by_its_own_valid_request(network: Network) -> None:  # 58
    confirmed = await network.booked()
    network.buyer.script("on_status", Answer(drops=True))
    await network.pushed(confirmed, "depart")
    await judged(network, "on_status")
    assert await network.context.storage.read(lambda work: work.outbox.peer_failing_since("buyer.sandbox.example"))
    other = await network.booked(buyer=network.second_buyer)
    assert other.order["status"] == "ACCEPTED"
    assert await network.context.storage.read(lambda work: work.outbox.peer_failing_since("buyer.sandbox.example"))

    found, _ = await network.offers()  # the clock stands still: without waking, this would not come

    assert found.message["catalog"]["providers"]
    assert not await network.context.storage.read(lambda work: work.outbox.peer_failing_since("buyer.sandbox.example"))


async def test_no_callback_overtakes_its_ack_however_many_come_at_once(network: Network) -> None:  # 1
    found, offers = await network.offers()
    message = messages.select_message(offers[0], offers[0].starts[0], network.place)
    follow = journey.following(found)
    exchanges = await asyncio.gather(
        *(
            journey.search(buyer, words="tap repair", place=network.place)
            for buyer in (network.buyer, network.second_buyer)
            for _ in range(10)
        ),
        *(
            journey.ask(network.buyer, "select", message, transaction_id=network.buyer.new_id(), context=follow)
            for _ in range(10)
        ),
    )

    assert len(exchanges) == 30
    assert all(one.acked_first for one in exchanges)


# on_confirm


async def cancelled_by_us(network: Network, confirmed: Callback) -> None:
    """The on_cancel with 998 comes, the order is cancelled and its slot on offer."""
    told = await came(network, confirmed, "on_cancel")
    assert told.order["cancellation"] == {"cancelled_by": "PRODUCER", "reason": {"descriptor": {"code": "998"}}}
    assert (told.order["status"], state_of(told)) == ("CANCELLED", "Cancelled")
    assert told.order["quote"]["price"]["value"] == "0.00"
    assert await is_offered(network, slot_of(confirmed), PAINTER)


@pytest.mark.parametrize("answer", [nacked("23002"), Answer(status=404, body=b"")], ids=["NACK 23002", "404"])
async def test_a_refused_on_confirm_cancels_the_order_and_says_so(network: Network, answer: Answer) -> None:  # 58
    network.buyer.script("on_confirm", answer)

    confirmed = await network.booked(PAINTER, slot=5)

    await cancelled_by_us(network, confirmed)
    assert [one.order_status for one in await orders(network)] == ["CANCELLED"]


async def test_an_on_confirm_that_nobody_takes_in_its_window_cancels_the_order(network: Network) -> None:  # 58
    network.buyer.always("on_confirm", UNAVAILABLE)
    confirmed = await network.booked(PAINTER, slot=5)
    started = network.clock()
    for attempt in range(1, 30):
        one = await judged(network, "on_confirm", attempt)
        if one.state != "pending":
            break
        assert (await orders(network))[0].order_status == "ACCEPTED"
        network.clock.tick(seconds=120)

    assert one.state == "given_up"
    assert (network.clock() - started).total_seconds() >= 480  # the last try that still fitted into ten minutes
    await cancelled_by_us(network, confirmed)
    assert len({each.body for each in received(network.buyer, "on_confirm")}) == 1


async def test_a_refused_late_on_confirm_cancels_the_accepted_order(network: Network) -> None:  # 58, decision 11
    await network.call("PATCH", "/providers/P-INDIRA", {"acceptance": "manual"})
    ready = await network.initialised(PAINTER, slot=5)
    assert (await confirm_with(network, ready)).acked
    network.buyer.script("on_confirm", nacked("23002"))
    (row,) = await orders(network)

    await network.call("POST", f"/orders/{row.ref}/events", {"event": "accept"})
    confirmed = await came(network, ready, "on_confirm")

    await cancelled_by_us(network, confirmed)


@pytest.mark.parametrize("later", [nacked("23002"), Answer(status=400, body=b"")], ids=["NACK", "400"])
async def test_an_order_whose_on_confirm_was_taken_once_survives_the_refusal_of_its_repetition(
    network: Network, later: Answer
) -> None:  # 5, 58
    confirmed = await network.booked()
    departed = await network.pushed(confirmed, "depart")
    await network.settled()  # what is being delivered at this moment is not delivered again
    sent = next(one.request for one in network.buyer.answers if one.request.action == "confirm")
    network.buyer.script("on_confirm", later)

    assert (await network.buyer.post("confirm", sent.body)).acked
    assert (await came(network, confirmed, "on_confirm")).body == confirmed.body
    assert (await came(network, confirmed, "on_status")).body == departed.body  # and what has become of the order
    await network.settled()

    assert received(network.buyer, "on_cancel") == []
    assert state_of(await network.pushed(confirmed, "arrive")) == "At-Location"


async def test_a_refused_on_status_changes_nothing_about_the_order(network: Network) -> None:  # 58
    confirmed = await network.booked()
    network.buyer.script("on_status", nacked("20007"))
    await network.pushed(confirmed, "depart")
    await judged(network, "on_status")
    before: Any = (await orders(network))[0]

    polled = (await journey.status(network.buyer, confirmed)).callback

    assert (await orders(network))[0] == before
    assert polled.order["status"] == "IN-PROGRESS"
