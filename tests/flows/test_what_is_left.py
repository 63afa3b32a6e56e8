"""What is left to be settled when an order is not simply done: the fee of one that was given up, an invoice that stays.

The numbers are those of the assertions in section 5 of the protocol reference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from tests.support.conversation import answer_to, check_conversation, confirm_with
from tests.support.network import Network, otp_of


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def paid_on_site(network: Network) -> Callback:
    ready = await network.initialised(payment_type="ON-FULFILLMENT")
    edits: tuple[tuple[str, Any], ...] = (
        ("payments[0].status", "NOT-PAID"),
        ("payments[0].params.transaction_id", ""),
    )
    return await answer_to(await confirm_with(network, ready, *edits), network.buyer)


async def status_of(network: Network, url: str) -> tuple[int, str]:
    async with network.session.get(url) as answer:
        return answer.status, await answer.text()


async def test_the_fee_of_an_order_that_was_to_be_paid_on_site_is_taken_note_of_when_it_comes(
    network: Network,
) -> None:  # 50
    confirmed = await paid_on_site(network)
    await network.pushed(confirmed, "depart")
    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback
    (payment,) = cancelled.order["payments"]
    assert (payment["status"], payment["params"]["amount"]) == ("NOT-PAID", "50.00")

    told = await network.pushed(confirmed, "pay", payment_id=payment["id"], transaction_id="RECEIPT-7")

    (payment,) = told.order["payments"]
    assert (told.action, told.order["status"]) == ("on_status", "CANCELLED")
    assert (payment["status"], payment["params"]["transaction_id"]) == ("PAID", "RECEIPT-7")
    status, again = await network.event(confirmed, "pay", payment_id=payment["id"], transaction_id="RECEIPT-8")
    assert (status, again["error"]["allowed"]) == (409, [])


async def test_nothing_is_to_be_paid_of_an_order_that_was_given_up_for_nothing(network: Network) -> None:
    confirmed = await paid_on_site(network)
    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback
    (payment,) = cancelled.order["payments"]

    status, _ = await network.event(confirmed, "pay", payment_id=payment["id"], transaction_id="RECEIPT-7")

    assert (payment["params"]["amount"], status) == ("0.00", 409)


async def test_visits_are_worked_in_the_order_of_their_time_whichever_was_booked_first(network: Network) -> None:
    confirmed = await network.booked(slot=10)
    lines: Any = [{"title": "New pipe", "price": "800.00"}]
    quoted = await network.pushed(confirmed, "requote", lines=lines, minutes=60)
    taken = (await journey.answer_quote(network.buyer, quoted, takes=True)).callback
    later = (await network.offers())[1][0].starts[-1]
    moved = (await journey.reschedule(network.buyer, taken, later)).callback
    assert not moved.error, moved.error

    told = await network.pushed(confirmed, "depart")

    codes = [one["state"]["descriptor"]["code"] for one in told.order["fulfillments"]]
    assert codes == ["Pending", "In-Transit"]


async def test_an_order_given_up_after_its_later_visit_was_done_first_is_over(network: Network) -> None:  # 49
    confirmed = await network.booked(slot=10)
    lines: Any = [{"title": "New pipe", "price": "800.00"}]
    quoted = await network.pushed(confirmed, "requote", lines=lines, minutes=60)
    taken = (await journey.answer_quote(network.buyer, quoted, takes=True)).callback
    later = (await network.offers())[1][0].starts[-1]
    await journey.reschedule(network.buyer, taken, later)
    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    arrived = await network.pushed(confirmed, "arrive")
    await network.pushed(confirmed, "start", otp=otp_of(arrived, 1))
    network.clock.tick(minutes=60)
    await network.pushed(confirmed, "complete")

    gone = (await journey.cancel(network.buyer, confirmed, "002")).callback

    codes = [one["state"]["descriptor"]["code"] for one in gone.order["fulfillments"]]
    assert (gone.order["status"], codes) == ("CANCELLED", ["Cancelled", "Completed"])
    status, answer = await network.event(confirmed, "requote", lines=lines)
    assert (status, answer["error"]["allowed"]) == (409, [])
    again = (await journey.cancel(network.buyer, confirmed, "002")).callback
    assert (again.error_code, "cancelled" in again.error["message"]) == ("50008", True)


async def test_each_visit_that_is_given_up_costs_by_its_own_term(network: Network) -> None:  # 50
    _, provider = await network.call("GET", "/providers/P-GOMTI")
    terms = provider["terms"]
    for one in terms["cancellation"]:
        one |= {"fee": None, "percentage": "50" if one["state"] == "Pending" else "100"}
    terms["cancellation"].append(terms["cancellation"][0] | {"cancel_by": "P1D", "percentage": "0"})
    status, answer = await network.call("PATCH", "/providers/P-GOMTI", {"terms": terms})
    assert status == 200, answer
    confirmed = await network.booked(slot=2)
    lines: Any = [{"title": "New pipe", "price": "800.00"}]
    quoted = await network.pushed(confirmed, "requote", lines=lines, minutes=60)
    taken = (await journey.answer_quote(network.buyer, quoted, takes=True)).callback

    gone = (await journey.cancel(network.buyer, taken, "002")).callback

    assert gone.order["quote"]["price"]["value"] == "99.50"  # half of today's visit, nothing of that in two days


async def test_an_invoice_keeps_answering_while_more_work_is_quoted_for_and_done(network: Network) -> None:  # 39, 47
    confirmed, done = await network.completed("painting consultation")
    url = done.order["documents"][0]["url"]
    price = done.order["quote"]["price"]["value"]
    lines: Any = [{"title": "Two coats", "price": "1770.00"}]

    quoted = await network.pushed(confirmed, "requote", lines=lines, minutes=120)
    assert quoted.order["status"] == "PENDING"
    status, text = await status_of(network, url)
    assert (status, price in text, "Two coats" in text) == (200, True, False)

    taken = (await journey.answer_quote(network.buyer, quoted, takes=True)).callback
    assert taken.order["status"] == "ACCEPTED"
    status, text = await status_of(network, url)
    assert (status, "Two coats" in text) == (200, False)

    await network.pushed(confirmed, "depart")
    network.clock.tick(minutes=10)
    arrived = await network.pushed(confirmed, "arrive")
    await network.pushed(confirmed, "start", otp=otp_of(arrived, 1))
    network.clock.tick(minutes=60)
    ended = await network.pushed(confirmed, "complete")
    assert ended.order["documents"][0]["url"] == url
    status, text = await status_of(network, url)
    assert (status, "Two coats" in text) == (200, True)
