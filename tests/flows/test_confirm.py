"""confirm: the order is made from what was held, quoted and initialised, whatever a real buyer app writes into it.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from bpp.sandbox.moments import wire_time
from bpp.storage.ports import Work
from catalog.money import Money
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
    state_of,
)
from tests.support.json_edit import DELETE
from tests.support.network import Network, end_stop, running_network, start_stop

PAINTER = "painting consultation"
"""P-INDIRA has a single worker."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def confirmed_with(network: Network, ready: Callback, *edits: tuple[str, Any], **more: Any) -> Callback:
    answer = await confirm_with(network, ready, *edits, **more)
    return await answer_to(answer, more.get("buyer") or network.buyer)


# What the order is


async def test_an_order_has_the_buyer_apps_id_and_creation_time_and_a_later_update(network: Network) -> None:  # 29
    ready = await network.initialised()
    created = wire_time(network.clock() - timedelta(seconds=3))

    confirmed = await confirmed_with(network, ready, ("created_at", created), order_id="HTR1202103ONDC")

    order = confirmed.order
    assert (order["id"], order["status"], order["created_at"]) == ("HTR1202103ONDC", "ACCEPTED", created)
    assert moment(order["created_at"]) < moment(order["updated_at"]) <= moment(confirmed.context["timestamp"])
    assert state_of(confirmed) == "Pending"
    assert order["provider"]["rateable"] is True
    assert order["fulfillments"][0]["rateable"] is True


async def test_an_order_without_an_id_gets_one_and_keeps_it(network: Network) -> None:  # 29
    ready = await network.initialised()

    confirmed = await confirmed_with(network, ready, ("id", DELETE))
    again = await confirmed_with(network, ready, ("id", DELETE), message_id=network.buyer.new_id())
    asked = (await journey.status(network.buyer, confirmed)).callback

    assert confirmed.order["id"]
    assert again.order["id"] == asked.order["id"] == confirmed.order["id"]
    assert len(await orders(network)) == 1


@pytest.mark.parametrize("text", ["2026-11-23T03:29:00Z", "2026-11-23T08:59:00+05:30", "2026-11-23T03:29:00.000000Z"])
async def test_a_creation_time_in_another_spelling_is_the_same_moment_in_utc(network: Network, text: str) -> None:  # 29
    confirmed = await confirmed_with(network, await network.initialised(), ("created_at", text))

    assert moment(confirmed.order["created_at"]) == moment(text)


async def test_an_order_without_a_creation_time_is_created_now(network: Network) -> None:  # 29
    confirmed = await confirmed_with(network, await network.initialised(), ("created_at", DELETE))

    assert moment(confirmed.order["created_at"]) == network.clock()


@pytest.mark.parametrize("created", ["yesterday", "2026-11-23T03:29:00.000"], ids=["words", "naive"])
async def test_a_creation_time_that_is_no_moment_is_refused(network: Network, created: str) -> None:  # 59
    answer = await confirm_with(network, await network.initialised(), ("created_at", created))

    assert answer.error_code == "30000"
    assert "message.order.created_at" in answer.error["message"]


async def test_a_creation_time_ahead_of_our_clock_is_echoed_and_everything_later_is_later(network: Network) -> None:
    ahead = wire_time(network.clock() + timedelta(seconds=50))  # 29

    confirmed = await confirmed_with(network, await network.initialised(), ("created_at", ahead))
    polled = (await journey.status(network.buyer, confirmed)).callback
    refused = await network.buyer.send("cancel", {"order_id": "O-1"}, transaction_id=confirmed.transaction_id)
    without_reason = await answer_to(refused, network.buyer)

    assert confirmed.order["created_at"] == polled.order["created_at"] == ahead
    assert without_reason.error_code == "30012"


async def test_a_creation_time_well_in_the_future_is_refused_since_all_later_times_would_follow_it(
    network: Network,
) -> None:
    ahead = wire_time(network.clock() + timedelta(minutes=5))

    answer = await confirm_with(network, await network.initialised(), ("created_at", ahead))

    assert answer.error_code == "30000"
    assert answer.error["path"] == "message.order.created_at"


async def test_the_job_stays_where_it_was_priced(network: Network) -> None:
    ready = await network.initialised()
    mumbai = ("fulfillments[0].stops[0].location.gps", "19.076000,72.877700")
    elsewhere = ("fulfillments[0].stops[0].location.area_code", "400001")

    answers = [await confirm_with(network, ready, change) for change in (mumbai, elsewhere)]

    assert [answer.error_code for answer in answers] == ["31002", "31002"]
    assert await orders(network) == []


