"""A visit to look at the job, then a quotation for the work in another visit: taken, carried out, moved, given up.

The flow "Booking for Consultation Services + Quotation for Actual Service" of the services specification; numbers are
those of the protocol reference, section 5.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.offers import total_adds_up
from tests.support.conversation import check_conversation, events_of, is_offered, moment, slot_of
from tests.support.network import Network, end_stop, start_stop
from tests.support.updates import (
    PAINTER,
    PARTS,
    WORK,
    accepted,
    answered,
    at,
    at_work,
    carried_to,
    charge,
    moved,
    payments,
    polled,
    price,
    quoted_for,
    rejected,
    states,
    updated,
)

TWO_HOURS = 120
PAINT: Any = {"lines": WORK, "minutes": TWO_HOURS, "payments": PARTS}
"""A quotation for two hours of work another day, a third of it in advance."""


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


async def looked_at(network: Network) -> Callback:
    """The consultation is over; its on_status. The clock is then shortly after nine."""
    started = await at_work(network)
    network.clock.tick(minutes=30)
    return await network.pushed(started, "complete")


def work_slot(callback: Callback) -> tuple[Any, Any]:
    """From when to when the second visit is."""
    range_ = end_stop(callback, 1)["time"]["range"]
    return moment(range_["start"]), moment(range_["end"])


async def held(network: Network, callback: Callback, visit: int = 1) -> list[Any]:
    """The cells that a visit holds or has booked."""
    ref = callback.order["fulfillments"][visit]["id"]
    found = await network.context.storage.read(lambda work: work.slots.held_by(ref))
    return [cell for cells in found.values() for cell in cells]


# The quotation


async def test_the_work_is_quoted_for_as_another_visit_to_come(network: Network) -> None:  # 47
    done = await looked_at(network)

    told = await quoted_for(network, done, **PAINT)

    assert (told.action, told.order["status"], states(told)) == ("on_update", "PENDING", ["Completed", "Pending"])
    assert "documents" not in told.order
    first, second = told.order["fulfillments"]
    assert first == done.order["fulfillments"][0]
    assert second["id"] != first["id"]
    assert start_stop(told, 1)["person"] == start_stop(told)["person"]
    for key in ("location", "contact", "person"):
        assert end_stop(told, 1)[key] == end_stop(told)[key]
    start, end = work_slot(told)
    assert (end - start, start > network.clock()) == (timedelta(minutes=TWO_HOURS), True)
    new = told.order["items"][1]
    assert new["fulfillment_ids"] == [second["id"]]
    assert new["payment_ids"] == [one["id"] for one in told.order["payments"][1:]]
    assert payments(told) == [
        ("PRE-FULFILLMENT", "PAID", "99.00"),
        ("PRE-FULFILLMENT", "NOT-PAID", "500.00"),
        ("ON-FULFILLMENT", "NOT-PAID", "1000.00"),
    ]
    assert (price(told), total_adds_up(told.order["quote"])) == ("1599.00", True)
    assert (await polled(network, done)).order == told.order


async def test_its_slot_is_held_while_the_quotation_waits(network: Network) -> None:  # 47
    done = await looked_at(network)
    start = network.clock().replace(hour=4, minute=30) + timedelta(days=2)

    told = await quoted_for(network, done, start=start.isoformat(), valid_for="P1D", **PAINT)

    assert work_slot(told) == (start, start + timedelta(hours=2))
    network.clock.tick(hours=5)
    assert not await is_offered(network, start, PAINTER)
    assert not await is_offered(network, start + timedelta(hours=1), PAINTER)
    assert await is_offered(network, start + timedelta(hours=2), PAINTER)


async def test_a_quotation_lasts_no_longer_than_until_its_visit_begins(network: Network) -> None:
    done = await looked_at(network)

    told = await quoted_for(network, done, valid_for="P30D", **PAINT)

    start, _ = work_slot(told)
    assert told.order["quote"]["ttl"] == f"PT{(start - network.clock()) // timedelta(minutes=1)}M"
    network.clock.set(start)
    ended = await network.buyer.next_callback(done.transaction_id, "on_update")
    assert ended.order == {**done.order, "updated_at": ended.order["updated_at"]}


async def test_without_a_start_the_work_begins_after_the_time_to_decide(network: Network) -> None:  # 47
    done = await looked_at(network)

    told = await quoted_for(network, done, valid_for="P1D", **PAINT)

    start, _ = work_slot(told)
    assert timedelta(days=1) <= start - network.clock() < timedelta(days=2)
    assert told.order["quote"]["ttl"] == "P1D"


async def test_without_a_length_the_work_takes_at_least_an_hour_of_another_visit(network: Network) -> None:  # 47
    done = await looked_at(network)

    told = await quoted_for(network, done)

    start, end = work_slot(told)
    assert (states(told), end - start) == (["Completed", "Pending"], timedelta(hours=1))


async def test_a_start_that_nobody_can_make_is_refused_with_those_that_somebody_can(network: Network) -> None:
    done = await looked_at(network)
    taken = slot_of(await network.booked(PAINTER, slot=12, buyer=network.second_buyer))

    status, answer = await network.event(done, "requote", start=taken.isoformat(), **PAINT)

    assert (status, answer["error"]["code"]) == (409, "slot_unavailable")
    free = answer["error"]["allowed"]
    assert taken not in {moment(one) for one in free}
    await network.settled()
    assert (await polled(network, done)).order == done.order
    told = await quoted_for(network, done, start=free[-1], **PAINT)
    assert work_slot(told)[0] == moment(free[-1])


async def test_the_work_is_quoted_for_within_a_week_and_not_later(network: Network) -> None:
    done = await looked_at(network)
    network.clock.tick(days=7)
    await rejected(network, await quoted_for(network, done, **PAINT))
    network.clock.tick(seconds=1)

    status, answer = await network.event(done, "requote", **PAINT)

    assert (status, answer["error"]["code"]) == (409, "update_not_possible")


async def test_quotations_do_not_count_against_what_a_buyer_app_may_hold(network: Network) -> None:
    done = await looked_at(network)
    await quoted_for(network, done, **PAINT)
    await quoted_for(network, done, **PAINT)
    bap_id = network.buyer.participant.subscriber_id

    storage, now = network.context.storage, network.clock()
    assert not await storage.read(lambda work: work.slots.holds_at_least(bap_id, 1, now))


async def test_two_quotations_hold_two_slots_and_the_one_not_taken_is_free_again(network: Network) -> None:  # 48
    done = await looked_at(network)
    first = await quoted_for(network, done, **PAINT)
    second = await quoted_for(network, done, **PAINT)
    assert work_slot(first)[1] <= work_slot(second)[0]

    told = await accepted(network, first)

    assert [one["id"] for one in told.order["fulfillments"]] == [one["id"] for one in first.order["fulfillments"]]
    assert await held(network, first)
    assert await held(network, second) == []
    assert await is_offered(network, work_slot(second)[0], PAINTER)


# It is taken, and carried out


async def test_one_taken_after_the_consultation_makes_the_order_accepted_again(network: Network) -> None:  # 48
    done = await looked_at(network)
    quoted = await quoted_for(network, done, **PAINT)

    told = await accepted(network, quoted)

    assert (told.order["status"], states(told), told.error_code) == ("ACCEPTED", ["Completed", "Pending"], "")
    assert [status for _, status, _ in payments(told)] == ["PAID", "PAID", "NOT-PAID"]
    assert told.order["fulfillments"] == quoted.order["fulfillments"]
    network.clock.tick(hours=1)  # a hold would have ended
    assert await held(network, told)
    assert not await is_offered(network, work_slot(told)[0], PAINTER)
    assert (await polled(network, done)).order == told.order


async def test_the_work_is_carried_out_like_any_visit_and_the_first_stays_as_it_was(network: Network) -> None:
    done = await looked_at(network)  # 37, 38, 40, 42
    taken = await accepted(network, await quoted_for(network, done, **PAINT))
    network.clock.set(work_slot(taken)[0] - timedelta(minutes=20))
    told = taken
    seen = []
    for event in ("depart", "arrive", "start", "complete"):
        network.clock.tick(minutes=4)
        more: Any = {"otp": end_stop(told, 1)["authorization"]["token"]} if event == "start" else {}
        told = await network.pushed(done, event, **more)
        seen.append((told.action, told.order["status"], states(told)))
        assert told.order["fulfillments"][0] == done.order["fulfillments"][0]

    assert seen == [
        ("on_status", "IN-PROGRESS", ["Completed", "In-Transit"]),
        ("on_status", "IN-PROGRESS", ["Completed", "At-Location"]),
        ("on_status", "IN-PROGRESS", ["Completed", "At-Location"]),
        ("on_status", "COMPLETED", ["Completed", "Completed"]),
    ]
    assert [status for _, status, _ in payments(told)] == ["PAID", "PAID", "PAID"]
    assert told.order["documents"][0]["label"] == "INVOICE"
    async with network.session.get(told.order["documents"][0]["url"]) as answer:
        assert (answer.status, "1599.00" in await answer.text()) == (200, True)
    assert (await polled(network, done)).order == told.order


async def test_on_site_nothing_is_paid_before_the_work_is_done(network: Network) -> None:  # 42
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, **PAINT))
    network.clock.set(work_slot(taken)[0] - timedelta(minutes=20))

    started = await carried_at(network, taken)

    assert [status for _, status, _ in payments(started)] == ["PAID", "PAID", "NOT-PAID"]


async def carried_at(network: Network, taken: Callback) -> Callback:
    return await carried_to(network, taken, "start", visit=1)


async def test_each_event_is_noted_with_its_own_visit(network: Network) -> None:
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, **PAINT))
    network.clock.set(work_slot(taken)[0] - timedelta(minutes=20))
    await network.pushed(done, "depart")

    _, found = await network.call("GET", f"/orders/{await network.ref(done)}")

    ids = [one["id"] for one in taken.order["fulfillments"]]
    at_visit = [(one["name"], one["detail"]["fulfillment_id"]) for one in found["timeline"] if one["kind"] == "event"]
    assert ("complete", ids[0]) in at_visit
    assert ("depart", ids[0]) in at_visit
    assert at_visit[-1] == ("depart", ids[1])


async def test_work_over_several_days_keeps_its_length_when_it_is_moved(network: Network) -> None:  # 44
    done = await looked_at(network)
    quoted = await quoted_for(network, done, start=work_start(network), **PAINT | {"minutes": 20 * 60})
    start, end = work_slot(quoted)
    assert end - start > timedelta(days=1)
    cells = await held(network, quoted)
    assert len(cells) == 80
    taken = await accepted(network, quoted)

    told = await moved(network, taken, start + timedelta(days=1), visit=1)

    assert (told.error_code, work_slot(told)) == ("", (start + timedelta(days=1), end + timedelta(days=1)))
    assert len(await held(network, told)) == 80


# It is refused, or lapses


async def test_the_consultation_can_be_rated_while_the_work_is_quoted_for_and_to_come(network: Network) -> None:  # 54
    done = await looked_at(network)
    quoted = await quoted_for(network, done, **PAINT)
    waiting = (await journey.rate(network.buyer, done, 4)).callback
    taken = await accepted(network, quoted)
    to_come = (await journey.rate(network.buyer, done, 5)).callback
    await journey.cancel(network.buyer, taken, "002")
    cancelled = (await journey.rate(network.buyer, done, 1)).callback

    assert [one.error_code for one in (waiting, to_come, cancelled)] == ["", "", "30015"]
    data = await network.context.storage.read(lambda work: work.directory.load())
    assert [(one.rating.sum, one.rating.count) for one in data.providers if one.rating.count] == [(5, 1)]


async def test_a_no_after_the_consultation_leaves_the_order_completed(network: Network) -> None:  # 48
    done = await looked_at(network)
    quoted = await quoted_for(network, done, **PAINT)

    told = await rejected(network, quoted)

    assert told.order == {**done.order, "updated_at": told.order["updated_at"]}
    assert moment(told.order["updated_at"]) > moment(quoted.order["updated_at"])
    assert await held(network, quoted) == []
    assert await is_offered(network, work_slot(quoted)[0], PAINTER)


async def test_one_that_lapses_frees_its_slot(network: Network) -> None:  # 48
    done = await looked_at(network)
    quoted = await quoted_for(network, done, valid_for="PT1H", start=work_start(network), **PAINT)
    network.clock.tick(hours=1)

    told = await network.buyer.next_callback(done.transaction_id, "on_update")

    assert (told.order["status"], states(told)) == ("COMPLETED", ["Completed"])
    assert await held(network, quoted) == []
    assert (await accepted(network, quoted)).error_code == "40003"


def work_start(network: Network) -> str:
    """Ten o'clock the day after tomorrow."""
    return (network.clock().replace(hour=4, minute=30, second=0) + timedelta(days=2)).isoformat()


