"""Confirm and its answer: what is said while on_confirm is tried again, what is early, late or out of order.

Numbers are those of the protocol reference, section 5; the order of things is that of the network reference, section 5.
How callbacks are tried again is in test_delivery_over_the_wire.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.exchange import ACKED, Answer, Callback, SyncAnswer, nacked
from bpp.sandbox.moments import wire_time
from tests.support.agreed import agree, term
from tests.support.clock import FakeClock
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    events_of,
    moment,
    orders,
    slot_of,
    state_of,
)
from tests.support.deliveries import judged
from tests.support.effects import rows
from tests.support.network import Network, end_stop, running_network

PAINTER = "painting consultation"
UNAVAILABLE = Answer(status=503, body=b"try later")


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


def asking(confirmed: Callback) -> Mapping[str, Mapping[str, Any]]:
    """What a buyer app may say of its order, by action."""
    order_id = confirmed.order["id"]
    return {
        "status": {"order_id": order_id},
        "track": {"order_id": order_id},
        "cancel": {"order_id": order_id, "cancellation_reason_id": "002"},
        "update": {"update_target": "fulfillments", "order": moved(confirmed)},
    }


def moved(confirmed: Callback) -> dict[str, Any]:
    """The order of an on_confirm with its visit a day later."""
    stop = end_stop(confirmed)
    start = slot_of(confirmed) + timedelta(days=1)
    span = {"start": wire_time(start), "end": wire_time(start + timedelta(hours=1))}
    visit = {**confirmed.order["fulfillments"][0], "stops": [{**stop, "time": {"label": "selected", "range": span}}]}
    return {**confirmed.order, "fulfillments": [visit]}


async def say(network: Network, confirmed: Callback, action: str, **context: str) -> SyncAnswer:
    return await network.buyer.send(
        action,
        asking(confirmed)[action],
        transaction_id=confirmed.transaction_id,
        context=journey.following(confirmed) | context,
    )


# While on_confirm is tried again


@pytest.mark.parametrize("action", ["status", "track", "cancel", "update"])
async def test_until_on_confirm_has_arrived_everything_is_answered_with_31003_and_changes_nothing(
    network: Network, action: str
) -> None:  # 58
    network.buyer.script("on_confirm", UNAVAILABLE)
    confirmed = await network.booked(PAINTER, slot=5)
    await judged(network, "on_confirm")
    (before,) = await orders(network)

    told = await answer_to(await say(network, confirmed, action), network.buyer)  # though on_confirm still waits

    assert told.error_code == "31003"
    if action == "track":
        assert told.message["tracking"]["status"] == "inactive"
    else:
        assert (told.order["status"], state_of(told), slot_of(told)) == ("ACCEPTED", "Pending", slot_of(confirmed))
    assert await orders(network) == [before]
    assert await events_of(network, before.ref) == ["assign"]


@pytest.mark.parametrize("action", ["status", "track", "cancel", "update"])
async def test_once_on_confirm_has_arrived_everything_works(network: Network, action: str) -> None:  # 58
    network.buyer.script("on_confirm", UNAVAILABLE)
    confirmed = await network.booked(PAINTER, slot=5)
    await judged(network, "on_confirm")
    assert (await answer_to(await say(network, confirmed, action), network.buyer)).error_code == "31003"
    network.clock.tick(seconds=5)
    again = await network.buyer.next_callback(confirmed.transaction_id, "on_confirm")
    await judged(network, "on_confirm", 2)

    told = await answer_to(await say(network, confirmed, action), network.buyer)

    assert again.body == confirmed.body
    assert not told.error
    if action == "cancel":
        assert told.order["status"] == "CANCELLED"
    if action == "update":
        assert slot_of(told) == slot_of(confirmed) + timedelta(days=1)


async def test_before_its_first_try_has_failed_an_on_confirm_holds_nothing_up(network: Network) -> None:  # 49
    network.buyer.script("on_confirm", Answer(hangs=True))
    confirmed = await network.booked(PAINTER, slot=5)

    assert (await say(network, confirmed, "cancel")).acked

    (row,) = await orders(network)
    assert row.order_status == "CANCELLED"


async def test_a_refused_cancel_can_be_sent_again_under_another_id(network: Network) -> None:  # 5, 52
    network.buyer.script("on_confirm", UNAVAILABLE)
    confirmed = await network.booked(PAINTER, slot=5)
    await judged(network, "on_confirm")
    first = await say(network, confirmed, "cancel")
    refused = await answer_to(first, network.buyer)
    network.clock.tick(seconds=5)
    await network.buyer.next_callback(confirmed.transaction_id, "on_confirm")
    await judged(network, "on_confirm", 2)

    repeated = await network.buyer.post("cancel", first.request.body)
    same = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")
    done = await answer_to(await say(network, confirmed, "cancel"), network.buyer)

    assert repeated.acked
    assert same.body == refused.body
    assert (done.error, done.order["status"]) == ({}, "CANCELLED")


@pytest.mark.parametrize("answer", [nacked("23002"), nacked("20006"), Answer(status=404, body=b"")])
async def test_after_a_refused_on_confirm_every_question_is_answered_with_cancelled(
    network: Network, answer: Answer
) -> None:  # 58
    network.buyer.script("on_confirm", answer)
    confirmed = await network.booked(PAINTER, slot=5)
    gone = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")

    asked = await answer_to(await say(network, confirmed, "status"), network.buyer)
    again = await answer_to(await say(network, confirmed, "cancel"), network.buyer)
    update = await answer_to(await say(network, confirmed, "update"), network.buyer)

    assert gone.order["cancellation"]["reason"]["descriptor"]["code"] == "998"
    for told in (asked, again, update):
        assert (told.order["status"], state_of(told)) == ("CANCELLED", "Cancelled")
        assert told.order["cancellation"] == gone.order["cancellation"]
    assert [one.error_code for one in (asked, again, update)] == ["", "50008", "50008"]


async def test_an_on_confirm_given_up_is_31003_until_then_and_cancelled_from_then_on(network: Network) -> None:  # 58
    network.buyer.always("on_confirm", UNAVAILABLE)
    confirmed = await network.booked(PAINTER, slot=5)
    for attempt in range(1, 30):
        if (await judged(network, "on_confirm", attempt)).state != "pending":
            break
        told = await answer_to(await say(network, confirmed, "status"), network.buyer)
        assert (told.error_code, told.order["status"]) == ("31003", "ACCEPTED")
        network.clock.tick(seconds=120)
    network.buyer.always("on_confirm", ACKED)
    gone = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")

    asked = await answer_to(await say(network, confirmed, "status"), network.buyer)

    assert gone.order["cancellation"]["reason"]["descriptor"]["code"] == "998"
    assert (asked.error_code, asked.order["status"], state_of(asked)) == ("", "CANCELLED", "Cancelled")


async def test_a_confirm_repeated_meanwhile_makes_no_second_order_and_is_answered(network: Network) -> None:  # 5
    network.buyer.script("on_confirm", UNAVAILABLE)
    ready = await network.initialised(PAINTER, slot=5)
    first = await answer_to(await confirm_with(network, ready), network.buyer)
    await judged(network, "on_confirm")
    sent = next(one.request for one in network.buyer.answers if one.request.action == "confirm")

    assert (await network.buyer.post("confirm", sent.body)).acked  # and on_confirm is due at once
    second = await network.buyer.next_callback(ready.transaction_id, "on_confirm")
    await network.settled()

    assert second.body == first.body
    assert len(await orders(network)) == 1
    assert not (await answer_to(await say(network, first, "status"), network.buyer)).error


# Out of order


async def test_what_comes_before_its_time_gets_its_code(network: Network) -> None:  # 28, 36
    chosen = await network.selected()
    elsewhere = network.buyer.new_id()
    initialise = messages.init_message(chosen.order, network.customer, network.place)

    before_select = await network.buyer.send("init", initialise, transaction_id=elsewhere)
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirm = messages.confirm_message(ready.order, order_id="O-1", now=network.clock(), payment_id="UPI-1")
    before_init = await network.buyer.send("confirm", confirm, transaction_id=elsewhere)
    unknown = {
        action: await network.buyer.send(action, message, transaction_id=ready.transaction_id)
        for action, message in {
            "status": {"order_id": "O-1"},
            "track": {"order_id": "O-1"},
            "cancel": {"order_id": "O-1", "cancellation_reason_id": "002"},
            "update": {"update_target": "payments", "order": {**ready.order, "id": "O-1"}},
        }.items()
    }

    assert [one.error_code for one in (before_select, before_init)] == ["31002", "31002"]
    assert {action: one.error_code for action, one in unknown.items()} == dict.fromkeys(unknown, "30018")
    assert await orders(network) == []
    assert (await answer_to(await confirm_with(network, ready), network.buyer)).order["status"] == "ACCEPTED"


async def test_a_cancel_that_overtook_its_confirm_does_not_touch_the_order_made_later(network: Network) -> None:  # 36
    ready = await network.initialised()
    early = await network.buyer.send(
        "cancel", {"order_id": "O-1", "cancellation_reason_id": "002"}, transaction_id=ready.transaction_id
    )

    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)

    assert early.error_code == "30018"
    assert confirmed.order["status"] == "ACCEPTED"
    repeated = await network.buyer.post("cancel", early.request.body)  # only what was acknowledged counts as seen
    assert (await answer_to(repeated, network.buyer)).order["status"] == "CANCELLED"


async def test_a_select_after_the_confirm_is_another_selection_and_no_second_order(network: Network) -> None:  # 5
    found, offers = await network.offers(PAINTER)
    chosen = (await journey.select(network.buyer, found, offers[0], offers[0].starts[4], network.place)).callback
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)

    late = (await journey.select(network.buyer, found, offers[0], offers[0].starts[6], network.place)).callback
    again = (await journey.init(network.buyer, late, network.customer, network.place)).callback
    refused = await confirm_with(network, again, order_id="O-2", message_id=network.buyer.new_id())

    assert not late.error
    assert not again.error
    assert refused.error_code == "31002"
    asked = (await journey.status(network.buyer, confirmed)).callback
    assert slot_of(asked) == slot_of(confirmed)
    assert len(await orders(network)) == 1


async def test_an_init_after_the_confirm_holds_nothing_until_something_is_selected_again(
    network: Network,
) -> None:  # 5, 28
    found, offers = await network.offers()
    chosen = (await journey.select(network.buyer, found, offers[0], offers[0].starts[0], network.place)).callback
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)
    before = await rows(network.settings.database_url)

    with pytest.raises(journey.Refused) as refused:
        await journey.init(network.buyer, chosen, network.customer, network.place)

    assert refused.value.answer.error_code == "31002"
    assert (await rows(network.settings.database_url))["slot_cells"] == before["slot_cells"]
    repeated = await answer_to(await confirm_with(network, ready, message_id=network.buyer.new_id()), network.buyer)
    assert repeated.order == confirmed.order
    late = (await journey.select(network.buyer, found, offers[0], offers[0].starts[2], network.place)).callback
    assert not (await journey.init(network.buyer, late, network.customer, network.place)).callback.error
    assert len(await orders(network)) == 1


# Old messages


@pytest.mark.parametrize(("freshness", "code"), [("off", ""), ("on", "30022")])
async def test_an_old_confirm_is_taken_or_refused_as_the_setting_says(
    sqlite_url: str, tmp_path: Path, clock: FakeClock, freshness: str, code: str
) -> None:  # decision 4
    async with running_network(sqlite_url, tmp_path, clock, BPP_FRESHNESS=freshness) as network:
        ready = await network.initialised(slot=6)

        old = {"timestamp": wire_time(clock() - timedelta(seconds=36))}
        answer = await confirm_with(network, ready, context=old)

        assert (answer.status, answer.error_code) == (200, code)
        if not code:
            await answer_to(answer, network.buyer)
        assert [one.order_status for one in await orders(network)] == ([] if code else ["ACCEPTED"])
        check_conversation(network)


@pytest.mark.parametrize(
    ("ttl", "age", "code"),
    [
        ("PT30S", 35, ""),  # five seconds are the clocks' own
        ("PT30S", 36, "30022"),
        ("P30S", 36, "30022"),
        ("PT5M", 299, ""),
        ("PT5M", 306, "30022"),
        ("PT1M", -60, ""),
        ("PT1M", -61, "30022"),
    ],
)
async def test_a_message_is_good_for_its_own_ttl(
    sqlite_url: str, tmp_path: Path, clock: FakeClock, ttl: str, age: int, code: str
) -> None:  # decisions 4 and 6
    async with running_network(sqlite_url, tmp_path, clock, BPP_FRESHNESS="on") as network:
        confirmed = await network.booked()

        stamped = wire_time(clock() - timedelta(seconds=age))
        answer = await say(network, confirmed, "cancel", timestamp=stamped, ttl=ttl)

        assert answer.error_code == code
        assert [one.order_status for one in await orders(network)] == ["ACCEPTED" if code else "CANCELLED"]


async def test_a_repetition_is_known_however_old_it_is(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_FRESHNESS="on") as network:  # 5, decision 4
        confirmed = await network.booked()
        first = await say(network, confirmed, "cancel")
        told = await answer_to(first, network.buyer)
        clock.tick(minutes=20)

        again = await network.buyer.post("cancel", first.request.body)

        assert again.acked
        assert (await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")).body == told.body


# Whose clock it is


@pytest.mark.parametrize(
    ("ours", "theirs", "fee"),
    [
        (timedelta(seconds=-10), timedelta(minutes=-10), "50.00"),  # ten seconds late, though dated in time
        (timedelta(seconds=10), timedelta(seconds=50), "0.00"),  # in time, though dated late
    ],
)
async def test_a_fee_is_that_of_our_clock_whatever_a_cancel_is_dated(
    network: Network, ours: timedelta, theirs: timedelta, fee: str
) -> None:  # 50
    await agree(network, "P-GOMTI", term("Pending", "PT4H"), term("Pending", "PT0S", fee="50.00"))
    confirmed = await network.booked(slot=7)
    network.clock.set(slot_of(confirmed) - timedelta(hours=4) - ours)
    now = network.clock()

    told = await answer_to(await say(network, confirmed, "cancel", timestamp=wire_time(now + theirs)), network.buyer)

    assert told.order["quote"]["price"]["value"] == fee
    assert moment(told.order["updated_at"]) == now
    assert moment(told.context["timestamp"]) == max(now, now + theirs)


@pytest.mark.parametrize(
    ("ours", "theirs", "code"),
    [(timedelta(seconds=-10), timedelta(minutes=-10), "50002"), (timedelta(seconds=10), timedelta(seconds=50), "")],
)
async def test_a_visit_may_be_moved_by_our_clock_whatever_an_update_is_dated(
    network: Network, ours: timedelta, theirs: timedelta, code: str
) -> None:  # 44, 45
    confirmed = await network.booked(slot=7)  # P-GOMTI lets a visit be moved until four hours before
    network.clock.set(slot_of(confirmed) - timedelta(hours=4) - ours)

    told = await answer_to(
        await say(network, confirmed, "update", timestamp=wire_time(network.clock() + theirs)), network.buyer
    )

    assert told.error_code == code
    assert slot_of(told) == slot_of(confirmed) + (timedelta() if code else timedelta(days=1))


async def test_times_of_an_order_are_ours_and_rise_whatever_the_messages_are_dated(network: Network) -> None:  # 29, 43
    confirmed = await network.booked()
    for seconds in (50, -600, 30):
        asked = await answer_to(
            await say(network, confirmed, "status", timestamp=wire_time(network.clock() + timedelta(seconds=seconds))),
            network.buyer,
        )
        assert asked.order["updated_at"] == confirmed.order["updated_at"]
    departed = await network.pushed(confirmed, "depart")

    assert moment(departed.order["updated_at"]) > moment(confirmed.order["updated_at"])
    assert moment(departed.context["timestamp"]) - network.clock() < timedelta(seconds=1)
