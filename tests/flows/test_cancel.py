"""cancel: the buyer gives an order up while nobody has set off; reasons, refunds, and the slot free again.

Numbers are those of the protocol reference, section 5. What the provider cancels is in test_fulfillment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback, SyncAnswer
from bpp.sandbox.offers import total_adds_up
from tests.support.conversation import (
    answer_to,
    check_conversation,
    events_of,
    is_offered,
    moment,
    orders,
    slot_of,
    state_of,
)
from tests.support.network import Network

PAINTER = "painting consultation"
"""P-INDIRA has a single worker, so its slots say at once whether they are free."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def sent(network: Network, confirmed: Callback, message: Mapping[str, Any]) -> SyncAnswer:
    """A cancel of an order with anything in it."""
    return await network.buyer.send(
        "cancel",
        {"order_id": confirmed.order["id"], **message},
        transaction_id=confirmed.transaction_id,
        context=journey.following(confirmed),
    )


async def charge(network: Network, provider_id: str, fee: str, *, reason_required: bool) -> None:
    """Let a provider's first cancellation term be this one."""
    _, provider = await network.call("GET", f"/providers/{provider_id}")
    terms = provider["terms"]
    pending = next(one for one in terms["cancellation"] if one["state"] == "Pending")
    pending |= {"fee": fee, "percentage": None, "reason_required": reason_required}
    status, answer = await network.call("PATCH", f"/providers/{provider_id}", {"terms": terms})
    assert status == 200, answer


async def test_a_cancelled_order_is_cancelled_in_every_part(network: Network) -> None:  # 49
    confirmed = await network.booked(PAINTER, slot=4)

    exchange = await journey.cancel(network.buyer, confirmed, "002")

    order = exchange.callback.order
    assert exchange.callback.message_id == exchange.answer.request.message_id
    assert order["status"] == "CANCELLED"
    assert [one["state"]["descriptor"]["code"] for one in order["fulfillments"]] == ["Cancelled"]
    assert order["cancellation"] == {"cancelled_by": "CONSUMER", "reason": {"descriptor": {"code": "002"}}}
    for key in ("id", "items", "billing", "payments", "created_at", "cancellation_terms"):
        assert order[key] == confirmed.order[key]
    assert order["provider"]["id"] == confirmed.order["provider"]["id"]
    assert moment(order["updated_at"]) > moment(confirmed.order["updated_at"])


async def test_the_slot_and_the_worker_of_a_cancelled_order_are_free_again(network: Network) -> None:  # 49
    confirmed = await network.booked(PAINTER, slot=4)
    assert not await is_offered(network, slot_of(confirmed), PAINTER)

    await journey.cancel(network.buyer, confirmed, "002")
    again = await network.booked(PAINTER, slot=4, buyer=network.second_buyer)

    assert slot_of(again) == slot_of(confirmed)
    assert not again.error


@pytest.mark.parametrize("reason", ["cancel", "002", "01", "012", "नहीं चाहिए"])
async def test_any_reason_id_is_accepted_and_told_back(network: Network, reason: str) -> None:  # 51
    confirmed = await network.booked()

    cancelled = await answer_to(await sent(network, confirmed, {"cancellation_reason_id": reason}), network.buyer)

    assert cancelled.order["cancellation"]["reason"]["descriptor"]["code"] == reason


async def test_a_descriptor_may_stand_in_the_place_of_the_reason_id(network: Network) -> None:  # 51
    confirmed = await network.booked()
    message = {"descriptor": {"code": "003", "short_desc": "found another"}}

    cancelled = await answer_to(await sent(network, confirmed, message), network.buyer)

    assert cancelled.order["cancellation"]["reason"]["descriptor"]["code"] == "003"


MISSING: Mapping[str, Mapping[str, Any]] = {
    "no key": {},
    "an empty text": {"cancellation_reason_id": ""},
    "blanks": {"cancellation_reason_id": "  "},
    "an empty descriptor": {"descriptor": {}},
}