async def test_a_yes_is_too_late_where_the_slot_is_held_no_longer(network: Network) -> None:  # 48
    done = await looked_at(network)
    quoted = await quoted_for(network, done, start=work_start(network), **PAINT)
    visit_id = quoted.order["fulfillments"][1]["id"]
    await network.context.storage.run(lambda work: work.slots.release(visit_id))  # another machine's clock is ahead

    told = await accepted(network, quoted)

    assert (told.error_code, told.order["status"], states(told)) == ("40003", "COMPLETED", ["Completed"])


# It is quoted for at the door


async def test_a_visit_quoted_for_at_the_door_waits_beyond_the_end_of_this_one(network: Network) -> None:  # 47
    started = await at_work(network)
    quoted = await quoted_for(network, started, **PAINT)
    assert states(quoted) == ["At-Location", "Pending"]

    done = await network.pushed(started, "complete")

    assert (done.order["status"], states(done)) == ("PENDING", ["Completed", "Pending"])
    taken = await accepted(network, quoted)
    assert (taken.order["status"], states(taken)) == ("ACCEPTED", ["Completed", "Pending"])


async def test_one_taken_at_the_door_may_be_moved_while_the_first_goes_on(network: Network) -> None:  # 44
    started = await at_work(network)
    taken = await accepted(network, await quoted_for(network, started, start=work_start(network), **PAINT))
    assert (taken.order["status"], states(taken)) == ("IN-PROGRESS", ["At-Location", "Pending"])
    new = work_slot(taken)[0] + timedelta(days=1)

    told = await moved(network, taken, new, visit=1)

    assert (told.error_code, states(told)) == ("", ["At-Location", "Pending"])
    assert work_slot(told)[0] == new
    _, found = await network.call("GET", f"/orders/{await network.ref(started)}")
    last = [one for one in found["timeline"] if one["kind"] == "event"][-1]
    assert (last["name"], last["detail"]["fulfillment_id"]) == ("reschedule", taken.order["fulfillments"][1]["id"])
    refused = await moved(network, taken, new, visit=0)
    assert (refused.error_code, refused.order["fulfillments"]) == ("50002", told.order["fulfillments"])


