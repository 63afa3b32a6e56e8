"""Grievances over real sockets: the official flows of both versions, rejection, escalation, and a complaint of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import orjson
import pytest

from bpp.sandbox.exchange import Callback, nacked
from tests.support.complaining import Complaining, check_told, complaining_of, status_of, tick
from tests.support.conversation import events_of
from tests.support.grievances import BuyerV1, BuyerV2
from tests.support.network import Network
from tests.support.tickets_console import complained, ticket_of

Json = dict[str, Any]
CONFLICT, UNPROCESSABLE = 409, 422


@pytest.fixture
async def network(network: Network) -> AsyncIterator[Network]:
    """Each test also demands that everything that was sent was valid."""
    yield network
    check_told(network)


@pytest.fixture
async def complaining(network: Network) -> Complaining:
    """A customer whose work was done badly, in version 2.0.0."""
    return complaining_of(network, (await network.completed())[0])


async def test_the_official_flow_of_twelve_steps_ends_in_a_refund_that_is_in_the_books(complaining):
    desk, buyer, network = complaining, complaining.buyer, complaining.network
    assert desk.hears(await desk.say(buyer.payload())) == ["PROCESSING"]
    await tick(desk)
    await desk.step("ask", wanted=["INFO001", "INFO002"], language="en")
    assert desk.hears(await desk.news()) == ["INFO_REQUESTED", "INFO_REQUESTED"]
    for _ in range(2):
        await tick(desk)
        asked = buyer.last("INFO_REQUESTED")["id"]
        assert desk.hears(await desk.say(buyer.act("INFO_PROVIDED", ref_id=asked, ref_type="ACTION"))) == ["PROCESSING"]
        await tick(desk)
        await desk.step("ask", wanted=["INFO001"], text="One from nearer, please", language="en")
        assert desk.hears(await desk.news()) == ["INFO_REQUESTED"]
    await tick(desk)
    await desk.step("propose", options=[{"code": "REFUND", "amount": "99.50"}, {"code": "REPLACEMENT"}], language="en")
    proposed = await desk.news()
    assert desk.hears(proposed) == ["RESOLUTION_PROPOSED"]
    refund = next(one for one in buyer.issue["resolutions"] if one["descriptor"]["code"] == "REFUND")
    await tick(desk)

    answer = await desk.say(buyer.act("RESOLUTION_ACCEPTED", ref_id=refund["id"], ref_type="RESOLUTIONS"))
    changed = await network.buyer.next_callback(action="on_update")

    assert (desk.hears(answer), status_of(answer)) == (["RESOLVED"], "RESOLVED")
    assert changed.number < answer.number, "the refund is told before it is said that it is done"
    assert changed.order["quote"]["breakup"][-1]["price"]["value"] == "-99.50"
    _, order = await network.call("GET", f"/orders/{await network.ref(desk.confirmed)}")
    assert any(one["part"].startswith("redress:") for one in order["ledger"])
    await tick(desk)
    assert (await desk.post("issue", buyer.act("CLOSED"))).acked
    status, ticket = await network.call("GET", f"/tickets/{await desk.ref()}")
    assert (status, ticket["status"], ticket["resolutions"][0]["done"]) == (200, "CLOSED", True)


async def test_a_poll_tells_how_it_stands_and_adds_nothing(complaining):
    desk, buyer = complaining, complaining.buyer
    desk.hears(await desk.say(buyer.payload()))

    assert (await desk.post("issue_status", {**buyer.payload(), "message": {"issue_id": buyer.issue["id"]}})).acked
    told = await desk.network.buyer.next_callback(action="on_issue_status", message_id=desk.sent)

    assert desk.hears(told) == []
    assert told.message["issue"] == buyer.issue


async def test_a_proposal_that_is_rejected_is_followed_by_another_and_the_work_is_done_again(complaining):
    desk, buyer, network = complaining, complaining.buyer, complaining.network
    desk.hears(await desk.say(buyer.payload()))
    await tick(desk)
    await desk.step("propose", options=[{"code": "NO_ACTION", "text": "it was the old pipe"}])
    desk.hears(await desk.news())
    await tick(desk)
    assert desk.hears(await desk.say(buyer.act("RESOLUTION_REJECTED"))) == ["PROCESSING"]
    await tick(desk)
    await desk.step("propose", options=[{"code": "REPLACEMENT"}])
    desk.hears(await desk.news())
    await tick(desk)
    again = buyer.issue["resolutions"][-1]["id"]

    answer = await desk.say(buyer.act("RESOLUTION_ACCEPTED", ref_id=again, ref_type="RESOLUTIONS"))

    assert desk.hears(answer) == ["RESOLVED"]
    changed = await network.buyer.next_callback(action="on_update")
    assert len(changed.order["fulfillments"]) == 2
    assert changed.order["quote"]["price"] == desk.confirmed.order["quote"]["price"]
    assert "redo" in await events_of(network, await network.ref(desk.confirmed))


async def test_a_complaint_is_escalated_to_the_grievance_officer_whose_name_is_told(complaining):
    desk, buyer = complaining, complaining.buyer
    desk.hears(await desk.say(buyer.payload()))
    await tick(desk)

    answer = await desk.say(buyer.act("ESCALATED"))

    issue = answer.message["issue"]
    assert (desk.hears(answer), issue["status"], issue["level"]) == (["PROCESSING"], "PROCESSING", "GRIEVANCE")
    assert buyer.last("PROCESSING")["descriptor"]["short_desc"] == "Your complaint is with the grievance officer"
    officer = next(one for one in issue["actors"] if one["type"] == "COUNTERPARTY_NP_GRO")
    assert officer["info"]["contact"]["email"] == desk.network.settings.gro_email
    await tick(desk)
    answer = await desk.post("issue", buyer.act("ESCALATED"))
    error = await desk.network.buyer.next_callback(action="on_issue", message_id=desk.sent)
    assert error.document["error"]["code"] == "IGM007"


async def test_the_flow_of_version_1_is_answered_in_its_own_shape_and_the_remedy_is_imposed(network):
    desk = complaining_of(network, (await network.completed())[0], BuyerV1)
    buyer = desk.buyer
    assert isinstance(buyer, BuyerV1)

    answer = await desk.say(desk.buyer.payload())

    context = answer.document["context"]
    assert (context["core_version"], context["country"], "location" in context) == ("1.0.0", "IND", False)
    assert desk.hears(answer) == ["PROCESSING"]
    await tick(desk)
    await desk.step("resolve", option={"code": "REFUND", "amount": "50.00"}, language="en")
    told = await desk.news("on_issue_status")
    assert desk.hears(told) == ["RESOLVED"]
    assert buyer.resolution is not None
    assert (buyer.resolution["action_triggered"], buyer.resolution["refund_amount"]) == ("REFUND", "50.00")
    await tick(desk)
    assert (await desk.post("issue", desk.buyer.act("CLOSE", status="CLOSED", rating="THUMBS-UP"))).acked
    _, ticket = await network.call("GET", f"/tickets/{await desk.ref()}")
    assert ticket["status"] == "CLOSED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"transaction_id": "another"}, "IGM009"),
        ({"O1": "no-such-order"}, "IGM002"),
        ({"F1": "no-such-visit"}, "IGM003"),
        ({"TAP": "no-such-item"}, "IGM004"),
    ],
    ids=["transaction", "order", "fulfillment", "item"],
)
async def test_what_is_not_known_is_told_in_the_callback_and_nothing_is_stored(network, change, code):
    desk = complaining_of(network, (await network.completed())[0])
    for ours, other in change.items():
        if ours != "transaction_id":
            text = orjson.dumps(desk.buyer.issue).decode().replace(f'"{desk.names[ours]}"', f'"{other}"')
            desk.buyer.issue = orjson.loads(text)
    context = {"transaction_id": change["transaction_id"]} if "transaction_id" in change else {}

    answer = await desk.say(desk.buyer.payload(), **context)

    assert answer.document["error"]["code"] == code
    _, page = await network.call("GET", "/tickets")
    assert page["items"] == []


async def test_the_same_complaint_under_another_id_is_a_duplicate_while_the_first_is_open(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))
    other = Complaining(network, desk.confirmed, BuyerV2(desk.buyer.hands))

    answer = await other.say(other.buyer.payload())

    assert answer.document["error"]["code"] == "IGM008"


async def test_a_message_whose_shape_does_not_hold_is_refused_and_nothing_is_stored(complaining):
    desk = complaining
    payload = desk.buyer.payload()
    del payload["message"]["issue"]["refs"]

    answer = await desk.post("issue", payload)

    assert (answer.acked, answer.document["error"]["code"]) == (False, "IGM001")
    _, page = await desk.network.call("GET", "/tickets")
    assert page["items"] == []


async def test_an_issue_that_is_not_known_or_is_anothers_is_not_told(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))

    assert (await desk.post("issue_status", {**desk.buyer.payload(), "message": {"issue_id": "none"}})).acked
    unknown = await network.buyer.next_callback(action="on_issue_status", message_id=desk.sent)
    body = {**desk.buyer.payload("M-other"), "message": {"issue_id": desk.buyer.issue["id"]}}
    second = network.second_buyer
    body["context"] |= {**desk.context, "action": "issue_status"}
    body["context"] |= {"bap_id": second.participant.subscriber_id, "bap_uri": second.url}
    assert (await second.post("issue_status", orjson.dumps(body))).acked
    anothers = await second.next_callback(action="on_issue_status")

    assert (unknown.document["error"]["code"], anothers.document["error"]["code"]) == ("IGM005", "IGM006")


async def test_we_complain_to_a_buyer_app_and_take_what_it_proposes(network):
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    status, ticket = await network.call(
        "POST", f"/orders/{ref}/tickets", {"against": "buyer_app", "code": "VIS001", "short_desc": "We are not shown"}
    )
    assert status == 201, ticket
    raised = await network.buyer.next_callback(action="issue")
    issue = raised.message["issue"]
    assert [one["descriptor"]["code"] for one in issue["actions"]] == ["OPEN"]
    assert (await network.buyer.post("on_issue", answered(raised, issue, "PROCESSING", network))).acked
    network.clock.tick(seconds=60)
    parent: Json = {"id": "R-P", "descriptor": {"code": "PARENT", "short_desc": "see"}}
    stamp, remedy = wire(network), dict[str, Any](id="R-1")
    remedy |= {"ref_id": "R-P", "ref_type": "PARENT", "descriptor": {"code": "NOW_VISIBLE", "short_desc": "seen"}}
    issue["resolutions"] = [one | {"updated_at": stamp, "proposed_by": "NP-B"} for one in (parent, remedy)]
    body = answered(raised, issue, "RESOLUTION_PROPOSED", network, ref_id="R-P", ref_type="RESOLUTIONS", unasked=True)
    assert (await network.buyer.post("on_issue", body)).acked
    network.clock.tick(seconds=60)

    status, taken = await network.call(
        "POST", f"/tickets/{ticket['ref']}/steps", {"step": "answer", "says": "RESOLUTION_ACCEPTED"}
    )

    assert status == 200, taken
    told = await network.buyer.next_callback(action="issue")
    last = told.message["issue"]["actions"][-1]
    assert (last["descriptor"]["code"], last["ref_id"]) == ("RESOLUTION_ACCEPTED", "R-1")


async def test_we_complain_in_the_version_that_the_buyer_app_spoke_last_where_it_has_a_form_for_it(network):
    confirmed, _ = await network.completed()
    desk = complaining_of(network, confirmed, BuyerV1)
    desk.hears(await desk.say(desk.buyer.payload()))
    ref = await network.ref(confirmed)
    said = {"against": "buyer_app", "short_desc": "It tells the customer that we did not come"}

    _, without = await network.call("POST", f"/orders/{ref}/tickets", {**said, "code": "VIS001"})
    assert "actions" in (await network.buyer.next_callback(action="issue")).message["issue"], "1.0.0 has no form for it"
    _, ticket = await network.call("POST", f"/orders/{ref}/tickets", {**said, "code": "FLM004"})
    raised = await network.buyer.next_callback(action="issue")

    issue = raised.message["issue"]
    assert (issue["category"], issue["sub_category"], issue["issue_type"]) == ("FULFILLMENT", "FLM03", "ISSUE")
    assert [one["complainant_action"] for one in issue["issue_actions"]["complainant_actions"]] == ["OPEN"]
    for code in ("PROCESSING", "RESOLVED"):
        await tick(desk)
        stamp = wire(network)
        action = {"respondent_action": code, "short_desc": f"buyer app: {code}", "updated_at": stamp}
        told = {"id": issue["id"], "issue_actions": {"respondent_actions": [action]}, "created_at": issue["created_at"]}
        told |= {"updated_at": stamp}
        if code == "RESOLVED":
            told["resolution"] = {"action": "RESOLVE", "action_triggered": "NO-ACTION", "short_desc": "said so now"}
        context = {**raised.document["context"], "action": "on_issue", "timestamp": stamp}
        if code == "RESOLVED":
            context["message_id"] = network.buyer.new_id()
        body = orjson.dumps({"context": context, "message": {"issue": told}})
        assert (await network.buyer.post("on_issue", body)).acked
    assert (await ticket_of(network, ticket["ref"]))["status"] == "RESOLVED"
    await tick(desk)
    status, closed = await network.call("POST", f"/tickets/{ticket['ref']}/steps", {"step": "answer", "says": "CLOSED"})
    assert (status, closed["status"]) == (200, "CLOSED")
    assert (await network.buyer.next_callback(action="issue")).message["issue"]["status"] == "CLOSED"
    assert without["status"] == "OPEN"


def wire(network: Network) -> str:
    return network.clock().strftime("%Y-%m-%dT%H:%M:%S.000Z")


def answered(
    raised: Callback, issue: Json, code: str, network: Network, *, unasked: bool = False, **more: Any
) -> bytes:
    """What a buyer app says to a complaint of ours, with everything before it."""
    stamp = wire(network)
    action = {
        "id": f"B-{len(issue['actions'])}",
        "descriptor": {"code": code, "short_desc": f"buyer app: {code}"},
        "updated_at": stamp,
        "action_by": "NP-B",
        "actor_details": {"name": "Buyer Desk"},
        **more,
    }
    issue["actions"].append(action)
    issue |= {"last_action_id": action["id"], "updated_at": stamp, "status": "PROCESSING"}
    context = {**raised.document["context"], "action": "on_issue", "timestamp": stamp}
    if unasked:
        context["message_id"] = network.buyer.new_id()
    return orjson.dumps({"context": context, "message": {"issue": issue}})


async def test_a_caller_of_our_own_channel_has_a_ticket_and_says_yes_at_our_desk(network):
    confirmed, _ = await network.completed()
    ref = await network.ref(confirmed)
    body = {"code": "ITM004", "short_desc": "The tap still drips", "language": "hi"}
    status, ticket = await network.call("POST", f"/orders/{ref}/tickets", body)
    assert (status, ticket["status"], ticket["peer"]) == (201, "PROCESSING", "")
    network.clock.tick(seconds=60)
    path = f"/tickets/{ticket['ref']}/steps"
    await network.call("POST", path, {"step": "propose", "options": [{"code": "REFUND", "amount": "20.00"}]})
    network.clock.tick(seconds=60)

    status, done = await network.call("POST", path, {"step": "customer", "says": "RESOLUTION_ACCEPTED"})

    assert (status, done["status"], done["resolutions"][0]["done"]) == (200, "RESOLVED", True)
    status, answer = await network.call("POST", path, {"step": "propose", "options": [{"code": "CANCEL"}]})
    assert (status, answer["error"]["code"]) == (CONFLICT, "not_allowed")


async def test_a_remedy_that_the_order_does_not_allow_is_refused_at_its_field(complaining):
    desk = complaining
    desk.hears(await desk.say(desk.buyer.payload()))
    body = {"step": "resolve", "option": {"code": "REFUND", "amount": "199.01"}}

    status, answer = await desk.network.call("POST", f"/tickets/{await desk.ref()}/steps", body)

    assert (status, answer["error"]["path"]) == (UNPROCESSABLE, "amount")


async def test_what_is_told_again_in_version_1_after_it_was_resolved_is_answered_by_the_resolution(network):
    desk = complaining_of(network, (await network.completed())[0], BuyerV1)
    buyer = desk.buyer
    assert isinstance(buyer, BuyerV1)
    desk.hears(await desk.say(buyer.payload()))
    await tick(desk)
    await desk.step("resolve", option={"code": "NO_ACTION", "text": "it was the old pipe"})
    desk.hears(await desk.news("on_issue_status"))
    await tick(desk)

    assert (await desk.post("issue", desk.buyer.payload())).acked
    again = await desk.news("on_issue_status")

    assert desk.hears(again) == []
    assert (buyer.resolution or {})["action_triggered"] == "NO-ACTION"


async def test_a_remedy_that_is_accepted_and_closed_in_one_message_is_carried_out(complaining):
    desk, buyer = complaining, complaining.buyer
    desk.hears(await desk.say(buyer.payload()))
    await tick(desk)
    await desk.step("propose", options=[{"code": "REFUND", "amount": "20.00"}])
    desk.hears(await desk.news())
    await tick(desk)
    buyer.act("RESOLUTION_ACCEPTED", ref_id=buyer.issue["resolutions"][-1]["id"])

    assert (await desk.post("issue", buyer.act("CLOSED"))).acked
    changed = await desk.network.buyer.next_callback(action="on_update")

    assert changed.order["quote"]["breakup"][-1]["price"]["value"] == "-20.00"
    ticket = await ticket_of(desk.network, await desk.ref())
    assert (ticket["status"], ticket["resolutions"][0]["done"]) == ("CLOSED", True)


async def test_money_goes_back_for_work_that_was_done_while_another_visit_is_to_come(complaining):
    desk, buyer = complaining, complaining.buyer
    desk.hears(await desk.say(buyer.payload()))
    for option in ({"code": "REPLACEMENT"}, {"code": "REFUND", "amount": "50.00"}):
        await tick(desk)
        await desk.step("resolve", option=option)
        changed = await desk.network.buyer.next_callback(action="on_update")
        desk.hears(await desk.news())
        if option["code"] == "REPLACEMENT":
            await tick(desk)
            desk.hears(await desk.say(buyer.act("ESCALATED")))

    assert changed.order["quote"]["breakup"][-1]["price"]["value"] == "-50.00"
    assert len(changed.order["fulfillments"]) == 2


async def test_what_was_accepted_and_nobody_could_do_is_done_as_soon_as_somebody_can(complaining):
    desk, buyer, network = complaining, complaining.buyer, complaining.network
    desk.hears(await desk.say(buyer.payload()))
    await tick(desk)
    await desk.step("propose", options=[{"code": "REPLACEMENT"}])
    desk.hears(await desk.news())
    await tick(desk)
    _, page = await network.call("GET", "/workers?limit=200")
    workers = [one["id"] for one in page["items"]]
    away = ["2026-11-23", "2027-11-23"]
    for worker in workers:
        assert (await network.call("PATCH", f"/workers/{worker}", {"leaves": [away]}))[0] == 200
    remedy = buyer.issue["resolutions"][-1]["id"]

    assert desk.hears(await desk.say(buyer.act("RESOLUTION_ACCEPTED", ref_id=remedy))) == ["PROCESSING"]
    ticket = await ticket_of(network, await desk.ref())
    assert ([one["by"] for one in ticket["notes"]], ticket["resolutions"][0]["done"]) == (["system"], False)
    for worker in workers:
        assert (await network.call("PATCH", f"/workers/{worker}", {"leaves": []}))[0] == 200
    await tick(desk)
    done = await desk.step("resolve", option={"code": "REPLACEMENT"})

    assert (done["status"], [one["done"] for one in done["resolutions"]]) == ("RESOLVED", [True])
    assert desk.hears(await desk.news()) == ["RESOLVED"]
    changed = await network.buyer.next_callback(action="on_update")
    assert len(changed.order["fulfillments"]) == 2


async def test_no_more_is_offered_than_can_be_given_back(complaining):
    desk = complaining
    desk.hears(await desk.say(desk.buyer.payload()))
    body = {"step": "propose", "options": [{"code": "REFUND", "amount": "199.01"}]}

    status, answer = await desk.network.call("POST", f"/tickets/{await desk.ref()}/steps", body)

    assert (status, answer["error"]["path"]) == (UNPROCESSABLE, "amount")


async def test_what_a_customer_told_us_by_telephone_does_not_bar_the_buyer_app_from_complaining(complaining):
    desk, network = complaining, complaining.network
    item = desk.buyer.issue["refs"][-1]["ref_id"]
    await complained(network, await network.ref(desk.confirmed), item_id=item)

    assert desk.hears(await desk.say(desk.buyer.payload())) == ["PROCESSING"]


async def test_a_complaint_that_is_closed_before_it_is_known_is_refused_and_nothing_is_stored(network):
    confirmed, _ = await network.completed()
    for kind, closed in ((BuyerV1, ("CLOSE", {"status": "CLOSED"})), (BuyerV2, ("CLOSED", {}))):
        desk = complaining_of(network, confirmed, kind)

        answer = await desk.post("issue", desk.buyer.act(closed[0], **closed[1]))

        assert (answer.acked, answer.document["error"]["code"]) == (False, "IGM001")
    _, page = await network.call("GET", "/tickets")
    assert page["items"] == []


async def raised_by_us(network: Network, confirmed: Callback) -> str:
    """The number of a complaint of ours about the buyer app, which has not come there yet."""
    body = {"against": "buyer_app", "code": "VIS001", "short_desc": "We are not shown"}
    status, ticket = await network.call("POST", f"/orders/{await network.ref(confirmed)}/tickets", body)
    assert status == 201, ticket
    return str(ticket["ref"])


async def test_a_complaint_of_ours_that_is_refused_is_noted_for_the_desk(network):
    confirmed, _ = await network.completed()
    network.buyer.script("issue", nacked("IGM001"))
    ref = await raised_by_us(network, confirmed)
    raised = await network.buyer.next_callback(action="issue")
    await network.settled()
    error = {"error": {"code": "IGM002", "message": "no such order " * 100}, "message": {}}
    for number in range(25):
        context = {**raised.document["context"], "action": "on_issue", "message_id": f"E-{number}"}
        assert (await network.buyer.post("on_issue", orjson.dumps({"context": context, **error}))).acked

    notes = (await ticket_of(network, ref))["notes"]

    assert [(one["by"], one["text"]) for one in notes[:1]] == [("network", "issue: IGM001")]
    assert notes[1]["text"].startswith("IGM002: no such order")
    assert (len(notes), max(len(one["text"]) for one in notes) <= 200) == (20, True)


async def test_an_error_that_answers_no_complaint_of_ours_is_refused(complaining):
    desk = complaining
    payload = {**desk.buyer.payload(), "message": {}, "error": {"code": "IGM002", "message": "no such order"}}

    answer = await desk.post("on_issue", payload)

    assert (answer.acked, answer.document["error"]["code"]) == (False, "IGM001")


async def test_our_answer_that_is_refused_is_noted_for_the_desk(complaining):
    desk, network = complaining, complaining.network
    desk.hears(await desk.say(desk.buyer.payload()))
    await network.settled()
    network.buyer.script("on_issue", nacked("IGM001"))
    await desk.step("ask", wanted=["INFO001"])
    await desk.news()
    await network.settled()

    assert [one["text"] for one in (await ticket_of(network, await desk.ref()))["notes"]] == ["on_issue: IGM001"]
