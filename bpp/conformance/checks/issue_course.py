"""How an issue goes on: that nothing said is lost, what follows from what, when, and what a remedy changes.

Source: network 1.3 to 1.5; assertion 56.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from beckn_schemas.base import parse_duration
from beckn_schemas.igm_codes import V2
from bpp.conformance.check import Check, Fault, NotRun, Said, Subject
from bpp.conformance.checks.issue_parts import (
    SAID,
    TOLD,
    actions_of,
    before,
    check,
    code_of,
    first_said,
    instant,
    issue_id,
    issue_of,
    last_code,
    told,
    version,
)
from bpp.conformance.record import Flow, Record
from bpp.sandbox.exchange import Json, part

PROCESSING, RESOLVED, REFUND = "PROCESSING", "RESOLVED", "REFUND"
FOLLOWS: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(
        ("OPEN", "INFO_PROVIDED", "INFO_NOT_AVAILABLE", "RESOLUTION_REJECTED", "ESCALATED", "ESCALATE"),
        frozenset({PROCESSING}),
    ),
    "RESOLUTION_ACCEPTED": frozenset({PROCESSING, RESOLVED}),
}
"""What a seller app says at once after each action of the buyer's (network 1.4, Flow 1)."""


def _created(subject: Subject) -> Said:
    first = first_said(subject, lambda _: True)
    wanted = issue_of(first).get("created_at") if first else None
    if wanted is None:
        yield NotRun("nothing was said of this issue before")
    elif issue_of(subject.message).get("created_at") != wanted:
        yield Fault("message.issue.created_at", f"as it was: {wanted}", issue_of(subject.message).get("created_at"))


def _asked_by(flow: Flow) -> Iterator[Subject]:
    """Answers to /issue, but to what was told before already."""
    for one in told("on_issue")(flow):
        if one.request is not None and one.request.action == "issue" and not _again(Subject(flow, one.request)):
            yield one


def _again(asked: Subject) -> bool:
    return any(one.sent and issue_of(one) == issue_of(asked.message) for one in before(asked))


def _last_said(request: Record) -> str:
    """The buyer's last action; MORE where a complaint of 1.0.0 only tells more."""
    issue = issue_of(request)
    if version(request) == V2:
        return str(issue["actions"][-1]["descriptor"]["code"])
    return str(issue["issue_actions"]["complainant_actions"][-1]["complainant_action"])


def _processing(subject: Subject) -> Said:
    """The seller's last action is what follows the buyer's: PROCESSING, or RESOLVED of what was accepted."""
    wanted = FOLLOWS.get(_last_said(subject.asked))
    if wanted is None:
        yield NotRun("nothing follows from the buyer's last action")
    elif (code := last_code(subject.message)) not in wanted:
        yield Fault("message.issue", f"a last action that is {' or '.join(sorted(wanted))}", code)


def _deadline(opened: Record, key: str) -> datetime:
    """When something is expected, counted from the complaint."""
    issue = issue_of(opened)
    lasting: timedelta = parse_duration(issue[key]["duration"])
    return instant(issue["created_at"]) + lasting


def _within(code: str, key: str) -> Callable[[Subject], Said]:
    """The first action of a code is not later than the complaint expects; the level at which it was opened counts."""

    def judge(subject: Subject) -> Said:
        opened = first_said(subject, lambda one: one.sent and key in issue_of(one))
        found = [one for one in actions_of(subject.message) if code_of(one) == code]
        if opened is None or not found:
            yield NotRun(f"no {code} of a complaint that says when it is expected")
        elif instant(found[0]["updated_at"]) > _deadline(opened, key):
            wanted = f"{code} by {_deadline(opened, key).isoformat()}"
            yield Fault("message.issue", wanted, found[0]["updated_at"])

    return judge


