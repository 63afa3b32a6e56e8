"""When an issue must be answered and resolved, when somebody is reminded, and when the officer takes over. Pure.

The complainant's app sets both times when it opens an issue and anew when it escalates; the binding numbers per domain
are not public, so what is missing is a setting. Nobody may set more than the law leaves: consumer law gives 48 hours to
acknowledge and a month to redress. Source: network reference 1.5 and 1.9.4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from beckn_schemas.base import parse_duration
from bpp.issues.model import Code, Issue, Level, Side, Status

LEGAL_RESPONSE: Final = timedelta(hours=48)
LEGAL_RESOLUTION: Final = timedelta(days=30)
"""Consumer Protection (E-Commerce) Rules 2020, rule 4(5)."""
SHARES: Final = (50, 80, 100)
"""After which part of the time for a resolution, per cent, somebody is reminded."""
UNANSWERED: Final = 0
"""Stands in the place of such a part where the other side has not answered a complaint of ours in its time."""
SILENCE: Final = timedelta(days=1)
"""After which a complainant who says nothing to a RESOLVED hears it once more: closing is not ours (1.9.9)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectations:
    """The times where the complainant sets none: those of every example and log (1.5)."""

    response: str = "PT2H"
    resolution: str = "P1D"


DEFAULT: Final = Expectations()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """Until when the respondent must have said PROCESSING, and RESOLVED, at the present level."""

    since: datetime
    response: datetime
    resolution: datetime


@dataclass(frozen=True, slots=True, order=True)
class Alarm:
    """A moment at which somebody is reminded. ``share`` is the part of the time that is over, per cent.

    ``to`` is whom: the desk, or the grievance officer, who gets the last reminder of an issue and every one of a
    grievance; the complainant, who has not said a word to what was resolved. Of a complaint of ours it is the desk.
    """

    at: datetime
    share: int
    to: Literal["desk", "officer", "complainant"]


def deadlines(issue: Issue, times: Expectations = DEFAULT) -> Deadlines:
    """Both times of the present level as moments."""
    since = issue.level_from
    response = parse_duration(issue.expected_response or times.response)
    resolution = parse_duration(issue.expected_resolution or times.resolution)
    return Deadlines(
        since=since,
        response=since + min(response, LEGAL_RESPONSE),
        resolution=since + min(resolution, LEGAL_RESOLUTION),
    )


def runs(issue: Issue) -> bool:
    """Whether the clock runs: until it is resolved or closed. Waiting for the complainant does not stop it."""
    return issue.status in {Status.OPEN, Status.PROCESSING}


def alarms(issue: Issue, times: Expectations = DEFAULT) -> tuple[Alarm, ...]:
    """Every reminder of the present level, in the order of time; of an issue that is over, none."""
    if not runs(issue):
        return _repeated(issue)
    due = deadlines(issue, times)
    length = due.resolution - due.since
    ours = issue.we is Side.COMPLAINANT
    found = [
        Alarm(
            due.since + length * share / 100,
            share,
            "officer" if not ours and (issue.level is not Level.ISSUE or share == SHARES[-1]) else "desk",
        )
        for share in SHARES
    ]
    if ours and not answered(issue):
        found.append(Alarm(due.response, UNANSWERED, "desk"))
    return tuple(sorted(found))


def _repeated(issue: Issue) -> tuple[Alarm, ...]:
    """Of what was resolved on the network and nobody said a word to."""
    last = issue.last
    if issue.we is Side.COMPLAINANT or last.code is not Code.RESOLVED or not issue.bap_id:
        return ()
    return (Alarm(last.at.at + SILENCE, SHARES[-1], "complainant"),)


def next_alarm(issue: Issue, after: datetime, times: Expectations = DEFAULT) -> Alarm | None:
    """The reminder to come: what a durable timer is set to."""
    return next((one for one in alarms(issue, times) if one.at > after), None)


def answered(issue: Issue) -> bool:
    """Whether the respondent has said anything at the present level."""
    return any(one.code.side is Side.RESPONDENT and one.at.at >= issue.level_from for one in issue.actions)


def response_overdue(issue: Issue, now: datetime, times: Expectations = DEFAULT) -> bool:
    """Whether the respondent is silent for longer than it may be."""
    return runs(issue) and not answered(issue) and now >= deadlines(issue, times).response


def resolution_overdue(issue: Issue, now: datetime, times: Expectations = DEFAULT) -> bool:
    """Whether the time for a resolution is over without one: then it is the grievance officer's."""
    return runs(issue) and now >= deadlines(issue, times).resolution


def escalation_due(issue: Issue, now: datetime, times: Expectations = DEFAULT) -> bool:
    """Whether a complaint of ours may be escalated for being overdue: reviewers want it no earlier (1.5)."""
    if issue.we is not Side.COMPLAINANT or issue.level is not Level.ISSUE:
        return False
    return response_overdue(issue, now, times) or resolution_overdue(issue, now, times)
