"""A provider who accepts by hand: on_confirm at once as CREATED, and its word afterwards; who pays what meanwhile.

Numbers are those of the protocol reference, section 5. That on_confirm waits for the provider is in test_confirm.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Answer, Callback, nacked
from bpp.sandbox.offers import total_adds_up
from tests.support.agreed import agree, money_of, term
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
from tests.support.deliveries import judged
from tests.support.network import Network, running_network, start_stop

PAINTER = "painting consultation"
LATER = "00000009-0000-4000-8000-000000000009"
UNAVAILABLE = Answer(status=503, body=b"try later")


@pytest.fixture
async def network(
    request: pytest.FixtureRequest, sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> AsyncIterator[Network]:
    """A seller that says on_confirm at once, or as an indirect parameter says; P-INDIRA accepts by hand."""
    policy = getattr(request, "param", "at_once")
    async with running_network(sqlite_url, tmp_path, clock, BPP_ON_CONFIRM=policy, BPP_LATE_GRACE="off") as running:
        await by_hand(running)
        yield running
        check_conversation(running)


async def by_hand(network: Network) -> None:
    status, answer = await network.call("PATCH", "/providers/P-INDIRA", {"acceptance": "manual"})
    assert status == 200, answer


async def created(network: Network) -> tuple[Callback, Callback]:
    """An order that waits for the provider: its on_init and its on_confirm."""
    ready = await network.initialised(PAINTER, slot=5)
    return ready, await answer_to(await confirm_with(network, ready), network.buyer)


def named(network: Network, action: str) -> list[Callback]:
    return [one for one in network.buyer.callbacks if one.action == action]


async def no_timer(network: Network) -> bool:
    return await network.context.storage.read(lambda work: work.timers.next_due()) is None


async def test_the_order_is_told_at_once_as_created(network: Network) -> None:  # 29; protocol 1.6
    _, confirmed = await created(network)

    assert not confirmed.error
    assert (confirmed.order["status"], state_of(confirmed)) == ("CREATED", "Pending")
    assert start_stop(confirmed)["person"]["name"]
    assert moment(confirmed.order["created_at"]) < moment(confirmed.order["updated_at"])
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    assert (order["accepted"], order["allowed_events"]) == (False, ["accept", "decline", "cancel"])
    assert not await is_offered(network, slot_of(confirmed), PAINTER)


async def test_a_provider_that_accepts_by_itself_is_confirmed_as_ever(network: Network) -> None:  # 29
    confirmed = await network.booked("tap repair")

    assert confirmed.order["status"] == "ACCEPTED"
    assert await no_timer(network)


async def test_the_providers_yes_follows_as_an_on_status(network: Network) -> None:  # 4, 37
    _, confirmed = await created(network)
    network.clock.tick(seconds=10)

    accepted = await network.pushed(confirmed, "accept")
    network.clock.tick(minutes=5)  # the window ends and nothing comes of it
    departed = await network.pushed(confirmed, "depart")

    assert (accepted.action, accepted.order["status"], state_of(accepted)) == ("on_status", "ACCEPTED", "Pending")
    assert accepted.message_id != confirmed.message_id
    assert moment(accepted.order["updated_at"]) > moment(confirmed.order["updated_at"])
    for key in ("id", "items", "billing", "quote", "payments", "created_at", "fulfillments"):
        assert accepted.order[key] == confirmed.order[key], key
    assert accepted.order["fulfillments"][0]["rateable"] is True
    assert departed.order["status"] == "IN-PROGRESS"
    assert (len(named(network, "on_confirm")), len(named(network, "on_cancel"))) == (1, 0)


REASONS: Mapping[str, tuple[str, str]] = {
    "024": ("024", ""),
    "the van has broken down": ("005", "the van has broken down"),
}


@pytest.mark.parametrize("given", REASONS)
async def test_the_providers_no_follows_as_an_on_cancel_with_everything_back(
    network: Network, given: str
) -> None:  # 53
    await agree(network, "P-INDIRA", term("Pending", fee="40.00"))
    _, confirmed = await created(network)

    gone = await network.pushed(confirmed, "decline", reason=given)

    code, note = REASONS[given]
    assert (gone.action, gone.order["status"], state_of(gone)) == ("on_cancel", "CANCELLED", "Cancelled")
    assert gone.order["cancellation"] == {"cancelled_by": "PRODUCER", "reason": {"descriptor": {"code": code}}}
    assert gone.order["quote"]["price"]["value"] == "0.00"
    assert total_adds_up(gone.order["quote"])
    assert gone.order["payments"] == confirmed.order["payments"]
    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    assert order["cancellation"]["note"] == note
    assert await money_of(network, ref) == {"fee": "0.00", "refund": "99.00", "penalty": "0.00"}
    last = [one for one in order["timeline"] if one["kind"] == "event"][-1]
    assert (last["name"], last["actor"], order["allowed_events"]) == ("decline", "seller", [])
    assert await is_offered(network, slot_of(confirmed), PAINTER)
    assert await no_timer(network)


async def test_silence_is_a_no_after_the_window(network: Network) -> None:  # 53
    _, confirmed = await created(network)
    network.clock.tick(seconds=24)
    waiting = (await journey.status(network.buyer, confirmed)).callback
    network.clock.tick(seconds=1)

    gone = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")

    assert (waiting.order["status"], state_of(waiting)) == ("CREATED", "Pending")
    assert gone.order["cancellation"] == {"cancelled_by": "PRODUCER", "reason": {"descriptor": {"code": "021"}}}
    assert gone.order["quote"]["price"]["value"] == "0.00"
    assert (await network.event(confirmed, "accept"))[0] == 409
    ref = await network.ref(confirmed)
    trail = await network.context.storage.read(lambda work: work.orders.events(ref))
    assert [(one.event, one.actor) for one in trail] == [("assign", "system"), ("decline", "system")]


async def test_while_the_provider_thinks_nothing_but_its_word_is_awaited(network: Network) -> None:
    _, confirmed = await created(network)
    ref = await network.ref(confirmed)

    for event in ("depart", "assign", "renew_otp"):
        status, answer = await network.event(confirmed, event)
        assert (status, answer["error"]["allowed"]) == (409, ["accept", "decline", "cancel"])
    moved = {"update_target": "fulfillments", "order": confirmed.order}
    update = await network.buyer.send("update", moved, transaction_id=confirmed.transaction_id)

    assert (update.status, update.error_code) == (200, "31003")
    assert await events_of(network, ref) == ["assign"]


async def test_a_confirm_repeated_meanwhile_is_answered_as_it_was(network: Network) -> None:  # 5
    ready, confirmed = await created(network)
    sent = next(one.request for one in network.buyer.answers if one.request.action == "confirm")
    await network.settled()  # what is being delivered at this moment is not delivered again

    assert (await network.buyer.post("confirm", sent.body)).acked
    same = await network.buyer.next_callback(confirmed.transaction_id, "on_confirm")
    anew = await answer_to(await confirm_with(network, ready, message_id=LATER), network.buyer)
    await network.pushed(confirmed, "accept")
    after = await answer_to(await confirm_with(network, ready, message_id=network.buyer.new_id()), network.buyer)

    assert same.body == confirmed.body
    assert (anew.order, anew.message_id) == (confirmed.order, LATER)
    assert after.order["status"] == "ACCEPTED"
    (row,) = await orders(network)
    assert await events_of(network, row.ref) == ["assign", "accept"]


async def test_a_confirm_repeated_after_the_providers_no_is_refused(network: Network) -> None:  # 5
    ready, confirmed = await created(network)
    await network.pushed(confirmed, "decline", reason="002")

    answer = await confirm_with(network, ready, message_id=LATER)

    assert (answer.status, answer.error_code) == (200, "31002")
    assert [one.order_status for one in await orders(network)] == ["CANCELLED"]


@pytest.mark.parametrize("network", ["at_once", "after_acceptance"], indirect=True)
async def test_a_buyer_goes_for_nothing_while_the_provider_may(network: Network) -> None:  # 49, 50
    await agree(network, "P-INDIRA", term("Pending", fee="40.00", reason_required=False))
    ready = await network.initialised(PAINTER, slot=5)
    assert (await confirm_with(network, ready)).acked

    asked = await network.buyer.send("cancel", {"order_id": "O-1"}, transaction_id=ready.transaction_id)
    gone = await answer_to(asked, network.buyer)
    await network.settled()
    network.clock.tick(minutes=5)

    assert (gone.order["status"], gone.order["cancellation"]["cancelled_by"]) == ("CANCELLED", "CONSUMER")
    assert gone.order["quote"]["price"]["value"] == "0.00"
    (row,) = await orders(network)
    assert await money_of(network, row.ref) == {"fee": "0.00", "refund": "99.00", "penalty": "0.00"}
    assert await no_timer(network)
    assert len(named(network, "on_confirm")) == len(named(network, "on_cancel")) == 1
    status, _ = await network.call("POST", f"/orders/{row.ref}/events", {"event": "accept"})
    assert status == 409


async def test_once_accepted_the_terms_bind_both(network: Network) -> None:  # 50
    await agree(network, "P-INDIRA", term("Pending", fee="40.00"))
    _, confirmed = await created(network)
    await network.pushed(confirmed, "accept")

    gone = (await journey.cancel(network.buyer, confirmed, "012")).callback

    assert gone.order["quote"]["price"]["value"] == "40.00"


async def test_a_no_said_before_on_confirm_arrived_is_told_after_it(network: Network) -> None:  # 37, 58
    network.buyer.script("on_confirm", UNAVAILABLE)
    _, confirmed = await created(network)
    await judged(network, "on_confirm")
    status, answer = await network.event(confirmed, "decline", reason="002")
    assert status == 200, answer

    network.clock.tick(seconds=5)
    gone = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")
    await network.settled()

    told = [one for one in network.buyer.callbacks if one.transaction_id == confirmed.transaction_id][3:]
    assert [(one.action, one.order["status"]) for one in told] == [
        ("on_confirm", "CREATED"),
        ("on_confirm", "CREATED"),
        ("on_cancel", "CANCELLED"),
    ]
    assert gone.order["cancellation"]["reason"]["descriptor"]["code"] == "002"


async def test_an_on_confirm_that_is_refused_leaves_nothing_to_accept(network: Network) -> None:  # 58
    network.buyer.script("on_confirm", nacked("23002"))
    _, confirmed = await created(network)

    gone = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")

    assert gone.order["cancellation"]["reason"]["descriptor"]["code"] == "998"
    assert (await network.event(confirmed, "accept"))[0] == 409
    assert await no_timer(network)
    row: Any = (await orders(network))[0]
    assert await events_of(network, row.ref) == ["assign", "cancel"]