async def test_the_worker_stands_at_the_start_stop_and_the_customer_at_the_end_stop(network: Network) -> None:  # 30
    ready = await network.initialised()

    confirmed = await confirmed_with(network, ready)

    start, end = start_stop(confirmed), end_stop(confirmed)
    assert start["person"]["name"]
    assert start["contact"]["phone"]
    assert "@" in start["contact"]["email"]
    assert start["location"]["id"]
    assert start["location"]["descriptor"]["name"]
    assert start["location"]["gps"]
    assert end["contact"] == {"phone": network.customer.phone, "email": network.customer.email}
    assert end["person"] == {"name": network.customer.name}
    assert end["location"]["address"].startswith(network.customer.address)
    assert start["time"]["range"] == end["time"]["range"] == end_stop(ready)["time"]["range"]


async def test_a_worker_without_an_email_is_shown_with_the_providers(network: Network) -> None:  # 30, decision 20
    confirmed = await network.booked("AC cleaning", domain="ONDC:SRV10")

    worker = next(one for one in await workers(network) if one["phone"] == start_stop(confirmed)["contact"]["phone"])
    _, provider = await network.call("GET", f"/providers/{confirmed.order['provider']['id']}")
    assert start_stop(confirmed)["contact"]["email"] == (worker["email"] or provider["email"])


RANGES: Mapping[str, Mapping[str, str] | object] = {
    "inverted and past, as HomeTriangle sends it": {
        "start": "2026-11-22T08:30:11.613Z",
        "end": "2026-11-21T09:30:11.613Z",
    },
    "another free slot": {"start": "2026-11-25T05:30:00.000Z", "end": "2026-11-25T06:30:00.000Z"},
    "a start alone": {"start": "2026-11-23T04:30:00.000Z"},
    "none": DELETE,
}


@pytest.mark.parametrize("name", RANGES)
async def test_the_held_slot_stands_whatever_range_a_confirm_shows(network: Network, name: str) -> None:  # 30
    ready = await network.initialised(slot=3)

    confirmed = await confirmed_with(network, ready, ("fulfillments[0].stops[0].time.range", RANGES[name]))

    assert end_stop(confirmed)["time"]["range"] == end_stop(ready)["time"]["range"]
    assert start_stop(confirmed)["time"]["range"] == end_stop(ready)["time"]["range"]


async def test_a_confirm_without_fulfillments_means_those_of_the_init(network: Network) -> None:  # 25, 30
    ready = await network.initialised()

    confirmed = await confirmed_with(network, ready, ("fulfillments", []))

    assert end_stop(confirmed)["contact"]["phone"] == network.customer.phone
    assert slot_of(confirmed) == slot_of(ready)


async def test_terms_and_quote_are_those_of_the_on_init(network: Network) -> None:  # 34
    ready = await network.initialised()

    confirmed = await confirmed_with(network, ready)

    assert confirmed.order["quote"] == ready.order["quote"]
    assert confirmed.order["cancellation_terms"] == ready.order["cancellation_terms"]
    assert confirmed.order["billing"] == ready.order["billing"]
    assert confirmed.order["items"] == ready.order["items"]


async def test_a_price_that_changes_after_init_does_not_reach_the_order(network: Network) -> None:  # 34, decision 17
    ready = await network.initialised()
    status, answer = await network.call("PATCH", "/offerings/GOMTI-TAP", {"price": "777.00", "max_price": "888.00"})
    assert status == 200, answer

    confirmed = await confirmed_with(network, ready)
    later = (await journey.status(network.buyer, confirmed)).callback

    assert confirmed.order["quote"] == later.order["quote"] == ready.order["quote"]


@pytest.mark.parametrize(
    ("said", "answered", "under_way"),
    [("Created", "Accepted", "In-progress"), ("CREATED", "ACCEPTED", "IN-PROGRESS")],
)
async def test_the_status_is_spelled_in_the_case_of_the_buyer_app(
    network: Network, said: str, answered: str, under_way: str
) -> None:  # protocol 1.0, order.status
    confirmed = await confirmed_with(network, await network.initialised(), ("status", said))

    assert confirmed.order["status"] == answered
    assert (await network.pushed(confirmed, "depart")).order["status"].casefold() == under_way.casefold()
    assert ((await journey.status(network.buyer, confirmed)).callback.order["status"][:2]) == under_way[:2]


