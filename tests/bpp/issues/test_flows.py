"""Whole stories, message by message: what comes is JSON of a buyer app, what goes out passes our own strict models."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from beckn_schemas.igm import parse_igm
from beckn_schemas.igm_check import check_igm
from beckn_schemas.igm_context import own_echo
from beckn_schemas.replies import ReplyError
from bpp.issues.clock import deadlines
from bpp.issues.facts import facts_of
from bpp.issues.model import Complaint, Image, Issue, Level, Person, Resolution, Status
from bpp.issues.raising import complaint_of_ours
from bpp.issues.remedies import NoAction, Redo, Refund, remedy_for
from bpp.issues.states import NotPossible
from bpp.issues.steps import (
    Acting,
    Option,
    Saying,
    accept,
    ask,
    close,
    escalate,
    have_not,
    impose,
    process,
    propose,
    provide,
    reject,
    resolve,
)
from bpp.issues.v1_out import NoSuchForm
from bpp.orders.states import Stage
from catalog.moments import wire_time
from catalog.money import Money
from tests.support.desk_story import SellerComplains, SellerDesk
from tests.support.grievances import BAP, BPP, DESK, DOMAIN, BuyerV1, BuyerV2, Hands, a_context, a_flat_context
from tests.support.order_builders import a_visit, an_order

DONE = facts_of(an_order(fulfillments=(a_visit(stage=Stage.COMPLETED),)))
SAYING = Saying("in short", "at length")
REFUND = Option(code="REFUND", saying=SAYING, amount=Money.parse("99.00"), item_id="TAP")
REDO = Option(code="REPLACEMENT", saying=SAYING)
NOTHING = Option(code="NO_ACTION", saying=Saying("Nothing is done", "The tap is another one"))


@pytest.fixture
def hands() -> Hands:
    return Hands()


def taken(issue: Issue) -> Resolution:
    """The remedy that was accepted or imposed."""
    remedy = issue.accepted()
    assert remedy is not None
    return remedy


def codes(new):
    return [one["descriptor"]["code"] for one in new]


def words(new):
    return [one["respondent_action"] for one in new]


def test_the_official_flow_of_twelve_steps_ends_closed_with_every_action_in_its_place(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands, DONE)
    first = buyer.payload("M1")
    answer = desk.take(first)  # 1, 2
    assert (answer.action, answer.payload["context"]["message_id"]) == ("on_issue", "M1")
    assert codes(buyer.hear(answer.message)) == ["PROCESSING"]

    wanted = [("INFO001", SAYING), ("INFO002", SAYING)]
    assert codes(buyer.hear(desk.news(ask(desk.issue, wanted, desk.acting)).message)) == ["INFO_REQUESTED"] * 2  # 3
    requests = [one["id"] for one in buyer.issue["actions"][-2:]]
    answer = desk.take(buyer.act("INFO_PROVIDED", ref_id=requests[0]))  # 4, 5
    assert codes(buyer.hear(answer.message)) == ["PROCESSING"]
    assert [one.id for one in desk.issue.asked()] == requests[1:]

    asked = desk.news(ask(desk.issue, wanted[:1], desk.acting))  # 6
    buyer.hear(asked.message)
    answer = desk.take(buyer.act("INFO_PROVIDED", ref_id=buyer.last("INFO_REQUESTED")["id"]))  # 7, 8
    buyer.hear(answer.message)

    offer = desk.news(propose(desk.issue, [REFUND, REDO], SAYING, desk.acting))  # 9
    assert codes(buyer.hear(offer.message)) == ["RESOLUTION_PROPOSED"]
    assert [one["descriptor"]["code"] for one in buyer.issue["resolutions"]] == ["PARENT", "REFUND", "REPLACEMENT"]
    assert {one["type"] for one in buyer.issue["actors"]} >= {"COUNTERPARTY_NP", "COUNTERPARTY_NP_GRO"}
    chosen = buyer.issue["resolutions"][2]["id"]
    answer = desk.take(buyer.act("RESOLUTION_ACCEPTED", ref_id=chosen, ref_type="RESOLUTIONS"))  # 10, 11
    assert codes(buyer.hear(answer.message)) == ["RESOLVED"]
    assert buyer.last("RESOLVED")["descriptor"]["name"] == "REPLACEMENT"
    assert buyer.issue["status"] == "RESOLVED"
    assert remedy_for(desk.issue, taken(desk.issue), DONE) == Redo(
        issue_id=desk.issue.id, order_ref="R1", fulfillment_id="F1"
    )

    rated = [
        {
            "descriptor": {"code": "CLOSURE_DETAILS"},
            "list": [{"descriptor": {"code": "RATING"}, "value": "THUMBS_UP"}],
        }
    ]
    assert desk.receive(buyer.act("CLOSED", tags=rated)) is None  # 12

    assert desk.issue.status is Status.CLOSED
    assert desk.issue.last.rating == "THUMBS_UP"
    assert [one.code.value for one in desk.issue.actions] == codes(buyer.issue["actions"])
    assert len(desk.issue.actions) == 13


def test_a_poll_shows_the_issue_as_it_stands_and_adds_nothing(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    before = desk.issue
    hands.later(hours=1)
    shown = desk.send("on_issue_status", "M3")

    assert desk.issue == before
    assert "update_target" not in shown.message
    assert buyer.hear(shown.message) == []


def test_a_rejected_proposal_is_processed_again_and_followed_by_another(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands, DONE)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(propose(desk.issue, [REDO], SAYING, desk.acting)).message)
    rejected = desk.take(buyer.act("RESOLUTION_REJECTED"))
    assert codes(buyer.hear(rejected.message)) == ["PROCESSING"]
    with pytest.raises(NotPossible, match="waits"):
        resolve(desk.issue, SAYING, desk.acting)
    buyer.hear(desk.news(propose(desk.issue, [REFUND], SAYING, desk.acting)).message)
    answer = desk.take(buyer.act("RESOLUTION_ACCEPTED", ref_id=buyer.issue["resolutions"][-2]["id"]))

    assert codes(buyer.hear(answer.message)) == ["RESOLVED"]
    assert remedy_for(desk.issue, taken(desk.issue), DONE) == Refund(
        issue_id=desk.issue.id,
        order_ref="R1",
        amount=Money.parse("99.00"),
        item_id="TAP",
        fulfillment_id="F1",
    )


def test_however_often_something_is_offered_and_refused_the_issue_can_still_be_told_whole(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands, DONE)
    buyer.hear(desk.take(buyer.payload()).message)
    for _ in range(20):
        buyer.hear(desk.news(propose(desk.issue, [REDO, REFUND, NOTHING], SAYING, desk.acting)).message)
        buyer.hear(desk.take(buyer.act("RESOLUTION_REJECTED")).message)

    assert desk.receive(buyer.act("CLOSED")) is None


def test_a_complaint_that_is_refused_is_resolved_with_no_action_and_its_reason(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(impose(desk.issue, NOTHING, desk.acting)).message)

    assert buyer.last("RESOLVED")["descriptor"]["name"] == "NO_ACTION"
    assert remedy_for(desk.issue, taken(desk.issue), DONE) == NoAction(
        issue_id=desk.issue.id, order_ref="R1", why="The tap is another one"
    )


def test_an_escalation_goes_to_the_officer_with_times_of_its_own(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    hands.later(days=1, minutes=1)
    buyer.issue["expected_resolution_time"] = {"duration": "PT12H"}
    answer = desk.take(buyer.act("ESCALATED"))

    assert codes(buyer.hear(answer.message)) == ["PROCESSING"]
    assert (desk.issue.level, desk.issue.status) == (Level.GRIEVANCE, Status.PROCESSING)
    assert (deadlines(desk.issue).resolution - deadlines(desk.issue).since).total_seconds() == 12 * 3600
    assert buyer.issue["level"] == "GRIEVANCE"
    assert "COUNTERPARTY_NP_GRO" in {one["type"] for one in buyer.issue["actors"]}

    buyer.hear(desk.news(impose(desk.issue, REFUND, desk.acting)).message)
    assert desk.receive(buyer.act("CLOSED")) is None


def test_after_the_officer_there_is_no_further_escalation_here(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    dispute = buyer.payload()
    dispute["message"]["issue"]["level"] = "DISPUTE"
    assert desk.refuse(dispute).code == "IGM007"
    buyer.hear(desk.take(buyer.act("ESCALATED")).message)
    dispute = buyer.payload()
    dispute["message"]["issue"]["level"] = "DISPUTE"
    assert desk.refuse(dispute).code == "40001"

    assert desk.refuse(buyer.act("ESCALATED")).code == "IGM007"


def test_the_flow_of_1_0_0_is_told_in_its_own_words_and_shape(hands):
    buyer, desk = BuyerV1(hands), SellerDesk(hands, DONE)
    answer = desk.take(buyer.payload("M1"))
    context = answer.payload["context"]
    assert (answer.action, context["message_id"]) == ("on_issue", "M1")
    assert context["core_version"] == "1.0.0"
    assert (context["city"], context["country"]) == ("std:0522", "IND")
    assert "version" not in context
    assert "location" not in context
    assert set(answer.message["issue"]) == {"id", "issue_actions", "created_at", "updated_at"}
    assert words(buyer.hear(answer.message)) == ["PROCESSING"]

    asked = desk.news(ask(desk.issue, [("INFO001", SAYING)], desk.acting))
    assert asked.action == "on_issue_status"
    assert words(buyer.hear(asked.message)) == ["NEED-MORE-INFO"]
    answer = desk.take(buyer.more_info())
    assert desk.new == ("INFO_PROVIDED",)
    assert len(desk.issue.complaint.images) == 2
    assert words(buyer.hear(answer.message)) == ["PROCESSING"]

    done = desk.news(impose(desk.issue, replace(REFUND, item_id=""), desk.acting))
    assert done.action == "on_issue_status"
    assert words(buyer.hear(done.message)) == ["RESOLVED"]
    assert buyer.resolution is not None
    assert buyer.resolution["action_triggered"] == "REFUND"
    assert buyer.resolution["refund_amount"] == "99.00"
    assert done.message["issue"]["resolution_provider"]["respondent_info"]["resolution_support"]["gros"]
    polled = desk.send("on_issue_status", "M9")
    assert polled.message == done.message

    assert desk.receive(buyer.act("CLOSE", status="CLOSED", rating="THUMBS-UP")) is None
    assert (desk.issue.status, desk.issue.last.rating) == (Status.CLOSED, "THUMBS_UP")
    assert desk.send("on_issue_status", "M10").message == done.message


def test_a_1_0_0_issue_is_escalated_and_resolved_by_the_officer(hands):
    buyer, desk = BuyerV1(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(impose(desk.issue, NOTHING, desk.acting)).message)
    assert buyer.resolution is not None
    assert buyer.resolution["action"] == "REJECT"
    answer = desk.take(buyer.act("ESCALATE", issue_type="GRIEVANCE"))
    assert words(buyer.hear(answer.message)) == ["PROCESSING"]
    assert buyer.resolution is None
    assert desk.issue.level is Level.GRIEVANCE

    assert words(buyer.hear(desk.news(impose(desk.issue, REDO, desk.acting)).message)) == ["RESOLVED"]
    assert buyer.resolution["action_triggered"] == "REPLACEMENT"


def test_1_0_0_knows_no_proposals(hands):
    buyer, desk = BuyerV1(hands), SellerDesk(hands)
    desk.take(buyer.payload())

    with pytest.raises(NotPossible):
        propose(desk.issue, [REDO], SAYING, desk.acting)


def test_what_was_told_before_is_answered_again_without_effect(hands):
    for buyer in (BuyerV2(hands), BuyerV1(hands)):
        desk = SellerDesk(hands)
        first = buyer.payload()
        answer = desk.take(first)
        stored = desk.issue
        again = desk.take(first)

        assert desk.issue == stored
        assert desk.new == ()
        assert again.message == answer.message


def test_what_was_asked_for_in_1_0_0_may_come_as_a_new_open_alone(hands):
    buyer, desk = BuyerV1(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(ask(desk.issue, [("INFO001", SAYING)], desk.acting)).message)
    more = buyer.act("OPEN")
    told = more["message"]["issue"]["issue_actions"]
    told["complainant_actions"] = told["complainant_actions"][-1:]

    assert words(buyer.hear(desk.take(more).message)) == ["PROCESSING"]
    assert desk.new == ("INFO_PROVIDED",)


def test_we_are_who_we_are_in_an_issue_under_however_many_ids_somebody_names_us(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.issue["actors"] += [
        {"id": name, "type": kind, "info": {"org": {"name": "somebody::ONDC:SRV11"}}}
        for name, kind in (("NP2", "COUNTERPARTY_NP"), ("NP3", "COUNTERPARTY_NP"), ("G1", "COUNTERPARTY_NP_GRO"))
    ]
    issue = desk.take(buyer.payload()).message["issue"]

    ours = [one for one in issue["actors"] if one["type"].startswith("COUNTERPARTY_NP")]
    assert {one["info"]["org"]["name"] for one in ours} == {f"{BPP}::{DOMAIN}"}
    assert len(ours) == 3


def test_an_issue_does_not_grow_beyond_what_its_readers_take(hands):
    ours = our_complaint(hands)
    sent = ours.send(ours.issue)
    for round_ in range(3):
        answer = answered(hands, sent, "PROCESSING")
        more = [answer["message"]["issue"]["actions"][-1] | {"id": f"P-{round_}-{number}"} for number in range(90)]
        answer["message"]["issue"] |= {"actions": more, "last_action_id": more[-1]["id"]}
        if round_ < 2:
            ours.hear("on_issue", answer)
    assert ours.refuse("on_issue", answer).code == "IGM001"

    hands.later()
    assert ours.send(close(ours.issue, SAYING, ours.acting))["message"]["issue"]["status"] == "CLOSED"


def test_a_complaint_of_ours_keeps_its_own_shape_whatever_the_answers_have(hands):
    ours = our_complaint(hands)
    answer = answered(hands, ours.send(ours.issue), "PROCESSING")
    answer["context"] = a_flat_context("on_issue", hands.now)
    ours.hear("on_issue", answer)
    hands.later()

    assert "location" in ours.send(escalate(ours.issue, SAYING, ours.acting))["context"]


OURS: dict[str, Any] = {
    "domain": DOMAIN,
    "location": {"city": {"code": "std:0522"}, "country": {"code": "IND"}},
    "bap_id": BAP,
    "bap_uri": f"https://{BAP}/ondc",
    "bpp_id": BPP,
    "bpp_uri": f"https://{BPP}",
    "transaction_id": "T1",
}


def our_complaint(hands: Hands, **changes) -> SellerComplains:
    issue = complaint_of_ours(
        DONE,
        changes.pop("complaint", Complaint(code="VIS001", short_desc="We are not shown", long_desc="Since Monday.")),
        SAYING,
        Acting(now=hands.now, desk=DESK, new_id=hands.new_id),
        echo=own_echo(**OURS),
        provider=Person(name="Demo Services", phone="9000000001", email="demo@example.in"),
        item_counts=(("TAP", 1),),
        **changes,
    )
    return SellerComplains(hands, issue, DONE)


def answered(hands: Hands, sent, code: str, *, action: str = "on_issue", status: str = "PROCESSING", **more):
    """The buyer app's answer in 2.0.0: the whole issue with one action of its own, and resolutions."""
    issue = sent["message"]["issue"]
    now = wire_time(hands.later())
    resolutions = more.pop("resolutions", [])
    name = more.pop("name", None)
    act = {
        "id": hands.buyer_id(),
        "descriptor": {"code": code, "short_desc": code} | ({"name": name} if name else {}),
        "updated_at": now,
        "action_by": "COUNTERPARTY_NP",
        "actor_details": {"name": "Buyer Desk"},
        **more,
    }
    whole = issue | {
        "actions": [*issue["actions"], act],
        "last_action_id": act["id"],
        "updated_at": now,
        "status": status,
        **({"resolutions": [*issue.get("resolutions", []), *resolutions]} if resolutions else {}),
    }
    context = a_context(action, hands.now, sent["context"]["message_id"])
    return {"context": context, "message": {"update_target": [], "issue": whole}}


