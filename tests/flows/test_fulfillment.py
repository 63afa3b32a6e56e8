"""What workers and operators do: one on_status each, in order, with the times, the OTP and the invoice of its state.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from bpp.orders.otp import document_key
from bpp.sandbox import journey, messages
from bpp.sandbox.exchange import Callback
from bpp.sandbox.offers import total_adds_up
from bpp.storage.types import encode
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
from tests.support.network import Network, end_stop, otp_of, running_network, start_stop

PAINTER = "painting consultation"
WAY = ("depart", "arrive", "start", "complete")
"""The events that lead from a booking to its end."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


def pushes(network: Network, action: str = "on_status") -> list[Callback]:
    asked = {one.request.message_id for one in network.buyer.answers}
    return [one for one in network.buyer.callbacks if one.action == action and one.message_id not in asked]


def another_than(token: str) -> str:
    return f"{(int(token) + 1) % 10_000:04d}"


async def arrived_at(network: Network, confirmed: Callback) -> Callback:
    """The worker sets off and arrives; the on_status with the OTP."""
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    return await network.pushed(confirmed, "arrive")


async def brought_to(network: Network, confirmed: Callback, last: str) -> Callback:
    """Everything up to an event of ``WAY`` (empty: nothing); the last callback."""
    told = confirmed
    for event in WAY[: WAY.index(last) + 1] if last else ():
        network.clock.tick(minutes=4)
        told = await network.pushed(confirmed, event, None, **({"otp": otp_of(told)} if event == "start" else {}))
    return told


# The way of an order


async def test_each_event_is_told_once_in_order_under_an_id_of_its_own(network: Network) -> None:  # 37, 4
    confirmed = await network.booked()

    await brought_to(network, confirmed, "complete")
    await network.settled()

    told = pushes(network)
    assert [(state_of(one), one.order["status"]) for one in told] == [
        ("In-Transit", "IN-PROGRESS"),
        ("At-Location", "IN-PROGRESS"),
        ("At-Location", "IN-PROGRESS"),
        ("Completed", "COMPLETED"),
    ]
    ids = [one.message_id for one in network.buyer.callbacks]
    assert len(set(ids)) == len(ids)
    (row,) = await orders(network)
    assert await events_of(network, row.ref) == ["assign", *WAY]


async def test_departure_and_end_are_stamped_once_and_never_change(network: Network) -> None:  # 38
    confirmed = await network.booked()
    told = [confirmed]
    for event in WAY:
        network.clock.tick(minutes=4)
        token = {"otp": otp_of(told[-1])} if event == "start" else {}
        at = network.clock()
        told.append(await network.pushed(confirmed, event, None, **token))
        if event == "depart":
            departed = at

    starts = [start_stop(one)["time"].get("timestamp") for one in told]
    ends = [end_stop(one)["time"].get("timestamp") for one in told]
    assert starts[0] is None
    assert {moment(one) for one in starts[1:]} == {departed}
    assert ends[:-1] == [None] * 4
    assert departed < moment(ends[-1]) <= moment(told[-1].context["timestamp"])


async def test_an_end_is_later_than_the_departure_even_when_no_time_passes(network: Network) -> None:  # 38, 43
    confirmed = await network.booked()
    told = confirmed
    for event in WAY:
        told = await network.pushed(confirmed, event, None, **({"otp": otp_of(told)} if event == "start" else {}))

    assert moment(end_stop(told)["time"]["timestamp"]) > moment(start_stop(told)["time"]["timestamp"])
    updates = [moment(one.order["updated_at"]) for one in (confirmed, *pushes(network))]
    assert updates == sorted(set(updates))


