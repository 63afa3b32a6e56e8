"""Availability: the masks say what a slow look at each quarter of an hour says."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.availability import (
    CELL,
    CELLS_PER_DAY,
    FREQUENCY,
    GRID,
    KOLKATA,
    Calendar,
    Horizon,
    calendar,
    cells_mask,
    cells_needed,
    cells_of,
    grid_mask,
    horizon,
    hours_mask,
    moments,
    offered_starts,
    slot_of,
    starts,
    until,
    weekday,
    within,
)
from catalog.customization import TimeOfDay
from catalog.model import Engagement, Hours
from tests.support.catalog_builders import EVERY_DAY, OFFICE_HOURS, a_worker

MONDAY = date(2026, 11, 23)
NINE = datetime(2026, 11, 23, 3, 30, tzinfo=UTC)  # 09:00 in Lucknow
WEEK = Horizon(MONDAY, 7)

clocks = st.builds(time, st.integers(0, 23), st.integers(0, 59))
dates = st.integers(-2, 9).map(lambda days: MONDAY + timedelta(days=days))
hours = st.builds(
    Hours,
    days=st.sets(st.integers(1, 7)).map(lambda days: tuple(sorted(days))),
    opens=clocks,
    closes=clocks,
    holidays=st.lists(dates, max_size=2).map(tuple),
)
short_days = st.builds(
    lambda opens, length, holidays: Hours(
        days=EVERY_DAY, opens=time(opens), closes=time(opens + length), holidays=tuple(holidays)
    ),
    st.integers(7, 12),
    st.integers(1, 5),
    st.lists(dates, max_size=1),
)
leaves = st.lists(st.tuples(dates, dates), max_size=2).map(tuple)
engagements = st.lists(
    st.builds(
        Engagement,
        id=st.just("E1"),
        mode=st.just("industry"),
        employer=st.just("Demo Works"),
        first=dates,
        last=dates,
        ended=st.none() | dates,
    ),
    max_size=2,
).map(tuple)
spans = st.builds(Horizon, dates, st.integers(1, 8))
taken_cells = st.lists(st.integers(-10, 8 * CELLS_PER_DAY), max_size=12)


@st.composite
def situations(draw, shifts=hours):
    """A horizon, the provider's hours, a worker, what is taken of the worker's time, and a length of work."""
    span = draw(spans)
    worker = a_worker(
        hours=draw(shifts),
        leaves=draw(leaves),
        engagements=draw(engagements),
        available=draw(st.sampled_from([True, True, True, False])),
    )
    taken = [span.moment(index) for index in draw(taken_cells)]
    return span, draw(shifts), worker, taken, draw(st.integers(1, 40))


def works(provider_hours, worker, moment):
    """Whether a quarter of an hour is working time; asked of the wall clock in Lucknow."""
    local = moment.astimezone(KOLKATA)
    minute = local.hour * 60 + local.minute
    away = [*worker.leaves, *((one.first, min(one.last, one.ended or one.last)) for one in worker.engagements)]
    here = worker.available and not any(begin <= local.date() <= end for begin, end in away)
    return here and all(
        local.isoweekday() in one.days
        and local.date() not in one.holidays
        and one.opens.hour * 60 + one.opens.minute <= minute
        and minute + 15 <= one.closes.hour * 60 + one.closes.minute
        for one in (provider_hours, worker.hours)
    )


def day_length(provider_hours, worker):
    open_at = [
        minute
        for minute in range(0, 24 * 60, 15)
        if all(
            one.opens.hour * 60 + one.opens.minute <= minute and minute + 15 <= one.closes.hour * 60 + one.closes.minute
            for one in (provider_hours, worker.hours)
        )
    ]
    return len(open_at)


def all_cells(span):
    return [span.start + step * CELL for step in range(span.days * CELLS_PER_DAY)]


def jobs(span, provider_hours, worker, taken, needed):
    """Each start at which a job fits, with its cells: tried one by one."""
    working = [cell for cell in all_cells(span) if works(provider_hours, worker, cell)]
    free = set(working) - set(taken)
    fits_a_day = needed <= day_length(provider_hours, worker)
    found = {}
    for place, start in enumerate(working):
        in_a_row = [start + step * CELL for step in range(needed)]
        wanted = in_a_row if fits_a_day else working[place : place + needed]
        if len(wanted) == needed and free.issuperset(wanted):
            found[start] = tuple(wanted)
    return found


@given(situations())
def test_working_and_free_time_are_what_a_slow_look_finds(situation):
    span, provider_hours, worker, taken, _ = situation
    one = calendar(provider_hours, worker, taken, span)
    working = [cell for cell in all_cells(span) if works(provider_hours, worker, cell)]

    assert moments(one.working, span) == working
    assert moments(one.free, span) == [cell for cell in working if cell not in set(taken)]
    assert one.day_length == day_length(provider_hours, worker)


@settings(deadline=None)
@given(st.one_of(situations(), situations(short_days)))
def test_the_starts_and_the_cells_of_a_job_are_what_a_slow_look_finds(situation):
    span, provider_hours, worker, taken, needed = situation
    one = calendar(provider_hours, worker, taken, span)
    slow = jobs(span, provider_hours, worker, taken, needed)

    assert moments(starts(one, needed), span) == list(slow)
    for start in [*list(slow)[::5], *all_cells(span)[::37]]:
        assert cells_of(one, start, needed, span) == slow.get(start)


@given(st.one_of(situations(), situations(short_days)), st.integers(0, 8 * 24 * 60))
def test_an_offered_start_is_in_the_future_on_the_grid_and_fits_a_free_worker(situation, minutes):
    span, provider_hours, worker, taken, needed = situation
    now = span.start + timedelta(minutes=minutes)
    one = calendar(provider_hours, worker, taken, span)
    offered = moments(offered_starts([one], needed, span, provider_hours, now), span)

    for start in offered:
        cells = cells_of(one, start, needed, span)
        assert cells is not None
        assert start > now
        assert len(cells) == needed
        assert not set(cells) & set(taken)
        assert all(works(provider_hours, worker, cell) for cell in cells)
    opening = -(-(provider_hours.opens.hour * 60 + provider_hours.opens.minute) // 15) * 15
    assert all(
        (start.astimezone(KOLKATA).hour * 60 + start.astimezone(KOLKATA).minute - opening) % 60 == 0
        for start in offered
    )


@given(situations(), situations(), st.integers(1, 12))
def test_a_start_is_offered_when_either_of_two_workers_is_free(first, second, needed):
    span, provider_hours, *_ = first
    calendars = [calendar(provider_hours, one[2], one[3], span) for one in (first, second)]
    both = offered_starts(calendars, needed, span, provider_hours, span.start)

    assert both == offered_starts(calendars[:1], needed, span, provider_hours, span.start) | offered_starts(
        calendars[1:], needed, span, provider_hours, span.start
    )
    assert offered_starts([], needed, span, provider_hours, span.start) == 0


@given(situations(), dates)
def test_a_calendar_until_a_day_is_the_same_up_to_that_day_and_empty_after_it(situation, last):
    span, provider_hours, worker, taken, _ = situation
    whole = calendar(provider_hours, worker, taken, span)
    short = until(whole, last, span)

    for name in ("working", "free"):
        kept = [cell for cell in moments(getattr(whole, name), span) if cell.astimezone(KOLKATA).date() <= last]
        assert moments(getattr(short, name), span) == kept
    assert short.day_length == whole.day_length


def test_a_job_longer_than_a_day_takes_consecutive_working_cells_over_the_days():
    shift = Hours(days=EVERY_DAY, opens=time(9), closes=time(11), holidays=(MONDAY + timedelta(days=1),))
    one = calendar(shift, a_worker(hours=shift), [], WEEK)
    cells = cells_of(one, NINE + timedelta(hours=1), cells_needed(180), WEEK)

    assert cells is not None
    assert slot_of(cells).start == NINE + timedelta(hours=1)
    assert slot_of(cells).end == NINE + timedelta(days=2, hours=2)  # Tuesday is a holiday
    assert len(cells) == 12


def test_a_job_that_fits_into_a_day_is_not_spread_over_two():
    one = calendar(OFFICE_HOURS, a_worker(), [], WEEK)

    assert cells_of(one, NINE + timedelta(hours=8), cells_needed(60), WEEK) is not None
    assert cells_of(one, NINE + timedelta(hours=8), cells_needed(61), WEEK) is None


def test_a_job_over_several_days_does_not_go_round_a_taken_cell():
    shift = Hours(days=EVERY_DAY, opens=time(9), closes=time(11))
    taken = [NINE + timedelta(days=1)]
    one = calendar(shift, a_worker(hours=shift), taken, WEEK)

    assert cells_of(one, NINE, 12, WEEK) is None
    assert cells_of(one, NINE + timedelta(days=1, minutes=15), 12, WEEK) is not None


def test_a_job_longer_than_the_horizon_fits_nowhere():
    one = calendar(OFFICE_HOURS, a_worker(), [], WEEK)

    assert starts(one, 7 * 36) == 1 << 36
    assert starts(one, 7 * 36 + 1) == 0


@pytest.mark.parametrize(
    "start",
    [
        NINE + timedelta(minutes=7),  # no cell begins there
        NINE - timedelta(days=30),
        NINE + timedelta(days=30),
        NINE + timedelta(hours=9),  # closing time
    ],
)
def test_a_start_where_no_cell_begins_fits_nobody(start):
    assert cells_of(calendar(OFFICE_HOURS, a_worker(), [], WEEK), start, 4, WEEK) is None


def test_a_start_at_this_very_moment_is_not_offered():
    one = calendar(OFFICE_HOURS, a_worker(), [], WEEK)

    assert moments(offered_starts([one], 4, WEEK, OFFICE_HOURS, NINE), WEEK)[0] == NINE + GRID
    assert moments(offered_starts([one], 4, WEEK, OFFICE_HOURS, NINE - CELL), WEEK)[0] == NINE
    assert offered_starts([one], 4, WEEK, OFFICE_HOURS, WEEK.end) == 0


def test_the_grid_begins_at_the_first_whole_cell_after_the_opening():
    late = Hours(days=EVERY_DAY, opens=time(9, 10), closes=time(11))
    found = [moment.astimezone(KOLKATA).time() for moment in moments(grid_mask(late, Horizon(MONDAY, 1)), WEEK)]

    assert found == [time(9, 15), time(10, 15)]
    assert FREQUENCY == "PT1H"


@pytest.mark.parametrize(
    ("minutes", "cells"), [(0, 1), (1, 1), (15, 1), (16, 2), (60, 4), (61, 5), (24 * 60, CELLS_PER_DAY)]
)
def test_work_takes_whole_cells_and_at_least_one(minutes, cells):
    assert cells_needed(minutes) == cells


def test_the_horizon_is_local_days_from_local_midnight():
    evening = datetime(2026, 11, 22, 18, 29, 59, tzinfo=UTC)  # one second before midnight in Lucknow

    assert horizon(evening, 6) == Horizon(MONDAY - timedelta(days=1), 6)
    assert horizon(evening + timedelta(seconds=1), 6) == Horizon(MONDAY, 6)
    assert WEEK.start == datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
    assert WEEK.end - WEEK.start == timedelta(days=7)
    assert WEEK.start.utcoffset() == WEEK.end.utcoffset() == timedelta()


@given(st.integers(-1000, 1000))
def test_the_index_of_a_cell_and_its_moment_belong_together(index):
    assert WEEK.index(WEEK.moment(index)) == index
    assert WEEK.index(WEEK.moment(index) + CELL - timedelta(microseconds=1)) == index


def test_cells_outside_the_horizon_are_left_out():
    cells = [WEEK.start - CELL, WEEK.start, WEEK.end - CELL, WEEK.end]

    assert moments(cells_mask(cells, WEEK), WEEK) == cells[1:3]


@pytest.mark.parametrize(("opens", "closes"), [(time(18), time(9)), (time(9), time(9)), (time(9, 1), time(9, 29))])
def test_hours_without_a_whole_cell_are_closed(opens, closes):
    shift = Hours(days=EVERY_DAY, opens=opens, closes=closes)
    one = calendar(shift, a_worker(), [], WEEK)

    assert hours_mask(shift, WEEK) == 0
    assert one == Calendar(0, 0, 0)
    assert starts(one, 1) == 0


@pytest.mark.parametrize(
    ("moment", "day"),
    [(NINE, "1"), (datetime(2026, 11, 22, 18, 29, tzinfo=UTC), "7"), (datetime(2026, 11, 22, 18, 30, tzinfo=UTC), "1")],
)
def test_the_weekday_is_that_of_the_local_date(moment, day):
    assert weekday(moment) == day


def test_moments_within_hours_are_those_of_the_clock_in_india_from_the_first_minute_to_before_the_last():
    lunch, dinner = TimeOfDay(starts=time(11), ends=time(15)), TimeOfDay(starts=time(18), ends=time(20))
    every = [NINE + timedelta(hours=hour) for hour in range(14)]

    found = within(every, (lunch, dinner))

    assert [one.astimezone(KOLKATA).hour for one in found] == [11, 12, 13, 14, 18, 19]
    assert within(every, ()) == every
