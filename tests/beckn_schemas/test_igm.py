"""Grievances as they come: both versions told apart by each message, odd spellings read, everything else refused."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from beckn_schemas.base import SchemaViolation
from beckn_schemas.igm import IssueStatusMessage, NoMessage, parse_igm
from beckn_schemas.igm_context import ECHOED, context_for, echo_of, own_echo
from beckn_schemas.igm_spellings import RULES, normalized, version_of
from beckn_schemas.igm_v1 import IssueV1Message
from beckn_schemas.igm_v2 import Complaint, IssueV2Message
from beckn_schemas.replies import ReplyError
from tests.support.clock import MONDAY_MORNING
from tests.support.grievances import BuyerV1, BuyerV2, Hands, a_context, a_flat_context
from tests.support.json_edit import DELETE, edited, paths

ISSUE = "message.issue"


def new(**options):
    return BuyerV2(Hands(), **options).payload("M1")


def old(**options):
    return BuyerV1(Hands(), **options).payload("M1")


def complaint(payload) -> Complaint:
    message = parse_igm("issue", payload).message
    assert isinstance(message, IssueV2Message)
    return message.issue.descriptor


def refused(action, payload) -> str:
    with pytest.raises(SchemaViolation) as problem:
        parse_igm(action, payload)
    return problem.value.path


def test_each_message_tells_its_version_by_its_keys():
    assert isinstance(parse_igm("issue", new()).message, IssueV2Message)
    assert isinstance(parse_igm("issue", old()).message, IssueV1Message)
    assert (version_of({"refs": []}), version_of({"category": ""}), version_of({"id": "x"})) == ("2.0.0", "1.0.0", None)
    crossed = new() | {"context": a_flat_context("issue", MONDAY_MORNING)}
    assert parse_igm("issue", crossed).message.version == "2.0.0"
    assert refused("issue", edited(new(), ISSUE, {"id": "I1"})) == ISSUE


def test_a_poll_has_an_id_and_no_version():
    payload = {"context": a_context("issue_status", MONDAY_MORNING), "message": {"issue_id": "I1"}}
    envelope = parse_igm("issue_status", payload)

    assert (envelope.message, envelope.message.version) == (IssueStatusMessage(issue_id="I1"), None)
    assert refused("issue_status", edited(payload, "message", {})) == "message.issue_id"


def test_a_flat_context_is_read_like_one_with_location_and_version():
    flat = parse_igm("issue", old()).context
    assert (flat.version, flat.city, flat.country) == ("1.0.0", "std:0522", "IND")
    mixed = edited(edited(new(), "context.version", DELETE), "context.core_version", "2.0.0")

    assert parse_igm("issue", mixed).context.version == "2.0.0"


def test_a_callback_may_be_an_error_alone():
    payload = {"context": a_context("on_issue", MONDAY_MORNING), "error": {"code": "IGM002", "message": "no order"}}
    for message in (None, {}, {"issue": {"id": "I1"}}):
        envelope = parse_igm("on_issue", payload | ({} if message is None else {"message": message}))
        assert isinstance(envelope.message, NoMessage)
        assert envelope.error == ReplyError(code="IGM002", message="no order")
        assert envelope.message.version is None


ALIASES = [
    (new, f"{ISSUE}.actors[0].type", "CUSTOMER", f"{ISSUE}.actors[0].type", "CONSUMER"),
    (new, f"{ISSUE}.actors[1].type", "INTERFACING NP", f"{ISSUE}.actors[1].type", "INTERFACING_NP"),
    (new, f"{ISSUE}.actors[1].type", "interfacing-np", f"{ISSUE}.actors[1].type", "INTERFACING_NP"),
    (new, f"{ISSUE}.actors[0].type", "SELLER", f"{ISSUE}.actors[0].type", "PROVIDER"),
    (new, f"{ISSUE}.refs[2].ref_type", "FULFILMENT", f"{ISSUE}.refs[2].ref_type", "FULFILLMENT"),
    (new, f"{ISSUE}.actions[0].descriptor.code", "CLOSE", f"{ISSUE}.actions[0].descriptor.code", "CLOSED"),
    (new, f"{ISSUE}.level", "issue", f"{ISSUE}.level", "ISSUE"),
    (new, f"{ISSUE}.descriptor.images", ["https://b/p.png", ""], f"{ISSUE}.descriptor.images", [{"url": "https://b/p.png"}]),
    (new, "message.update_target", {"path": "issue.actions"}, "message.update_target", [{"path": "issue.actions"}]),
    (old, f"{ISSUE}.source.type", "INTERFACING NP", f"{ISSUE}.source.type", "INTERFACING-NP"),
    (old, f"{ISSUE}.status", "Open", f"{ISSUE}.status", "OPEN"),
    (old, f"{ISSUE}.rating", "THUMBS_UP", f"{ISSUE}.rating", "THUMBS-UP"),
    (old, f"{ISSUE}.order_details.items[0].quantity", "2", f"{ISSUE}.order_details.items[0].quantity", 2),
    (old, f"{ISSUE}.order_details.items[0].quantity", {"count": 3}, f"{ISSUE}.order_details.items[0].quantity", 3),
]  # fmt: skip


def at(value, path):
    for step in path.replace("[", ".[").split("."):
        value = value[int(step[1:-1])] if step.startswith("[") else value[step]
    return value


@pytest.mark.parametrize(("build", "path", "came", "where", "read"), ALIASES)
def test_what_is_spelled_in_another_way_is_read_as_the_one_word(build, path, came, where, read):
    payload = edited(build(), path, came)
    stored = copy.deepcopy(payload)
    plain = normalized(payload, version_of(payload["message"]["issue"]))

    assert at(plain, where) == read
    assert payload == stored


def test_the_older_names_of_keys_are_read():
    payload = new()
    issue = payload["message"]["issue"]
    issue["description"] = issue.pop("descriptor")
    payload["message"]["updated_target"] = [{"path": "issue.actions[?(@.id=='A12')]", "action": "APPENDED"}]

    assert complaint(payload).code == "ITM004"
    assert "update_target" in normalized(payload, "2.0.0")["message"]


@pytest.mark.parametrize("rule", RULES, ids=lambda one: f"{one.name} {one.path}")
def test_every_spelling_has_its_source_and_leaves_alone_what_it_cannot_read(rule):
    assert rule.source
    for odd in (None, 5, True, [], {}, "", "something else", [5], {"url": 5}):
        assert rule.fix(rule.fix(copy.deepcopy(odd))) == rule.fix(copy.deepcopy(odd))


REFUSED = [
    (new, f"{ISSUE}.id", DELETE, f"{ISSUE}.id"),
    (new, f"{ISSUE}.actions", [], f"{ISSUE}.actions"),
    (new, f"{ISSUE}.refs[0].ref_type", "ITEM", f"{ISSUE}.refs"),
    (new, f"{ISSUE}.descriptor.code", DELETE, f"{ISSUE}.descriptor.code"),
    (new, f"{ISSUE}.last_action_id", "A9", f"{ISSUE}.last_action_id"),
    (new, f"{ISSUE}.actions[0].descriptor.code", "DANCED", f"{ISSUE}.actions[0].descriptor.code"),
    (new, f"{ISSUE}.actions[0].updated_at", "2026-11-23T03:31:01.000Z", f"{ISSUE}.actions[0].updated_at"),
    (new, f"{ISSUE}.updated_at", "yesterday", f"{ISSUE}.updated_at"),
    (new, f"{ISSUE}.created_at", "2026-11-23T03:30:00.001Z", f"{ISSUE}.created_at"),
    (new, f"{ISSUE}.expected_response_time.duration", "soon", f"{ISSUE}.expected_response_time.duration"),
    (new, f"{ISSUE}.descriptor.images[0].url", "leak.jpg", f"{ISSUE}.descriptor.images[0].url"),
    (new, "context.bpp_id", DELETE, "context.bpp_id"),
    (new, "context.country", 5, "context.country"),
    (new, "message", DELETE, "message"),
    (old, f"{ISSUE}.order_details", DELETE, f"{ISSUE}.order_details"),
    (old, f"{ISSUE}.order_details.fulfillments", DELETE, f"{ISSUE}.order_details.fulfillments"),
    (old, f"{ISSUE}.description", DELETE, f"{ISSUE}.description"),
    (old, f"{ISSUE}.issue_actions.complainant_actions", [], f"{ISSUE}.issue_actions.complainant_actions"),
    (old, f"{ISSUE}.updated_at", "2026-11-23T03:31:01.000Z", f"{ISSUE}.updated_at"),
    (old, f"{ISSUE}.order_details.items[0].quantity", "many", f"{ISSUE}.order_details.items[0].quantity"),
]


@pytest.mark.parametrize(("build", "path", "value", "where"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_place(build, path, value, where):
    assert refused("issue", edited(build(), path, value)) == where


def test_two_actions_under_one_id_are_refused():
    payload = new()
    payload["message"]["issue"]["actions"] *= 2

    assert refused("issue", payload) == f"{ISSUE}.actions[1].id"


def test_no_other_action_is_read_here():
    assert refused("on_status", new()) == "context.action"
    assert refused("issue", {"context": []}) == "context"


def test_nulls_say_nothing():
    payload = edited(edited(new(), f"{ISSUE}.resolutions", None), f"{ISSUE}.descriptor.images", None)

    assert complaint(payload).images == ()


@given(st.data())
def test_whatever_comes_is_read_or_refused_with_a_path(data):
    payload = data.draw(st.sampled_from([new, old]))()
    places = list(paths(payload["message"]["issue"], ISSUE))
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(places))
        value = data.draw(st.sampled_from([None, "", 0, -1, True, [], {}, [None], {"url": ""}, "x", 3.5, DELETE]))
        try:
            payload = edited(payload, path, value)
        except (KeyError, IndexError, TypeError):
            continue
    problem = None
    try:
        parse_igm("issue", payload)
    except SchemaViolation as found:
        problem = found

    assert problem is None or (problem.path.startswith("message") and problem.expected)


@pytest.mark.parametrize("shape", [a_context, a_flat_context])
def test_the_shape_of_a_context_is_echoed_exactly(shape):
    came = shape("issue", MONDAY_MORNING, "M1")
    ours = context_for(came, action="on_issue", message_id="M2", timestamp="2026-11-23T03:30:05.000Z")

    assert set(ours) == set(came)
    assert {key: ours[key] for key in came if key in ECHOED} == {key: came[key] for key in came if key in ECHOED}
    assert (ours["action"], ours["message_id"], ours["ttl"]) == ("on_issue", "M2", "PT30S")
    assert (
        context_for(
            json.loads(json.dumps(echo_of(came))),
            action="on_issue",
            message_id="M2",
            timestamp="2026-11-23T03:30:05.000Z",
        )
        == ours
    )


def test_our_own_issues_have_the_shape_of_services():
    keys = {key: f"{key}.example.in" for key in ("domain", "bap_id", "bap_uri", "bpp_id", "bpp_uri", "transaction_id")}
    echo = own_echo(**keys, location={"city": {"code": "std:0522"}})

    assert echo["version"] == "2.0.0"
    assert echo_of(echo) == echo
    assert echo_of(echo | {"location": {"city": {"code": "std:0522", "name": None}}, "country": None}) == echo