@pytest.mark.parametrize("payment_type", ["PRE-FULFILLMENT", "ON-FULFILLMENT"])
async def test_what_was_agreed_is_the_same_in_every_on_status(network: Network, payment_type: str) -> None:  # 42, 43
    confirmed = await network.booked(payment_type=payment_type)
    await brought_to(network, confirmed, "complete")
    await journey.status(network.buyer, confirmed)

    told = [one for one in network.buyer.callbacks if one.action in ("on_confirm", "on_status")]
    for key in ("id", "billing", "items", "quote", "created_at", "cancellation_terms"):
        assert [one.order[key] for one in told] == [confirmed.order[key]] * len(told), key
    assert all(total_adds_up(one.order["quote"]) for one in told)
    updates = [moment(one.order["updated_at"]) for one in (confirmed, *pushes(network))]
    assert updates == sorted(set(updates))
    payments = [one.order["payments"] for one in told]
    assert {(one["type"], one["params"]["amount"]) for each in payments for one in each} == {(payment_type, "199.00")}
    before, after = payments[:-2], payments[-2:]
    if payment_type == "PRE-FULFILLMENT":
        assert all(each == confirmed.order["payments"] for each in payments)
    else:
        assert all(one["status"] == "NOT-PAID" and "transaction_id" not in one["params"] for (one,) in before)
        assert all(one["status"] == "PAID" and one["params"]["transaction_id"] for (one,) in after)
        assert after[0] == after[1]


async def test_an_advance_payment_that_never_came_stays_not_paid(network: Network) -> None:  # 42
    ready = await network.initialised()
    confirmed = await answer_to(
        await confirm_with(
            network, ready, ("payments[0].status", "NOT-PAID"), ("payments[0].params.transaction_id", "")
        ),
        network.buyer,
    )

    done = await brought_to(network, confirmed, "complete")

    assert done.order["payments"] == confirmed.order["payments"]
    assert done.order["payments"][0]["status"] == "NOT-PAID"


RELIEF = {"reassign", "unassign"}
SKIPS: Mapping[str, tuple[str, set[str]]] = {
    "": ("arrive start complete accept decline", {"assign", "depart", "cancel", "reschedule", "requote", *RELIEF}),
    "depart": ("depart start complete assign accept", {"arrive", "cancel", "requote", *RELIEF}),
    "arrive": ("depart arrive complete assign", {"start", "cancel", "renew_otp", "requote", *RELIEF}),
    "start": ("depart arrive start assign", {"complete", "cancel", "requote"}),
    "complete": ("depart arrive start complete cancel assign", {"requote", "refund", "redo"}),
}


@pytest.mark.parametrize("last", SKIPS, ids=lambda last: last or "confirm")
async def test_what_the_state_does_not_allow_is_a_409_that_names_what_it_does(network: Network, last: str) -> None:
    names, allowed = SKIPS[last]  # 37, 41
    confirmed = await network.booked()
    await brought_to(network, confirmed, last)
    before = (await orders(network))[0]

    for name in names.split():
        more = {"cancel": {"reason": "011"}, "decline": {"reason": "011"}, "start": {"otp": "1234"}}.get(name, {})
        status, answer = await network.event(confirmed, name, **more)
        assert (status, set(answer["error"]["allowed"])) == (409, allowed), (name, answer)

    await network.settled()
    assert (await orders(network))[0] == before
    assert len(pushes(network)) == (WAY.index(last) + 1 if last else 0)


# The invoice


async def test_an_invoice_is_told_when_the_work_is_done_and_in_no_message_before(network: Network) -> None:  # 39
    confirmed = await network.booked()
    await journey.status(network.buyer, confirmed)
    await brought_to(network, confirmed, "start")
    await journey.status(network.buyer, confirmed)
    before = [one for one in network.buyer.callbacks if one.order]
    network.clock.tick(minutes=30)

    done = await network.pushed(confirmed, "complete")
    asked = (await journey.status(network.buyer, confirmed)).callback

    assert [one.action for one in before if "documents" in one.order] == []
    assert {one.action for one in before} == {"on_select", "on_init", "on_confirm", "on_status"}
    assert [one["label"] for one in done.order["documents"]] == ["INVOICE"]
    assert asked.order["documents"] == done.order["documents"]