async def test_what_is_paid_on_site_is_paid_with_its_own_visit(network: Network) -> None:  # 42
    started = await at_work(network)
    taken = await accepted(network, await quoted_for(network, started, **PAINT))

    done = await network.pushed(taken, "complete")

    assert [status for _, status, _ in payments(done)] == ["PAID", "PAID", "NOT-PAID"]
    assert (done.order["status"], "documents" in done.order) == ("ACCEPTED", False)


# It is moved


async def test_the_work_is_moved_and_the_first_visit_stays_as_it_was(network: Network) -> None:  # 44
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, start=work_start(network), **PAINT))
    old = work_slot(taken)[0]
    new = old + timedelta(hours=1)

    told = await moved(network, taken, new, visit=1)

    assert (told.error_code, told.order["status"], states(told)) == ("", "ACCEPTED", ["Completed", "Pending"])
    assert work_slot(told) == (new, new + timedelta(hours=2))
    assert told.order["fulfillments"][0] == done.order["fulfillments"][0]
    assert await is_offered(network, old, PAINTER)
    assert not await is_offered(network, new + timedelta(hours=1), PAINTER)
    network.clock.set(new - timedelta(minutes=10))
    assert states(await network.pushed(done, "depart")) == ["Completed", "In-Transit"]


async def test_a_whole_copy_with_no_other_slot_in_it_changes_nothing(network: Network) -> None:  # 46
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, **PAINT))

    told = await updated(network, taken, "fulfillments", taken.order)

    assert (told.error_code, told.order) == ("", taken.order)


