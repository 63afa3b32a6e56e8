"""What is refused of an issue: the code, the place and the door, and which of several faults is said."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from beckn_schemas.base import SchemaViolation
from beckn_schemas.igm_codes import IGM_ERROR_CODES
from bpp.issues.checks import Refusal, judge_status
from bpp.issues.facts import facts_of
from bpp.issues.model import Side
from bpp.issues.steps import Option, Saying, impose, propose
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BAP, BuyerV1, BuyerV2, Hands
from tests.support.json_edit import edited
from tests.support.order_builders import an_order

ORDER = facts_of(an_order())
ISSUE = "message.issue"
V1_DETAILS = f"{ISSUE}.order_details"
SAYING = Saying("in short", "at length")


@pytest.fixture
def hands() -> Hands:
    return Hands()


def refused(desk: SellerDesk, payload) -> Refusal:
    answer = desk.refuse(payload)
    assert IGM_ERROR_CODES[answer.code].door == ("nack" if answer.nack else "on_issue")
    assert answer.path in answer.text
    return answer


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{ISSUE}.refs[0].ref_id", "IGM002"),
        (f"{ISSUE}.refs[2].ref_id", "IGM003"),
        (f"{ISSUE}.refs[3].ref_id", "IGM004"),
    ],
)
def test_what_is_not_of_the_order_is_named_where_2_0_0_says_it(hands, path, code):
    answer = refused(SellerDesk(hands), edited(BuyerV2(hands).payload(), path, "unknown"))

    assert (answer.code, answer.path, answer.nack) == (code, path, False)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"{V1_DETAILS}.id", "IGM002"),
        (f"{V1_DETAILS}.fulfillments[0].id", "IGM003"),
        (f"{V1_DETAILS}.items[0].id", "IGM004"),
    ],
)
def test_what_is_not_of_the_order_is_named_where_1_0_0_says_it(hands, path, code):
    answer = refused(SellerDesk(hands), edited(BuyerV1(hands).payload(), path, "unknown"))

    assert (answer.code, answer.path) == (code, path)


def test_a_transaction_without_orders_is_said_before_anything_else(hands):
    desk = SellerDesk(hands)
    desk.orders = ()

    assert refused(desk, edited(BuyerV2(hands).payload(), f"{ISSUE}.refs[0].ref_id", "unknown")).code == "IGM009"


def test_of_several_faults_the_first_in_the_published_order_is_said(hands):
    payload = BuyerV2(hands).payload()
    for place, code in ((3, "IGM004"), (2, "IGM003"), (0, "IGM002")):
        payload = edited(payload, f"{ISSUE}.refs[{place}].ref_id", "unknown")
        assert refused(SellerDesk(hands), payload).code == code


@pytest.mark.parametrize("buyer", [BuyerV1, BuyerV2])
def test_the_same_complaint_is_not_opened_twice_while_the_first_is_open(hands, buyer):
    first, second = buyer(hands), buyer(hands)
    desk = SellerDesk(hands)
    desk.take(first.payload())
    assert refused(desk, second.payload()).code == "IGM008"
    other = BuyerV1(hands, sub_category="FLM08") if buyer is BuyerV1 else BuyerV2(hands, code="ORD003")
    assert SellerDeskBeside(desk).take(other.payload()).action == "on_issue"

    desk.receive(first.act("CLOSE", status="CLOSED") if buyer is BuyerV1 else first.act("CLOSED"))
    assert SellerDeskBeside(desk).take(second.payload()).action == "on_issue"


def code(found: Refusal | None) -> str:
    """The code of a refusal, or an empty text."""
    return found.code if found else ""


class SellerDeskBeside(SellerDesk):
    """The same desk with another issue beside the one that it has."""

    def __init__(self, desk: SellerDesk) -> None:
        super().__init__(desk.hands, *desk.orders)
        self.others = (desk.issue,)


def test_the_same_code_about_another_item_is_another_complaint(hands):
    order = replace(ORDER, item_ids=frozenset({"TAP", "FAN"}))
    desk = SellerDesk(hands, order)
    desk.take(BuyerV2(hands).payload())

    assert SellerDeskBeside(desk).take(BuyerV2(hands, items=("FAN",)).payload()).action == "on_issue"


def test_an_order_is_not_exchanged_under_an_issue(hands):
    other = replace(ORDER, order_id="O2")
    buyer, desk = BuyerV2(hands), SellerDesk(hands, ORDER, other)
    buyer.hear(desk.take(buyer.payload()).message)

    assert refused(desk, edited(buyer.payload(), f"{ISSUE}.refs[0].ref_id", "O2")).code == "IGM002"


def test_a_grievance_is_reached_by_escalation_alone(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    leap = edited(buyer.payload(), f"{ISSUE}.level", "GRIEVANCE")
    assert refused(desk, leap).code == "IGM007"
    old = edited(BuyerV1(hands).payload(), f"{ISSUE}.issue_type", "DISPUTE")
    answer = refused(desk, old)

    assert (answer.code, answer.path) == ("IGM007", f"{ISSUE}.issue_type")


def test_an_action_out_of_order_is_refused_at_its_place_and_nothing_is_stored(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    late = buyer.act("INFO_PROVIDED")
    answer = refused(desk, late)
    assert (answer.code, answer.path, answer.nack) == ("IGM001", f"{ISSUE}.actions[1]", True)
    assert desk.stored is None

    old, desk = BuyerV1(hands), SellerDesk(hands)
    desk.take(old.payload())
    desk.receive(old.act("CLOSE", status="CLOSED"))
    answer = refused(desk, old.act("ESCALATE"))
    assert (answer.code, answer.path) == ("IGM001", f"{ISSUE}.issue_actions.complainant_actions[2]")


def test_a_history_that_is_written_anew_is_refused(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(propose(desk.issue, [Option(code="CANCEL", saying=SAYING)], SAYING, desk.acting)).message)
    told = buyer.act("RESOLUTION_ACCEPTED")
    for path, value in (
        (f"{ISSUE}.actions[0].action_by", "NP9"),
        (f"{ISSUE}.actions[1].updated_at", "2026-11-23T03:29:00.000Z"),
        (f"{ISSUE}.actions[1].descriptor.code", "RESOLVED"),
        (f"{ISSUE}.created_at", "2026-11-22T03:30:00.000Z"),
    ):
        answer = refused(desk, edited(told, path, value))
        assert answer.code == "IGM001"
        assert path.startswith(answer.path)


def test_the_buyer_does_not_act_in_our_name(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)

    assert refused(desk, buyer.act("PROCESSING")).path == f"{ISSUE}.actions[2]"


def test_what_the_buyer_has_not_heard_of_yet_is_not_lost(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    desk.take(buyer.payload())
    impose_ = impose(desk.issue, Option(code="NO_ACTION", saying=SAYING), desk.acting)
    desk.news(impose_)
    deaf = copy.deepcopy(buyer)
    answer = desk.take(deaf.act("ESCALATED"))

    assert [one.code.value for one in desk.issue.actions] == [
        "OPEN",
        "PROCESSING",
        "RESOLVED",
        "ESCALATED",
        "PROCESSING",
    ]
    assert [one["id"] for one in answer.message["issue"]["actions"]] == [one.id for one in desk.issue.actions]


def test_a_complaint_of_which_the_order_is_not_said_has_no_shape(hands):
    for payload, path in (
        (edited(BuyerV2(hands).payload(), f"{ISSUE}.refs[0].ref_type", "PAYMENT"), f"{ISSUE}.refs"),
        (edited(BuyerV1(hands).payload(), f"{ISSUE}.order_details.fulfillments", []), f"{V1_DETAILS}.fulfillments"),
    ):
        with pytest.raises(SchemaViolation) as problem:
            SellerDesk(hands).take(payload)
        assert problem.value.path == path


def test_an_issue_is_shown_to_its_own_subscriber_alone(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    desk.take(buyer.payload())

    assert judge_status(desk.issue, BAP) is None
    assert code(judge_status(desk.issue, "another.example.in")) == "IGM006"
    assert code(judge_status(None, BAP)) == "IGM005"
    assert desk.issue.we is Side.RESPONDENT
    for each in ("IGM005", "IGM006"):
        assert IGM_ERROR_CODES[each].door == "on_issue_status"


def test_a_remedy_that_we_have_not_offered_cannot_be_accepted(hands):
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(propose(desk.issue, [Option(code="CANCEL", saying=SAYING)], SAYING, desk.acting)).message)
    parent, offered = buyer.issue["resolutions"]
    dear = [
        {
            "descriptor": {"code": "RESOLUTION_DETAILS"},
            "list": [{"descriptor": {"code": "REFUND_AMOUNT"}, "value": "199.00"}],
        }
    ]
    forged = offered | {"id": "R9", "descriptor": {"code": "REFUND", "short_desc": ""}, "tags": dear}
    buyer.issue["resolutions"] = [parent, offered | {"descriptor": forged["descriptor"], "tags": dear}, forged]
    liar = copy.deepcopy(buyer)
    assert refused(desk, liar.act("RESOLUTION_ACCEPTED", ref_id="R9")).code == "IGM001"

    answer = desk.take(buyer.act("RESOLUTION_ACCEPTED", ref_id=offered["id"]))
    assert [one["descriptor"]["code"] for one in answer.message["issue"]["resolutions"]] == ["PARENT", "CANCEL"]
    assert [one.amount for one in (desk.issue.accepted(),) if one] == [None]


@pytest.mark.parametrize(("came", "sent"), [("P30S", "PT30S"), ("PT5D", "P5D"), ("PT2H", "PT2H")])
def test_odd_durations_are_read_and_never_sent(hands, came, sent):
    payload = edited(BuyerV2(hands).payload(), f"{ISSUE}.expected_response_time.duration", came)
    answer = SellerDesk(hands).take(payload)

    assert answer.message["issue"]["expected_response_time"] == {"duration": sent}


@pytest.mark.parametrize("buyer", [BuyerV1, BuyerV2])
def test_an_issue_of_which_almost_nothing_is_said_is_answered_all_the_same(hands, buyer):
    payload = buyer(hands).payload()
    for key in ("actors", "source_id", "complainant_id", "respondent_ids", "expected_response_time", "expected_resolution_time", "status", "level", "last_action_id", "complainant_info", "source", "issue_type"):  # fmt: skip
        payload["message"]["issue"].pop(key, None)
    for action in payload["message"]["issue"].get("actions", ()):
        action.pop("actor_details")

    assert SellerDesk(hands).take(payload).action == "on_issue"