@pytest.mark.parametrize("name", MISSING)
async def test_a_missing_reason_is_refused_with_30012_where_the_term_wants_one(network: Network, name: str) -> None:
    confirmed = await network.booked(PAINTER)  # 51

    refused = await answer_to(await sent(network, confirmed, MISSING[name]), network.buyer)

    assert refused.error_code == "30012"
    assert (refused.order["status"], state_of(refused)) == ("ACCEPTED", "Pending")
    assert not await is_offered(network, slot_of(confirmed), PAINTER)
    assert (await journey.cancel(network.buyer, confirmed, "002")).callback.order["status"] == "CANCELLED"


async def test_a_missing_reason_is_no_matter_where_the_term_wants_none(network: Network) -> None:  # 51
    await charge(network, "P-GOMTI", "0.00", reason_required=False)
    confirmed = await network.booked()

    cancelled = await answer_to(await sent(network, confirmed, {}), network.buyer)

    assert cancelled.order["status"] == "CANCELLED"
    assert cancelled.order["cancellation"]["reason"]["descriptor"]["code"]


async def test_a_free_cancellation_refunds_every_line(network: Network) -> None:  # 50
    confirmed = await network.booked()

    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback

    quote = cancelled.order["quote"]
    assert quote["price"]["value"] == "0.00"
    assert total_adds_up(quote)
    kinds = [line["tags"][0]["list"][0]["value"] for line in quote["breakup"]]
    assert kinds == ["item", "tax", "refund", "refund"]
    assert quote["breakup"][:2] == confirmed.order["quote"]["breakup"]
    (payment,) = cancelled.order["payments"]
    assert (payment["status"], payment["params"]["amount"]) == ("PAID", "199.00")


async def test_the_fee_is_that_of_the_terms_the_buyer_agreed_to(network: Network) -> None:  # 50, 34
    await charge(network, "P-GOMTI", "25.00", reason_required=True)
    confirmed = await network.booked()
    await charge(network, "P-GOMTI", "99.00", reason_required=True)

    cancelled = (await journey.cancel(network.buyer, confirmed, "002")).callback

    quote = cancelled.order["quote"]
    assert quote["price"]["value"] == "25.00"
    assert total_adds_up(quote)
    assert cancelled.order["cancellation_terms"] == confirmed.order["cancellation_terms"]


async def test_a_second_cancel_is_told_50008_and_refunds_nothing_more(network: Network) -> None:  # 52
    confirmed = await network.booked(PAINTER, slot=4)
    first = (await journey.cancel(network.buyer, confirmed, "002")).callback
    await network.booked(PAINTER, slot=4, buyer=network.second_buyer)
    row = next(one for one in await orders(network) if one.order_id == confirmed.order["id"])

    second = (await journey.cancel(network.buyer, confirmed, "012")).callback

    assert second.error_code == "50008"
    assert second.order == first.order
    assert await events_of(network, row.ref) == ["assign", "cancel"]
    assert row in await orders(network)
    assert not await is_offered(network, slot_of(confirmed), PAINTER)  # the slot is the second buyer's and stays so


async def test_a_completed_order_cannot_be_cancelled(network: Network) -> None:  # 52
    confirmed, done = await network.completed()

    refused = (await journey.cancel(network.buyer, confirmed, "002")).callback

    assert refused.error_code == "50008"
    assert refused.order == done.order
    assert (await journey.status(network.buyer, confirmed)).callback.order == done.order


async def test_a_cancel_after_the_provider_cancelled_keeps_the_providers_word(network: Network) -> None:  # 52, 53
    confirmed = await network.booked()
    cancelled = await network.pushed(confirmed, "cancel", reason="011")

    refused = (await journey.cancel(network.buyer, confirmed, "002")).callback

    assert refused.error_code == "50008"
    assert refused.order["cancellation"] == cancelled.order["cancellation"]


async def test_a_replayed_cancel_gets_the_same_bytes_and_has_no_second_effect(network: Network) -> None:  # 5, 52
    confirmed = await network.booked()
    first = await journey.cancel(network.buyer, confirmed, "002")
    (row,) = await orders(network)

    await network.settled()  # what is being delivered at this moment is not delivered again
    again = await network.buyer.post("cancel", first.answer.request.body)
    repeated = await network.buyer.next_callback(confirmed.transaction_id, "on_cancel")

    assert again.acked
    assert repeated.body == first.callback.body
    assert await orders(network) == [row]
