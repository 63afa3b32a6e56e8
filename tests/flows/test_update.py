"""update: the parts that update_target names are read and nothing else, once, under any message_id.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from tests.support.conversation import (
    answer_to,
    check_conversation,
    events_of,
    is_offered,
    moment,
    orders,
    slot_of,
)
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network, end_stop
from tests.support.updates import (
    PAINTER,
    PAINTERS,
    another_start,
    at,
    charge,
    sent,
    updated,
)


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


# What is said, and what of it is read


@pytest.mark.parametrize(
    "target",
    [
        "fulfillments",
        "fulfillments,payments",
        " payments , fulfillments ",
        "message.order.fulfillments",
        ["fulfillments"],
        ["message.order.fulfillments", "message.order.payments"],
        ["order.fulfillments[0].stops"],
    ],
)
async def test_the_target_may_be_spelled_in_many_ways(network: Network, target: Any) -> None:  # 46
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)

    told = await updated(network, confirmed, target, at(confirmed.order, new))

    assert (slot_of(told), told.error_code) == (new, "")


async def test_a_copy_that_differs_in_all_else_moves_the_slot_and_nothing_else(network: Network) -> None:  # 46
    confirmed = await network.booked(PAINTER, slot=9)
    order = at(confirmed.order, await another_start(network))
    for path, new in (
        ("status", "CANCELLED"),
        ("items[0].id", "GOMTI-TAP"),
        ("items[0].quantity.selected.count", 7),
        ("payments[0].status", "NOT-PAID"),
        ("payments[0].params.amount", "1.00"),
        ("quote.price.value", "1.00"),
        ("billing.name", "Somebody Else"),
        ("provider.id", "P-GOMTI"),
        ("fulfillments[0].stops[1].location.gps", "28.600000,77.200000"),
        ("fulfillments[0].stops[1].contact.phone", "9111111111"),
        ("fulfillments[0].state.descriptor.code", "Completed"),
    ):
        order = edited(order, path, new)

    told = await updated(network, confirmed, "fulfillments", order)

    assert told.error_code == ""
    expected = at(confirmed.order, slot_of(told))
    for key in ("status", "items", "payments", "quote", "billing"):
        assert told.order[key] == expected[key], key
    for key in ("location", "contact", "person"):
        assert end_stop(told)[key] == end_stop(confirmed)[key], key


async def test_an_update_of_the_payments_never_moves_the_slot(network: Network) -> None:  # 46
    confirmed = await network.booked(PAINTER, slot=9)
    order = at(confirmed.order, await another_start(network))

    told = await updated(network, confirmed, "payments", order)

    assert (slot_of(told), told.error_code) == (slot_of(confirmed), "")
    assert told.order["payments"] == confirmed.order["payments"]


async def test_a_range_that_ends_before_it_starts_is_read_by_its_start(network: Network) -> None:  # 46
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    order = at(confirmed.order, new, end=new - timedelta(days=5))

    told = await updated(network, confirmed, "fulfillments", order)

    assert moment(end_stop(told)["time"]["range"]["end"]) == new + timedelta(hours=1)


async def test_a_visit_under_an_id_of_the_buyers_own_is_the_visit_under_way(network: Network) -> None:  # 44
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    stop = {"type": "end", "time": {"label": "selected", "range": {"start": new.isoformat()}}}

    told = await updated(
        network,
        confirmed,
        "fulfillments",
        {"id": confirmed.order["id"], "fulfillments": [{"id": "F-of-theirs", "stops": [stop]}]},
    )

    assert (slot_of(told), told.error_code) == (new, "")


async def test_an_unknown_target_is_refused_with_40001(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    order = at(confirmed.order, await another_start(network))

    answer = await sent(network, confirmed, {"update_target": "fulfillments,billing", "order": order})

    assert (answer.acked, answer.error_code) == (False, "40001")
    assert "message.update_target" in str(answer.error)
    assert "billing" in str(answer.error)
    assert not await is_offered(network, slot_of(confirmed), PAINTER)


async def test_an_unknown_order_is_refused_with_30018(network: Network) -> None:  # 36
    confirmed = await network.booked(PAINTER, slot=9)

    answer = await sent(
        network, confirmed, {"update_target": "fulfillments", "order": {**confirmed.order, "id": "O-unknown"}}
    )

    assert (answer.acked, answer.error_code) == (False, "30018")


async def test_another_buyer_apps_order_is_refused_with_30018(network: Network) -> None:  # 36
    confirmed = await network.booked(PAINTER, slot=9)
    order = at(confirmed.order, await another_start(network))
    message = {"update_target": "fulfillments", "order": order}

    answer = await sent(network, confirmed, message, buyer=network.second_buyer)

    assert (answer.acked, answer.error_code) == (False, "30018")
    assert not await is_offered(network, slot_of(confirmed), PAINTER)


@pytest.mark.parametrize("path", ["fulfillments", "fulfillments[0].stops", "fulfillments[0].stops[1].time"])
async def test_an_update_of_the_slot_without_a_time_is_refused_with_30000(network: Network, path: str) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    order = edited(confirmed.order, path, DELETE)

    answer = await sent(network, confirmed, {"update_target": "fulfillments", "order": order})

    assert (answer.acked, answer.error_code) == (False, "30000")
    assert "time.range.start" in str(answer.error)


# Once, and under any message_id


async def test_a_repeated_update_gets_the_same_bytes_and_has_no_second_effect(network: Network) -> None:  # 5
    await charge(network, PAINTERS, "50.00")
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    first = await sent(network, confirmed, {"update_target": "fulfillments", "order": at(confirmed.order, new)})
    told = await answer_to(first, network.buyer)
    (row,) = await orders(network)

    await network.settled()  # what is being delivered at this moment is not delivered again
    again = await network.buyer.post("update", first.request.body)
    repeated = await network.buyer.next_callback(confirmed.transaction_id, "on_update")

    assert again.acked
    assert repeated.body == told.body
    assert await orders(network) == [row]
    assert await events_of(network, row.ref) == ["assign", "reschedule"]


async def test_an_update_under_the_message_id_of_the_confirm_is_an_update(network: Network) -> None:  # 5
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    message = {"update_target": "fulfillments", "order": at(confirmed.order, new)}

    told = await answer_to(await sent(network, confirmed, message, message_id=confirmed.message_id), network.buyer)

    assert (slot_of(told), told.message_id) == (new, confirmed.message_id)


async def test_an_update_under_the_message_id_of_an_on_update_is_an_update(network: Network) -> None:  # 5
    confirmed = await network.booked(PAINTER, slot=9)
    first, second = await another_start(network), await another_start(network, number=24)
    pushed = await network.pushed(confirmed, "reschedule", start=first.isoformat())
    message = {"update_target": "fulfillments", "order": at(pushed.order, second)}

    told = await answer_to(await sent(network, confirmed, message, message_id=pushed.message_id), network.buyer)

    assert (slot_of(told), told.message_id) == (second, pushed.message_id)
