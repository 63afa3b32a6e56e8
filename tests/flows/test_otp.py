"""The one-time password at the door: wrong, late, used up, renewed by hand and by itself, overridden.

Numbers are those of the protocol reference, section 5. The way without a mistake is in test_fulfillment.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.moments import wire_time
from tests.support.clock import FakeClock
from tests.support.conversation import answer_to, check_conversation, events_of, moment, state_of
from tests.support.network import Network, end_stop, otp_of, running_network

OPERATOR, ENGINEER = "token-of-an-operator", "token-of-an-engineer"
TOKENS = f'{{"{OPERATOR}": "operator", "{ENGINEER}": "engineer"}}'


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    """Two wrong tries are allowed, and each test also demands that every callback of it was valid."""
    more = {"BPP_OTP_ATTEMPTS": "2", "BPP_OPERATOR_TOKENS": TOKENS}
    async with running_network(sqlite_url, tmp_path, clock, None, **more) as running:
        yield running
        check_conversation(running)


async def at_the_door(network: Network) -> tuple[Callback, Callback]:
    """A booking whose worker has arrived: its on_confirm, and the on_status with the first token."""
    confirmed = await network.booked()
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    return confirmed, await network.pushed(confirmed, "arrive")


def another_than(*tokens: str) -> str:
    return next(guess for guess in (f"{number:04d}" for number in range(10)) if guess not in tokens)


async def told_wrong(network: Network, confirmed: Callback) -> Callback:
    """The next on_status with 90002; what a timer sent before it is passed over."""
    while True:
        told = await network.buyer.next_callback(confirmed.transaction_id, "on_status")
        if told.error_code:
            assert told.error_code == "90002"
            return told


async def otp_shown(network: Network, confirmed: Callback) -> dict[str, Any]:
    """What the operator sees of the token."""
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    shown: dict[str, Any] = order["fulfillments"][0]["otp"]
    return shown


async def override(network: Network, confirmed: Callback, token: str, reason: str) -> tuple[int, Any]:
    body = {"event": "start", "override": reason}
    path = f"/orders/{await network.ref(confirmed)}/events"
    return await network.call("POST", path, body, Authorization=f"Bearer {token}")


async def no_timer_left(network: Network) -> None:
    """Wait until the timer of the token, which is due, has done what it still does; another is not set."""
    async with asyncio.timeout(60):
        while await network.context.storage.read(lambda work: work.timers.next_due()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


async def test_a_renewed_token_is_pushed_without_an_error_and_only_it_starts_the_job(network: Network) -> None:  # 41
    confirmed, arrived = await at_the_door(network)
    network.clock.tick(minutes=2)

    renewed = await network.pushed(confirmed, "renew_otp")
    old = await network.pushed(confirmed, "start", otp=otp_of(arrived))
    started = await network.pushed(confirmed, "start", otp=otp_of(old))

    assert not renewed.error
    assert (state_of(renewed), renewed.order["status"]) == ("At-Location", "IN-PROGRESS")
    assert otp_of(renewed) != otp_of(arrived)
    window = end_stop(renewed)["authorization"]
    assert moment(window["valid_from"]) == network.clock()
    assert (moment(window["valid_to"]) - moment(window["valid_from"])).total_seconds() == 300
    assert old.error_code == "90002"
    assert not started.error
    assert "authorization" not in end_stop(started)
    ref = await network.ref(confirmed)
    assert await events_of(network, ref) == ["assign", "depart", "arrive", "renew_otp", "start", "start"]


async def test_the_right_token_after_a_renewal_starts_the_job(network: Network) -> None:  # 41
    confirmed, _ = await at_the_door(network)
    renewed = await network.pushed(confirmed, "renew_otp")

    started = await network.pushed(confirmed, "start", otp=f" {otp_of(renewed)} ")

    assert not started.error
    assert (await network.pushed(confirmed, "complete")).order["status"] == "COMPLETED"


async def test_a_renewal_by_hand_puts_off_the_one_by_the_timer(network: Network) -> None:  # 41, decision 16
    confirmed, _ = await at_the_door(network)
    network.clock.tick(minutes=3)
    renewed = await network.pushed(confirmed, "renew_otp")

    network.clock.tick(minutes=4, seconds=59)  # the first token would have run out long since
    polled = (await journey.status(network.buyer, confirmed)).callback
    network.clock.tick(seconds=1)
    third = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert otp_of(polled) == otp_of(renewed)
    assert otp_of(third) != otp_of(renewed)
    assert not third.error


async def test_a_token_is_not_renewed_by_itself_when_the_tries_are_used_up(network: Network) -> None:  # 41
    confirmed, told = await at_the_door(network)
    for _ in range(2):
        told = await network.pushed(confirmed, "start", otp=another_than(otp_of(told)))
    network.clock.tick(minutes=5)
    await no_timer_left(network)
    asked = (await journey.status(network.buyer, confirmed)).callback

    assert "authorization" not in end_stop(asked)
    assert (await otp_shown(network, confirmed))["valid_to"] == end_stop(told)["authorization"]["valid_to"]
    assert otp_of(await network.pushed(confirmed, "renew_otp")) != otp_of(told)
    assert not (await network.pushed(confirmed, "start", override="identified by telephone")).error


async def test_a_visit_that_nobody_ends_gets_no_tokens_for_ever(network: Network) -> None:  # 41
    confirmed, arrived = await at_the_door(network)
    ends = moment(end_stop(arrived)["time"]["range"]["end"])
    network.clock.tick(seconds=(ends + timedelta(hours=12) - network.clock()).total_seconds())
    last = await network.buyer.next_callback(confirmed.transaction_id, "on_status")
    network.clock.tick(minutes=5)
    await no_timer_left(network)

    assert (await otp_shown(network, confirmed))["valid_to"] == end_stop(last)["authorization"]["valid_to"]
    renewed = await network.pushed(confirmed, "renew_otp")
    assert not (await network.pushed(confirmed, "start", otp=otp_of(renewed))).error


async def test_a_token_that_has_run_out_is_told_with_90002_and_another(network: Network) -> None:  # 41
    confirmed, arrived = await at_the_door(network)
    network.clock.tick(minutes=5)

    status, _ = await network.event(confirmed, "start", otp=otp_of(arrived))  # before or after the timer
    told = await told_wrong(network, confirmed)

    assert status == 422
    assert (state_of(told), (await otp_shown(network, confirmed))["tries"]) == ("At-Location", 1)
    assert otp_of(told) != otp_of(arrived)
    started = await network.pushed(confirmed, "start", otp=otp_of(told))
    assert not started.error


@pytest.mark.parametrize("renewed_by", ["operator", "timer"])
async def test_wrong_tries_stay_counted_whoever_renews_the_token(network: Network, renewed_by: str) -> None:
    confirmed, arrived = await at_the_door(network)  # 41, decision 14
    told = [arrived, await network.pushed(confirmed, "start", otp=another_than(otp_of(arrived)))]
    if renewed_by == "operator":
        told.append(await network.pushed(confirmed, "renew_otp"))
    else:
        network.clock.tick(minutes=5)
        told.append(await network.buyer.next_callback(confirmed.transaction_id, "on_status"))
    assert (await otp_shown(network, confirmed))["tries"] == 1
    told.append(await network.pushed(confirmed, "start", otp=another_than(otp_of(told[-1]))))
    assert told[-1].error_code == "90002"

    for _ in range(2):
        status, answer = await network.event(confirmed, "start", otp=otp_of(told[-1]))
        assert (status, answer["error"]["code"]) == (409, "override_needed")
        told.append(await network.pushed(confirmed, "renew_otp"))  # another token is of no use by now
    assert (await otp_shown(network, confirmed))["tries"] == 2


async def test_only_a_supervisor_overrides_and_the_reason_stays_in_the_trail(network: Network) -> None:
    confirmed, arrived = await at_the_door(network)  # 41, decision 14
    for _ in range(2):
        arrived = await network.pushed(confirmed, "start", otp=another_than(otp_of(arrived)))
    shown = await otp_shown(network, confirmed)

    for token in (OPERATOR, ENGINEER):
        status, answer = await override(network, confirmed, token, "known to me")
        assert (status, answer["error"]["code"]) == (403, "forbidden")
    assert await otp_shown(network, confirmed) == shown
    started = await network.pushed(confirmed, "start", override="identified by telephone")

    assert not started.error
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    events = [one for one in order["timeline"] if one["kind"] == "event"]
    assert [one["detail"].get("reason") for one in events[-3:]] == ["incorrect OTP", "incorrect OTP", None]
    assert events[-1]["detail"]["override"] == "identified by telephone"
    assert events[-1]["detail"]["by"].startswith("supervisor:")
    assert (events[-1]["source"], events[-1]["target"]) == ("ARRIVED", "STARTED")


async def test_a_start_says_one_or_the_other(network: Network) -> None:
    confirmed, arrived = await at_the_door(network)

    for more in ({}, {"otp": "  "}, {"override": " "}):
        status, answer = await network.event(confirmed, "start", **more)
        assert (status, answer["error"]["path"]) == (422, "otp")

    assert (await otp_shown(network, confirmed))["tries"] == 0
    assert not (await network.pushed(confirmed, "start", otp=otp_of(arrived))).error


async def test_polls_change_neither_token_nor_count(network: Network) -> None:  # 41
    confirmed, arrived = await at_the_door(network)
    wrong = await network.pushed(confirmed, "start", otp=another_than(otp_of(arrived)))
    shown = await otp_shown(network, confirmed)

    for _ in range(3):
        network.clock.tick(seconds=90)
        asked = (await journey.status(network.buyer, confirmed)).callback
        assert not asked.error
        assert asked.order == wrong.order

    assert await otp_shown(network, confirmed) == shown


async def test_a_token_is_renewed_at_the_door_only(network: Network) -> None:
    confirmed = await network.booked()
    told = confirmed
    for event in ("depart", "arrive", "start", "complete", ""):
        if event != "start":
            status, answer = await network.event(confirmed, "renew_otp")
            assert (status, "renew_otp" in answer["error"]["allowed"]) == (409, False)
        if event:
            told = await network.pushed(confirmed, event, None, **({"otp": otp_of(told)} if event == "start" else {}))


@pytest.mark.parametrize("action", ["status", "cancel", "update"])
async def test_a_token_near_its_end_is_not_shown_to_a_buyer_app_whose_clock_is_past_it(
    network: Network, action: str
) -> None:  # 40, decision 7
    confirmed, _ = await at_the_door(network)
    network.clock.tick(minutes=4, seconds=30)
    order_id = confirmed.order["id"]
    message: dict[str, Any] = {"order_id": order_id}
    if action == "update":
        message = {"update_target": "payments", "order": {**confirmed.order, "id": order_id}}
    ahead = wire_time(network.clock() + timedelta(seconds=45))

    answer = await network.buyer.send(
        action,
        message,
        transaction_id=confirmed.transaction_id,
        context={"timestamp": ahead},
    )
    told = await answer_to(answer, network.buyer)

    assert told.error_code == {"cancel": "30012"}.get(action, "")
    assert state_of(told) == "At-Location"
    assert "authorization" not in end_stop(told)
