"""status: the order as it is, to its own buyer app alone; and what every message of a conversation promises.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bpp.sandbox import journey, messages
from bpp.sandbox.exchange import Callback
from bpp.sandbox.moments import wire_time
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    faults,
    moment,
    orders,
    state_of,
)
from tests.support.effects import rows
from tests.support.network import Network, end_stop, otp_of


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def test_a_status_is_answered_with_the_state_of_now_under_its_own_message_id(network: Network) -> None:  # 36
    confirmed = await network.booked()
    seen = []
    for event in ("", "depart", "arrive"):
        if event:
            await network.pushed(confirmed, event)
        asked = await journey.status(network.buyer, confirmed)
        assert asked.callback.message_id == asked.answer.request.message_id
        seen.append((asked.callback.order["status"], state_of(asked.callback)))

    assert seen == [("ACCEPTED", "Pending"), ("IN-PROGRESS", "In-Transit"), ("IN-PROGRESS", "At-Location")]


async def test_a_status_shows_what_the_last_pushed_message_showed(network: Network) -> None:  # 36, 43
    confirmed = await network.booked()
    for event in ("depart", "arrive"):
        pushed = await network.pushed(confirmed, event)
        asked = (await journey.status(network.buyer, confirmed)).callback
        assert asked.order == pushed.order


@pytest.mark.parametrize("action", ["status", "track", "cancel"])
async def test_an_unknown_order_and_another_buyer_apps_are_refused_alike(network: Network, action: str) -> None:  # 36
    confirmed = await network.booked(order_id="O-1")
    more = {"cancellation_reason_id": "002"} if action == "cancel" else {}

    unknown = await network.buyer.send(action, {"order_id": "O-NONE", **more}, transaction_id=confirmed.transaction_id)
    foreign = await network.second_buyer.send(
        action, {"order_id": "O-1", **more}, transaction_id=confirmed.transaction_id
    )

    assert unknown.error_code == foreign.error_code == "30018"
    assert unknown.error["message"].replace("O-NONE", "O-1") == foreign.error["message"]
    assert network.second_buyer.callbacks == type(network.second_buyer.callbacks)()


async def test_a_status_of_another_transaction_of_the_same_buyer_app_is_answered_there(
    network: Network,
) -> None:  # 3, 4
    await network.booked(order_id="O-1")

    answer = await network.buyer.send("status", {"order_id": "O-1"}, transaction_id="T-ASKED-ELSEWHERE")
    asked = await answer_to(answer, network.buyer)

    assert asked.transaction_id == "T-ASKED-ELSEWHERE"
    assert asked.order["id"] == "O-1"


async def test_a_poll_changes_nothing(network: Network) -> None:  # 36, 43
    confirmed = await network.booked()
    await network.settled()
    before = await rows(network.settings.database_url)
    row = (await orders(network))[0]

    first = (await journey.status(network.buyer, confirmed)).callback
    network.clock.tick(minutes=3)
    second = (await journey.status(network.buyer, confirmed)).callback

    await network.settled()
    after = await rows(network.settings.database_url)
    assert second.order == first.order
    assert (await orders(network))[0] == row
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"attempts", "inbox", "outbox"}


@pytest.mark.parametrize("ahead", [timedelta(seconds=4), timedelta(seconds=50)])
async def test_a_poll_from_a_clock_ahead_of_ours_is_answered_after_its_own_time(
    network: Network, ahead: timedelta
) -> None:  # 3, 40, decision 7
    confirmed = await network.booked()
    await network.pushed(confirmed, "depart")
    arrived = await network.pushed(confirmed, "arrive")
    asked_at = wire_time(network.clock() + ahead)

    answer = await network.buyer.send(
        "status",
        {"order_id": confirmed.order["id"]},
        transaction_id=confirmed.transaction_id,
        context={"timestamp": asked_at},
    )
    asked = await answer_to(answer, network.buyer)

    assert moment(asked.context["timestamp"]) >= moment(asked_at)
    assert end_stop(asked)["authorization"] == end_stop(arrived)["authorization"]


async def test_a_poll_of_the_future_is_refused_as_stale(network: Network) -> None:
    confirmed = await network.booked()
    asked_at = wire_time(network.clock() + timedelta(hours=3))

    answer = await network.buyer.send(
        "status",
        {"order_id": confirmed.order["id"]},
        transaction_id=confirmed.transaction_id,
        context={"timestamp": asked_at},
    )

    assert answer.error_code == "30022"


async def whole_conversation(network: Network) -> Callback:
    """Search to rating, with a wrong OTP, polls, track and support on the way; the last on_status."""
    buyer = network.buyer
    confirmed = await network.booked(payment_type="ON-FULFILLMENT")
    await journey.track(buyer, confirmed)
    await journey.support(buyer, confirmed)
    await network.pushed(confirmed, "assign")
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    arrived = await network.pushed(confirmed, "arrive")
    wrong = f"{(int(otp_of(arrived)) + 1) % 10_000:04d}"
    again = await network.pushed(confirmed, "start", otp=wrong)
    await journey.status(buyer, confirmed)
    await network.pushed(confirmed, "start", otp=otp_of(again))
    network.clock.tick(minutes=30)
    done = await network.pushed(confirmed, "complete")
    await journey.rate(buyer, confirmed, 5)
    return done


async def test_no_message_of_a_whole_conversation_has_a_blemish(network: Network) -> None:  # 59
    await whole_conversation(network)
    other = await network.booked("bathroom cleaning", slot=4)
    await journey.cancel(network.buyer, other, "002")
    third = await network.booked("painting consultation", slot=6)
    await network.pushed(third, "cancel", reason="011")

    assert faults(network.buyer) == []
    assert {one.action for one in network.buyer.callbacks} == {
        f"on_{name}"
        for name in ("search", "select", "init", "confirm", "status", "track", "support", "cancel", "rating")
    }


async def test_every_request_is_acknowledged_before_it_is_answered_within_thirty_seconds(network: Network) -> None:
    await whole_conversation(network)  # 1, 3

    answered = {(one.action, one.message_id): one for one in network.buyer.callbacks}
    for answer in network.buyer.answers:
        request = answer.request
        callback = answered[f"on_{request.action}", request.message_id]
        assert answer.acked
        assert answer.arrived <= callback.arrived
        late = moment(callback.context["timestamp"]) - moment(request.context["timestamp"])
        assert timedelta() <= late <= timedelta(seconds=30)


@pytest.mark.parametrize(("old", "new"), [("", "/"), ("127.0.0.1", "localhost")], ids=["a slash", "another host"])
async def test_callbacks_go_below_the_address_that_the_request_names(network: Network, old: str, new: str) -> None:  # 2
    uri = network.buyer.url.replace(old, new) if old else f"{network.buyer.url}{new}"
    _, offers = await network.offers()
    message = messages.select_message(offers[0], offers[0].starts[3], network.place)

    answer = await network.buyer.send("select", message, context={"bap_uri": uri})
    chosen = await answer_to(answer, network.buyer)
    ready = (await journey.init(network.buyer, chosen, network.customer, network.place)).callback
    confirmed = await answer_to(
        await confirm_with(network, ready, ("id", "O-1"), context={"bap_uri": uri}), network.buyer
    )
    departed = await network.pushed(confirmed, "depart")

    for one in (chosen, confirmed, departed):
        assert one.context["bap_uri"] == uri
        assert one.url == f"{uri.rstrip('/')}/{one.action}"
