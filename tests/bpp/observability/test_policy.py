"""What follows from the endpoint's answers: taken, refused, or left alone for a while; and how far a turn came."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.network.outcome import Unreachable, read_answer
from bpp.observability.entries import Entry, Page
from bpp.observability.gaps import closed, days, limit_of, overdue
from bpp.observability.policy import (
    HELD_UP,
    LEAST_WAIT,
    LONGEST_WAIT,
    Refused,
    Stuck,
    Taken,
    Trouble,
    judge,
    lanes_of,
    passing,
    wait_after,
)
from bpp.observability.turn import Turn, progress_of, worst
from bpp.storage.ports_observability import Cursor, DayTold, DayWaiting, Refusal

AT = datetime(2026, 11, 23, 4, tzinfo=UTC)
DAY = date(2026, 11, 23)
LATER = AT + timedelta(minutes=5)


def errors(*codes):
    return orjson.dumps({"errors": [{"message": "m", "error_code": one, "path": "p"} for one in codes]})


@pytest.mark.parametrize(
    ("status", "answer", "verdict"),
    [
        (200, b"", Taken()),
        (200, b'{"status": "ok"}', Taken()),
        (202, b'{"message":{"ack":{"status":"ACK"}}}', Taken()),
        (200, errors("2001"), Taken("2001 EXTRA_FIELD")),
        (200, errors("4002", "4001", "2001"), Refused("4001 REQUIRED_FIELD, 4002 INVALID_DATA_TYPE")),
        (400, errors(4003), Refused("4003 INVALID_ENUM_VALUE")),
        (400, errors("REQUIRED_FIELD"), Refused("4001 REQUIRED_FIELD")),
        (422, b"no", Refused("HTTP 422")),
        (413, b"", Refused("HTTP 413")),
        (401, b"", Trouble("HTTP 401")),
        (403, b"{}", Trouble("HTTP 403")),
        (404, b"", Trouble("HTTP 404")),
        (301, b"", Trouble("HTTP 301")),
        (500, errors("4001"), Trouble("HTTP 500", inside=True)),
    ],
)
def test_an_answer_takes_refuses_or_says_nothing_of_the_entry(status, answer, verdict):
    assert judge(read_answer(status, answer)) == verdict


def test_the_endpoint_may_ask_for_time():
    wait = timedelta(seconds=90)

    assert judge(read_answer(429, b"", retry_after=wait)) == Trouble("HTTP 429", wait)
    assert judge(read_answer(503, b"", retry_after=wait)) == Trouble("HTTP 503", wait, inside=True)
    assert judge(Unreachable(reason="timeout")) == Trouble("timeout")


@pytest.mark.parametrize(
    ("outcome", "once_more"),
    [
        (read_answer(500, b""), True),
        (read_answer(503, b""), True),
        (Unreachable(reason="timeout"), True),
        (Unreachable(reason="disconnected", status=200), True),
        (read_answer(503, b"", retry_after=timedelta(seconds=1)), False),
        (read_answer(429, b""), False),
        (read_answer(401, b""), False),
        (read_answer(400, b""), False),
        (read_answer(200, b""), False),
    ],
)
def test_what_may_be_taken_a_moment_later_is_tried_once_more(outcome, once_more):
    assert passing(outcome) is once_more


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True))
def test_the_pauses_grow_from_a_minute_to_an_hour(failures, chance):
    pause = wait_after(failures, None, chance)

    assert LEAST_WAIT * 0.9 <= pause <= LONGEST_WAIT
    assert wait_after(failures + 1, None, chance) >= pause
    assert wait_after(failures, timedelta(days=1), chance) == LONGEST_WAIT


def test_what_was_asked_for_is_waited_for():
    assert wait_after(1, timedelta(minutes=10), 0.5) == timedelta(minutes=10)
    assert [wait_after(number, None, 0).seconds for number in (1, 2, 3, 4, 9)] == [54, 108, 216, 432, 3240]


def test_an_entry_over_which_the_endpoint_fails_while_it_takes_others_is_set_aside():
    stuck, failing = Stuck(), Trouble("HTTP 500", inside=True)
    turns = [stuck.set_aside({"bad": failing, f"good {turn}": Taken()}) for turn in range(HELD_UP)]

    assert turns == [{}] * (HELD_UP - 1) + [{"bad": Refused("HTTP 500")}]


@pytest.mark.parametrize("trouble", [Trouble("HTTP 500", inside=True), Trouble("timeout"), Trouble("HTTP 401")])
def test_an_endpoint_that_is_down_sets_nothing_aside_however_long(trouble):
    stuck = Stuck()

    assert [stuck.set_aside({"one": trouble, "other": trouble}) for _ in range(50)] == [{}] * 50


def an_entry(seq, part="request", lane="T1"):
    return Entry(seq=seq, part=part, at=AT, type="select", lane=lane, identity=f"{seq}{part}", body=b"")


ENTRIES = st.lists(st.integers(1, 30), unique=True, max_size=12).map(
    lambda seqs: [
        an_entry(seq, part, f"T{seq % 3}") for seq in sorted(seqs) for part in ("request", "response")[: 1 + seq % 2]
    ]
)
VERDICTS = st.sampled_from(
    (Taken(), Taken("2001 EXTRA_FIELD"), Refused("4001 REQUIRED_FIELD"), Trouble("timeout"), None)
)


@given(ENTRIES)
def test_lanes_keep_the_order_of_their_transaction_and_lose_nothing(entries):
    lanes = lanes_of(entries)

    assert sorted((one for lane in lanes for one in lane), key=entries.index) == entries
    for lane in lanes:
        assert len({one.lane for one in lane}) == 1
        assert [entries.index(one) for one in lane] == sorted(entries.index(one) for one in lane)


@given(ENTRIES, st.data())
def test_the_cursor_passes_what_is_settled_and_nothing_else_and_each_passed_entry_counts_once(entries, data):
    verdicts = {one.identity: verdict for one in entries if (verdict := data.draw(VERDICTS)) is not None}
    page = Page(entries=entries, end=40, more=False)
    turn = Turn(cursor=Cursor(seq=0), page=page, again=(), repeated=(), verdicts=verdicts)
    progress = progress_of(turn, LATER)
    passed = [one for one in entries if one.seq <= progress.after]
    taken = Counter(type(verdicts[one.identity]) for one in passed)

    assert all(turn.settled(one) for one in passed)
    assert progress.after == 40 or not all(turn.settled(one) for one in entries if one.seq == progress.after + 1)
    assert progress.counts.get((DAY, "pushed"), 0) == taken[Taken]
    assert progress.counts.get((DAY, "refused"), 0) == taken[Refused] == len(progress.refused)
    assert {one.identity for one in turn.behind(progress.after)} == {
        one.identity for one in entries if one.seq > progress.after and turn.settled(one)
    }


def test_what_was_refused_and_is_taken_now_moves_from_one_figure_to_the_other():
    seldom = Refusal(
        seq=3, part="request", at=AT, type="select", words="4001 REQUIRED_FIELD", refused_at=AT, again=True
    )
    gone = Refusal(seq=2, part="request", at=AT, type="select", words="HTTP 422", refused_at=AT, again=True)
    turn = Turn(
        cursor=Cursor(seq=9),
        page=Page(entries=(), end=9, more=False),
        again=(gone, seldom),
        repeated=(an_entry(3),),
        verdicts={"3request": Taken()},
    )
    progress = progress_of(turn, LATER)

    assert progress.counts == {(DAY, "refused"): -1, (DAY, "pushed"): 1, (DAY, "warned"): 0}
    assert sorted(progress.settled) == [(2, "request"), (3, "request")]  # of the first there is no body any more
    assert (progress.before, progress.after) == (9, 9)


def test_the_trouble_that_is_told_is_the_one_that_asked_for_time():
    asked = Trouble("HTTP 429", timedelta(minutes=5))

    assert worst([Taken(), Trouble("timeout"), asked]) == asked
    assert worst([Trouble("timeout"), Taken()]) == Trouble("timeout")
    assert worst([Taken(), Refused("HTTP 422")]) is None


def test_a_day_ends_at_two_in_the_morning_of_the_next_in_india():
    assert limit_of(DAY) == datetime(2026, 11, 23, 20, 30, tzinfo=UTC)


@given(st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  hypothesis wants them so
def test_the_newest_day_that_is_reported_is_the_last_one_whose_limit_has_passed(now):
    day = closed(now)

    assert limit_of(day) <= now < limit_of(day + timedelta(days=1))


@pytest.mark.parametrize(
    ("now", "late"),
    [(datetime(2026, 11, 23, 20, 29, tzinfo=UTC), False), (datetime(2026, 11, 23, 20, 30, tzinfo=UTC), True)],
)
def test_a_day_with_something_missing_is_late_after_its_limit(now, late):
    waiting = [DayWaiting(day=DAY, messages=2, oldest=AT)]
    (found,) = days([DayTold(day=DAY, pushed=5)], waiting, now)

    assert (found.pushed, found.waiting, found.complete, found.late) == (5, 2, False, late)
    assert (overdue(waiting, now) > timedelta()) is (late and now > limit_of(DAY))


def test_a_day_of_which_all_was_taken_is_complete_and_one_with_refusals_is_not():
    found = list(days([DayTold(day=DAY, pushed=5), DayTold(day=date(2026, 11, 24), pushed=5, refused=1)], (), AT))

    assert [one.complete for one in found] == [True, False]
    assert overdue((), AT) == timedelta()
    assert found[0].document["day"] == "2026-11-23"