async def test_the_invoice_answers_when_the_order_is_completed_and_to_its_own_key_alone(network: Network) -> None:  # 39
    confirmed = await network.booked()
    other = await network.booked(slot=2)
    await network.pushed(other, "depart")
    await brought_to(network, confirmed, "start")
    network.clock.tick(minutes=30)

    done = await network.pushed(confirmed, "complete")

    ((document),) = done.order["documents"]
    url = document["url"]
    assert document["label"] == "INVOICE"
    assert urlsplit(url).scheme in {"http", "https"}
    assert await fetch(network, url) == 200
    root, ref, key = url.rsplit("/", 2)
    other_ref = await network.ref(other)
    for wrong in (
        f"{root}/{ref}/{'0' * len(key)}",
        f"{root}/{ref}/{key[:-1]}",
        f"{root}/{ref}/",
        f"{root}/{ref}",
        f"{root}/{other_ref}/{key}",
        f"{root}/nothing/{key}",
        f"{root}/{ref}/%C3%A9",
    ):
        assert await fetch(network, wrong) == 404, wrong


async def test_there_is_no_invoice_before_completion_even_with_the_right_key(network: Network) -> None:  # 39
    _, done = await network.completed()
    second = await network.booked(slot=2)
    (document,) = done.order["documents"]
    root = document["url"].rsplit("/", 2)[0]
    world = await network.context.storage.read(network.context.worlds.current)
    ref = await network.ref(second)
    url = f"{root}/{ref}/{document_key(world.otp_secret, ref)}"

    assert await fetch(network, url) == 404
    await network.pushed(second, "cancel", reason="011")
    assert await fetch(network, url) == 404


async def test_an_invoice_shows_amounts_and_escapes_what_the_customer_wrote(network: Network) -> None:  # 39
    ready = (await journey.init(network.buyer, await network.selected(), NASTY, network.place)).callback
    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)
    done = await brought_to(network, confirmed, "complete")

    async with network.session.get(done.order["documents"][0]["url"]) as answer:
        text = await answer.text()

    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    for line in done.order["quote"]["breakup"]:
        assert line["price"]["value"] in text
    assert "199.00" in text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


NASTY = messages.Customer(name="<script>alert(1)</script>")


async def fetch(network: Network, url: str) -> int:
    async with network.session.get(url) as answer:
        await answer.read()
        return answer.status


# The OTP


async def test_the_token_is_shown_between_arrival_and_start_and_never_else(network: Network) -> None:  # 40
    confirmed = await network.booked()
    told = {"confirm": confirmed}
    for event in WAY:
        network.clock.tick(minutes=2)
        token = {"otp": otp_of(told["arrive"])} if event == "start" else {}
        told[event] = await network.pushed(confirmed, event, None, **token)
        told[f"{event}, asked"] = (await journey.status(network.buyer, confirmed)).callback

    shown = {name for name, one in told.items() if "authorization" in end_stop(one)}
    assert shown == {"arrive", "arrive, asked"}
    token = end_stop(told["arrive"])["authorization"]
    assert token["type"] == "OTP"
    assert token["status"] == "valid"
    assert len(token["token"]) in range(4, 7)
    assert token["token"].isdigit()
    now = moment(told["arrive"].context["timestamp"])
    assert moment(token["valid_from"]) <= now < moment(token["valid_to"])


async def test_polls_while_the_worker_waits_show_the_same_token_and_change_nothing(network: Network) -> None:  # 40
    confirmed = await network.booked()
    arrived = await arrived_at(network, confirmed)

    for _ in range(3):
        network.clock.tick(seconds=50)
        asked = (await journey.status(network.buyer, confirmed)).callback
        assert asked.order == arrived.order

    await network.settled()
    assert pushes(network)[-1].message_id == arrived.message_id


