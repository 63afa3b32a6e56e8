"""What the other side tells, put to what is stored: new actions are appended, nothing that was said is lost or changed.

The whole issue of 2.0.0 and the delta of 1.0.0 come here as the same value: an issue with the actions that its sender
tells. Source: network reference 1.9.8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from beckn_schemas.igm_v2 import MAX_ACTIONS
from bpp.issues.clock import DEFAULT, Expectations
from bpp.issues.model import Action, Code, Issue, Level, Side, Status
from bpp.issues.states import NotPossible, advance

PartT = TypeVar("PartT")


@dataclass(frozen=True, slots=True)
class Told:
    """The issue after a message, and the actions that were new in it; none where it was told before."""

    issue: Issue
    new: tuple[Action, ...]


def begun(said: Issue, times: Expectations = DEFAULT) -> Issue:
    """An issue that is told for the first time, before any of its actions; ``times`` where it sets none itself."""
    return replace(
        said,
        status=Status.OPEN,
        level=Level.ISSUE,
        level_from=said.created.at,
        expected_response=said.expected_response or times.response,
        expected_resolution=said.expected_resolution or times.resolution,
        actions=(),
        resolutions=(),
    )


def told(before: Issue | None, said: Issue, by: Side, times: Expectations = DEFAULT) -> Told:
    """What is stored, with what one side says now.

    What it says of the other side's actions must be as it was; what it does not repeat stays. Remedies are the
    respondent's: what a complainant adds to them or changes of them is not read. Raises NotPossible, with the place
    within the issue, for a history that is written anew, for an action in the other side's name, and for one that the
    table does not list; for an issue that is over before it is known, and for more actions than anybody could read.
    """
    remedies = said.resolutions if by is Side.RESPONDENT else ()
    issue = begun(said, times) if before is None else before
    if issue.created.at.replace(microsecond=0) != said.created.at.replace(microsecond=0):
        raise NotPossible("the created_at of the issue is expected", path="created_at")
    new: list[Action] = []
    for place, action in enumerate(said.actions):
        path = f"actions[{place}]"
        if issue.action(action.id) is None and action.code.side is not by:
            raise NotPossible(f"an action of the {by} is expected", path=path)
        try:
            after = advance(issue, action, resolutions=remedies)
        except NotPossible as problem:
            place_in = problem.path.removeprefix("actions")
            raise NotPossible(str(problem), path=path + place_in, allowed=problem.allowed) from problem
        new += after.actions[len(issue.actions) :]
        issue = after
    if before is None and issue.status is Status.CLOSED:
        raise NotPossible("an issue that is open is expected, to be taken down")
    if new and len(issue.actions) > MAX_ACTIONS:
        raise NotPossible(f"at most {MAX_ACTIONS} actions of both sides are expected")
    return Told(_refreshed(issue, said, new), tuple(new))


def _refreshed(issue: Issue, said: Issue, new: list[Action]) -> Issue:
    """What is not an action but may come with one: people, pictures, and with an escalation its times."""
    complaint = replace(
        issue.complaint, images=_joined(issue.complaint.images, said.complaint.images, lambda one: one.url)
    )
    echo = issue.echo if issue.we is Side.COMPLAINANT else said.echo  # of a complaint of ours the shape is ours
    issue = replace(
        issue, echo=echo, actors=_joined(issue.actors, said.actors, lambda one: one.id), complaint=complaint
    )
    if not any(one.code is Code.ESCALATED for one in new):
        return issue
    return replace(
        issue,
        expected_response=said.expected_response or issue.expected_response,
        expected_resolution=said.expected_resolution or issue.expected_resolution,
    )


def _joined(stored: tuple[PartT, ...], said: tuple[PartT, ...], key: Callable[[PartT], str]) -> tuple[PartT, ...]:
    known = {key(one) for one in stored}
    return (*stored, *(one for one in said if key(one) not in known))