def _kept(subject: Subject) -> Said:
    """Every action that was told is told again, first, unchanged; of 2.0.0 also what the other side said."""
    now = actions_of(subject.message)
    for one in reversed(before(subject)):
        if version(one) == version(subject.message) and (then := actions_of(one)):
            kept = now[: len(then)]
            if [_essence(each) for each in kept] != [_essence(each) for each in then]:
                where = "actions" if version(one) == V2 else "issue_actions.respondent_actions"
                ids = [each.get("id") or code_of(each) for each in now]
                yield Fault(f"message.issue.{where}", f"the actions of {one.name}, first and unchanged", ids)
            return
    yield NotRun("nothing was told of this issue before")


def _essence(action: Json) -> tuple[Any, ...]:
    return action.get("id"), code_of(action), instant(action["updated_at"]), action.get("ref_id")


def _polled(flow: Flow) -> Iterator[Subject]:
    for one in told("on_issue_status")(flow):
        if one.request is not None and one.request.action == "issue_status":
            yield one


def _adds_nothing(subject: Subject) -> Said:
    """As the last message of either side left it: the same actions, the same updated_at."""
    same = [one for one in before(subject) if version(one) == version(subject.message) and actions_of(one)]
    if not same:
        yield NotRun("nothing was told of this issue before")
        return
    known, found = same[-1], subject.message
    if len(actions_of(found)) > len(actions_of(known)):
        yield Fault("message.issue", f"no action that {known.name} has not", last_code(found))
    if not known.sent and issue_of(found).get("updated_at") != issue_of(known).get("updated_at"):
        wanted = f"as in {known.name}: {issue_of(known).get('updated_at')}"
        yield Fault("message.issue.updated_at", wanted, issue_of(found).get("updated_at"))


def _refunds(flow: Flow) -> Iterator[Subject]:
    """The first message that says RESOLVED by a refund, of each issue."""
    seen: set[str] = set()
    for one in told(*TOLD)(flow):
        if issue_id(one.message) not in seen and _remedy(one.message) == REFUND:
            seen.add(issue_id(one.message))
            yield one


def _remedy(record: Record) -> str:
    """The code of the remedy by which an issue is resolved; an empty text before it is."""
    if last_code(record) != RESOLVED:
        return ""
    issue = issue_of(record)
    if version(record) == V2:
        meant = actions_of(record)[-1].get("ref_id")
        found: Json = next((one for one in issue.get("resolutions", ()) if one["id"] == meant), {})
        return str(part(found, "descriptor").get("code", ""))
    return str(part(issue, "resolution").get("action_triggered", ""))


def _refund_told(subject: Subject) -> Said:
    this = subject.message
    if not any(
        one.action == "on_update" and one.transaction_id == this.transaction_id for one in subject.flow.callbacks
    ):
        yield Fault("time", "an on_update with the refund", "none came")


CHECKS: tuple[Check, ...] = (
    check("issue_created_at", "created_at of an issue never changes", told(*SAID), _created, "network 1.3"),
    check(
        "issue_processing",
        "The seller app says at once that it is at it, and RESOLVED where its proposal was accepted",
        _asked_by,
        _processing,
        "assertion 56",
        "network 1.4",
        "network 1.9",
    ),
    check(
        "issue_response_time",
        "PROCESSING is said within the expected response time",
        told(*TOLD),
        _within(PROCESSING, "expected_response_time"),
        "network 1.5",
    ),
    check(
        "issue_resolution_time",
        "RESOLVED is said within the expected resolution time",
        told(*TOLD),
        _within(RESOLVED, "expected_resolution_time"),
        "network 1.5",
    ),
    check(
        "issue_actions_kept",
        "A message about an issue tells every action that was told before, unchanged",
        told(*SAID),
        _kept,
        "network 1.3",
        "network 1.4",
    ),
    check(
        "issue_status_adds_nothing",
        "An answer to issue_status tells how it stands, and adds nothing",
        _polled,
        _adds_nothing,
        "network 1.3",
        "network 1.4",
        needs="answer to issue_status",
    ),
    check(
        "issue_refund_told",
        "A refund that resolves a complaint is told of the order, too, by on_update",
        _refunds,
        _refund_told,
        "network 1.5",
        needs="complaint that a refund resolved",
    ),
)
