"""What the doctor says of telling the network: by what the database knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bpp.doctor.finding import State
from bpp.doctor.observability import Standing, judge
from bpp.storage.ports_observability import Cursor, DayWaiting, Refusal

NOW = datetime(2026, 11, 24, 4, tzinfo=UTC)
TODAY, YESTERDAY = date(2026, 11, 24), date(2026, 11, 23)
WELL, FAILING = Cursor(seq=9), Cursor(seq=9, failures=4, reason="HTTP 401")
REFUSED = Refusal(seq=1, part="request", at=NOW, type="init", words="4003 INVALID_ENUM_VALUE", refused_at=NOW)


def waits(day):
    return [DayWaiting(day=day, messages=3, oldest=NOW - timedelta(hours=1))]


@pytest.mark.parametrize(
    ("seen", "states", "words"),
    [
        (Standing(), [State.NOT_RUN], "nothing was told yet"),
        (Standing(cursor=WELL), [State.OK], "0 messages wait"),
        (Standing(cursor=WELL, waiting=waits(TODAY)), [State.OK], "3 messages wait"),
        (Standing(cursor=FAILING, waiting=waits(TODAY)), [State.WARNING], "HTTP 401, 4 times"),
        (Standing(cursor=FAILING, waiting=waits(YESTERDAY)), [State.FAILURE], "7 h past the limit"),
        (Standing(cursor=WELL, refused=[REFUSED]), [State.OK, State.WARNING], "0 messages wait"),
    ],
)
def test_it_is_late_held_up_refused_or_well(seen, states, words):
    found = list(judge(seen, NOW))

    assert [one.state for one in found] == states
    assert words in found[0].text


def test_a_token_that_is_not_taken_is_to_be_made_anew():
    (found,) = judge(Standing(cursor=FAILING), NOW)

    assert "another token" in found.advice