# How it is paid


async def test_a_payment_id_that_lost_its_hyphens_is_echoed_from_then_on(network: Network) -> None:  # 31
    ready = await network.initialised()
    altered = ready.order["payments"][0]["id"].replace("-", "")

    confirmed = await confirmed_with(network, ready, ("payments[0].id", altered))
    departed = await network.pushed(confirmed, "depart")

    assert confirmed.order["payments"][0]["id"] == departed.order["payments"][0]["id"] == altered


@pytest.mark.parametrize("transaction", ["", "SAID-ALL-THE-SAME"])
async def test_not_paid_is_accepted_and_no_transaction_id_is_shown(network: Network, transaction: str) -> None:  # 31
    ready = await network.initialised()
    edits = (("payments[0].status", "NOT-PAID"), ("payments[0].params.transaction_id", transaction))

    confirmed = await confirmed_with(network, ready, *edits)

    payment = confirmed.order["payments"][0]
    assert payment["status"] == "NOT-PAID"
    assert "transaction_id" not in payment["params"]


@pytest.mark.parametrize("first", [False, True], ids=["behind", "before"])
async def test_a_junk_payment_beside_the_real_one_is_left_out(
    network: Network, *, first: bool
) -> None:  # 31; protocol 7
    ready = await network.initialised()
    junk = {"params": {"transaction_id": "JUNK"}, "status": "NOT-PAID"}

    confirmed = await confirmed_with(
        network, ready, ("payments", lambda real: [junk, *real] if first else [*real, junk])
    )

    (payment,) = confirmed.order["payments"]
    assert payment["status"] == "PAID"
    assert payment["params"]["transaction_id"] == "UPI-1"


@pytest.mark.parametrize("amount", ["199", "199.0", 199, 199.00])
async def test_an_amount_may_be_spelled_shorter(network: Network, amount: Any) -> None:  # 31; protocol 1.0 money
    confirmed = await confirmed_with(
        network,
        await network.initialised(),
        ("payments[0].params.amount", amount),
        ("quote.price.value", amount),
    )

    assert confirmed.order["payments"][0]["params"]["amount"] == "199.00"


CONTRADICTIONS: Mapping[str, tuple[tuple[str, Any], str]] = {
    "PAID without a transaction": (("payments[0].params.transaction_id", ""), "payments[0].params.transaction_id"),
    "PAID with no params": (("payments[0].params", DELETE), "payments[0].params.transaction_id"),
    "another payment type": (("payments[0].type", "ON-FULFILLMENT"), "payments[0].type"),
    "no payment": (("payments", []), "payments[0]"),
    "another amount": (("payments[0].params.amount", "198.99"), "payments[0].params.amount"),
    "another total": (("quote.price.value", "1.00"), "quote.price.value"),
    "another item": (("items[0].id", "GOMTI-FAN"), "items"),
    "one item more": (("items", lambda items: [*items, {**items[0], "id": "GOMTI-FAN"}]), "items"),
    "another count": (("items[0].quantity.selected.count", 2), "items"),
    "another provider": (("provider.id", "P-AMIN"), "provider.id"),
}


async def test_a_confirm_that_contradicts_the_init_is_refused_and_makes_no_order(network: Network) -> None:  # 31, 32
    ready = await network.initialised()

    for name, (edit, path) in CONTRADICTIONS.items():
        answer = await confirm_with(network, ready, edit)
        assert (answer.status, answer.error_code) == (200, "31002"), (name, answer.body)
        assert f"message.order.{path}" in answer.error["message"], name

    assert await orders(network) == []
    assert (await confirmed_with(network, ready)).order["status"] == "ACCEPTED"  # and the right one is taken


async def test_a_confirm_before_init_is_refused(network: Network) -> None:  # 28
    chosen = await network.selected()
    ready = replace(chosen, document=orjson.loads(chosen.body))
    ready.order["payments"] = [{"id": "P", "type": "PRE-FULFILLMENT", "params": {"amount": "199.00"}}]
    ready.order["billing"] = {"name": "N", "phone": "9800000000"}

    answer = await confirm_with(network, ready)

    assert answer.error_code == "31002"
    assert "context.transaction_id" in answer.error["message"]


# One order


async def test_the_same_order_confirmed_again_is_the_same_order(network: Network) -> None:  # 5
    ready = await network.initialised()
    first = await confirmed_with(network, ready)

    again = await confirmed_with(network, ready, message_id=network.buyer.new_id())

    assert again.message_id != first.message_id
    assert again.message == first.message
    (row,) = await orders(network)
    assert await events_of(network, row.ref) == ["assign"]