def test_a_complaint_of_ours_goes_the_same_way_with_the_parts_exchanged(hands):
    ours = our_complaint(hands)
    sent = ours.send(ours.issue)
    assert sent["context"]["version"] == "2.0.0"
    assert "update_target" not in sent["message"]
    types = {one["id"]: one["type"] for one in sent["message"]["issue"]["actors"]}
    assert types[sent["message"]["issue"]["complainant_id"]] == "INTERFACING_NP"
    assert types[sent["message"]["issue"]["source_id"]] == "PROVIDER"

    ours.hear("on_issue", answered(hands, sent, "PROCESSING"))
    sent = ours.send(ours.issue)
    ours.hear("on_issue", answered(hands, sent, "INFO_REQUESTED", name="INFO001"))
    (request,) = ours.issue.asked()
    sent = ours.send(
        provide(ours.issue, SAYING, ours.acting, request_id=request.id, images=(Image(url="https://s.example/p.png"),))
    )
    assert sent["message"]["update_target"] == [{"path": "issue.actions", "action": "APPENDED"}]
    at = wire_time(hands.now)
    parent = {
        "id": "RP",
        "descriptor": {"code": "PARENT", "short_desc": ""},
        "updated_at": at,
        "proposed_by": "COUNTERPARTY_NP",
    }
    option = parent | {
        "id": "R1",
        "descriptor": {"code": "NOW_VISIBLE", "short_desc": ""},
        "ref_id": "RP",
        "ref_type": "PARENT",
    }
    ours.hear(
        "on_issue",
        answered(hands, sent, "RESOLUTION_PROPOSED", resolutions=[parent, option], ref_id="RP", ref_type="RESOLUTIONS"),
    )
    assert [one.code for one in ours.issue.proposed()] == ["NOW_VISIBLE"]
    hands.later()
    sent = ours.send(accept(ours.issue, "R1", SAYING, ours.acting))
    told = ours.hear(
        "on_issue",
        answered(hands, sent, "RESOLVED", status="RESOLVED", name="NOW_VISIBLE", ref_id="R1", ref_type="RESOLUTIONS"),
    )
    assert [one.code.value for one in told.new] == ["RESOLVED"]
    hands.later()
    sent = ours.send(close(ours.issue, SAYING, ours.acting, rating="THUMBS_UP"))

    assert sent["message"]["issue"]["status"] == "CLOSED"
    assert ours.issue.status is Status.CLOSED


