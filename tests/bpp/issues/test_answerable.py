"""Whatever we take in of a complaint we can answer: nothing that a buyer app writes makes our own message wrong."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from beckn_schemas.base import SchemaViolation
from bpp.issues.checks import Refusal
from bpp.issues.model import Code, Side
from bpp.issues.states import allowed
from bpp.issues.steps import Option, Saying, accept, ask, close, escalate, impose, propose, provide
from bpp.issues.words import saying
from tests.bpp.issues.test_flows import answered, our_complaint
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BuyerV1, BuyerV2, Hands, a_flat_context
from tests.support.json_edit import DELETE, edited, paths

SAYING = Saying("in short", "at length")
TEXTS = [
    "",
    "x",
    "O1",
    "F1",
    "P30S",
    "PT1D2H",
    "2026-11-23T03:30:00+00:00",
    "2026-11-23T09:00:00.5+05:30",
    "CONSUMER CARE",
]
VALUES = st.sampled_from([None, 0, True, [], {}, [None], {"url": ""}, DELETE, DELETE, *TEXTS])


def changed(data, payload, places):
    """A message with some of its places changed, as far as they are still there."""
    for _ in range(data.draw(st.integers(0, 4))):
        try:
            payload = edited(payload, data.draw(st.sampled_from(places)), data.draw(VALUES))
        except (KeyError, IndexError, TypeError, AttributeError):
            continue
    return payload


@pytest.mark.parametrize("value", ["", None, [], {}, DELETE, 0, "x", "P0D", "2026-11-23T09:00:00.5+05:30"], ids=repr)
def test_no_place_of_a_complaint_makes_our_answer_wrong(value):
    for buyer in (BuyerV1, BuyerV2):
        payload = buyer(Hands()).payload()
        for place in paths(payload["message"], "message"):
            desk = SellerDesk(Hands())
            with suppress(SchemaViolation):
                if not isinstance(desk.receive(edited(payload, place, value)), Refusal):
                    desk.news(ask(desk.issue, [("INFO001", SAYING)], desk.acting))
                    desk.send("on_issue_status", "M9")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_what_is_taken_in_is_answered_rightly_or_refused(data):
    hands = Hands()
    buyer = data.draw(st.sampled_from([BuyerV1, BuyerV2]))
    payload = buyer(hands).payload()
    places = [*paths(payload["message"], "message"), "context.location", "context.city", "context.location.city.code"]
    payload = changed(data, payload, places)
    desk = SellerDesk(hands)
    try:
        answer = desk.receive(payload)
    except SchemaViolation as problem:
        answer = Refusal("IGM001", problem.path, problem.expected)
    if isinstance(answer, Refusal):
        assert answer.path
        assert answer.expected
        return

    desk.news(ask(desk.issue, [("INFO001", saying("INFO001", "hi"))], desk.acting))
    if desk.issue.version == "2.0.0":
        desk.news(propose(desk.issue, [Option(code="CANCEL", saying=SAYING)], SAYING, desk.acting))
    desk.news(impose(desk.issue, Option(code="NO_ACTION", saying=SAYING), desk.acting))
    desk.send("on_issue_status", "M9")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_whatever_else_is_taken_in_of_a_complaint_is_answered_rightly_or_refused(data):
    hands = Hands()
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    buyer.hear(desk.take(buyer.payload()).message)
    buyer.hear(desk.news(ask(desk.issue, [("INFO001", SAYING)], desk.acting)).message)
    buyer.hear(desk.news(propose(desk.issue, [Option(code="CANCEL", saying=SAYING)], SAYING, desk.acting)).message)
    payload = buyer.act(data.draw(st.sampled_from(["INFO_PROVIDED", "RESOLUTION_REJECTED", "ESCALATED", "CLOSED"])))
    payload = changed(data, payload, [*paths(payload["message"], "message"), "context.location"])
    try:
        answer = desk.receive(payload)
    except SchemaViolation as problem:
        answer = Refusal("IGM001", problem.path, problem.expected)
    if isinstance(answer, Refusal):
        assert answer.path
        assert answer.expected
    desk.send("on_issue_status", "M9")


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_whatever_is_answered_to_a_complaint_of_ours_we_can_go_on_with_it(data):
    hands = Hands()
    ours = our_complaint(hands)
    sent = ours.send(ours.issue)
    ours.hear("on_issue", answered(hands, sent, "PROCESSING"))
    stamp = sent["context"]["timestamp"]
    parent = {"id": "RP", "descriptor": {"code": "PARENT"}, "updated_at": stamp, "proposed_by": "COUNTERPARTY_NP"}
    option = parent | {"id": "R1", "descriptor": {"code": "COUPON"}, "ref_id": "RP", "ref_type": "PARENT"}
    code = data.draw(st.sampled_from(["INFO_REQUESTED", "RESOLUTION_PROPOSED", "RESOLVED"]))
    ref_id = {"INFO_REQUESTED": "", "RESOLUTION_PROPOSED": "RP", "RESOLVED": "R1"}[code]
    payload = answered(hands, ours.send(ours.issue), code, resolutions=[parent, option], ref_id=ref_id)
    payload = changed(data, payload, [*paths(payload["message"], "message"), "context.location"])
    if data.draw(st.booleans()):
        payload["context"] = a_flat_context("on_issue", hands.now)
    with suppress(SchemaViolation):
        ours.receive("on_issue", payload)
    hands.later()

    if ours.issue.asked():
        ours.send(provide(ours.issue, SAYING, ours.acting))
    for one in ours.issue.proposed()[:1]:
        ours.send(accept(ours.issue, one.id, SAYING, ours.acting))
    assert Code.ESCALATED in allowed(ours.issue, Side.COMPLAINANT)
    ours.send(escalate(ours.issue, SAYING, ours.acting))
    ours.send(close(ours.issue, SAYING, ours.acting))
