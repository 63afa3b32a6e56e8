"""When a day's run begins, and what it looks at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from beckn_schemas.rsf_context import Participant
from bpp.settlement.terms import EVENTS, MARGIN, Terms, new_run, run_due
from catalog.availability import KOLKATA

SIX = datetime(2026, 11, 24, 6, tzinfo=KOLKATA)
A_MINUTE, A_DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (None, SIX, True),
        (None, SIX - A_MINUTE, False),
        (SIX, SIX + A_DAY, True),
        (SIX, SIX + A_DAY - A_MINUTE, False),
        (SIX, SIX.replace(hour=23, minute=59), False),
        (SIX, SIX + 3 * A_DAY, True),
        (SIX.replace(hour=0), SIX, True),  # somebody began one in the night
    ],
)
def test_a_run_is_due_once_a_day_from_six_in_india_on(last, now, due):
    assert run_due(new_run(None, "R", last, 0) if last else None, now) is due


def test_a_run_looks_a_little_further_back_than_the_one_before_and_the_first_at_everything():
    first = new_run(None, "1", SIX, 5_000)
    second = new_run(replace(first, stage="done", ended_at=SIX), "2", SIX + A_DAY, 6_000)

    assert first.since < datetime(1971, 1, 1, tzinfo=KOLKATA)
    assert (first.after_event, second.after_event) == (0, 5_000 - EVENTS)
    assert (second.since, second.stage, second.day) == (SIX - MARGIN, "prepare", (SIX + A_DAY).date())


def test_only_settles_that_go_out_as_messages_have_an_agency():
    agency = Participant("agency.example.in", "https://agency.example.in")

    assert Terms(mode="messages", agency=agency).agency_id == "agency.example.in"
    assert Terms(mode="files", agency=agency).agency_id == Terms().agency_id == ""