def test_a_complaint_of_ours_may_be_rejected_told_that_something_is_not_to_be_had_and_escalated(hands):
    ours = our_complaint(hands)
    sent = ours.send(ours.issue)
    ours.hear("on_issue", answered(hands, sent, "PROCESSING"))
    ours.hear("on_issue", answered(hands, ours.send(ours.issue), "INFO_REQUESTED", name="INFO002"))
    hands.later()
    sent = ours.send(have_not(ours.issue, SAYING, ours.acting))
    at = wire_time(hands.now)
    parent = {"id": "RP", "descriptor": {"code": "PARENT"}, "updated_at": at, "proposed_by": "COUNTERPARTY_NP"}
    option = parent | {"id": "R1", "descriptor": {"code": "COUPON"}, "ref_id": "RP", "ref_type": "PARENT"}
    ours.hear(
        "on_issue",
        answered(hands, sent, "RESOLUTION_PROPOSED", resolutions=[parent, option], ref_id="RP", ref_type="RESOLUTIONS"),
    )
    hands.later()
    ours.send(reject(ours.issue, SAYING, ours.acting))
    hands.later(days=1)
    sent = ours.send(escalate(ours.issue, SAYING, ours.acting))

    assert (sent["message"]["issue"]["level"], ours.issue.status) == ("GRIEVANCE", Status.OPEN)


