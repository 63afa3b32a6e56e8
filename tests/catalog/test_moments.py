"""Moments on the wire: UTC, milliseconds, one spelling, and strictly later where that is promised."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.moments import later_than, parse_moment, wire_time

aware = st.datetimes(
    min_value=datetime(2000, 1, 2),  # noqa: DTZ001  hypothesis adds the zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30)), timezone(timedelta(hours=-8))]),
)


@given(aware)
def test_a_written_moment_is_read_as_the_same_millisecond(moment):
    text = wire_time(moment)
    read = parse_moment(text)

    assert text.endswith("Z")
    assert len(text) == len("2026-11-23T03:30:00.000Z")
    assert read is not None
    assert timedelta() <= moment - read < timedelta(milliseconds=1)


@given(aware, aware)
def test_written_moments_sort_as_the_moments_do(one, other):
    assert (wire_time(one) <= wire_time(other)) or one > other


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23T03:30:00.000Z", datetime(2026, 11, 23, 3, 30, tzinfo=UTC)),
        ("2026-11-23T09:00:00+05:30", datetime(2026, 11, 23, 3, 30, tzinfo=UTC)),
        ("2026-11-23T03:30:00", None),
        ("2026-11-23", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_a_text_without_a_zone_is_no_moment(text, moment):
    assert parse_moment(text) == moment


@given(aware, aware)
def test_what_is_later_is_later_on_the_wire_too(earlier, now):
    later = later_than(earlier, now)

    assert wire_time(later) > wire_time(earlier)
    assert later.microsecond % 1000 == 0
    assert later <= max(earlier, now) + timedelta(milliseconds=1)


def test_without_an_earlier_moment_it_is_now():
    now = datetime(2026, 11, 23, 3, 30, 0, 123_456, tzinfo=UTC)

    assert later_than(None, now) == now.replace(microsecond=123_000)
