"""Flows of grievances: those of 2.0.0 that ONDC's reviewers look for, and that of 1.0.0. Source: network 1.3 to 1.5.

Each begins with a complaint that a seller who does not serve grievances refuses; then it is not played.
"""

from __future__ import annotations

from typing import Any

from bpp.conformance.scenarios.booking import booked, carried_out
from bpp.conformance.scenarios.grieving import (
    NOT_FINISHED,
    answers,
    asks_for,
    changes_the_order,
    closes,
    opens,
    polls,
    proposes,
    resolves,
    says,
    seller_complains,
    seller_says,
)
from bpp.conformance.scenarios.steps import Scenario, Step
from bpp.sandbox.complaints import Answering, Complaint, OldComplaint
from bpp.sandbox.exchange import Json

IGM_1, IGM_2 = "igm-1.0.0", "igm-2.0.0"
"""Folders of evidence."""
REFUND: Json = {"code": "REFUND", "amount": "50.00"}
AGAIN: Json = {"code": "REPLACEMENT"}
NOTHING: Json = {"code": "NO_ACTION", "text": "The old pipe leaks, not what was repaired"}


def _asked_for(issue: Complaint) -> Json:
    return issue.asked_for() | {"descriptor": {"images": [{"url": "https://buyer.example.in/more.jpg"}]}}


def _takes(code: str) -> tuple[Step, ...]:
    return (says("RESOLUTION_ACCEPTED", lambda issue: issue.offered(code)),)


def _the_accepted(issue: Complaint) -> Json:
    return issue.accepted() if isinstance(issue, Answering) else {}


def _flow(name: str, title: str, *steps: Step, apis: str = IGM_2, **more: Any) -> Scenario:
    return Scenario(name=name, title=title, steps=(*booked(), *carried_out(), *steps), once=True, apis=apis, **more)


SCENARIOS: tuple[Scenario, ...] = (
    _flow(
        "issue_resolved",
        "The twelve steps of a complaint: two questions, a refund that is chosen, and its closing",
        opens(),
        polls(),
        asks_for("INFO001", "INFO002"),
        says("INFO_PROVIDED", _asked_for),
        asks_for("INFO001"),
        says("INFO_PROVIDED", _asked_for),
        proposes(REFUND, AGAIN),
        *_takes("REFUND"),
        changes_the_order(),
        polls(name="issue_status_resolved"),
        *closes(),
    ),
    _flow(
        "issue_rejected",
        "A proposal that is rejected, another that is accepted: the work is done again",
        opens(),
        proposes(NOTHING),
        says("RESOLUTION_REJECTED", lambda issue: issue.offered("NO_ACTION")),
        proposes(AGAIN),
        *_takes("REPLACEMENT"),
        changes_the_order(),
        *closes(),
    ),
    _flow(
        "issue_escalated",
        "A complaint that becomes a grievance: the officer's proposal is accepted",
        opens(),
        proposes(NOTHING),
        says("ESCALATED"),
        proposes(REFUND),
        *_takes("REFUND"),
        changes_the_order(),
        *closes(),
    ),
    _flow(
        "issue_no_action",
        "A complaint to which nothing is done, and the buyer is content with why",
        opens(),
        proposes(NOTHING),
        *_takes("NO_ACTION"),
        *closes(),
    ),
    _flow(
        "issue_by_seller",
        "The seller app complains to the buyer app, takes what it proposes, and closes",
        seller_complains(),
        answers("PROCESSING"),
        answers("RESOLUTION_PROPOSED", asked=False, words=lambda _: {"remedies": ["NOW_VISIBLE"]}),
        seller_says("RESOLUTION_ACCEPTED"),
        answers("RESOLVED", words=_the_accepted),
        seller_says("CLOSED"),
    ),
    _flow(
        "issue_1_resolved",
        "A complaint of version 1.0.0: asked after, resolved by a refund, asked after again, closed",
        opens(code=NOT_FINISHED, kind=OldComplaint),
        polls(kind=OldComplaint),
        resolves(REFUND),
        polls(kind=OldComplaint, name="issue_status_resolved"),
        *closes(kind=OldComplaint),
        apis=IGM_1,
    ),
    _flow(
        "issue_1_escalated",
        "A complaint of version 1.0.0: more is asked for, nothing is done, the officer has the work done again",
        opens(code=NOT_FINISHED, kind=OldComplaint),
        asks_for("INFO001", tells="on_issue_status"),
        says("MORE", kind=OldComplaint),
        resolves(NOTHING),
        says("ESCALATE", kind=OldComplaint),
        resolves(AGAIN),
        *closes(kind=OldComplaint),
        apis=IGM_1,
    ),
)