async def test_a_wrong_token_is_told_with_90002_and_another_token_and_nothing_advances(network: Network) -> None:  # 41
    confirmed = await network.booked()
    arrived = await arrived_at(network, confirmed)
    first = otp_of(arrived)

    status, answer = await network.event(confirmed, "start", otp=another_than(first))
    told = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert (status, answer["error"]["path"]) == (422, "otp")
    assert told.error_code == "90002"
    assert (state_of(told), told.order["status"]) == ("At-Location", "IN-PROGRESS")
    second = otp_of(told)
    assert second != first
    old = await network.pushed(confirmed, "start", otp=first)
    assert old.error_code == "90002"
    assert otp_of(old) not in {first, second}
    started = await network.pushed(confirmed, "start", otp=otp_of(old))
    assert not started.error
    assert state_of(started) == "At-Location"
    assert (await network.pushed(confirmed, "complete")).order["status"] == "COMPLETED"


async def test_a_token_that_ran_out_is_replaced_by_the_timer_with_an_on_status(network: Network) -> None:  # 41
    confirmed = await network.booked()
    tokens = [await arrived_at(network, confirmed)]

    for _ in range(3):
        network.clock.tick(minutes=5)
        tokens.append(await network.buyer.next_callback(confirmed.transaction_id, "on_status"))

    assert [one.error for one in tokens] == [{}] * 4
    assert len({otp_of(one) for one in tokens}) == 4
    for one in tokens:
        shown = end_stop(one)["authorization"]
        assert moment(shown["valid_from"]) <= moment(one.context["timestamp"]) < moment(shown["valid_to"])
    late = await network.pushed(confirmed, "start", otp=otp_of(tokens[0]))
    assert late.error_code == "90002"
    assert not (await network.pushed(confirmed, "start", otp=otp_of(late))).error
    network.clock.tick(minutes=20)
    await network.settled()
    assert (
        pushes(network)[-1].order["fulfillments"][0]["stops"]
        == ((await journey.status(network.buyer, confirmed)).callback.order["fulfillments"][0]["stops"])
    )


async def test_a_poll_at_the_very_end_of_a_token_is_answered(network: Network) -> None:  # 40, 41
    confirmed = await network.booked()
    await arrived_at(network, confirmed)
    network.clock.tick(minutes=5)

    asked = (await journey.status(network.buyer, confirmed)).callback  # before or after the timer, whichever is first

    assert state_of(asked) == "At-Location"


