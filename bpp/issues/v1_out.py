"""Version 1.0.0 written: our side's actions so far, and with RESOLVED what is done. Source: network reference 1.3."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from beckn_schemas.igm_codes import IMAGES_V1
from bpp.issues.categories import pair_of
from bpp.issues.facts import OrderFacts
from bpp.issues.model import Action, Code, Complaint, Desk, Issue, Person, Status
from bpp.issues.v1 import COMPLAINANT, RESPONDENT
from bpp.issues.v2 import filled, more_text

SPELLED: Final[Mapping[Code, str]] = {
    code: word for table in (COMPLAINANT, RESPONDENT) for word, code in table.items()
} | {Code.INFO_PROVIDED: "OPEN"}
"""An issue told again after NEED-MORE-INFO is OPEN: there is no word for it (1.3, State machine)."""
NP: Final = "TRANSACTION-COUNTERPARTY-NP"


class NoSuchForm(Exception):
    """A complaint of ours that 1.0.0 cannot say: its category is none of those two that are sent (1.6)."""


def on_issue_v1(issue: Issue, desk: Desk) -> dict[str, Any]:
    """The message of an on_issue: the answer to an /issue."""
    return {"issue": _answer(issue, desk)}


def on_issue_status_v1(issue: Issue, desk: Desk) -> dict[str, Any]:
    """The message of an on_issue_status: the answer to a poll, or news; with the resolution once there is one."""
    body = _answer(issue, desk)
    own = _own(issue)
    remedy = issue.resolution(own[-1].ref_id) if own[-1].code is Code.RESOLVED else None
    if remedy is not None:
        body["resolution_provider"] = {
            "respondent_info": {
                "type": NP,
                "organization": _updated_by(desk.agent, desk, issue),
                "resolution_support": {
                    "contact": _contact(desk.agent),
                    "gros": [
                        {
                            "person": {"name": desk.officer.name},
                            "contact": _contact(desk.officer),
                            "gro_type": f"{NP}-GRO",
                        }
                    ],
                },
            }
        }
        body["resolution"] = {
            "action": "REJECT" if remedy.code == "NO_ACTION" else "RESOLVE",
            "short_desc": remedy.short_desc,
            "long_desc": remedy.long_desc or remedy.short_desc,
            "action_triggered": remedy.code.replace("_", "-"),
            **filled({"refund_amount": str(remedy.amount) if remedy.amount is not None else ""}),
        }
    return {"issue": body}


def form_of(complaint: Complaint) -> tuple[str, str] | None:
    """The category and sub-category under which 1.0.0 can say a complaint of ours; None where it has no form for it."""
    pair = pair_of(complaint)
    return None if pair is None or (pair[1] in IMAGES_V1 and not complaint.images) else pair


def issue_v1(issue: Issue, desk: Desk, order: OrderFacts) -> dict[str, Any]:
    """The message of an /issue of ours, whole each time. Raises NoSuchForm where this version cannot say it."""
    pair = form_of(issue.complaint)
    if pair is None:
        raise NoSuchForm("a category of 1.0.0 that is sent, with pictures where it asks for them, is expected")
    category, sub_category = pair
    stages = {one.id: one.code for one in order.visits}
    own = _own(issue)
    source = next((one for one in issue.actors if one.id == issue.source_id), None)
    person = source.person if source else desk.agent
    images = [one.url for one in (*issue.complaint.images, *(image for each in own for image in each.images))]
    closed = issue.status is Status.CLOSED
    return {
        "issue": {
            "id": issue.id,
            "category": category,
            "sub_category": sub_category,
            "complainant_info": {
                "person": {"name": person.name or desk.agent.name},
                "contact": filled({"phone": person.phone, "email": person.email}),
            },
            "order_details": {
                "id": order.order_id,
                "state": order.status,
                "provider_id": order.provider_id,
                **filled(
                    {
                        "items": [
                            {"id": one.ref_id, "quantity": one.count} for one in issue.refs if one.ref_type == "ITEM"
                        ],
                        "fulfillments": [
                            {"id": one, "state": stages[one]} for one in issue.referred("FULFILLMENT") if one in stages
                        ],
                    }
                ),
            },
            "description": {
                "short_desc": issue.complaint.short_desc,
                "long_desc": issue.complaint.long_desc or issue.complaint.short_desc,
                **filled({"images": images}),
                **more_text(issue.complaint),
            },
            "source": {"network_participant_id": desk.subscriber_id, "type": "SELLER"},
            "expected_response_time": {"duration": issue.expected_response},
            "expected_resolution_time": {"duration": issue.expected_resolution},
            "status": "CLOSED" if closed else "OPEN",
            "issue_type": issue.level.value,
            "issue_actions": {
                "complainant_actions": [
                    {
                        "complainant_action": SPELLED[one.code],
                        "short_desc": one.short_desc,
                        "updated_at": one.at.text,
                        "updated_by": _updated_by(desk.agent, desk, issue),
                    }
                    for one in own
                ]
            },
            **filled({"rating": own[-1].rating.replace("_", "-")}),
            "created_at": issue.created.text,
            "updated_at": own[-1].at.text,
        }
    }


def _own(issue: Issue) -> tuple[Action, ...]:
    """Our own actions: each side tells its own."""
    return tuple(one for one in issue.actions if one.code.side is issue.we and one.code in SPELLED)


def _answer(issue: Issue, desk: Desk) -> dict[str, Any]:
    own = _own(issue)
    return {
        "id": issue.id,
        "issue_actions": {
            "respondent_actions": [
                {
                    "respondent_action": SPELLED[one.code],
                    "short_desc": one.short_desc,
                    "updated_at": one.at.text,
                    "updated_by": _updated_by(desk.agent, desk, issue),
                    "cascaded_level": 2 if one.code is Code.CASCADED else 1,
                }
                for one in own
            ]
        },
        "created_at": issue.created.text,
        "updated_at": own[-1].at.text,
    }


def _updated_by(person: Person, desk: Desk, issue: Issue) -> dict[str, Any]:
    return {
        "org": {"name": f"{desk.subscriber_id}::{issue.domain}"},
        "contact": _contact(person),
        "person": {"name": person.name},
    }


def _contact(person: Person) -> dict[str, str]:
    return {"phone": person.phone, "email": person.email}