async def test_a_contradicting_repetition_is_refused_and_the_order_stands(network: Network) -> None:  # 5, 32
    ready = await network.initialised()
    await confirmed_with(network, ready)

    answer = await confirm_with(network, ready, ("quote.price.value", "1.00"), message_id=network.buyer.new_id())

    assert answer.error_code == "31002"
    assert len(await orders(network)) == 1


@pytest.mark.parametrize("event", ["depart", "cancel"])
async def test_a_confirm_of_an_order_that_has_moved_on_is_refused_and_changes_nothing(
    network: Network, event: str
) -> None:  # 5
    ready = await network.initialised()
    confirmed = await confirmed_with(network, ready)
    moved = await network.pushed(confirmed, event, None, **({"reason": "011"} if event == "cancel" else {}))

    answer = await confirm_with(network, ready, message_id=network.buyer.new_id())
    polled = (await journey.status(network.buyer, confirmed)).callback

    assert (answer.status, answer.error_code) == (200, "31002"), answer.body
    assert "message.order.id" in answer.error["message"]
    assert polled.order["status"] == moved.order["status"]


async def test_a_transaction_has_one_order(network: Network) -> None:  # 5
    ready = await network.initialised()
    await confirmed_with(network, ready, order_id="O-1")

    answer = await confirm_with(network, ready, order_id="O-2", message_id=network.buyer.new_id())

    assert answer.error_code == "31002"
    assert [one.order_id for one in await orders(network)] == ["O-1"]


async def test_an_order_id_of_another_transaction_is_refused(network: Network) -> None:  # 35
    first = await confirmed_with(network, await network.initialised(), order_id="O-1")
    ready = await network.initialised(slot=2)

    answer = await confirm_with(network, ready, order_id="O-1")

    assert answer.error_code == "31002"
    assert "message.order.id" in answer.error["message"]
    (row,) = await orders(network)
    assert row.transaction_id == first.transaction_id


async def test_the_same_order_id_of_two_buyer_apps_makes_two_independent_orders(network: Network) -> None:  # 35
    first = await network.booked(order_id="O-1")
    second = await network.booked(order_id="O-1", buyer=network.second_buyer)

    await answer_to(
        await network.second_buyer.send(
            "cancel",
            {"order_id": "O-1", "cancellation_reason_id": "002"},
            transaction_id=second.transaction_id,
            context=journey.following(second),
        ),
        network.second_buyer,
    )

    assert {one.bap_id for one in await orders(network)} == {"buyer.sandbox.example", "second-buyer.sandbox.example"}
    assert (await journey.status(network.buyer, first)).callback.order["status"] == "ACCEPTED"
    assert (await journey.status(network.second_buyer, second)).callback.order["status"] == "CANCELLED"


async def test_what_follows_in_a_confirmed_transaction_never_frees_the_booked_slot(network: Network) -> None:  # 5, 33
    found, offers = await network.offers(PAINTER)
    start = offers[0].starts[2]
    chosen = (await journey.select(network.buyer, found, offers[0], start, network.place)).callback
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = await confirmed_with(network, ready)

    for action, message in (
        ("init", messages.init_message(chosen.order, network.customer, network.place)),
        ("select", select_message(offers[0], start, network.place)),
        ("select", select_message(offers[0], offers[0].starts[5], network.place)),
    ):
        answer = await network.buyer.send(action, message, transaction_id=confirmed.transaction_id)
        if answer.acked:
            await answer_to(answer, network.buyer)
    network.clock.tick(minutes=11)  # whatever these held has lapsed

    assert not await is_offered(network, start, PAINTER)
    assert len(await orders(network)) == 1
    assert (await journey.status(network.buyer, confirmed)).callback.order["status"] == "ACCEPTED"


# Too late


async def test_a_lapsed_quote_is_refused_with_40003_and_can_be_renewed_by_another_init(network: Network) -> None:  # 32
    chosen = await network.selected(slot=5)
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    network.clock.tick(minutes=31)

    late = await confirmed_with(network, ready)

    assert late.error_code == "40003"
    assert await orders(network) == []
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    assert (await confirmed_with(network, ready, message_id=network.buyer.new_id())).order["status"] == "ACCEPTED"


