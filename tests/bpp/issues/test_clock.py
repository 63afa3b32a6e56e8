"""When an issue is due, who is reminded when, and when it is the officer's."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.issues.clock import (
    LEGAL_RESOLUTION,
    LEGAL_RESPONSE,
    SHARES,
    SILENCE,
    UNANSWERED,
    Alarm,
    Expectations,
    alarms,
    answered,
    deadlines,
    escalation_due,
    next_alarm,
    resolution_overdue,
    response_overdue,
)
from bpp.issues.model import Code, Level, Side, Stamp, Status
from tests.bpp.issues.test_states import an_action, an_issue
from tests.support.clock import MONDAY_MORNING
from tests.support.order_builders import after

OPENED = replace(
    an_issue(Status.OPEN, ready=False), expected_response="PT2H", expected_resolution="P1D", level_from=MONDAY_MORNING
)
DONE = replace(OPENED, status=Status.PROCESSING, actions=(*OPENED.actions, an_action(Code.PROCESSING, 1)))


def test_the_times_of_the_complainant_count_from_the_beginning_of_the_level():
    due = deadlines(OPENED)
    assert (due.response, due.resolution) == (after(hours=2), after(days=1))
    escalated = replace(OPENED, level=Level.GRIEVANCE, level_from=after(days=2))

    assert deadlines(escalated).resolution == after(days=3)


def test_what_the_complainant_does_not_set_is_a_setting_and_nobody_sets_more_than_the_law_leaves():
    silent = replace(OPENED, expected_response="", expected_resolution="")
    assert deadlines(silent, Expectations(response="PT1H", resolution="PT12H")).resolution == after(hours=12)
    patient = replace(OPENED, expected_response="P60D", expected_resolution="P1Y")

    assert deadlines(patient).response == MONDAY_MORNING + LEGAL_RESPONSE
    assert deadlines(patient).resolution == MONDAY_MORNING + LEGAL_RESOLUTION


def test_somebody_is_reminded_after_half_four_fifths_and_all_of_the_time_and_the_last_time_it_is_the_officer():
    assert alarms(OPENED) == (
        Alarm(after(hours=12), 50, "desk"),
        Alarm(after(hours=19, minutes=12), 80, "desk"),
        Alarm(after(days=1), 100, "officer"),
    )
    assert {one.to for one in alarms(replace(OPENED, level=Level.GRIEVANCE))} == {"officer"}


@given(st.integers(1, 40 * 24 * 60))
def test_reminders_lie_within_the_time_in_order_and_the_last_is_its_end(minutes):
    issue = replace(OPENED, expected_resolution=f"PT{minutes}M")
    due = deadlines(issue)
    found = alarms(issue)

    assert [one.share for one in found] == list(SHARES)
    assert [one.at for one in found] == sorted(one.at for one in found)
    assert due.since < found[0].at
    assert found[-1].at == due.resolution


def test_a_timer_is_set_to_the_reminder_to_come_until_the_issue_is_resolved():
    assert next_alarm(OPENED, MONDAY_MORNING) == Alarm(after(hours=12), 50, "desk")
    assert next_alarm(OPENED, after(hours=12)) == Alarm(after(hours=19, minutes=12), 80, "desk")
    assert next_alarm(OPENED, after(days=1)) is None
    for over in (Status.RESOLVED, Status.CLOSED):
        assert next_alarm(replace(OPENED, status=over), MONDAY_MORNING) is None


def test_the_respondent_is_overdue_until_it_says_something_and_then_until_it_resolves():
    assert not answered(OPENED)
    assert not response_overdue(OPENED, after(minutes=119))
    assert response_overdue(OPENED, after(hours=2))
    assert answered(DONE)
    assert not response_overdue(DONE, after(days=2))
    assert not resolution_overdue(DONE, after(hours=23))
    assert resolution_overdue(DONE, after(days=1))
    assert not resolution_overdue(replace(DONE, status=Status.RESOLVED), after(days=1))


def test_a_complaint_of_ours_is_escalated_when_it_is_overdue_and_no_earlier():
    ours = replace(DONE, we=Side.COMPLAINANT)
    assert not escalation_due(ours, after(hours=23))
    assert escalation_due(ours, after(days=1))
    assert escalation_due(replace(OPENED, we=Side.COMPLAINANT), after(hours=2))
    assert not escalation_due(replace(ours, level=Level.GRIEVANCE), after(days=9))
    assert not escalation_due(DONE, after(days=9))


def test_of_a_complaint_of_ours_the_desk_hears_that_it_was_not_answered_and_how_its_time_goes_by():
    ours = replace(OPENED, we=Side.COMPLAINANT)
    assert alarms(ours)[0] == Alarm(after(hours=2), UNANSWERED, "desk")
    assert {one.to for one in (*alarms(ours), *alarms(replace(ours, level=Level.GRIEVANCE)))} == {"desk"}

    assert [one.share for one in alarms(replace(DONE, we=Side.COMPLAINANT))] == list(SHARES)


@pytest.mark.parametrize(("code", "status"), [(Code.RESOLVED, Status.RESOLVED), (Code.CLOSED, Status.CLOSED)])
def test_a_resolution_on_the_network_that_nobody_answers_is_told_once_more_after_a_while(code, status):
    said = replace(an_action(code, 5), at=Stamp.of(after(hours=1)))
    issue = replace(DONE, status=status, actions=(*DONE.actions, said))

    again = (Alarm(after(hours=1) + SILENCE, 100, "complainant"),) if code is Code.RESOLVED else ()
    assert alarms(issue) == again
    assert alarms(replace(issue, we=Side.COMPLAINANT)) == alarms(replace(issue, echo={"bap_id": ""})) == ()
