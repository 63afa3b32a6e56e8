"""The buyer's yes to a further quotation: what it takes, what the order is then, and what else it may be mixed with.

Numbers are those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.messages import init_message
from tests.support.conversation import (
    answer_to,
    check_conversation,
    events_of,
    orders,
    slot_of,
    state_of,
)
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network
from tests.support.updates import (
    ON_SITE,
    PAINTER,
    PARTS,
    accepted,
    another_start,
    answered,
    at_work,
    charge,
    moved,
    payments,
    polled,
    price,
    quoted_for,
    sent,
    updated,
)


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def test_a_quotation_that_is_paid_is_the_orders(network: Network) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started)
    answer = await sent(network, quoted, {"update_target": "payments", "order": answered(quoted.order)})

    told = await answer_to(answer, network.buyer)

    assert told.message_id == answer.request.message_id
    assert (told.order["status"], state_of(told), told.error_code) == ("IN-PROGRESS", "At-Location", "")
    assert payments(told) == [("PRE-FULFILLMENT", "PAID", "99.00"), ("PRE-FULFILLMENT", "PAID", "1500.00")]
    assert told.order["payments"][1]["params"]["transaction_id"] == "UPI-EXTRA-1"
    assert told.order["items"] == quoted.order["items"]
    assert told.order["quote"] == quoted.order["quote"]
    assert slot_of(told) == slot_of(started)
    assert (await polled(network, told)).order == told.order


async def test_one_taken_before_the_worker_sets_off_makes_the_order_accepted_again(network: Network) -> None:  # 48
    confirmed = await network.booked(PAINTER)
    quoted = await quoted_for(network, confirmed)
    assert quoted.order["status"] == "PENDING"

    told = await accepted(network, quoted)

    assert (told.order["status"], state_of(told)) == ("ACCEPTED", "Pending")


async def test_the_work_goes_on_and_ends_with_the_new_scope(network: Network) -> None:  # 42, 48
    quoted = await quoted_for(network, await at_work(network), payments=PARTS)
    taken = await accepted(network, quoted)
    assert [status for _, status, _ in payments(taken)] == ["PAID", "PAID", "NOT-PAID"]
    network.clock.tick(minutes=30)

    done = await network.pushed(taken, "complete")

    assert (done.order["status"], price(done)) == ("COMPLETED", "1599.00")
    assert [status for _, status, _ in payments(done)] == ["PAID", "PAID", "PAID"]
    assert done.order["documents"][0]["label"] == "INVOICE"


async def test_a_further_one_builds_on_what_was_taken(network: Network) -> None:  # 47
    started = await at_work(network)
    first = await accepted(network, await quoted_for(network, started))

    second = await quoted_for(network, started, lines=[{"title": "Skirting", "price": "300.00"}])

    assert (price(second), len(second.order["items"]), len(second.order["payments"])) == ("1899.00", 3, 3)
    assert second.order["quote"]["id"] != first.order["quote"]["id"]
    taken = await accepted(network, second)
    assert [status for _, status, _ in payments(taken)] == ["PAID", "PAID", "PAID"]


async def test_one_paid_on_site_is_taken_by_the_word_alone(network: Network) -> None:  # 48
    quoted = await quoted_for(network, await at_work(network), payments=ON_SITE)

    told = await accepted(network, quoted, paid=False)

    assert (told.order["status"], price(told)) == ("IN-PROGRESS", "1599.00")
    assert payments(told)[1] == ("ON-FULFILLMENT", "NOT-PAID", "1500.00")


async def test_an_advance_that_we_collect_is_taken_by_the_word_and_paid_to_us(network: Network) -> None:  # 42, 48
    chosen = await network.selected(PAINTER)
    message = edited(
        init_message(chosen.order, network.customer, network.place), "order.payments[0].collected_by", "BPP"
    )
    following: Any = {"transaction_id": chosen.transaction_id, "context": journey.following(chosen)}
    ready = (await journey.ask(network.buyer, "init", message, **following)).callback
    quoted = await quoted_for(network, (await journey.confirm(network.buyer, ready)).callback)

    told = await accepted(network, quoted, paid=False)

    extra = told.order["payments"][1]
    assert (price(told), told.order["status"]) == ("1599.00", "ACCEPTED")
    assert (extra["collected_by"], extra["status"]) == ("BPP", "NOT-PAID")
    paid = await network.pushed(told, "pay", payment_id=extra["id"], transaction_id="UPI-OURS")
    assert payments(paid)[1] == ("PRE-FULFILLMENT", "PAID", "1500.00")


async def test_what_is_due_later_need_not_be_named_where_the_advance_is_paid(network: Network) -> None:  # 48
    quoted = await quoted_for(network, await at_work(network), payments=PARTS)

    told = await updated(network, quoted, "payments", edited(answered(quoted.order), "payments[2]", DELETE))

    assert (price(told), [status for _, status, _ in payments(told)]) == ("1599.00", ["PAID", "PAID", "NOT-PAID"])


async def test_what_the_worker_collects_is_not_paid_by_the_buyer_apps_word(network: Network) -> None:  # 42
    quoted = await quoted_for(network, await at_work(network), payments=PARTS)
    order = edited(answered(quoted.order), "payments[2].status", "PAID")

    told = await updated(network, quoted, "payments", edited(order, "payments[2].params.transaction_id", "UPI-9"))

    assert payments(told)[2] == ("ON-FULFILLMENT", "NOT-PAID", "1000.00")


WRONG: Mapping[str, tuple[str, Any]] = {
    "no transaction id": ("payments[1].params.transaction_id", DELETE),
    "an empty transaction id": ("payments[1].params.transaction_id", ""),
    "less than is due": ("payments[1].params.amount", "1499.99"),
    "another type": ("payments[1].type", "ON-FULFILLMENT"),
    "a payment nobody knows": (
        "payments",
        [{"id": "P-9", "status": "PAID", "params": {"transaction_id": "UPI-9"}}] * 3,
    ),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_payment_that_contradicts_the_quotation_is_refused_with_31002(network: Network, name: str) -> None:
    quoted = await quoted_for(network, await at_work(network))  # 48
    path, new = WRONG[name]

    answer = await sent(
        network, quoted, {"update_target": "payments", "order": edited(answered(quoted.order), path, new)}
    )

    assert (answer.acked, answer.error_code) == (False, "31002")
    assert "message.order.payments" in str(answer.error)
    assert (await polled(network, quoted)).order == quoted.order


async def test_a_part_of_what_is_due_in_advance_is_neither_a_yes_nor_a_no(network: Network) -> None:  # 48
    halves: Any = [{"type": "PRE-FULFILLMENT", "amount": "750.00"}] * 2
    quoted = await quoted_for(network, await at_work(network), payments=halves)
    order = edited(answered(quoted.order), "payments[2].status", "NOT-PAID")
    order = edited(order, "payments[2].params.transaction_id", DELETE)

    answer = await sent(network, quoted, {"update_target": "payments", "order": order})

    assert (answer.acked, answer.error_code) == (False, "31002")
    assert price(await accepted(network, quoted)) == "1599.00"


async def test_a_repeated_yes_gets_the_same_bytes_and_has_no_second_effect(network: Network) -> None:  # 5
    quoted = await quoted_for(network, await at_work(network))
    first = await sent(network, quoted, {"update_target": "payments", "order": answered(quoted.order)})
    told = await answer_to(first, network.buyer)
    (row,) = await orders(network)

    await network.settled()  # what is being delivered at this moment is not delivered again
    await network.buyer.post("update", first.request.body)
    repeated = await network.buyer.next_callback(quoted.transaction_id, "on_update")

    assert repeated.body == told.body
    assert await orders(network) == [row]


async def test_a_yes_said_again_under_another_id_changes_nothing(network: Network) -> None:  # 5
    quoted = await quoted_for(network, await at_work(network))
    first = await accepted(network, quoted)

    second = await accepted(network, quoted)

    assert second.order == first.order
    assert second.message_id != first.message_id


async def test_a_yes_under_the_message_id_of_the_quotation_is_read(network: Network) -> None:  # 5
    quoted = await quoted_for(network, await at_work(network))
    message = {"update_target": "payments", "order": answered(quoted.order)}

    told = await answer_to(await sent(network, quoted, message, message_id=quoted.message_id), network.buyer)

    assert (price(told), told.message_id) == ("1599.00", quoted.message_id)


async def test_an_update_of_another_payment_leaves_a_quotation_open(network: Network) -> None:  # 46
    await charge(network, "P-INDIRA", "50.00")
    confirmed = await network.booked(PAINTER, slot=9)
    new = await another_start(network)
    fee_due = await moved(network, confirmed, new)
    quoted = await quoted_for(network, confirmed)

    told = await updated(network, confirmed, "payments", answered(fee_due.order))

    assert [status for _, status, _ in payments(told)] == ["PAID", "PAID", "NOT-PAID"]
    assert told.order["status"] == "PENDING"
    assert price(await accepted(network, quoted)) == "1649.00"


async def test_an_update_of_the_slot_leaves_a_quotation_open(network: Network) -> None:  # 46
    confirmed = await network.booked(PAINTER, slot=9)
    quoted = await quoted_for(network, confirmed)
    new = await another_start(network)

    told = await moved(network, quoted, new)

    assert (slot_of(told), told.order["status"], price(told)) == (new, "PENDING", "1599.00")


async def test_one_message_may_move_the_visit_and_take_a_quotation(network: Network) -> None:  # 44, 48
    confirmed = await network.booked(PAINTER, slot=9)
    quoted = await quoted_for(network, confirmed)
    new = await another_start(network)
    order = answered(quoted.order)
    for stop in order["fulfillments"][0]["stops"]:
        stop["time"]["range"]["start"] = new.isoformat()

    told = await updated(network, confirmed, "fulfillments,payments", order)

    assert (slot_of(told), told.order["status"], price(told)) == (new, "ACCEPTED", "1599.00")
    assert [status for _, status, _ in payments(told)] == ["PAID", "PAID"]
    ref = await network.ref(confirmed)
    assert await events_of(network, ref) == ["assign", "requote", "reschedule", "accept_quote", "pay"]


async def test_where_the_move_fails_the_quotation_of_the_same_message_is_not_taken(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)  # 45, 48
    quoted = await quoted_for(network, confirmed)
    order = answered(quoted.order)
    for stop in order["fulfillments"][0]["stops"]:
        stop["time"]["range"]["start"] = (network.clock() - timedelta(days=1)).isoformat()

    told = await updated(network, confirmed, "fulfillments,payments", order)

    assert told.error_code == "90001"
    assert (slot_of(told), told.order["status"]) == (slot_of(confirmed), "PENDING")
    assert payments(told)[1][1] == "NOT-PAID"
