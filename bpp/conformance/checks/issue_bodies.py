"""What a message about an issue holds, in each version: its keys, what of it is the other side's, and who answers.

The rules across the parts of one message stand in ``beckn_schemas.igm_rules_v1`` and ``igm_rules_v2``, where a seller
app demands them of what it sends; here they are demanded of anybody's. Source: network 1.3, 1.4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from beckn_schemas.igm_check import TIMES
from beckn_schemas.igm_codes import V1, V2, IgmVersion
from beckn_schemas.igm_rules_v1 import RULES_V1
from beckn_schemas.igm_rules_v2 import RULES_V2
from beckn_schemas.igm_view import IgmRule, Sent
from bpp.conformance.check import Check, Fault, NotRun, Said, Severity, Subject
from bpp.conformance.checks.issue_course import RESOLVED
from bpp.conformance.checks.issue_parts import (
    SAID,
    TOLD,
    actions_of,
    check,
    code_of,
    first_said,
    issue_of,
    last_code,
    told,
)
from bpp.conformance.path import ABSENT, at
from bpp.conformance.record import Record
from bpp.sandbox.exchange import Json, part

TITLES: Final[Mapping[str, str]] = {
    "issue_times": "created_at, updated_at and context.timestamp of an issue follow one another",
    "issue_1_updated_at": "updated_at of an issue is that of the last action, and actions are told in their order",
    "issue_1_organization": "Whoever acts for the seller app says org.name as subscriber::domain",
    "issue_1_cascaded_level": "cascaded_level is 1, and 2 where the complaint was cascaded",
    "issue_1_resolution": "RESOLVED goes in on_issue_status, with a resolution, its provider and a refund's amount",
    "issue_2_opened": "updated_at is created_at where the seller app opens an issue",
    "issue_2_updated_at": "updated_at of an issue is that of its latest action",
    "issue_2_last_action_id": "last_action_id is the id of the last action",
    "issue_2_ids": "Actions, actors and resolutions have ids of their own",
    "issue_2_actors": "Whoever acts, proposes, complains, responds or resolves is among the actors",
    "issue_2_organization": "The seller app's own actors say org.name as subscriber::domain",
    "issue_2_own_actor": "The seller app is COUNTERPARTY_NP where it answers, INTERFACING_NP where it complains",
    "issue_2_refs": "An issue refers to its order, and to items with their tags; one of the seller app's to a visit",
    "issue_2_resolutions": "Remedies hang together under a PARENT, and a refund says its amount",
    "issue_2_references": "Proposals, answers to them and RESOLVED name a resolution, INFO_PROVIDED its question",
    "issue_2_names": "INFO_REQUESTED says what is asked for, RESOLVED by which remedy",
    "issue_2_status": "Status and level follow from the actions",
}
"""The rules as they are demanded of others; those of 1.0.0 for a seller app that complains are not played."""
_RULES: Final[tuple[tuple[str, IgmRule, IgmVersion | None], ...]] = (
    ("issue_times", TIMES, None),
    *((f"issue_1_{one.name}", one, V1) for one in RULES_V1),
    *((f"issue_2_{one.name}", one, V2) for one in RULES_V2),
)
_COMPLAINANTS: Final = ("source_id", "complainant_id", "descriptor.code", "descriptor.short_desc")
_EXPECTED: Final = ("expected_response_time.duration", "expected_resolution_time.duration")
_KEYS_V2: Final = (
    "id",
    "status",
    "level",
    "created_at",
    "updated_at",
    *_EXPECTED,
    "refs",
    "actors",
    *_COMPLAINANTS,
    "respondent_ids",
    "last_action_id",
    "actions",
)
_ACTION_V2: Final = ("id", "descriptor.code", "updated_at", "action_by")
_ACTION_V1: Final = ("respondent_action", "short_desc", "updated_at", "updated_by", "cascaded_level")
_TARGETS: Final = frozenset({"APPENDED", "UPDATED", "DELETED"})
_OFFICER = "COUNTERPARTY_NP_GRO"
_REACHED = ("phone", "email")
_SECTION = re.compile(r"\b1\.\d\b")


def _rule(name: str, rule: IgmRule, of: IgmVersion | None) -> Check:
    def judge(subject: Subject) -> Iterator[Fault]:
        document = subject.message.document
        sent = Sent(document, unsolicited=subject.request is None)
        for path, expected in rule.check(sent):
            yield Fault(path, expected, at(document, path))

    sources = dict.fromkeys(f"network {section}" for section in _SECTION.findall(rule.source))
    return check(name, TITLES[name], told(*SAID, of=of), judge, *sources)


def _keys_v2(subject: Subject) -> Said:
    issue = issue_of(subject.message)
    paths = [*_KEYS_V2, *(f"actions[{place}].{key}" for place, _ in enumerate(issue["actions"]) for key in _ACTION_V2)]
    yield from _lacking(issue, paths)


def _keys_v1(subject: Subject) -> Said:
    """All five keys of each action are wanted (network 1.3)."""
    issue = issue_of(subject.message)
    holder = "issue_actions.respondent_actions"
    number = len(actions_of(subject.message))
    paths = ["id", "created_at", "updated_at", f"{holder}[0]"]
    yield from _lacking(issue, [*paths, *(f"{holder}[{place}].{key}" for place in range(number) for key in _ACTION_V1)])


def _lacking(issue: Json, paths: list[str]) -> Iterator[Fault]:
    for path in paths:
        if at(issue, path) in (ABSENT, None, ""):
            yield Fault(f"message.issue.{path}", "a value", at(issue, path))


def _respondents_own(subject: Subject) -> Said:
    issue = issue_of(subject.message)
    for path in ("status", "issue_actions.complainant_actions"):
        if at(issue, path) != ABSENT:
            yield Fault(f"message.issue.{path}", "nothing: that is the complainant's", at(issue, path))


def _officers_v1(subject: Subject) -> Said:
    if last_code(subject.message) != RESOLVED:
        yield NotRun("only a resolution names the grievance officer")
        return
    path = "resolution_provider.respondent_info.resolution_support.gros"
    officers = at(issue_of(subject.message), path)
    if not isinstance(officers, list) or not any(_reached(one) for one in officers):
        yield Fault(f"message.issue.{path}", "the grievance officer, with phone and email", officers)


def _officer_v2(subject: Subject) -> Said:
    """From the first proposal on, and wherever it is a grievance."""
    issue = issue_of(subject.message)
    codes = {code_of(one) for one in actions_of(subject.message)}
    if not codes & {"RESOLUTION_PROPOSED", "ESCALATED"}:
        yield NotRun("nothing was proposed or escalated yet")
        return
    officers = [one for one in issue["actors"] if one.get("type") == _OFFICER]
    if not any(_reached(part(one, "info")) for one in officers):
        yield Fault("message.issue.actors", f"a {_OFFICER} with phone and email", officers)


def _reached(who: Json) -> bool:
    return all(part(who, "contact").get(key) for key in _REACHED)


def _target(subject: Subject) -> Said:
    """``issue.actions`` in any form, ``issue.actions[?(@.id=='A12')]`` as well (network 1.4)."""
    found = subject.message.message.get("update_target", ABSENT)
    targets = found if isinstance(found, list) else []
    if not any(_fits(one) for one in targets):
        yield Fault("message.update_target", "path issue.actions, action APPENDED", found)


def _fits(target: object) -> bool:
    return (
        isinstance(target, dict)
        and str(target.get("path", "")).startswith("issue.actions")
        and target.get("action") in _TARGETS
    )


def _complaint_kept(subject: Subject) -> Said:
    """What the complainant said is the complainant's."""
    first = _opening(subject)
    if first is None:
        yield NotRun("the complaint itself is not recorded")
        return
    then, now = issue_of(first), issue_of(subject.message)
    for path in (*_COMPLAINANTS, *_EXPECTED):
        if at(now, path) != at(then, path):
            yield Fault(f"message.issue.{path}", f"as in {first.name}: {at(then, path)}", at(now, path))
    known = {(one.get("ref_type"), one.get("ref_id")) for one in now["refs"]}
    for one in then["refs"]:
        if (one["ref_type"], one["ref_id"]) not in known:
            yield Fault("message.issue.refs", f"the {one['ref_type']} {one['ref_id']} of {first.name}", sorted(known))