async def test_after_too_many_wrong_tokens_only_a_supervisors_reason_starts_the_job(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:  # 41, decision 14
    tokens = '{"token-of-an-operator": "operator", "token-of-a-supervisor": "supervisor"}'
    more = {"BPP_OTP_ATTEMPTS": "3", "BPP_OPERATOR_TOKENS": tokens}
    async with running_network(sqlite_url, tmp_path, clock, None, **more) as network:
        confirmed = await network.booked()
        told = await arrived_at(network, confirmed)
        for _ in range(3):
            told = await network.pushed(confirmed, "start", otp=another_than(otp_of(told)))
            assert told.error_code == "90002"
        ref = await network.ref(confirmed)

        right = await network.event(confirmed, "start", otp=otp_of(told))
        by_operator = await overridden(network, ref, "token-of-an-operator", "the customer asked for it")
        without_reason = await overridden(network, ref, "token-of-a-supervisor", "  ")
        by_supervisor = await overridden(network, ref, "token-of-a-supervisor", "identified by telephone")
        started = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

        assert (right[0], right[1]["error"]["code"]) == (409, "override_needed")
        assert by_operator[0] == 403
        assert without_reason[0] in {409, 422}
        assert by_supervisor[0] == 200
        assert not started.error
        assert "authorization" not in end_stop(started)
        trail = await network.context.storage.read(lambda work: work.orders.events(ref))
        assert [one.detail.get("reason") for one in trail if one.event == "start"][:3] == ["incorrect OTP"] * 3
        assert trail[-1].detail["override"] == "identified by telephone"
        assert trail[-1].detail["by"].startswith("supervisor:")
        assert (await network.pushed(confirmed, "complete")).order["status"] == "COMPLETED"
        check_conversation(network)


async def overridden(network: Network, ref: str, token: str, reason: str) -> tuple[int, Any]:
    body = {"event": "start", "override": reason}
    return await network.call("POST", f"/orders/{ref}/events", body, Authorization=f"Bearer {token}")


async def test_the_seller_side_is_never_shown_the_token(network: Network) -> None:  # 40, decision 14
    confirmed = await network.booked()
    arrived = await arrived_at(network, confirmed)
    ref = await network.ref(confirmed)

    _, shown = await network.call("GET", f"/orders/{ref}")
    order = await network.context.storage.read(lambda work: work.orders.get(ref))

    assert order is not None
    assert encode(order)
    for text in (json.dumps(shown), encode(order)):
        assert not re.search(rf"(?<![0-9a-f-]){otp_of(arrived)}(?![0-9a-f-])", text)


# Another worker


async def team(network: Network, provider_id: str) -> dict[str, dict[str, Any]]:
    _, answer = await network.call("GET", f"/workers?provider_id={provider_id}&limit=500")
    full = [(await network.call("GET", f"/workers/{one['id']}"))[1] for one in answer["items"]]  # lists are masked
    return {one["name"]: one for one in full}


async def test_another_worker_who_is_free_is_sent_and_told(network: Network) -> None:  # 30, 37
    confirmed = await network.booked()
    first = start_stop(confirmed)["person"]["name"]
    plumbers = {"Asha Demo", "Bharat Demo", "Deepa Demo"}
    workers = await team(network, "P-GOMTI")
    second = min(plumbers - {first})

    told = await network.pushed(confirmed, "assign", worker_id=workers[second]["id"])

    assert start_stop(told)["person"]["name"] == second
    assert start_stop(told)["contact"]["phone"] == workers[second]["phone"]
    assert (state_of(told), slot_of(told)) == ("Pending", slot_of(confirmed))
    (row,) = await orders(network)
    assert row.worker_id == workers[second]["id"]
    busy = await network.context.storage.read(
        lambda work: work.slots.load([one["id"] for one in workers.values()], day_of(told)[0], *day_of(told))
    )
    assert {worker: jobs for worker, (jobs, _, _) in busy.items()} == {workers[second]["id"]: 1}


async def test_a_worker_who_cannot_come_is_not_sent_and_the_first_keeps_the_job(network: Network) -> None:
    confirmed = await network.booked()
    workers = await team(network, "P-GOMTI")
    first = start_stop(confirmed)["person"]["name"]
    busy_one = min({"Asha Demo", "Bharat Demo", "Deepa Demo"} - {first})
    other = await network.booked(buyer=network.second_buyer)
    await network.pushed(other, "assign", network.second_buyer, worker_id=workers[busy_one]["id"])
    before = (await network.call("GET", f"/orders/{await network.ref(confirmed)}"))[1]

    refusals = {
        "busy": (409, busy_one),
        "not certified for taps": (409, "Chandan Demo"),
        "not verified": (409, "Ekta Unverified Demo"),
    }
    for why, (status, name) in refusals.items():
        answer = await network.event(confirmed, "assign", worker_id=workers[name]["id"])
        assert answer[0] == status, (why, answer)
    foreign = await network.event(confirmed, "assign", worker_id="W-AMIN-1")
    unknown = await network.event(confirmed, "assign", worker_id="W-NOBODY")

    assert foreign[0] == unknown[0] == 422
    assert (await network.call("GET", f"/orders/{await network.ref(confirmed)}"))[1] == before
    await network.settled()
    assert pushes(network) == []
    again = (await journey.status(network.buyer, confirmed)).callback
    assert start_stop(again)["person"]["name"] == first
    network.clock.tick(minutes=15)  # what the first holds is a booking and no hold that lapses
    departed = await network.pushed(confirmed, "depart")
    assert start_stop(departed)["person"]["name"] == first


async def test_the_same_worker_again_is_no_change_of_worker(network: Network) -> None:
    confirmed = await network.booked()
    workers = await team(network, "P-GOMTI")
    name = start_stop(confirmed)["person"]["name"]

    for more in ({}, {"worker_id": workers[name]["id"]}):
        told = await network.pushed(confirmed, "assign", None, **more)
        assert start_stop(told) == start_stop(confirmed)


def day_of(callback: Callback) -> tuple[Any, Any]:
    start = slot_of(callback)
    return start - timedelta(hours=12), start + timedelta(hours=12)


# The provider gives up


@pytest.mark.parametrize("last", ["", "depart", "arrive", "start"], ids=lambda last: last or "confirm")
async def test_a_provider_may_cancel_from_every_state_before_completion(network: Network, last: str) -> None:  # 53
    confirmed = await network.booked(PAINTER, slot=5)
    await brought_to(network, confirmed, last)
    original = confirmed.order["quote"]["price"]["value"]

    cancelled = await network.pushed(confirmed, "cancel", reason="011")

    order = cancelled.order
    assert cancelled.action == "on_cancel"
    assert (order["status"], state_of(cancelled)) == ("CANCELLED", "Cancelled")
    assert order["cancellation"] == {"cancelled_by": "PRODUCER", "reason": {"descriptor": {"code": "011"}}}
    assert order["quote"]["price"]["value"] == "0.00"
    refunds = [line for line in order["quote"]["breakup"] if line["tags"][0]["list"][0]["value"] == "refund"]
    assert sum(paise(line["price"]["value"]) for line in refunds) == -paise(original)
    assert total_adds_up(order["quote"])
    assert order["payments"] == confirmed.order["payments"]
    assert "authorization" not in end_stop(cancelled)
    assert await is_offered(network, slot_of(confirmed), PAINTER)


async def test_after_a_cancellation_nothing_but_cancelled_is_ever_said(network: Network) -> None:  # 53
    confirmed = await network.booked(PAINTER, slot=5)
    arrived = await arrived_at(network, confirmed)
    cancelled = await network.pushed(confirmed, "cancel", reason="011")

    for event, more in (
        ("start", {"otp": otp_of(arrived)}),
        ("arrive", {}),
        ("complete", {}),
        ("cancel", {"reason": "1"}),
    ):
        status, answer = await network.event(confirmed, event, **more)
        assert (status, answer["error"]["allowed"]) == (409, [])
    network.clock.tick(minutes=30)  # the timer of the token is gone, too
    asked = (await journey.status(network.buyer, confirmed)).callback
    await network.settled()

    later = [one for one in network.buyer.callbacks if one.number >= cancelled.number and one.order]
    assert {(one.order["status"], state_of(one)) for one in later} == {("CANCELLED", "Cancelled")}
    assert asked.order["quote"] == cancelled.order["quote"]
    assert len(pushes(network, "on_cancel")) == 1


async def test_who_cancelled_is_spelled_as_the_setting_says(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> None:
    async with running_network(sqlite_url, tmp_path, clock, BPP_CANCELLED_BY_SELLER="PROVIDER") as network:  # 53
        confirmed = await network.booked()

        cancelled = await network.pushed(confirmed, "cancel", reason="011")

        assert cancelled.order["cancellation"]["cancelled_by"] == "PROVIDER"
        check_conversation(network)


def paise(text: str) -> int:
    rupees, _, fraction = text.removeprefix("-").partition(".")
    return (int(rupees) * 100 + int(fraction)) * (-1 if text.startswith("-") else 1)
