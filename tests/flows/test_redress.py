"""Work that was done badly is made good: money back, or the work again; told by on_update, and in the books to the paisa."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bpp.sandbox.exchange import Callback
from catalog.money import ZERO, Money
from tests.support.conversation import check_conversation, events_of, state_of
from tests.support.network import Network
from tests.support.updates import payments, polled, price

CONFLICT, UNPROCESSABLE = 409, 422


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def books(network: Network, order: Callback) -> dict[str, Money]:
    """What the order has moved each account by."""
    _, seen = await network.call("GET", f"/orders/{await network.ref(order)}")
    sums: dict[str, Money] = {}
    for posting in seen["ledger"]:
        for line in posting["lines"]:
            name = f"{line['party']}:{line['purpose']}"
            sums[name] = sums.get(name, ZERO) + Money.parse(line["debit"]) - Money.parse(line["credit"])
    return sums


async def test_a_refund_is_told_with_its_line_and_taken_from_everybody_in_proportion(network: Network) -> None:
    confirmed, done = await network.completed()
    before = await books(network, confirmed)

    told = await network.pushed(confirmed, "refund", amount="99.50", reason="the tap still drips")

    assert (told.action, told.order["status"], price(done), price(told)) == (
        "on_update",
        "COMPLETED",
        "199.00",
        "99.50",
    )
    assert told.order["quote"]["breakup"][:-1] == done.order["quote"]["breakup"]
    (line,) = told.order["quote"]["breakup"][-1:]
    assert (line["title"], line["price"]["value"], line["item"]["id"]) == (
        "refund",
        "-99.50",
        told.order["items"][0]["id"],
    )
    assert payments(told) == payments(done), "what was paid was paid"
    after = await books(network, confirmed)
    assert after["consumer:due"] == before["consumer:due"] == ZERO
    assert after["buyer_app:collected"] == before["buyer_app:collected"] - Money.parse("99.50")
    for tax in ("tax:tcs", "tax:tds"):
        assert abs((after[tax] + after[tax] - before[tax]).paise) <= 2, "halves are rounded by themselves"
    assert after.get("worker:wallet") == before.get("worker:wallet")
    assert (await polled(network, told)).order["quote"] == told.order["quote"]


async def test_what_was_paid_at_the_door_is_the_consumers_credit_until_we_pay_it_back(network: Network) -> None:
    confirmed, _ = await network.completed(payment_type="ON-FULFILLMENT")

    await network.pushed(confirmed, "refund", amount="50.00", reason="late")

    assert (await books(network, confirmed))["consumer:due"] == -Money.parse("50.00")


async def test_no_more_is_given_back_than_is_left_and_nothing_of_what_is_not_done(network: Network) -> None:
    confirmed = await network.booked()
    assert (await network.event(confirmed, "refund", amount="1.00", reason="x"))[0] == CONFLICT
    confirmed, _ = await network.completed(slot=1)
    status, answer = await network.event(confirmed, "refund", amount="199.01", reason="x")
    assert (status, answer["error"]["path"]) == (UNPROCESSABLE, "amount")

    await network.pushed(confirmed, "refund", amount="199.00", reason="x")

    status, answer = await network.event(confirmed, "refund", amount="0.01", reason="x")
    assert (status, "refund" in answer["error"]["allowed"]) == (CONFLICT, False)


async def test_the_work_is_done_again_in_another_visit_without_charge(network: Network) -> None:
    confirmed, done = await network.completed()

    told = await network.pushed(confirmed, "redo", reason="the tap still drips", issue_id="I-1")

    assert (told.action, told.order["status"]) == ("on_update", "ACCEPTED")
    assert (price(told), payments(told)) == (price(done), payments(done))
    _, again = told.order["fulfillments"]
    assert (state_of(told), again["state"]["descriptor"]["code"]) == ("Completed", "Pending")
    assert again["stops"][0]["person"]["name"]
    assert told.order["items"][1]["fulfillment_ids"] == [again["id"]]
    assert "redo" in await events_of(network, await network.ref(confirmed))


async def test_a_time_at_which_nobody_can_is_refused_with_others(network: Network) -> None:
    confirmed, _ = await network.completed()

    status, answer = await network.event(confirmed, "redo", reason="x", start="2026-11-23T20:30:00.000Z")

    assert (status, answer["error"]["path"]) == (CONFLICT, "start")
    assert answer["error"]["allowed"]
