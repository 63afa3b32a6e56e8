"""Another worker on the wire: an on_status with the new one, or with none, and what a buyer app then sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import orjson
import pytest

from bpp.sandbox import journey
from bpp.sandbox.exchange import Callback
from bpp.sandbox.messages import select_message
from tests.support.conversation import (
    answer_to,
    check_conversation,
    confirm_with,
    events_of,
    moment,
    slot_of,
    state_of,
)
from tests.support.json_edit import edited
from tests.support.network import Network, end_stop, otp_of, start_stop
from tests.support.updates import PAINTER, accepted, rejected
from tests.support.updates import price as price_of


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that every callback of it was valid."""
    yield network
    check_conversation(network)


def who(callback: Callback) -> str | None:
    """Who comes."""
    name: str | None = start_stop(callback).get("person", {}).get("name")
    return name


async def test_a_worker_who_is_on_the_way_is_replaced_and_the_buyer_app_sees_the_other_one_pending(network: Network):
    confirmed = await network.booked()
    await network.pushed(confirmed, "depart")

    told = await network.pushed(confirmed, "reassign", reason="accident")

    assert who(told) not in {None, who(confirmed)}
    assert (state_of(told), told.order["status"], slot_of(told)) == ("Pending", "ACCEPTED", slot_of(confirmed))
    assert "timestamp" not in start_stop(told)["time"]
    assert start_stop(told)["contact"] != start_stop(confirmed)["contact"]
    assert told.order["quote"] == confirmed.order["quote"]
    assert (await network.pushed(confirmed, "depart")).order["status"] == "IN-PROGRESS"


async def test_the_old_workers_otp_opens_nothing_for_the_new_one(network: Network):
    confirmed = await network.booked()
    await network.pushed(confirmed, "depart")
    old = otp_of(await network.pushed(confirmed, "arrive"))

    told = await network.pushed(confirmed, "reassign", reason="ill")
    assert "authorization" not in end_stop(told)
    await network.pushed(confirmed, "depart")
    new = otp_of(await network.pushed(confirmed, "arrive"))

    assert new != old
    assert (await network.event(confirmed, "start", otp=old))[0] == 422
    assert (await network.buyer.next_callback(confirmed.transaction_id)).error["code"] == "90002"


async def test_a_visit_that_nobody_else_can_do_waits_without_a_worker_until_the_seller_moves_it(network: Network):
    confirmed = await network.booked("painting consultation")
    told = await network.pushed(confirmed, "reassign", reason="declined")
    while who(told) is not None:
        told = await network.pushed(confirmed, "reassign", reason="declined")

    assert (state_of(told), told.order["status"]) == ("Pending", "ACCEPTED")
    _, found = await network.call("GET", f"/orders/{await network.ref(confirmed)}")
    assert (found["state"], found["worker_id"]) == ("PENDING", None)
    later = (slot_of(confirmed) + timedelta(days=1)).isoformat()
    moved = await network.pushed(confirmed, "reschedule", start=later)
    assert (moved.action, slot_of(moved)) == ("on_update", slot_of(confirmed) + timedelta(days=1))
    assert who(moved) is not None


async def test_a_confirm_repeated_when_nobody_comes_any_more_is_refused_with_a_word_and_not_with_a_fault(
    network: Network,
):
    ready = await network.initialised()
    confirmed = await answer_to(await confirm_with(network, ready), network.buyer)
    await network.pushed(confirmed, "unassign", reason="ill")

    answer = await confirm_with(network, ready, message_id=network.buyer.new_id())

    assert answer.error_code == "31002"


async def test_a_quotation_can_be_taken_and_refused_while_nobody_is_chosen(network: Network):
    confirmed = await network.booked()
    first, second = [
        await network.pushed(confirmed, "requote", lines=[{"title": "Washer", "price": price}])
        for price in ("80.00", "100.00")
    ]
    await network.pushed(confirmed, "unassign", reason="ill")

    refused = await rejected(network, second)
    taken = await accepted(network, first)

    assert [refused.error_code, taken.error_code] == ["", ""]
    assert (state_of(taken), taken.order["status"], price_of(taken)) == ("Pending", "ACCEPTED", "279.00")


async def test_a_visit_whose_only_worker_is_out_can_be_moved_to_another_day_that_is_told(network: Network):
    confirmed = await network.booked(PAINTER)
    assert who(await network.pushed(confirmed, "reassign", reason="ill")) is None

    _, said = await network.call("GET", f"/orders/{await network.ref(confirmed)}/slots?by=seller&limit=60")

    assert {moment(one).date() for one in said["starts"]}.isdisjoint({slot_of(confirmed).date()})
    moved = await network.pushed(confirmed, "reschedule", start=said["starts"][0])
    assert (slot_of(moved), who(moved)) == (moment(said["starts"][0]), who(confirmed))


