"""What we send of grievances: right messages pass, and each rule finds the one thing that is wrong, where it is."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest

from beckn_schemas.igm_check import GENERAL, RULES, SHAPES, check_igm
from beckn_schemas.igm_codes import V1, V2
from beckn_schemas.igm_context import context_for, own_echo
from beckn_schemas.strict_forms import fits
from bpp.issues.facts import facts_of
from bpp.issues.model import Code, Complaint, Image, Person
from bpp.issues.raising import complaint_of_ours
from bpp.issues.states import advance
from bpp.issues.steps import Acting, Option, Saying, ask, close, impose, propose
from bpp.issues.wire import issue_message, status_message
from catalog.moments import wire_time
from catalog.money import Money
from tests.support.desk_story import SellerDesk
from tests.support.grievances import BAP, BPP, DESK, DOMAIN, BuyerV1, BuyerV2, Hands
from tests.support.json_edit import DELETE, edited
from tests.support.order_builders import an_order

SAYING = Saying("in short", "at length")
REFUND = Option(code="REFUND", saying=SAYING, amount=Money.parse("9.00"), item_id="TAP")
ISSUE = "message.issue"
ACTIONS = f"{ISSUE}.issue_actions"


def answers():
    """The callbacks of both versions, by what they show."""
    hands = Hands()
    buyer, desk = BuyerV2(hands), SellerDesk(hands)
    found = {"v2": desk.take(buyer.payload("M1")).payload}
    found["v2 asks"] = desk.news(ask(desk.issue, [("INFO001", SAYING)], desk.acting)).payload
    buyer.hear(found["v2 asks"]["message"])
    desk.take(buyer.act("INFO_PROVIDED", descriptor={"images": [{"url": "https://b.example/1.png"}]}))
    found["v2 offers"] = desk.news(
        propose(desk.issue, [REFUND, Option(code="CANCEL", saying=SAYING)], SAYING, desk.acting)
    ).payload
    buyer.hear(found["v2 offers"]["message"])
    accepted = buyer.act("RESOLUTION_ACCEPTED", ref_id=buyer.issue["resolutions"][1]["id"])
    found["v2 resolves"] = desk.take(accepted).payload
    found["v2 status"] = desk.send("on_issue_status", "M3").payload

    old, desk = BuyerV1(hands), SellerDesk(hands)
    found["v1"] = desk.take(old.payload("M1")).payload
    cascaded = replace(desk.issue.last, id="C1", code=Code.CASCADED)
    found["v1 cascades"] = desk.news(advance(desk.issue, cascaded)).payload
    found["v1 resolves"] = desk.news(impose(desk.issue, replace(REFUND, item_id=""), desk.acting)).payload
    found["v1 refuses"] = edited(
        edited(found["v1 resolves"], f"{ISSUE}.resolution", lambda one: one | {"action": "REJECT", "action_triggered": "NO-ACTION"}),
        f"{ISSUE}.resolution.refund_amount",
        DELETE,
    )  # fmt: skip
    return found


def complaints():
    """Issues of ours in both versions, and a poll."""
    hands = Hands()
    acting = Acting(now=hands.now, desk=DESK, new_id=hands.new_id)
    order = facts_of(an_order())
    echo = own_echo(
        domain=DOMAIN,
        location={"city": {"code": "std:0522"}, "country": {"code": "IND"}},
        bap_id=BAP,
        bap_uri=f"https://{BAP}/ondc",
        bpp_id=BPP,
        bpp_uri=f"https://{BPP}",
        transaction_id="T1",
    )
    found = {}
    for version in (V1, V2):
        issue = complaint_of_ours(
            order,
            Complaint(code="ITM004", short_desc="Part", long_desc="Broken", images=(Image(url="https://s/1.png"),)),
            SAYING,
            acting,
            echo=echo,
            provider=Person(name="Demo Services", phone="9000000001"),
            item_counts=(("TAP", 2),),
            version=version,
        )
        later = Acting(now=hands.later(), desk=DESK, new_id=hands.new_id)
        for name, one in (("", issue), (" closes", close(issue, SAYING, later, rating="THUMBS_UP"))):
            context = context_for(echo, action="issue", message_id=hands.new_id(), timestamp=wire_time(hands.now))
            found[f"our {version}{name}"] = {"context": context, "message": issue_message(one, DESK, order)}
    context = context_for(echo, action="issue_status", message_id=hands.new_id(), timestamp=wire_time(hands.now))
    found["our poll"] = {"context": context, "message": status_message(issue)}
    return found


VALID = answers() | complaints()
TWICE = lambda old: [*old, old[-1]]  # noqa: E731 - an edit

MUTATIONS = [
    # shape
    ("required", "v2", f"{ISSUE}.last_action_id", DELETE),
    ("required", "v2", "message.update_target", DELETE),
    ("required", "v1", f"{ACTIONS}.respondent_actions[0].cascaded_level", DELETE),
    ("required", "v1", f"{ACTIONS}.respondent_actions[0].updated_by", DELETE),
    ("required", "v1 resolves", f"{ISSUE}.resolution_provider.respondent_info.resolution_support.gros", DELETE),
    ("required", "our poll", "message.issue_id", DELETE),
    ("required", "our 1.0.0", f"{ISSUE}.order_details.state", DELETE),
    ("unknown_key", "v1", f"{ISSUE}.status", "OPEN"),
    ("unknown_key", "v1", f"{ACTIONS}.complainant_actions", []),
    ("unknown_key", "v2 status", "message.update_target", []),
    ("unknown_key", "v2", "extra", 1),
    ("enum", "v2", "message.update_target[0].action", "UPDATED"),
    ("enum", "v2", f"{ISSUE}.refs[0].ref_type", "PAYMENT"),
    ("enum", "v2", f"{ISSUE}.level", "DISPUTE"),
    ("enum", "v1", f"{ACTIONS}.respondent_actions[0].respondent_action", "DONE"),
    ("enum", "our 1.0.0", f"{ISSUE}.category", "ORDER"),
    ("enum", "v2", "context.action", "on_status"),
    ("enum", "v2", "context.ttl", "PT1M"),
    ("type", "our 1.0.0", f"{ISSUE}.order_details.items[0].quantity", "1"),
    ("timestamp", "v2", f"{ISSUE}.created_at", "today"),
    ("duration", "v2", f"{ISSUE}.expected_response_time.duration", "P30S"),
    ("money", "v1 resolves", f"{ISSUE}.resolution.refund_amount", "9"),
    ("empty", "v1", f"{ACTIONS}.respondent_actions[0].short_desc", ""),
    # rules of any message
    ("null", "v2", f"{ISSUE}.resolutions", None),
    ("context_version", "v2", "context.version", DELETE),
    ("own_context", "our 2.0.0", "context.location", DELETE),
    ("issue_times", "v2", "context.timestamp", "2026-11-23T03:30:00.000Z"),
    ("issue_times", "v1", f"{ISSUE}.created_at", "2026-11-23T03:40:00.000Z"),
    # 2.0.0
    ("opened", "our 2.0.0", f"{ISSUE}.created_at", "2026-11-23T03:29:00.000Z"),
    ("updated_at", "v2", f"{ISSUE}.updated_at", "2026-11-23T03:30:00.000Z"),
    ("last_action_id", "v2", f"{ISSUE}.last_action_id", "A1"),
    ("ids", "v2", f"{ISSUE}.actors", TWICE),
    ("actors", "v2", f"{ISSUE}.actions[1].action_by", "NP9"),
    ("actors", "v2", f"{ISSUE}.respondent_ids[0]", "NP9"),
    ("actors", "v2 offers", f"{ISSUE}.resolutions[0].proposed_by", "NP9"),
    ("organization", "v2", f"{ISSUE}.actors[2].info.org.name", f"{BPP}"),
    ("organization", "our 2.0.0", f"{ISSUE}.actors[2].info.org.name", f"{BAP}::{DOMAIN}"),
    ("own_actor", "v2", f"{ISSUE}.actors[2].type", "AGENT"),
    ("refs", "v2", f"{ISSUE}.refs[0]", DELETE),
    ("refs", "v2", f"{ISSUE}.refs[3].tags", DELETE),
    ("refs", "our 2.0.0", f"{ISSUE}.refs[2]", DELETE),
    ("resolutions", "v2 offers", f"{ISSUE}.resolutions[1].tags", DELETE),
    ("resolutions", "v2 offers", f"{ISSUE}.resolutions[2].ref_id", "R9"),
    ("references", "v2 offers", f"{ISSUE}.actions[-1].ref_id", DELETE),
    ("references", "v2 offers", f"{ISSUE}.actions[3].ref_id", "A9"),
    ("names", "v2 asks", f"{ISSUE}.actions[2].descriptor.name", DELETE),
    ("names", "v2 resolves", f"{ISSUE}.actions[-1].descriptor.name", "CANCEL"),
    ("status", "v2", f"{ISSUE}.status", "RESOLVED"),
    ("status", "v2", f"{ISSUE}.level", "GRIEVANCE"),
    # 1.0.0
    ("updated_at", "v1", f"{ISSUE}.updated_at", "2026-11-23T03:30:00.500Z"),
    ("updated_at", "v1 cascades", f"{ACTIONS}.respondent_actions[0].updated_at", "2026-11-23T05:00:00.000Z"),
    ("organization", "v1", f"{ACTIONS}.respondent_actions[0].updated_by.org.name", f"{BAP}::{DOMAIN}"),
    (
        "organization",
        "v1 resolves",
        f"{ISSUE}.resolution_provider.respondent_info.organization.org.name",
        f"{BAP}::{DOMAIN}",
    ),
    ("cascaded_level", "v1", f"{ACTIONS}.respondent_actions[0].cascaded_level", 2),
    ("resolution", "v1 resolves", f"{ISSUE}.resolution", DELETE),
    ("resolution", "v1 resolves", f"{ISSUE}.resolution_provider", DELETE),
    ("resolution", "v1 resolves", f"{ISSUE}.resolution.refund_amount", DELETE),
    ("resolution", "v1 resolves", f"{ISSUE}.resolution.action", "REJECT"),
    ("resolution", "v1", f"{ACTIONS}.respondent_actions[0].respondent_action", "RESOLVED"),
    ("raised", "our 1.0.0", f"{ISSUE}.order_details.items", DELETE),
    ("raised", "our 1.0.0", f"{ISSUE}.description.images", DELETE),
    ("raised", "our 1.0.0", f"{ISSUE}.source.network_participant_id", BAP),
    ("stands", "our 1.0.0", f"{ISSUE}.status", "CLOSED"),
    ("stands", "our 1.0.0", f"{ISSUE}.issue_type", "GRIEVANCE"),
    ("stands", "our 1.0.0", f"{ISSUE}.rating", "THUMBS-UP"),
    ("stands", "our 1.0.0", f"{ISSUE}.created_at", "2026-11-23T03:29:00.000Z"),
]


def placed(payload, path):
    """A path whose ``[-1]`` is counted."""
    return path.replace("[-1]", f"[{len(payload['message']['issue']['actions']) - 1}]") if "[-1]" in path else path


@pytest.mark.parametrize("name", VALID)
def test_what_we_send_has_its_shape_and_breaks_no_rule(name):
    payload = VALID[name]
    assert check_igm(payload) == []
    action = payload["context"]["action"]
    version = V1 if "1" in name.split()[0] or "1.0.0" in name else V2
    if action != "issue_status":
        assert fits(SHAPES[action, version], payload["message"])


@pytest.mark.parametrize(
    ("rule", "name", "path", "value"), MUTATIONS, ids=lambda one: getattr(one, "__name__", str(one)[:60])
)
def test_a_message_with_one_fault_is_found_out_by_the_rule_that_is_for_it(rule, name, path, value):
    payload = copy.deepcopy(VALID[name])
    found = check_igm(edited(payload, placed(payload, path), value))

    assert rule in {one.rule for one in found}
    assert all(one.path and one.expected for one in found)


def test_every_rule_is_broken_by_some_message():
    rules = {one.name for one in GENERAL} | {rule.name for rules in RULES.values() for rule in rules}

    assert rules - {rule for rule, *_ in MUTATIONS} == {"message_id"}
    assert all(one.source for rules in (GENERAL, *RULES.values()) for one in rules)


def test_news_has_a_message_id_of_its_own():
    payload = edited(VALID["v2"], "context.message_id", "M1")
    assert check_igm(payload) == []

    assert [one.rule for one in check_igm(payload, unsolicited=True)] == ["message_id"]


def test_beside_an_error_there_is_no_issue_and_its_code_is_of_the_family_or_of_all():
    refused = {"context": VALID["v2"]["context"], "message": {}, "error": {"code": "IGM008", "message": "open already"}}
    assert check_igm(refused) == []
    assert check_igm(edited(refused, "error.code", "40001")) == []

    assert {one.rule for one in check_igm(edited(refused, "error.code", "IGM8"))} == {"pattern"}
    assert {one.rule for one in check_igm(refused | {"message": VALID["v2"]["message"]})} == {"empty"}


def test_no_violation_tells_what_the_message_says():
    payload = edited(VALID["v2"], f"{ISSUE}.actions[0].action_by", "9876543210")

    assert not any("9876543210" in f"{one.path}{one.expected}" for one in check_igm(payload))


def test_a_message_without_an_issue_is_none():
    bare = {"context": VALID["v2"]["context"], "message": {"issue": {"id": "I1"}}}

    assert [one.path for one in check_igm(bare)] == [ISSUE]
    assert check_igm({}) != []
