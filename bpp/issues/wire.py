"""Both versions at one place: which reader, which writer, and under which action an issue is told.

News of ours goes in on_issue in 2.0.0 and in on_issue_status in 1.0.0, where RESOLVED always does; nobody answers a
closing /issue. Source: network reference 1.1, 1.3 and 1.8.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from beckn_schemas.igm_codes import V1
from beckn_schemas.igm_context import echo_of
from beckn_schemas.igm_v1 import IssueV1Message
from beckn_schemas.igm_v2 import IssueV2Message
from bpp.issues.facts import OrderFacts
from bpp.issues.model import Code, Desk, Issue, Side
from bpp.issues.v1 import said_v1
from bpp.issues.v1_out import issue_v1, on_issue_status_v1, on_issue_v1
from bpp.issues.v2 import issue_v2, on_issue_status_v2, on_issue_v2, said_v2

CallbackAction = Literal["on_issue", "on_issue_status"]


def said(message: IssueV1Message | IssueV2Message, context: Mapping[str, Any], we: Side, before: Issue | None) -> Issue:
    """The issue as a message tells it; ``context`` is the payload's own, whose shape every answer echoes.

    ``before`` is what is stored under its id: 1.0.0 says only what is new.
    """
    echo = echo_of(context)
    if isinstance(message, IssueV1Message):
        return said_v1(message.issue, echo, we, before)
    return said_v2(message.issue, echo, we)


def action_of(issue: Issue, *, solicited: bool) -> CallbackAction | None:
    """Under which action the respondent's last step is told; None where nothing is, since the issue is closed.

    ``solicited``: it answers an /issue, and repeats its message_id.
    """
    if issue.last.code is Code.CLOSED:
        return None
    if issue.version == V1 and (issue.last.code is Code.RESOLVED or not solicited):
        return "on_issue_status"
    return "on_issue"


def callback_message(issue: Issue, desk: Desk, action: CallbackAction) -> dict[str, Any]:
    """The message of a callback, as the respondent; an on_issue_status also answers a poll, and adds nothing."""
    match issue.version, action:
        case "1.0.0", "on_issue":
            return on_issue_v1(issue, desk)
        case "1.0.0", _:
            return on_issue_status_v1(issue, desk)
        case _, "on_issue":
            return on_issue_v2(issue)
        case _:
            return on_issue_status_v2(issue)


def issue_message(issue: Issue, desk: Desk, order: OrderFacts) -> dict[str, Any]:
    """The message of an /issue of ours. Raises NoSuchForm where 1.0.0 cannot say it."""
    return issue_v1(issue, desk, order) if issue.version == V1 else issue_v2(issue)


def status_message(issue: Issue) -> dict[str, Any]:
    """The message of an /issue_status of ours."""
    return {"issue_id": issue.id}
