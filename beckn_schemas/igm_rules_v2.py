"""Rules across the parts of a 2.0.0 message that we send. Source: network reference 1.4, "Validator points"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from beckn_schemas.igm_view import IgmRule, Sent
from beckn_schemas.invariants_base import Finding, entries, instant, repeated
from beckn_schemas.strict_catalog import tag_code

_ISSUE: Final = "message.issue"
_ON_RESOLUTIONS: Final = frozenset({"RESOLUTION_PROPOSED", "RESOLUTION_ACCEPTED", "RESOLUTION_REJECTED", "RESOLVED"})
_OWN_TYPES: Final[Mapping[bool, tuple[str, str]]] = {
    True: ("COUNTERPARTY_NP", "COUNTERPARTY_NP_GRO"),
    False: ("INTERFACING_NP", "INTERFACING_NP_GRO"),
}
"""By whether we answer: the types of the actors that we speak for."""


def _action_code(action: Mapping[str, Any]) -> str:
    return str(action["descriptor"]["code"])


def _opened(sent: Sent) -> Iterator[Finding]:
    issue = sent.issue
    if not sent.is_answer and len(issue["actions"]) == 1 and issue["updated_at"] != issue["created_at"]:
        yield f"{_ISSUE}.updated_at", "created_at, when an issue is opened"


def _updated(sent: Sent) -> Iterator[Finding]:
    """The last action is the latest, unless the clocks of the two sides differ."""
    if instant(sent.issue["updated_at"]) != max(instant(one["updated_at"]) for one in sent.issue["actions"]):
        yield f"{_ISSUE}.updated_at", "the time of the latest action"


def _last_action(sent: Sent) -> Iterator[Finding]:
    if sent.issue["last_action_id"] != sent.issue["actions"][-1]["id"]:
        yield f"{_ISSUE}.last_action_id", "the id of the last action"


def _own_ids(sent: Sent) -> Iterator[Finding]:
    for name in ("actions", "actors", "resolutions"):
        for place in repeated(sent.issue.get(name, ())):
            yield f"{_ISSUE}.{name}[{place}].id", "an id of its own"


def _actors(sent: Sent) -> Iterator[Finding]:
    issue = sent.issue
    known = {one["id"] for one in issue["actors"]}
    named = [(f"actions[{place}].action_by", one["action_by"]) for place, one in enumerate(issue["actions"])]
    named += [
        (f"resolutions[{place}].proposed_by", one["proposed_by"])
        for place, one in enumerate(issue.get("resolutions", ()))
    ]
    named += [(name, issue[name]) for name in ("source_id", "complainant_id")]
    for name in ("respondent_ids", "resolver_ids"):
        named += [(f"{name}[{place}]", one) for place, one in enumerate(issue.get(name, ()))]
    for path, actor in named:
        if actor not in known:
            yield f"{_ISSUE}.{path}", "the id of an actor"


def _organizations(sent: Sent) -> Iterator[Finding]:
    own = _OWN_TYPES[sent.is_answer]
    for place, actor in enumerate(sent.issue["actors"]):
        if actor["type"] in own and actor["info"]["org"]["name"] != sent.own_organization:
            yield f"{_ISSUE}.actors[{place}].info.org.name", "subscriber::domain"


def _speaks_for_us(sent: Sent) -> Iterator[Finding]:
    wanted = _OWN_TYPES[sent.is_answer][0]
    if not any(actor["type"] == wanted for actor in sent.issue["actors"]):
        yield f"{_ISSUE}.actors", f"an actor of type {wanted}"


def _refs(sent: Sent) -> Iterator[Finding]:
    refs = sent.issue["refs"]
    for wanted in ("ORDER",) if sent.is_answer else ("ORDER", "FULFILLMENT"):
        if not any(one["ref_type"] == wanted for one in refs):
            yield f"{_ISSUE}.refs", f"a reference of type {wanted}"
    for place, one in enumerate(refs):
        if (one["ref_type"] == "ITEM") != ("tags" in one):
            yield f"{_ISSUE}.refs[{place}].tags", "tags at an item, and only there"


def _resolutions(sent: Sent) -> Iterator[Finding]:
    """Of remedies that we propose; those of others are sent back as they came."""
    resolutions = sent.issue.get("resolutions", ()) if sent.is_answer else ()
    parents = {one["id"] for one in resolutions if one["descriptor"]["code"] == "PARENT"}
    for place, one in enumerate(resolutions):
        path = f"{_ISSUE}.resolutions[{place}]"
        code = one["descriptor"]["code"]
        if code != "PARENT" and not (one.get("ref_type") == "PARENT" and one.get("ref_id") in parents):
            yield f"{path}.ref_id", "the id of the resolution of code PARENT"
        details = [entries(tag) for tag in one.get("tags", ()) if tag_code(tag) == "RESOLUTION_DETAILS"]
        if any("REFUND_AMOUNT" in detail for detail in details) != (code == "REFUND"):
            yield f"{path}.tags", "REFUND_AMOUNT of a refund, and only of a refund"


def _references(sent: Sent) -> Iterator[Finding]:
    issue = sent.issue
    codes = {one["id"]: one["descriptor"]["code"] for one in issue.get("resolutions", ())}
    before: set[str] = set()
    for place, one in enumerate(issue["actions"]):
        path, code = f"{_ISSUE}.actions[{place}]", _action_code(one)
        if code in _ON_RESOLUTIONS and not (one.get("ref_type") == "RESOLUTIONS" and one.get("ref_id") in codes):
            yield f"{path}.ref_id", "the id of a resolution, of type RESOLUTIONS"
        if code == "INFO_PROVIDED" and one.get("ref_id") not in before:
            yield f"{path}.ref_id", "the id of the action that asked"
        before.add(one["id"])


def _names(sent: Sent) -> Iterator[Finding]:
    """Of what we ask for and what we resolve with."""
    codes = {one["id"]: one["descriptor"]["code"] for one in sent.issue.get("resolutions", ())}
    for place, one in enumerate(sent.issue["actions"] if sent.is_answer else ()):
        path, name = f"{_ISSUE}.actions[{place}].descriptor.name", one["descriptor"].get("name")
        if _action_code(one) == "INFO_REQUESTED" and name is None:
            yield path, "what is asked for, such as INFO001"
        if _action_code(one) == "RESOLVED" and name != codes.get(one.get("ref_id")):
            yield path, "the code of the resolution"


def _status(sent: Sent) -> Iterator[Finding]:
    last = _action_code(sent.issue["actions"][-1])
    wanted = {"OPEN": "OPEN", "ESCALATED": "OPEN", "RESOLVED": "RESOLVED", "CLOSED": "CLOSED"}.get(last, "PROCESSING")
    if sent.issue["status"] != wanted:
        yield f"{_ISSUE}.status", "the status after the last action"
    escalated = any(_action_code(one) == "ESCALATED" for one in sent.issue["actions"])
    if (sent.issue["level"] == "GRIEVANCE") != escalated:
        yield f"{_ISSUE}.level", "GRIEVANCE once it is escalated, and not before"


RULES_V2: Final[tuple[IgmRule, ...]] = (
    IgmRule("opened", "1.4: updated_at is created_at on OPEN", _opened),
    IgmRule("updated_at", "1.3, 1.4: updated_at is the last action's", _updated),
    IgmRule("last_action_id", "1.4: the last one is last_action_id", _last_action),
    IgmRule("ids", "1.4: actions are told apart by their ids", _own_ids),
    IgmRule("actors", "1.4: people are actors", _actors),
    IgmRule("organization", "1.4: org.name is subscriber::domain", _organizations),
    IgmRule("own_actor", "1.4: INTERFACING_NP raises, COUNTERPARTY_NP answers", _speaks_for_us),
    IgmRule("refs", "1.4: ORDER and FULFILLMENT; ITEM with tags", _refs),
    IgmRule("resolutions", "1.4: PARENT and its proposals; 1.3: refund_amount with a refund alone", _resolutions),
    IgmRule("references", "1.4: action bodies", _references),
    IgmRule("names", "1.4: INFO001 and INFO002; RESOLVED has the remedy's code", _names),
    IgmRule("status", "1.4: Flow 1, status by last action; escalation", _status),
)
