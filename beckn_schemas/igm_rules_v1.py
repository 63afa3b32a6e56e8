"""Rules across the parts of a 1.0.0 message that we send. Source: network reference 1.3, "Rules"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from beckn_schemas.igm_codes import IMAGES_V1
from beckn_schemas.igm_view import IgmRule, Sent
from beckn_schemas.invariants_base import Finding, instant

_ISSUE: Final = "message.issue"


def _actions(sent: Sent) -> list[Mapping[str, Any]]:
    """Our own actions, oldest first."""
    side = "respondent_actions" if sent.is_answer else "complainant_actions"
    return list(sent.issue["issue_actions"][side])


def _last(sent: Sent) -> str:
    action = _actions(sent)[-1]
    return str(action["respondent_action" if sent.is_answer else "complainant_action"])


def _updated(sent: Sent) -> Iterator[Finding]:
    stamps = [instant(one["updated_at"]) for one in _actions(sent)]
    if instant(sent.issue["updated_at"]) != stamps[-1]:
        yield f"{_ISSUE}.updated_at", "the time of our last action"
    if stamps != sorted(stamps):
        yield f"{_ISSUE}.issue_actions", "actions in the order of their times"


def _organizations(sent: Sent) -> Iterator[Finding]:
    side = "respondent_actions" if sent.is_answer else "complainant_actions"
    for place, one in enumerate(_actions(sent)):
        if one["updated_by"]["org"]["name"] != sent.own_organization:
            yield f"{_ISSUE}.issue_actions.{side}[{place}].updated_by.org.name", "subscriber::domain"
    provider = sent.issue.get("resolution_provider")
    if provider and provider["respondent_info"]["organization"]["org"]["name"] != sent.own_organization:
        yield f"{_ISSUE}.resolution_provider.respondent_info.organization.org.name", "subscriber::domain"


def _cascaded(sent: Sent) -> Iterator[Finding]:
    if not sent.is_answer:
        return
    for place, one in enumerate(_actions(sent)):
        if one["cascaded_level"] != (2 if one["respondent_action"] == "CASCADED" else 1):
            yield f"{_ISSUE}.issue_actions.respondent_actions[{place}].cascaded_level", "1, and 2 where we cascaded"


def _resolution(sent: Sent) -> Iterator[Finding]:
    if not sent.is_answer:
        return
    resolved = _last(sent) == "RESOLVED"
    if sent.action == "on_issue":
        if resolved:
            yield f"{_ISSUE}.issue_actions", "no RESOLVED last: that goes in on_issue_status"
        return
    for key in ("resolution", "resolution_provider"):
        if (key in sent.issue) != resolved:
            yield f"{_ISSUE}.{key}", "a resolution and its provider with RESOLVED, and only with it"
    resolution = sent.issue.get("resolution")
    if resolution is None:
        return
    if (resolution["action_triggered"] == "REFUND") != ("refund_amount" in resolution):
        yield f"{_ISSUE}.resolution.refund_amount", "an amount with REFUND, and only with it"
    if (resolution["action_triggered"] == "NO-ACTION") != (resolution["action"] == "REJECT"):
        yield f"{_ISSUE}.resolution.action", "REJECT where nothing is done, else RESOLVE"


def _raised(sent: Sent) -> Iterator[Finding]:
    if sent.is_answer:
        return
    issue = sent.issue
    category, details = issue["category"], issue["order_details"]
    wanted = {"ITEM": "items", "FULFILLMENT": "fulfillments"}[category]
    if wanted not in details:
        yield f"{_ISSUE}.order_details.{wanted}", f"what is meant, in the category {category}"
    if issue["sub_category"] in IMAGES_V1 and "images" not in issue["description"]:
        yield f"{_ISSUE}.description.images", "pictures, in this sub-category"
    if issue["source"]["network_participant_id"] != sent.context["bpp_id"]:
        yield f"{_ISSUE}.source.network_participant_id", "our subscriber id"


def _stands(sent: Sent) -> Iterator[Finding]:
    """Status, level, rating and the first times follow from the actions."""
    if sent.is_answer:
        return
    issue = sent.issue
    done = [one["complainant_action"] for one in _actions(sent)]
    closed = done[-1] == "CLOSE"
    if (issue["status"] == "CLOSED") != closed:
        yield f"{_ISSUE}.status", "CLOSED with CLOSE, and only with it"
    if (issue["issue_type"] == "GRIEVANCE") != ("ESCALATE" in done):
        yield f"{_ISSUE}.issue_type", "GRIEVANCE once it is escalated, and not before"
    if "rating" in issue and not closed:
        yield f"{_ISSUE}.rating", "no rating before it is closed"
    if done == ["OPEN"] and issue["created_at"] != issue["updated_at"]:
        yield f"{_ISSUE}.updated_at", "created_at, when an issue is opened"


RULES_V1: Final[tuple[IgmRule, ...]] = (
    IgmRule("updated_at", "1.3: updated_at is the last action's", _updated),
    IgmRule("organization", "1.4: org.name is subscriber::domain", _organizations),
    IgmRule("cascaded_level", "1.3: cascaded_level 1, one more where cascaded", _cascaded),
    IgmRule("resolution", "1.3: RESOLVED in on_issue_status; refund_amount; resolution_provider", _resolution),
    IgmRule("raised", "1.3: items, fulfillments, images; 1.6: categories", _raised),
    IgmRule("stands", "1.3: status, rating, created_at", _stands),
)
