"""update of the slot within the terms that the buyer agreed to: in time, at their fee; the seller is free of them.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bpp.sandbox import journey
from bpp.sandbox.offers import total_adds_up
from tests.support.conversation import (
    check_conversation,
    confirm_with,
    is_offered,
    moment,
    slot_of,
    state_of,
)
from tests.support.network import Network, end_stop
from tests.support.updates import (
    PAINTER,
    PAINTERS,
    another_start,
    answered,
    at,
    charge,
    moved,
    payments,
    price,
    sent,
    updated,
)


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


# Within the terms


async def test_a_visit_is_not_moved_when_its_lead_time_has_passed(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    network.clock.set(slot_of(confirmed) - timedelta(hours=4))
    in_time = await moved(network, confirmed, new)
    assert in_time.error_code == ""
    network.clock.set(new - timedelta(hours=4) + timedelta(seconds=1))

    refused = await moved(network, confirmed, new + timedelta(hours=3))

    assert (refused.error_code, slot_of(refused)) == ("50002", new)
    assert not await is_offered(network, new, PAINTER)


async def test_a_visit_is_not_moved_where_the_terms_do_not_let_it(network: Network) -> None:  # 45
    _, provider = await network.call("GET", f"/providers/{PAINTERS}")
    terms = provider["terms"]
    terms["reschedule"] = [one | {"eligible": False} for one in terms["reschedule"]]
    await network.call("PATCH", f"/providers/{PAINTERS}", {"terms": terms})
    confirmed = await network.booked(PAINTER, slot=9)

    refused = await moved(network, confirmed, await another_start(network))

    assert (refused.error_code, slot_of(refused)) == ("50002", slot_of(confirmed))


@pytest.mark.parametrize("last", ["depart", "arrive"])
async def test_a_visit_is_not_moved_when_the_worker_has_set_off(network: Network, last: str) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    told = await network.pushed(confirmed, "depart")
    if last == "arrive":
        told = await network.pushed(confirmed, "arrive")

    refused = await moved(network, confirmed, await another_start(network))

    assert refused.error_code == "50002"
    assert (slot_of(refused), state_of(refused)) == (slot_of(confirmed), state_of(told))


async def test_a_completed_order_is_not_moved(network: Network) -> None:  # 45
    confirmed, done = await network.completed()

    refused = await moved(network, confirmed, await another_start(network, "tap repair"))

    assert refused.error_code == "50008"
    assert refused.order == done.order


async def test_a_cancelled_order_is_not_moved_and_holds_nothing(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    gone = (await journey.cancel(network.buyer, confirmed, "002")).callback
    new = await another_start(network)

    refused = await moved(network, confirmed, new)

    assert refused.error_code == "50008"
    assert refused.order == gone.order
    assert await is_offered(network, new, PAINTER)


@pytest.mark.parametrize("target", ["fulfillments", "payments", "quote"])
async def test_an_order_that_awaits_the_providers_word_is_not_changed(network: Network, target: str) -> None:
    await network.call("PATCH", f"/providers/{PAINTERS}", {"acceptance": "manual"})
    ready = await network.initialised(PAINTER, slot=9)
    assert (await confirm_with(network, ready, order_id="O-1")).acked
    order = {**ready.order, "id": "O-1", "status": "CREATED"}
    new = await another_start(network)

    answer = await sent(network, ready, {"update_target": target, "order": at(order, new)})

    assert (answer.acked, answer.error_code) == (False, "31003")
    status, found = await network.call("GET", "/orders?order_id=O-1")
    assert status == 200
    ref = found["items"][0]["ref"]
    await network.call("POST", f"/orders/{ref}/events", {"event": "accept"})
    confirmed = await network.buyer.next_callback(ready.transaction_id, "on_confirm")
    assert (await moved(network, confirmed, new)).error_code == ""


# At a price


async def test_a_fee_is_a_line_of_the_quote_and_a_payment_that_is_due(network: Network) -> None:  # 45
    await charge(network, PAINTERS, "50.00")
    confirmed = await network.booked(PAINTER, slot=9)

    told = await moved(network, confirmed, await another_start(network))

    *before, line = told.order["quote"]["breakup"]
    assert before == confirmed.order["quote"]["breakup"]
    assert (line["title"], line["price"]["value"]) == ("reschedule_fee", "50.00")
    assert line["tags"][0]["list"][0]["value"] == "misc"
    assert (price(told), total_adds_up(told.order["quote"])) == ("149.00", True)
    assert payments(told) == [("PRE-FULFILLMENT", "PAID", "99.00"), ("PRE-FULFILLMENT", "NOT-PAID", "50.00")]
    assert told.order["payments"][0] == confirmed.order["payments"][0]
    assert told.order["items"] == confirmed.order["items"]


async def test_a_fee_is_paid_by_a_further_update(network: Network) -> None:  # 45
    await charge(network, PAINTERS, "50.00")
    confirmed = await network.booked(PAINTER, slot=9)
    told = await moved(network, confirmed, await another_start(network))

    paid = await updated(network, told, "payments", answered(told.order))

    assert paid.order["payments"][1]["status"] == "PAID"
    assert paid.order["payments"][1]["params"]["transaction_id"] == "UPI-EXTRA-1"
    assert slot_of(paid) == slot_of(told)
    assert (await journey.status(network.buyer, confirmed)).callback.order == paid.order


async def test_the_fee_is_that_of_the_terms_agreed_to_and_not_of_today(network: Network) -> None:  # 45
    await charge(network, PAINTERS, "25.00")
    confirmed = await network.booked(PAINTER, slot=9)
    await charge(network, PAINTERS, "99.00", within="P30D")

    told = await moved(network, confirmed, await another_start(network))

    assert (told.error_code, price(told)) == ("", "124.00")


async def test_a_fee_is_charged_for_each_move_and_for_none_that_is_refused(network: Network) -> None:  # 45
    await charge(network, PAINTERS, "50.00")
    confirmed = await network.booked(PAINTER, slot=9)
    refused = await moved(network, confirmed, slot_of(confirmed) + timedelta(minutes=20))
    unmoved = await moved(network, confirmed, slot_of(confirmed))
    assert (price(refused), price(unmoved)) == ("99.00", "99.00")
    first = await moved(network, confirmed, await another_start(network))

    second = await moved(network, first, slot_of(confirmed))

    assert (price(second), len(payments(second))) == ("199.00", 3)


async def test_a_visit_paid_on_site_pays_its_fee_on_site(network: Network) -> None:  # 42, 45
    await charge(network, "P-GOMTI", "50.00")
    confirmed = await network.booked(slot=9, payment_type="ON-FULFILLMENT")
    told = await moved(network, confirmed, await another_start(network, "tap repair"))
    assert payments(told) == [("ON-FULFILLMENT", "NOT-PAID", "199.00"), ("ON-FULFILLMENT", "NOT-PAID", "50.00")]
    for event in ("depart", "arrive"):
        told = await network.pushed(confirmed, event)
    await network.pushed(confirmed, "start", otp=end_stop(told)["authorization"]["token"])

    done = await network.pushed(confirmed, "complete")

    assert [status for _, status, _ in payments(done)] == ["PAID", "PAID"]


# By the operator


async def test_the_seller_moves_a_visit_free_of_the_terms_and_tells_the_buyer(network: Network) -> None:  # 4, 44
    await charge(network, PAINTERS, "50.00", within="P5D")
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)

    told = await network.pushed(confirmed, "reschedule", start=new.isoformat())

    assert told.action == "on_update"
    assert told.message_id not in {one.request.message_id for one in network.buyer.answers}
    assert (slot_of(told), price(told), told.order["status"]) == (new, "99.00", "ACCEPTED")
    assert (await journey.status(network.buyer, confirmed)).callback.order == told.order


async def test_on_the_buyers_behalf_the_terms_bind(network: Network) -> None:  # 45
    await charge(network, PAINTERS, "50.00", within="P1D")
    confirmed = await network.booked(PAINTER, slot=20)
    new = await another_start(network, number=24)
    network.clock.set(slot_of(confirmed) - timedelta(days=1))
    told = await network.pushed(confirmed, "reschedule", start=new.isoformat(), on_behalf_of="buyer")
    assert (slot_of(told), price(told)) == (new, "149.00")
    network.clock.set(new - timedelta(hours=23))

    status, answer = await network.event(
        confirmed, "reschedule", start=slot_of(confirmed).isoformat(), on_behalf_of="buyer"
    )

    assert (status, answer["error"]["code"]) == (409, "update_not_possible")


async def test_the_operator_is_told_which_starts_are_free(network: Network) -> None:  # 45
    confirmed = await network.booked(PAINTER, slot=9)
    taken = slot_of(await network.booked(PAINTER, slot=20, buyer=network.second_buyer))
    seen = len(network.buyer.callbacks)

    status, answer = await network.event(confirmed, "reschedule", start=taken.isoformat())

    assert (status, answer["error"]["code"]) == (409, "slot_unavailable")
    free = [moment(one) for one in answer["error"]["allowed"]]
    assert taken not in free
    await network.settled()
    assert len(network.buyer.callbacks) == seen
    assert slot_of(await network.pushed(confirmed, "reschedule", start=free[0].isoformat())) == free[0]


async def test_a_start_that_the_operator_gives_in_local_time_is_the_same_moment(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    local = (new + timedelta(hours=5, minutes=30)).strftime("%Y-%m-%dT%H:%M:%S+05:30")

    assert slot_of(await network.pushed(confirmed, "reschedule", start=local)) == new
