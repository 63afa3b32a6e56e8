"""What follows from an attempt: every outcome of every kind of callback, and how long a peer is left alone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.actions.schedule import KIND_OF, SCHEDULES
from bpp.delivery.policy import (
    LEAST_JITTER,
    LEAST_REST,
    LONGEST_REST,
    Delivered,
    GivenUp,
    Refused,
    RetryAt,
    judge,
    rest_until,
)
from bpp.network.outcome import Acked, Answered, Nacked, Unreachable
from bpp.storage.ports import Callback
from tests.support.clock import MONDAY_MORNING as NOW

FOR_EVER = timedelta(days=36500)
KINDS = sorted(SCHEDULES)


def a_callback(kind="state", *, attempts=1, give_up_at=NOW + FOR_EVER):
    return Callback(
        kind=kind,
        action="on_status",
        peer="buyer.example.in",
        transaction_id="T1",
        message_id="M1",
        url="https://buyer.example.in/on_status",
        body=b"{}",
        order_ref="",
        created_at=NOW,
        due_at=NOW,
        give_up_at=give_up_at,
        seq=1,
        state="pending",
        attempts=attempts,
    )


AGAIN = "again"
UNBELIEVED = [
    Nacked(status=401, code="30016"),
    Nacked(status=200, code="10001"),
    Nacked(status=200, code="20001"),
    Nacked(status=200, code="70000"),
    Nacked(status=401, code=""),
    Answered(status=401),
]
OUTCOMES = [
    (Acked(status=200), Delivered()),
    (Nacked(status=200, code="23001"), AGAIN),
    (Nacked(status=200, code="31001"), AGAIN),
    (Nacked(status=400, code="31001"), AGAIN),
    (Nacked(status=200, code="20002"), Refused("20002")),
    (Nacked(status=401, code="30016"), Refused("30016")),
    (Nacked(status=200, code=""), Refused("NACK")),
    (Answered(status=200), AGAIN),  # an ACK was expected and none came
    (Answered(status=204), AGAIN),
    (Answered(status=302), AGAIN),  # not followed; perhaps right tomorrow
    (Answered(status=400), Refused("HTTP 400")),
    (Answered(status=401), Refused("HTTP 401")),
    (Answered(status=404), Refused("HTTP 404")),
    (Answered(status=408), AGAIN),
    (Answered(status=410), Refused("HTTP 410")),
    (Answered(status=429), AGAIN),
    (Answered(status=499), Refused("HTTP 499")),
    (Answered(status=500), AGAIN),
    (Answered(status=503), AGAIN),
    (Answered(status=599), AGAIN),
    (Unreachable(reason="timeout"), AGAIN),
    (Unreachable(reason="connection"), AGAIN),
    (Unreachable(reason="dns"), AGAIN),
    (Unreachable(reason="tls"), AGAIN),
    (Unreachable(reason="disconnected", status=200), AGAIN),
    (Unreachable(reason="forbidden_url"), GivenUp("forbidden_url")),
    (Unreachable(reason="forbidden_address"), GivenUp("forbidden_address")),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("outcome", "expected"), OUTCOMES, ids=repr)
def test_every_outcome_of_every_kind_has_its_verdict(outcome, kind, expected):
    verdict = judge(outcome, a_callback(kind), NOW, 0.5)

    if expected == AGAIN:
        assert isinstance(verdict, RetryAt)
        assert verdict.when > NOW
    else:
        assert verdict == expected


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("outcome", "expected"), OUTCOMES, ids=repr)
def test_what_would_be_tried_again_after_the_window_is_given_up(outcome, kind, expected):
    verdict = judge(outcome, a_callback(kind, give_up_at=NOW), NOW, 0.5)

    assert verdict == (GivenUp("its window has passed") if expected == AGAIN else expected)


TIMEOUT = Unreachable(reason="timeout")


@given(st.sampled_from(KINDS), st.integers(1, 40), st.floats(0, 1, exclude_max=True))
def test_a_wait_is_a_random_part_of_the_planned_one(kind, attempts, chance):
    waits = SCHEDULES[kind].waits
    planned = waits[min(attempts, len(waits)) - 1]
    verdict = judge(TIMEOUT, a_callback(kind, attempts=attempts), NOW, chance)

    assert isinstance(verdict, RetryAt)
    assert planned * LEAST_JITTER <= verdict.when - NOW <= planned
    assert verdict.when - NOW == planned * max(chance, LEAST_JITTER)


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [
        ("pre_order", [1, 2, 4, 8, 8]),
        ("confirm", [5, 15, 30, 60, 120, 120]),
        ("poll", [5, 15, 30, 60, 120, 120]),
        ("state", [30, 60, 120, 300, 600, 1800, 3600, 3600]),
    ],
)
def test_the_longest_waits_are_those_of_the_schedule_and_the_last_is_repeated(kind, seconds):
    nearly = 1 - 2**-53
    waits = [
        judge(TIMEOUT, a_callback(kind, attempts=n), NOW, nearly)  # the greatest chance there is
        for n in range(1, len(seconds) + 1)
    ]

    assert [round((one.when - NOW).total_seconds()) for one in waits if isinstance(one, RetryAt)] == seconds


def test_the_windows_are_those_of_what_the_buyer_loses():
    assert {kind: schedule.window for kind, schedule in SCHEDULES.items()} == {
        "pre_order": timedelta(seconds=30),
        "confirm": timedelta(minutes=10),
        "poll": timedelta(minutes=10),
        "state": timedelta(hours=24),
    }
    assert set(KIND_OF.values()) <= set(SCHEDULES)
    assert all(list(schedule.waits) == sorted(schedule.waits) for schedule in SCHEDULES.values())


def test_a_try_at_the_end_of_the_window_is_made_and_one_after_it_is_not():
    wait = SCHEDULES["state"].waits[0] * 0.5
    last = a_callback(give_up_at=NOW + wait)
    too_late = a_callback(give_up_at=NOW + wait - timedelta(microseconds=1))

    assert judge(TIMEOUT, last, NOW, 0.5) == RetryAt(NOW + wait)
    assert judge(TIMEOUT, too_late, NOW, 0.5) == GivenUp("its window has passed")


@pytest.mark.parametrize("status", [200, 302, 408, 429, 500, 503])
def test_a_peer_that_asks_for_time_gets_it_and_never_less_than_planned(status):
    planned = SCHEDULES["state"].waits[0] * 0.5

    for asked, expected in ((timedelta(minutes=2), timedelta(minutes=2)), (timedelta(), planned)):
        verdict = judge(Answered(status=status, retry_after=asked), a_callback(), NOW, 0.5)
        assert verdict == RetryAt(NOW + expected)


def test_a_peer_that_asks_for_more_time_than_there_is_is_given_up():
    outcome = Answered(status=503, retry_after=timedelta(minutes=1))

    assert judge(outcome, a_callback("pre_order", give_up_at=NOW + timedelta(seconds=30)), NOW, 0.5) == GivenUp(
        "its window has passed"
    )


@pytest.mark.parametrize(
    ("outcome", "failing_for", "rest"),
    [
        (TIMEOUT, None, LEAST_REST),
        (TIMEOUT, timedelta(), LEAST_REST),
        (TIMEOUT, timedelta(seconds=20), timedelta(seconds=20)),
        (TIMEOUT, timedelta(days=2), LONGEST_REST),
        (Unreachable(reason="connection"), timedelta(seconds=20), timedelta(seconds=20)),
        (Answered(status=503, retry_after=timedelta(seconds=7)), None, timedelta(seconds=7)),
        (Answered(status=429, retry_after=timedelta(days=1)), None, LONGEST_REST),
        (Answered(status=503), timedelta(days=2), None),  # it lives; only this message failed
        (Acked(status=200), timedelta(days=2), None),
        (Nacked(status=200, code="31001"), timedelta(days=2), None),
        (Unreachable(reason="forbidden_url"), timedelta(days=2), None),
        (Unreachable(reason="forbidden_address"), None, None),
    ],
)
def test_a_peer_that_cannot_be_reached_rests_the_longer_the_longer_it_fails(outcome, failing_for, rest):
    since = None if failing_for is None else NOW - failing_for

    assert rest_until(outcome, since, NOW) == (None if rest is None else NOW + rest)


@pytest.mark.parametrize("outcome", UNBELIEVED, ids=str)
def test_a_peer_that_does_not_believe_our_signature_is_asked_again_while_our_key_changes_and_then_only(outcome):
    assert isinstance(judge(outcome, a_callback(), NOW, 0.5, rotating=True), RetryAt)
    assert isinstance(judge(outcome, a_callback(), NOW, 0.5), Refused)
    assert isinstance(judge(outcome, a_callback(give_up_at=NOW), NOW, 0.5, rotating=True), GivenUp)


def test_other_refusals_are_final_while_our_key_changes_too():
    for outcome in (Nacked(status=200, code="20002"), Nacked(status=400, code="30000"), Answered(status=404)):
        assert isinstance(judge(outcome, a_callback(), NOW, 0.5, rotating=True), Refused)