def test_nobody_answers_a_complaint_in_our_name_or_one_that_we_have_not_raised(hands):
    ours = our_complaint(hands)
    sent = ours.send(ours.issue)
    forged = answered(hands, sent, "CLOSED")
    refused = ours.refuse("on_issue", forged)
    assert (refused.code, refused.path, refused.nack) == ("IGM001", "message.issue.actions[1]", True)

    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    desk.take(buyer.payload())
    theirs = SellerComplains(hands, desk.issue, DONE)
    reply = answered(hands, buyer.payload(), "PROCESSING")
    assert theirs.refuse("on_issue", reply).code == "IGM005"


def test_a_complaint_of_ours_is_told_in_1_0_0_where_that_has_words_for_it(hands):
    picture = (Image(url="https://s.example/p.png"),)
    ours = our_complaint(
        hands, version="1.0.0", complaint=Complaint(code="ITM004", short_desc="Part returned broken", images=picture)
    )
    sent = ours.send(ours.issue)
    issue = sent["message"]["issue"]
    assert (issue["category"], issue["sub_category"], issue["status"]) == ("ITEM", "ITM04", "OPEN")
    now = wire_time(hands.later())
    reply = {
        "context": a_context("on_issue_status", hands.now),
        "message": {
            "issue": {
                "id": issue["id"],
                "issue_actions": {
                    "respondent_actions": [
                        {"respondent_action": "PROCESSING", "short_desc": "", "updated_at": issue["created_at"]},
                        {"respondent_action": "RESOLVED", "short_desc": "", "updated_at": now},
                    ]
                },
                "resolution": {"action": "RESOLVE", "action_triggered": "REFUND", "refund_amount": "20.00"},
                "created_at": issue["created_at"],
                "updated_at": now,
            }
        },
    }
    told = ours.hear("on_issue_status", reply)
    assert [one.code.value for one in told.new] == ["PROCESSING", "RESOLVED"]
    assert taken(ours.issue).amount == Money.parse("20.00")
    hands.later()
    closing = ours.send(close(ours.issue, SAYING, ours.acting, rating="THUMBS_DOWN"))

    assert (closing["message"]["issue"]["status"], closing["message"]["issue"]["rating"]) == ("CLOSED", "THUMBS-DOWN")
    invisible = our_complaint(hands, version="1.0.0")
    with pytest.raises(NoSuchForm):
        invisible.send(invisible.issue)


def test_what_we_refuse_travels_beside_no_issue(hands):
    context = a_context("on_issue", hands.now)
    refused = {"context": context, "message": {}, "error": {"code": "IGM002", "message": "no such order"}}

    assert check_igm(refused) == []
    assert parse_igm("on_issue", refused).error == ReplyError(code="IGM002", message="no such order")


def test_a_step_that_the_table_does_not_list_is_refused_on_our_side_as_well(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    desk.take(buyer.payload())
    assert desk.receive(buyer.act("CLOSED")) is None

    with pytest.raises(NotPossible) as refused:
        process(desk.issue, SAYING, desk.acting)
    assert refused.value.allowed == ()