async def test_a_lapsed_hold_of_a_slot_that_is_still_free_is_booked_all_the_same(network: Network) -> None:  # 28, 33
    ready = await network.initialised(slot=5)
    network.clock.tick(minutes=11)

    confirmed = await confirmed_with(network, ready)

    assert not confirmed.error
    assert slot_of(confirmed) == slot_of(ready)
    network.clock.tick(days=1)
    assert (await journey.status(network.buyer, confirmed)).callback.order["status"] == "ACCEPTED"


async def test_a_lost_slot_is_answered_with_90001_and_other_times_that_can_be_booked(network: Network) -> None:  # 33
    ready = await network.initialised(PAINTER, slot=5)
    network.clock.tick(minutes=11)
    await network.booked(PAINTER, slot=5, buyer=network.second_buyer)

    lost = await confirmed_with(network, ready)

    assert lost.error_code == "90001"
    (row,) = await orders(network)
    assert row.bap_id == network.second_buyer.participant.subscriber_id
    times = [moment(one) for one in lost.order["items"][0]["time"]["schedule"]["times"]]
    assert times
    assert slot_of(ready) not in times
    found, offers = await network.offers(PAINTER)
    chosen = (await journey.select(network.buyer, found, offers[0], times[0], network.place)).callback
    assert not chosen.error


async def test_a_slot_whose_start_has_passed_is_not_booked(network: Network) -> None:  # 17, 33
    ready = await network.initialised(slot=0)
    network.clock.tick(minutes=25)
    ready = (await journey.init(network.buyer, ready, network.customer, network.place)).callback
    network.clock.tick(minutes=25)
    ready = (await journey.init(network.buyer, ready, network.customer, network.place)).callback
    network.clock.tick(minutes=20)
    assert network.clock() > slot_of(ready)

    late = await confirmed_with(network, ready)

    assert late.error_code == "90001"
    assert await orders(network) == []


async def test_a_booked_slot_vanishes_from_the_catalog(network: Network) -> None:  # 33
    confirmed = await network.booked(PAINTER, slot=4)

    assert not await is_offered(network, slot_of(confirmed), PAINTER)
    network.clock.tick(minutes=11)
    assert not await is_offered(network, slot_of(confirmed), PAINTER)


# A provider whose word is awaited


async def asked_of_the_provider(network: Network, **more: Any) -> Callback:
    """An on_init of a provider that accepts each order by hand, confirmed as O-1 and acknowledged."""
    status, answer = await network.call("PATCH", "/providers/P-INDIRA", {"acceptance": "manual"})
    assert status == 200, answer
    ready = await network.initialised(PAINTER, slot=5, **more)
    answer = await confirm_with(network, ready, message_id="00000009-0000-4000-8000-000000000001")
    assert answer.acked
    await network.settled()
    return ready


async def told(network: Network, event: str, **more: str) -> tuple[int, Any]:
    (row,) = await orders(network)
    return await network.call("POST", f"/orders/{row.ref}/events", {"event": event, **more})


def confirms(network: Network) -> list[Callback]:
    return [one for one in network.buyer.callbacks if one.action == "on_confirm"]


async def test_a_confirm_that_waits_for_the_provider_is_acknowledged_and_not_answered_yet(network: Network) -> None:
    await asked_of_the_provider(network)  # decision 11

    asked = await network.buyer.send("status", {"order_id": "O-1"})
    polled = await answer_to(asked, network.buyer)
    status, answer = await told(network, "depart")

    assert confirms(network) == []
    assert (polled.order["status"], state_of(polled)) == ("CREATED", "Pending")
    assert (status, set(answer["error"]["allowed"])) == (409, {"accept", "decline", "cancel"})


async def test_the_accepted_order_is_told_in_answer_to_its_confirm(network: Network) -> None:  # 29, decision 11
    ready = await asked_of_the_provider(network)
    network.clock.tick(seconds=15)

    status, answer = await told(network, "accept")
    confirmed = await network.buyer.next_callback(ready.transaction_id, "on_confirm")

    assert status == 200, answer
    assert confirmed.message_id == "00000009-0000-4000-8000-000000000001"
    assert confirmed.order["status"] == "ACCEPTED"
    assert (await network.pushed(confirmed, "depart")).order["status"] == "IN-PROGRESS"