async def test_moving_the_work_costs_what_the_terms_say(network: Network) -> None:  # 45
    await charge(network, "P-INDIRA", "50.00")
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, start=work_start(network), **PAINT))

    told = await moved(network, taken, work_slot(taken)[0] + timedelta(hours=1), visit=1)

    assert (told.error_code, price(told)) == ("", "1649.00")
    assert payments(told)[3] == ("PRE-FULFILLMENT", "NOT-PAID", "50.00")
    paid = await updated(network, told, "payments", answered(told.order))
    assert payments(paid)[3] == ("PRE-FULFILLMENT", "PAID", "50.00")


@pytest.mark.parametrize("last", ["", "complete"])
async def test_a_visit_that_is_only_quoted_for_is_not_moved(network: Network, last: str) -> None:
    told = await looked_at(network) if last else await network.booked(PAINTER, slot=2)
    quoted = await quoted_for(network, told, start=work_start(network), **PAINT)
    order = at(quoted.order, work_slot(quoted)[0] + timedelta(hours=1), visit=1)

    refused = await updated(network, quoted, "fulfillments", order)

    assert refused.error_code in ("50002", "50008")
    assert refused.order["fulfillments"] == quoted.order["fulfillments"]


# It is given up


async def test_giving_up_the_work_keeps_the_consultation_and_its_price(network: Network) -> None:  # 49, 50
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, start=work_start(network), **PAINT))

    gone = (await journey.cancel(network.buyer, taken, "002")).callback

    assert (gone.error_code, gone.order["status"], states(gone)) == ("", "CANCELLED", ["Completed", "Cancelled"])
    assert (price(gone), total_adds_up(gone.order["quote"])) == ("99.00", True)
    assert gone.order["quote"]["breakup"][:4] == taken.order["quote"]["breakup"]
    refunds = [line for line in gone.order["quote"]["breakup"] if line["title"] == "refund"]
    assert {line["item"]["id"] for line in refunds} == {taken.order["items"][1]["id"]}
    assert payments(gone)[:2] == payments(taken)[:2]
    assert await held(network, taken) == []
    assert await is_offered(network, work_slot(taken)[0], PAINTER)
    assert (await polled(network, done)).order == gone.order


async def test_what_was_paid_for_the_work_is_given_back(network: Network) -> None:  # 50
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, start=work_start(network), **PAINT))
    await journey.cancel(network.buyer, taken, "002")

    _, found = await network.call("GET", f"/orders/{await network.ref(done)}")

    assert (found["cancellation"]["fee"], found["cancellation"]["refund"]) == ("0.00", "500.00")
    assert await events_of(network, found["ref"]) == [
        *("assign", "depart", "arrive", "start", "complete", "requote", "accept_quote", "pay", "cancel")
    ]


async def test_the_seller_gives_up_the_work_and_gives_all_of_it_back(network: Network) -> None:  # 53
    done = await looked_at(network)
    taken = await accepted(network, await quoted_for(network, done, start=work_start(network), **PAINT))

    gone = await network.pushed(taken, "cancel", reason="011")

    assert (gone.action, gone.order["status"], states(gone)) == ("on_cancel", "CANCELLED", ["Completed", "Cancelled"])
    assert (price(gone), gone.order["cancellation"]["cancelled_by"]) == ("99.00", "PRODUCER")