async def test_a_late_worker_is_relieved_by_the_clock_and_the_buyer_app_is_told(network: Network):
    confirmed = await network.booked()
    network.clock.set(slot_of(confirmed) + timedelta(minutes=15))

    told = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert (state_of(told), slot_of(told)) == ("Pending", slot_of(confirmed))
    assert who(told) not in {None, who(confirmed)}
    assert (await events_of(network, await network.ref(confirmed)))[-1] == "reassign"


async def test_all_visits_of_a_worker_who_is_out_go_to_others_and_their_buyer_apps_are_told(network: Network):
    confirmed = await network.booked()
    _, before = await network.call("GET", f"/orders/{await network.ref(confirmed)}")

    status, done = await network.call("POST", f"/workers/{before['worker_id']}/reassign", {"reason": "ill"})
    told = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert (status, done["reassigned"], done["without_worker"]) == (200, 1, 0)
    assert who(told) not in {None, who(confirmed)}
    assert (await network.call("POST", "/workers/W-NOBODY/reassign", {"reason": "ill"}))[0] == 404
    assert (await network.call("POST", f"/workers/{before['worker_id']}/reassign", {}))[1]["error"]["path"] == "reason"


async def test_why_a_worker_was_chosen_and_others_were_not_is_told_to_operators(network: Network):
    confirmed = await network.booked()
    await network.pushed(confirmed, "reassign", reason="ill")
    _, order = await network.call("GET", f"/orders/{await network.ref(confirmed)}")

    status, found = await network.call("GET", f"/orders/{order['ref']}/assignments")

    assert status == 200
    first, second = found["items"]
    assert [first["trigger"], second["trigger"]] == ["select", "reassign"]
    assert {one["fulfillment_id"] for one in found["items"]} == {order["fulfillments"][0]["id"]}
    assert second["workers"] == [order["worker_id"]]
    assert second["rejected"][first["workers"][0]] == ["did_not_drop_out"]
    assert second["rejected"]["W-GOMTI-5"] == ["verified"]
    assert second["ranked"][0]["worker_id"] == order["worker_id"]
    assert any("no police verification" in line for line in second["in_words"])
    text = str(found)
    assert network.customer.phone not in text
    assert str(end_stop(confirmed)["location"]["gps"]) not in text
    assert (await network.call("GET", "/orders/R-NONE/assignments"))[0] == 404


async def test_a_days_run_gives_workers_to_visits_without_one_and_tells_their_buyer_apps(network: Network):
    confirmed = await network.booked()
    without = await network.pushed(confirmed, "unassign", reason="declined")
    assert who(without) is None
    day = slot_of(confirmed).date().isoformat()

    status, done = await network.call("POST", "/assignments/run", {"district": "162", "day": day})
    told = await network.buyer.next_callback(confirmed.transaction_id, "on_status")

    assert (status, done["assigned"], done["unassigned"], done["next"]) == (200, 1, [], None)
    assert who(told) not in {None, who(confirmed)}
    assert (await network.call("POST", "/assignments/run", {"district": "162", "day": "soon"}))[0] == 422


@pytest.mark.parametrize(("words", "gender"), [("female", "female"), (" Male ", "male"), ("whoever", ""), ("", "")])
async def test_a_gender_asked_for_in_the_select_is_kept_through_the_order(network: Network, words: str, gender: str):
    found, offers = await network.offers()
    message = select_message(offers[0], offers[0].starts[0], network.place)
    made = network.buyer.envelope(
        "select", message, transaction_id=found.transaction_id, context=journey.following(found)
    )
    made = edited(made, "message.order.fulfillments[0].agent", {"person": {"gender": words}})
    answer = await network.buyer.post("select", orjson.dumps(made), to=str(found.context["bpp_uri"]))
    selected = await answer_to(answer, network.buyer)
    assert not selected.error
    ready = (await journey.init(network.buyer, selected, network.customer, network.place)).callback
    confirmed = (await journey.confirm(network.buyer, ready)).callback
    told = await network.pushed(confirmed, "reassign", reason="ill")

    team = (await network.context.storage.read(lambda work: work.directory.load())).workers
    genders = {one.name: one.gender for one in team if one.provider_id == "P-GOMTI"}
    for callback in (confirmed, told):
        name = who(callback)
        assert gender in {"", genders[name]} if name else gender == "male"  # there may be one man only