async def test_a_repeated_confirm_after_acceptance_gets_the_stored_answer_byte_for_byte(network: Network) -> None:  # 5
    ready = await asked_of_the_provider(network)
    sent = next(one.request for one in network.buyer.answers if one.request.action == "confirm")
    early = await network.buyer.post("confirm", sent.body)
    await network.settled()
    assert early.acked
    assert confirms(network) == []
    await told(network, "accept")
    first = await network.buyer.next_callback(ready.transaction_id, "on_confirm")
    await network.settled()  # what is being delivered at this moment is not delivered again

    again = await network.buyer.post("confirm", sent.body)
    second = await network.buyer.next_callback(ready.transaction_id, "on_confirm")

    assert again.acked
    assert second.body == first.body
    assert len(await orders(network)) == 1


async def test_another_confirm_while_the_provider_thinks_is_told_to_wait(network: Network) -> None:  # 5
    ready = await asked_of_the_provider(network)

    answer = await confirm_with(network, ready, message_id=network.buyer.new_id())

    assert answer.error_code == "31003"
    assert len(await orders(network)) == 1


async def test_a_declined_order_is_told_with_30019_and_its_slot_is_free_again(network: Network) -> None:  # 33
    ready = await asked_of_the_provider(network)

    status, answer = await told(network, "decline", reason="011")
    declined = await network.buyer.next_callback(ready.transaction_id, "on_confirm")

    assert status == 200, answer
    assert declined.error_code == "30019"
    assert declined.message_id == "00000009-0000-4000-8000-000000000001"
    assert (declined.order["status"], state_of(declined)) == ("CANCELLED", "Cancelled")
    assert await is_offered(network, slot_of(ready), PAINTER)
    assert (await told(network, "accept"))[0] == 409


async def test_a_provider_that_says_nothing_in_its_window_has_declined(sqlite_url: str, tmp_path: Path) -> None:  # 33
    clock = FakeClock()
    async with running_network(sqlite_url, tmp_path, clock, BPP_ACCEPT_WINDOW="PT20S") as network:
        ready = await asked_of_the_provider(network)
        clock.tick(seconds=19)
        asked = await network.buyer.send("status", {"order_id": "O-1"})
        assert (await answer_to(asked, network.buyer)).order["status"] == "CREATED"
        clock.tick(seconds=1)

        declined = await network.buyer.next_callback(ready.transaction_id, "on_confirm")

        assert declined.error_code == "30019"
        assert declined.order["status"] == "CANCELLED"
        assert await is_offered(network, slot_of(ready), PAINTER)
        check_conversation(network)


async def test_an_accepted_order_is_not_declined_when_its_window_ends(network: Network) -> None:
    ready = await asked_of_the_provider(network)
    await told(network, "accept")
    confirmed = await network.buyer.next_callback(ready.transaction_id, "on_confirm")

    network.clock.tick(minutes=5)
    departed = await network.pushed(confirmed, "depart")

    assert departed.order["status"] == "IN-PROGRESS"
    assert len(confirms(network)) == 1


async def test_a_buyer_may_cancel_while_the_provider_thinks(network: Network) -> None:  # 49
    ready = await asked_of_the_provider(network)

    answer = await network.buyer.send(
        "cancel", {"order_id": "O-1", "cancellation_reason_id": "002"}, transaction_id=ready.transaction_id
    )
    cancelled = await answer_to(answer, network.buyer)
    network.clock.tick(minutes=5)

    assert cancelled.order["status"] == "CANCELLED"
    assert await is_offered(network, slot_of(ready), PAINTER)
    (confirm,) = confirms(network)  # a confirm that was acknowledged is answered
    assert confirm.error_code == "30019"
    assert confirm.number < cancelled.number


async def test_acceptance_by_hand_stands_in_the_catalog_of_the_store(network: Network) -> None:
    async def by_hand(work: Work) -> None:
        data = await work.directory.load()
        painter = next(one for one in data.providers if one.id == "P-INDIRA")
        await work.directory.put_provider(replace(painter, acceptance="manual"))
        offering = next(one for one in data.offerings if one.id == "INDIRA-PAINT")
        await work.directory.put_offering(replace(offering, price=Money.parse("149.00"), max_price=None))

    await network.context.storage.run(by_hand)

    ready = await network.initialised(PAINTER)

    assert ready.order["quote"]["price"]["value"] == "149.00"
    assert (await confirm_with(network, ready)).acked
    await network.settled()
    assert confirms(network) == []


async def workers(network: Network) -> list[dict[str, Any]]:
    _, answer = await network.call("GET", "/workers?limit=500")
    return [(await network.call("GET", f"/workers/{one['id']}"))[1] for one in answer["items"]]  # lists are masked