def _opening(subject: Subject) -> Record | None:
    return first_said(subject, lambda one: one.action == "issue")


CHECKS: tuple[Check, ...] = (
    check(
        "issue_2_keys",
        "A message of version 2.0.0 has the whole issue, with every key of each action",
        told(*SAID, of=V2),
        _keys_v2,
        "network 1.4",
    ),
    check(
        "issue_1_keys",
        "A message of version 1.0.0 has the issue's id and times, and all five keys of each action",
        told(*TOLD, of=V1),
        _keys_v1,
        "network 1.3",
    ),
    check(
        "issue_1_respondent_only",
        "The respondent of version 1.0.0 sends neither status nor complainant_actions",
        told(*TOLD, of=V1),
        _respondents_own,
        "network 1.3",
    ),
    check(
        "issue_1_officer",
        "A resolution of version 1.0.0 names the grievance officer with phone and email",
        told("on_issue_status", of=V1),
        _officers_v1,
        "network 1.3",
        severity=Severity.WARNING,
    ),
    check(
        "issue_2_officer",
        "From the first proposal or escalation on the grievance officer is an actor, with phone and email",
        told(*TOLD, of=V2),
        _officer_v2,
        "network 1.4",
        "network 1.5",
    ),
    check(
        "issue_2_update_target",
        "An on_issue of version 2.0.0 says in update_target that actions were added",
        told("on_issue", of=V2),
        _target,
        "network 1.4",
    ),
    check(
        "issue_2_complaint_kept",
        "What the complainant said stays as it was: category, words, references, expected times",
        told(*TOLD, of=V2),
        _complaint_kept,
        "network 1.4",
    ),
    *(_rule(*row) for row in _RULES if row[0] in TITLES),
)
