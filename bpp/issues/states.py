"""The state table of an issue: what each side may do in which status, and where that leads.

Everything that may happen is a row of ``RULES``; what is not listed is refused. The table is the same where they
complain and where we do. Source: network reference 1.3, "State machine v1", 1.4, Flow 1 and variants, and 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from beckn_schemas.igm_codes import V1, V2, IgmVersion
from bpp.issues.model import PARENT, RESOLUTIONS, Action, Code, Issue, Level, Resolution, Side, Status


class Need(StrEnum):
    """What must be there before an action."""

    ASKED = "a request for information that waits"
    PROPOSED = "a proposal that waits"
    REMEDY = "a resolution that the action names"


@dataclass(frozen=True, slots=True)
class Rule:
    """From a status, by an action, to a status.

    ``source`` None is before the issue. ``levels`` are those at which it may happen; ``level`` is the one it leads to,
    None where that stays. ``since`` is the first version with such an action.
    """

    source: Status | None
    code: Code
    target: Status
    need: Need | None = None
    levels: frozenset[Level] = frozenset(Level)
    level: Level | None = None
    since: IgmVersion = V1

    @property
    def side(self) -> Side:
        """Who may do it."""
        return self.code.side


_FIRST_LEVEL: Final = frozenset({Level.ISSUE})
_OPEN, _DOING, _DONE, _OVER = Status.OPEN, Status.PROCESSING, Status.RESOLVED, Status.CLOSED

RULES: Final[tuple[Rule, ...]] = (
    Rule(None, Code.OPEN, _OPEN),
    Rule(_OPEN, Code.PROCESSING, _DOING),
    Rule(_DOING, Code.PROCESSING, _DOING),
    Rule(_DOING, Code.INFO_REQUESTED, _DOING),
    Rule(_DOING, Code.CASCADED, _DOING),
    Rule(_DOING, Code.RESOLUTION_CASCADED, _DOING, since=V2),
    Rule(_DOING, Code.RESOLUTION_PROPOSED, _DOING, Need.REMEDY, since=V2),
    Rule(_DOING, Code.RESOLVED, _DONE, Need.REMEDY),
    Rule(_DOING, Code.INFO_PROVIDED, _DOING, Need.ASKED),
    Rule(_DOING, Code.INFO_NOT_AVAILABLE, _DOING, Need.ASKED, since=V2),
    Rule(_DOING, Code.RESOLUTION_ACCEPTED, _DOING, Need.PROPOSED, since=V2),
    Rule(_DOING, Code.RESOLUTION_REJECTED, _DOING, Need.PROPOSED, since=V2),
    *(
        Rule(source, Code.ESCALATED, _OPEN, levels=_FIRST_LEVEL, level=Level.GRIEVANCE)
        for source in (_OPEN, _DOING, _DONE)
    ),
    *(Rule(source, Code.CLOSED, _OVER) for source in (_OPEN, _DOING, _DONE)),
)
"""A grievance is not escalated again: what comes after the officer is a dispute, which we are not part of. From OPEN it
is escalated where nobody has answered in time (1.3: "RESOLVED or overdue")."""

FOLLOW_UP: Final[Mapping[Code, Code]] = MappingProxyType(
    {
        Code.OPEN: Code.PROCESSING,
        Code.INFO_PROVIDED: Code.PROCESSING,
        Code.INFO_NOT_AVAILABLE: Code.PROCESSING,
        Code.RESOLUTION_REJECTED: Code.PROCESSING,
        Code.ESCALATED: Code.PROCESSING,
        Code.RESOLUTION_ACCEPTED: Code.RESOLVED,
    }
)
"""What the respondent does at once, by itself, after an action of the complainant (1.4, Flow 1; 1.9.4)."""


class NotPossible(Exception):
    """Something that cannot be done to an issue as it stands; nothing was changed.

    ``path`` is the place within the issue, ``allowed`` names what would be possible. The text is safe to show.
    """

    def __init__(self, message: str, *, path: str = "actions", allowed: tuple[Code, ...] = ()) -> None:
        super().__init__(message)
        self.path = path
        self.allowed = allowed


def allowed(issue: Issue | None, side: Side) -> tuple[Code, ...]:
    """What one side may do in an issue as it stands, or before there is one, in the order of the table."""
    return tuple(dict.fromkeys(rule.code for rule in RULES if rule.side is side and _holds(rule, issue)))


def rule_for(issue: Issue | None, code: Code) -> Rule:
    """The row for an action; raises NotPossible, naming what is possible, where the table has none."""
    found = next((rule for rule in RULES if rule.code is code and _applies(rule, issue)), None)
    if found is not None and _met(found, issue):
        return found
    possible = allowed(issue, code.side)
    standing = f"{issue.status} at level {issue.level}" if issue else "no issue yet"
    wanting = f" without {found.need}" if found else ""
    text = f"{code} is not possible in {standing}{wanting}; possible for the {code.side} now"
    raise NotPossible(f"{text}: {', '.join(possible) or 'nothing'}", allowed=possible)


def advance(issue: Issue, action: Action, *, resolutions: tuple[Resolution, ...] = ()) -> Issue:
    """The issue with one more action, and the resolutions that come with it. A new issue has no actions before.

    An action that is stored already changes nothing. Raises NotPossible for what the table does not list, for another
    action under the id of one that is stored, and for a reference to nothing.
    """
    known = issue.action(action.id)
    if known is not None:
        if not same(known, action):
            raise NotPossible("what was done before cannot be written anew")
        return issue
    stored = {one.id for one in issue.resolutions}
    grown = replace(issue, resolutions=(*issue.resolutions, *(one for one in resolutions if one.id not in stored)))
    rule = rule_for(grown if grown.actions else None, action.code)
    return replace(
        grown,
        status=rule.target,
        level=rule.level or issue.level,
        level_from=action.at.at if rule.level else issue.level_from,
        actions=(*issue.actions, _referring(grown, action, rule.need)),
    )


def same(one: Action, other: Action) -> bool:
    """Whether two actions are one that was said twice: what, whose, and in which second.

    Some peers may write the times of others anew without fractions, which changes nothing of the story.
    """
    seconds = {each.at.at.replace(microsecond=0) for each in (one, other)}
    return (one.code, one.by, len(seconds)) == (other.code, other.by, 1)


def _holds(rule: Rule, issue: Issue | None) -> bool:
    return _applies(rule, issue) and _met(rule, issue)


def _applies(rule: Rule, issue: Issue | None) -> bool:
    if issue is None:
        return rule.source is None
    return rule.source is issue.status and issue.level in rule.levels and rule.since <= issue.version


def _met(rule: Rule, issue: Issue | None) -> bool:
    match rule.need:
        case Need.ASKED:
            return issue is not None and bool(issue.asked())
        case Need.PROPOSED:
            return issue is not None and bool(issue.proposed())
        case _:
            return True


def _referring(issue: Issue, action: Action, need: Need | None) -> Action:
    """The action with its reference: what it names, or where it names nothing the only thing that it can mean."""
    match need:
        case Need.ASKED:
            asked = [one.id for one in issue.asked()]
            return replace(action, ref_id=_meant(action.ref_id or asked[0], asked))
        case Need.PROPOSED:
            return replace(action, ref_id=_choice(issue, action), ref_type=RESOLUTIONS)
        case Need.REMEDY:
            known = [one.id for one in issue.resolutions if _fits(issue, one, action.code)]
            return replace(action, ref_id=_meant(action.ref_id, known), ref_type=RESOLUTIONS)
        case None:
            return action


def _choice(issue: Issue, action: Action) -> str:
    """Which of the remedies that wait is accepted, or that all or one of them are rejected."""
    options = [one.id for one in issue.proposed()]
    parent = issue.proposed()[0].parent_id
    if action.code is Code.RESOLUTION_REJECTED:
        return _meant(action.ref_id or parent, [parent, *options])
    if action.ref_id in {"", parent} and len(options) == 1:
        return options[0]
    return _meant(action.ref_id, options)


def _fits(issue: Issue, one: Resolution, code: Code) -> bool:
    """Whether a resolution may be proposed, which the parent of several is, or resolved: the accepted one, if any."""
    if code is Code.RESOLUTION_PROPOSED:
        return one.code == PARENT and any(each.parent_id == one.id for each in issue.resolutions)
    accepted = issue.accepted()
    return one.code != PARENT and accepted in {None, one}


def _meant(ref_id: str, known: list[str]) -> str:
    if ref_id not in known:
        raise NotPossible("the id of something in this issue that waits is expected", path="actions.ref_id")
    return ref_id
