"""An order that was kept long enough is forgotten on the network, too, and what is in the books stays."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bpp.core.retention import RetentionPolicy, forget
from bpp.sandbox.messages import status_message, support_message
from tests.flows.test_grievances import answered
from tests.support.clock import FakeClock
from tests.support.complaining import Complaining
from tests.support.grievances import BuyerV2, Hands
from tests.support.network import Network, running_network
from tests.support.tickets_console import SAID, complained, step, ticket_of

NO_TIME = timedelta()
AT_ONCE = RetentionPolicy(
    orders=NO_TIME,
    projects=NO_TIME,
    parties=NO_TIME,
    messages=NO_TIME,
    masked=NO_TIME,
    drafts=NO_TIME,
    reads=NO_TIME,
    demand=NO_TIME,
    sign_ins=NO_TIME,
    observability=NO_TIME,
)
YEARS = timedelta(days=4000)


@pytest.fixture
async def network(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Network]:
    async with running_network(sqlite_url, tmp_path, clock) as running:
        yield running


async def test_a_forgotten_order_is_unknown_to_its_buyer_app_and_names_nobody(network: Network) -> None:
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    await network.settled()
    before = (await network.call("GET", f"/orders/{ref}"))[1]

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    answer = await network.buyer.send("status", status_message(confirmed.order["id"]))
    _, after = await network.call("GET", f"/orders/{ref}")
    assert answer.error_code == "30018"
    assert network.customer.phone not in str(after)
    assert network.customer.name not in str(after)
    assert after["quote"] == before["quote"]
    assert after["payments"] == before["payments"]
    assert [one["name"] for one in after["timeline"]] == [one["name"] for one in before["timeline"]]


async def test_a_wish_to_be_called_is_not_kept_for_a_forgotten_order(network: Network) -> None:
    confirmed, _ = await network.completed()
    await network.settled()
    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)
    wish = support_message(confirmed.order["id"])
    wish["support"]["callback_phone"] = "9876505555"

    answer = await network.buyer.send("support", wish)

    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    assert answer.acked
    assert "9876505555" not in str(order)


async def test_a_complaint_is_forgotten_with_its_order_and_nothing_is_done_in_it_any_more(network: Network) -> None:
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    number = await complained(network, ref, long_desc=f"I am {network.customer.name}")
    await step(network, number, "note", text=f"called {network.customer.phone}")
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": network.customer.name})
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    after = await ticket_of(network, number)
    said = (network.customer.phone, network.customer.name, SAID)
    assert [one for one in said if one in str(after)] == []
    assert (after["status"], [one["code"] for one in after["actions"]]) == (
        "RESOLVED", ["OPEN", "PROCESSING", "RESOLVED"],
    )  # fmt: skip
    status, answer = await network.call("POST", f"/tickets/{number}/steps", {"step": "note", "text": "again"})
    assert (status, answer["error"]["code"]) == (409, "forgotten")


async def test_a_complaint_that_nobody_resolved_is_over_when_its_order_is_forgotten(network: Network) -> None:
    confirmed, _ = await network.completed()
    number = await complained(network, await network.ref(confirmed))
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    counts = await network.context.storage.read(lambda work: work.issues.counts(network.clock() + YEARS))
    assert ((await ticket_of(network, number))["status"], counts.running) == ("CLOSED", 0)


async def test_what_a_buyer_app_answers_to_a_complaint_of_ours_that_was_forgotten_is_refused(network: Network) -> None:
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    number = await complained(network, ref, against="buyer_app", code="VIS001")
    raised = await network.buyer.next_callback(action="issue")
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    said = answered(raised, raised.message["issue"], "PROCESSING", network)
    answer = await network.buyer.post("on_issue", said)
    assert (answer.acked, answer.document["error"]["code"]) == (False, "IGM001")
    assert SAID not in str(await ticket_of(network, number))


async def test_of_a_complaint_that_was_forgotten_its_buyer_app_is_told_nothing(network: Network) -> None:
    confirmed, _ = await network.completed()
    hands = Hands()
    hands.now = network.clock()
    desk = Complaining(network, confirmed, BuyerV2(hands))
    await desk.say(desk.buyer.payload())
    number = await desk.ref()
    await step(network, number, "resolve", option={"code": "NO_ACTION", "text": "the old pipe"})
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    body = {**desk.buyer.payload(), "message": {"issue_id": desk.buyer.issue["id"]}}
    assert (await desk.post("issue_status", body)).acked
    told = await network.buyer.next_callback(action="on_issue_status", message_id=desk.sent)
    assert told.document["error"]["code"] == "IGM005"
    again = await desk.say(desk.buyer.act("ESCALATED"))
    assert again.document["error"]["code"] == "IGM009"


async def test_a_booking_under_way_is_left_alone(network: Network) -> None:
    confirmed = await network.booked()
    await network.settled()

    await forget(network.context.storage, AT_ONCE, network.clock() + YEARS)

    ref = await network.ref(confirmed)
    _, order = await network.call("GET", f"/orders/{ref}")
    assert order["billing"]["phone"] == network.customer.phone
    pushed = await network.pushed(confirmed, "depart")
    assert pushed.order["billing"]["phone"] == network.customer.phone
