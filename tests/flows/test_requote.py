"""A further quotation for work in the same visit: told, refused, lapsed, withdrawn; several at once.

Numbers are those of the protocol reference, section 5. The buyer's yes is in test_requote_accepted, work in another visit
in test_consultation.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.offers import total_adds_up
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    events_of,
    moment,
    state_of,
)
from tests.support.json_edit import DELETE, edited
from tests.support.network import Network
from tests.support.updates import (
    ON_SITE,
    PAINTER,
    PARTS,
    WORK,
    accepted,
    answered,
    at_work,
    carried_to,
    item_ids,
    payments,
    polled,
    price,
    quoted_for,
    rejected,
    updated,
)


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


def as_before(now: Callback, before: Callback) -> bool:
    """Whether an order is in scope, price and state what it was."""
    keys = ("status", "items", "quote", "payments", "billing", "created_at")
    same = all(now.order[key] == before.order[key] for key in keys)
    return same and state_of(now) == state_of(before) and len(now.order["fulfillments"]) == 1


# It is told


@pytest.mark.parametrize("last", ["depart", "arrive", "start"])
async def test_a_quotation_is_told_with_the_old_lines_and_the_new(network: Network, last: str) -> None:  # 47, 4
    confirmed = await network.booked(PAINTER)
    before = await carried_to(network, confirmed, last)
    lines: Any = [{"title": "Putty", "price": "500.00", "count": 3}, {"title": "Ladder", "price": "100.00"}]

    told = await quoted_for(network, before, lines=lines)

    assert told.action == "on_update"
    assert told.message_id not in {one.message_id for one in network.buyer.callbacks if one is not told}
    assert (told.order["status"], state_of(told)) == ("PENDING", state_of(before))
    quote = told.order["quote"]
    assert quote["id"]
    assert quote["breakup"][:2] == before.order["quote"]["breakup"]
    assert [line["title"] for line in quote["breakup"][2:]] == ["Putty", "tax", "Ladder", "tax"]
    assert (price(told), total_adds_up(quote)) == ("1699.00", True)
    assert payments(told) == [("PRE-FULFILLMENT", "PAID", "99.00"), ("PRE-FULFILLMENT", "NOT-PAID", "1600.00")]
    assert told.order["payments"][0] == before.order["payments"][0]
    new = told.order["items"][1:]
    assert told.order["items"][:1] == before.order["items"]
    assert [one["quantity"]["selected"]["count"] for one in new] == [3, 1]
    assert {tuple(one["fulfillment_ids"]) for one in new} == {(told.order["fulfillments"][0]["id"],)}
    assert {tuple(one["payment_ids"]) for one in new} == {(told.order["payments"][1]["id"],)}
    assert len({*item_ids(told)}) == 3


async def test_a_status_tells_the_same_while_a_quotation_waits(network: Network) -> None:  # 47
    told = await quoted_for(network, await at_work(network))

    assert (await polled(network, told)).order == told.order


async def test_a_quotation_says_for_how_long_it_may_be_taken(network: Network) -> None:
    told = await quoted_for(network, await at_work(network), valid_for="PT2H")

    assert told.order["quote"]["ttl"] == "PT2H"


async def test_the_payments_of_a_quotation_may_fall_due_at_different_times(network: Network) -> None:  # 47
    told = await quoted_for(network, await at_work(network), payments=PARTS)

    assert payments(told)[1:] == [("PRE-FULFILLMENT", "NOT-PAID", "500.00"), ("ON-FULFILLMENT", "NOT-PAID", "1000.00")]
    assert [one["collected_by"] for one in told.order["payments"]] == ["BAP", "BAP", "BPP"]
    assert told.order["items"][1]["payment_ids"] == [one["id"] for one in told.order["payments"][1:]]


async def test_a_quotation_is_paid_as_the_order_was_where_nothing_else_is_said(network: Network) -> None:  # 42, 47
    told = await quoted_for(network, await at_work(network, "tap repair", payment_type="ON-FULFILLMENT"))

    assert [kind for kind, _, _ in payments(told)] == ["ON-FULFILLMENT", "ON-FULFILLMENT"]


# Several at once


def open_quotes(callback: Callback) -> Mapping[str, tuple[str, str]]:
    """Price and validity of all quotations that wait, by their ids."""
    tags = [one for one in callback.order.get("tags", ()) if one["descriptor"]["code"] == "open_quote"]
    found = [{one["descriptor"]["code"]: one["value"] for one in tag["list"]} for tag in tags]
    return {one["quote_id"]: (one["price"], one["valid_until"]) for one in found}


async def test_of_several_quotations_each_is_told_and_a_status_names_them_all(network: Network) -> None:  # 47
    started = await at_work(network)
    first = await quoted_for(network, started, valid_for="PT3H")
    until_first = network.clock() + timedelta(hours=3)
    network.clock.tick(minutes=1)

    second = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])

    assert (price(first), price(second)) == ("1599.00", "799.00")
    assert open_quotes(first) == {}
    named = open_quotes(second)
    assert list(named) == [first.order["quote"]["id"], second.order["quote"]["id"]]
    (first_price, first_until), (second_price, second_until) = named.values()
    assert (first_price, second_price) == ("1599.00", "799.00")
    assert moment(first_until) == until_first
    assert moment(second_until) == network.clock() + timedelta(days=1)
    assert (await polled(network, second)).order == second.order


@pytest.mark.parametrize("by", ["quote id", "payment ids"])
@pytest.mark.parametrize("number", [0, 1])
async def test_any_of_several_may_be_taken_by_its_id_or_its_payments(network: Network, by: str, number: int) -> None:
    started = await at_work(network)  # 48
    quoted = [
        await quoted_for(network, started, lines=[{"title": title, "price": cost}])
        for title, cost in (("All of it", "1500.00"), ("A part of it", "700.00"))
    ]
    order = answered(quoted[number].order)
    order = edited(order, "quote", {"id": order["quote"]["id"]} if by == "quote id" else DELETE)

    told = await updated(network, started, "payments", order)

    assert (told.order["status"], told.error_code) == ("IN-PROGRESS", "")
    assert item_ids(told) == item_ids(quoted[number])
    assert price(told) == price(quoted[number])
    assert open_quotes(told) == {}
    assert (await polled(network, started)).order == told.order


async def test_the_newest_is_meant_where_none_is_named(network: Network) -> None:  # 48
    started = await at_work(network)
    await quoted_for(network, started)
    newest = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])
    order = answered(newest.order)
    del order["quote"]
    for number, one in enumerate(order["payments"]):
        one["id"] = f"PAY-of-theirs-{number}"

    told = await updated(network, started, "payments", order)

    assert (price(told), told.order["status"]) == ("799.00", "IN-PROGRESS")


async def test_the_others_are_withdrawn_when_one_is_taken(network: Network) -> None:  # 48
    started = await at_work(network)
    first = await quoted_for(network, started)
    second = await quoted_for(network, started)
    await accepted(network, second)

    late = await accepted(network, first)

    assert (late.error_code, price(late)) == ("40003", price(second))
    _, found = await network.call("GET", f"/orders/{await network.ref(started)}")
    assert [one["state"] for one in found["quotations"]] == ["withdrawn", "accepted"]


async def test_a_no_to_one_leaves_the_other_open(network: Network) -> None:  # 48
    started = await at_work(network)
    first = await quoted_for(network, started)
    second = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])

    told = await rejected(network, second)

    assert (told.order["status"], price(told)) == ("PENDING", price(first))
    assert told.order["quote"]["id"] == first.order["quote"]["id"]
    assert price(await accepted(network, first)) == "1599.00"


# It is refused


def unpaid(order: Mapping[str, Any], status: str) -> Any:
    return answered(order, status, paid=False)


NOES: Mapping[str, Any] = {
    "not paid": lambda order: unpaid(order, "ACCEPTED"),
    "cancelled": lambda order: unpaid(order, "CANCELLED"),
    "rejected": lambda order: unpaid(order, "REJECTED"),
    "a word in another case": lambda order: unpaid(order, "Cancelled"),
    "cancelled, and nothing else": lambda order: {"id": order["id"], "status": "CANCELLED"},
    "its quote without payments": lambda order: {"id": order["id"], "quote": order["quote"], "payments": []},
}
SILENCES: Mapping[str, Any] = {
    "no payments": lambda order: {"id": order["id"], "payments": []},
    "nothing but the id": lambda order: {"id": order["id"]},
    "a copy from before": lambda order: {
        "id": order["id"],
        "status": "IN-PROGRESS",
        "payments": order["payments"][:1],
    },
}


@pytest.mark.parametrize("name", NOES)
async def test_a_no_brings_the_original_scope_price_and_status_back(network: Network, name: str) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started)

    told = await updated(network, quoted, "payments", NOES[name](quoted.order))

    assert told.error_code == ""
    assert as_before(told, started)
    assert (await polled(network, told)).order == told.order
    late = await accepted(network, quoted)
    assert (late.error_code, as_before(late, started)) == ("40003", True)


@pytest.mark.parametrize("name", SILENCES)
async def test_a_message_that_does_not_speak_of_a_quotation_leaves_it_open(network: Network, name: str) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started)

    told = await updated(network, quoted, "payments", SILENCES[name](quoted.order))

    assert (told.error_code, told.order["status"], price(told)) == ("", "PENDING", price(quoted))
    taken = await accepted(network, quoted)
    assert (taken.error_code, price(taken)) == ("", price(quoted))


async def test_a_yes_said_again_while_another_quotation_waits_is_no_word_on_that_one(network: Network) -> None:  # 48
    started = await at_work(network)
    first = await quoted_for(network, started)
    taken = await accepted(network, first)
    second = await quoted_for(network, taken, lines=[{"title": "Only primer", "price": "700.00"}])

    told = await accepted(network, first)

    assert (told.error_code, told.order["status"], price(told)) == ("", "PENDING", price(second))
    assert price(await accepted(network, second)) == price(second)


async def test_a_yes_under_a_payment_id_of_the_buyer_apps_own_is_a_yes(network: Network) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started)
    own = answered(quoted.order, "ACCEPTED", paid=True)
    own["payments"] = [{**own["payments"][-1], "id": "an-id-of-theirs"}]

    taken = await updated(network, quoted, "payments", own)

    assert (taken.error_code, taken.order["status"]) == ("", "IN-PROGRESS")
    assert [one["status"] for one in taken.order["payments"]] == ["PAID", "PAID"]
    assert taken.order["payments"][-1]["id"] == quoted.order["payments"][-1]["id"]


async def test_an_order_has_only_so_many_quotations_waiting_and_so_many_lines(network: Network) -> None:  # 47
    started = await at_work(network)
    many = [{"title": f"Part {number}", "price": "10.00"} for number in range(100)]

    status, answer = await network.event(started, "requote", lines=many)
    assert (status, answer["error"]["code"]) == (409, "update_not_possible")
    for _ in range(5):
        await quoted_for(network, started)
    status, answer = await network.event(started, "requote", lines=many[:1])
    assert (status, answer["error"]["code"]) == (409, "update_not_possible")


@pytest.mark.parametrize("status", ["PENDING", "CANCELLED"])
async def test_one_paid_on_site_is_not_taken_without_a_word_for_it(network: Network, status: str) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started, payments=ON_SITE)

    told = await updated(network, quoted, "payments", unpaid(quoted.order, status))

    assert as_before(told, started)


async def test_after_a_no_the_provider_may_quote_again(network: Network) -> None:  # 47
    started = await at_work(network)
    await rejected(network, await quoted_for(network, started))

    again = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])

    assert (price(again), open_quotes(again)) == ("799.00", {})
    assert price(await accepted(network, again)) == "799.00"


async def test_a_first_payment_told_with_a_no_is_noted(network: Network) -> None:  # 42, 48
    ready = await network.initialised(PAINTER)
    unpaid_confirm = (("payments[0].status", "NOT-PAID"), ("payments[0].params.transaction_id", DELETE))
    confirmed = await answer_to(await confirm_with(network, ready, *unpaid_confirm), network.buyer)
    quoted = await quoted_for(network, confirmed)
    order = answered(quoted.order, "CANCELLED", paid=False)
    order["payments"][0] |= {"status": "PAID"}
    order["payments"][0]["params"]["transaction_id"] = "UPI-FIRST"

    told = await updated(network, quoted, "payments", order)

    assert (payments(told), told.order["status"]) == ([("PRE-FULFILLMENT", "PAID", "99.00")], "ACCEPTED")


# Its time is up


async def test_a_quotation_ends_by_itself_and_the_buyer_is_told(network: Network) -> None:  # 47, 48
    started = await at_work(network)
    quoted = await quoted_for(network, started, valid_for="PT2H")
    network.clock.tick(hours=2)

    told = await network.buyer.next_callback(quoted.transaction_id, "on_update")

    assert told.message_id not in {one.request.message_id for one in network.buyer.answers}
    assert (told.error_code, as_before(told, started)) == ("", True)
    assert (await polled(network, told)).order == told.order
    assert (await events_of(network, await network.ref(started)))[-1] == "expire_quote"


async def test_a_yes_that_comes_too_late_is_told_40003(network: Network) -> None:  # 48
    started = await at_work(network)
    quoted = await quoted_for(network, started, valid_for="PT2H")
    network.clock.tick(hours=2)
    await network.buyer.next_callback(quoted.transaction_id, "on_update")

    late = await accepted(network, quoted)

    assert (late.error_code, as_before(late, started)) == ("40003", True)


async def test_each_of_several_ends_at_its_own_moment(network: Network) -> None:  # 47
    started = await at_work(network)
    longer = await quoted_for(network, started, valid_for="PT3H")
    await quoted_for(network, started, valid_for="PT1H", lines=[{"title": "Only primer", "price": "700.00"}])
    network.clock.tick(hours=1)

    told = await network.buyer.next_callback(started.transaction_id, "on_update")

    assert (told.order["status"], price(told), open_quotes(told)) == ("PENDING", price(longer), {})
    network.clock.tick(hours=2)
    last = await network.buyer.next_callback(started.transaction_id, "on_update")
    assert as_before(last, started)


async def test_a_yes_to_one_that_lapsed_leaves_the_one_that_waits(network: Network) -> None:  # 48
    started = await at_work(network)
    shorter = await quoted_for(network, started, valid_for="PT1H")
    longer = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])
    network.clock.tick(hours=1)
    await network.buyer.next_callback(started.transaction_id, "on_update")

    late = await accepted(network, shorter)

    assert (late.error_code, late.order["status"], price(late)) == ("40003", "PENDING", "799.00")
    assert price(await accepted(network, longer)) == "799.00"


async def test_a_quotation_that_was_taken_does_not_end(network: Network) -> None:  # 48
    quoted = await quoted_for(network, await at_work(network), valid_for="PT2H")
    taken = await accepted(network, quoted)
    network.clock.tick(hours=3)
    await network.settled()

    assert (await polled(network, taken)).order == taken.order


# The work ends, or is given up


async def test_a_completed_visit_withdraws_what_was_quoted_for_it(network: Network) -> None:  # 47
    started = await at_work(network)
    quoted = await quoted_for(network, started)
    network.clock.tick(minutes=30)

    done = await network.pushed(started, "complete")

    assert (done.order["status"], price(done), item_ids(done)) == ("COMPLETED", "99.00", item_ids(started))
    late = await accepted(network, quoted)
    assert (late.error_code, late.order) == ("40003", done.order)
    network.clock.tick(days=2)
    await network.settled()
    assert (await polled(network, done)).order == done.order


async def test_a_cancelled_order_keeps_no_quotation(network: Network) -> None:  # 49, 50
    quoted = await quoted_for(network, await network.booked(PAINTER, slot=9))

    gone = (await journey.cancel(network.buyer, quoted, "002")).callback

    assert (gone.order["status"], price(gone), len(gone.order["items"])) == ("CANCELLED", "0.00", 1)
    late = await accepted(network, quoted)
    assert (late.error_code, late.order) == ("40003", gone.order)


async def test_a_cancelled_order_is_not_quoted_for(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    await journey.cancel(network.buyer, confirmed, "002")

    status, answer = await network.event(confirmed, "requote", lines=WORK)

    assert (status, answer["error"]["code"], answer["error"]["allowed"]) == (409, "not_allowed", [])


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"payments": [{"type": "PRE-FULFILLMENT", "amount": "1499.00"}]}, "payments"),
        ({"payments": [{"type": "LATER", "amount": "1500.00"}]}, "payments[0].type"),
        ({"lines": []}, "lines"),
        ({"lines": [{"title": "Putty", "price": "12.345"}]}, "lines[0].price"),
        ({"lines": [{"title": "Putty", "price": "-5.00"}]}, "lines[0].price"),
        ({"valid_for": "PT0S"}, "valid_for"),
        ({"valid_for": "tomorrow"}, "valid_for"),
    ],
)
async def test_a_quotation_that_cannot_be_is_refused_to_the_operator(
    network: Network, more: Mapping[str, Any], path: str
) -> None:
    started = await at_work(network)

    status, answer = await network.event(started, "requote", **{"lines": WORK, **more})

    assert (status, answer["error"]["path"]) == (422, path)
    assert (await polled(network, started)).order["status"] == "IN-PROGRESS"


# By telephone, and on demand


async def test_the_operator_takes_a_quotation_on_the_buyers_word(network: Network) -> None:  # 48
    quoted = await quoted_for(network, await at_work(network))

    told = await network.pushed(quoted, "accept_quote")

    assert (told.action, told.order["status"], price(told)) == ("on_update", "IN-PROGRESS", "1599.00")
    assert payments(told)[1][1] == "NOT-PAID"
    paid = await updated(network, told, "payments", answered(told.order))
    assert payments(paid)[1][1] == "PAID"


async def test_the_operator_refuses_one_of_two_by_its_id(network: Network) -> None:  # 48
    started = await at_work(network)
    first = await quoted_for(network, started)
    second = await quoted_for(network, started, lines=[{"title": "Only primer", "price": "700.00"}])

    told = await network.pushed(started, "reject_quote", quote_id=first.order["quote"]["id"], reason="too dear")

    assert (told.action, price(told), open_quotes(told)) == ("on_update", price(second), {})
    status, answer = await network.event(started, "accept_quote", quote_id=first.order["quote"]["id"])
    assert (status, answer["error"]["path"]) == (422, "quote_id")


async def test_where_no_quotation_waits_there_is_nothing_to_take(network: Network) -> None:
    started = await at_work(network)

    for event in ("accept_quote", "reject_quote"):
        status, answer = await network.event(started, event)
        assert (status, answer["error"]["code"]) == (409, "not_allowed")


async def test_a_buyer_may_ask_for_a_quotation_and_the_provider_sees_it(network: Network) -> None:
    started = await at_work(network)

    told = await updated(network, started, "quote", {"id": started.order["id"]})

    assert (told.error_code, told.order) == ("", started.order)
    _, found = await network.call("GET", f"/orders/{await network.ref(started)}")
    (asked,) = [one for one in found["timeline"] if one["name"] == "ask_quote"]
    assert asked["actor"] == "buyer"
    assert price(await quoted_for(network, started)) == "1599.00"


async def test_a_cancelled_order_is_not_asked_about(network: Network) -> None:
    confirmed = await network.booked(PAINTER, slot=9)
    await journey.cancel(network.buyer, confirmed, "002")

    told = await updated(network, confirmed, "quote", {"id": confirmed.order["id"]})

    assert told.error_code == "50008"
