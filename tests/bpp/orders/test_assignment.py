"""The choice of a worker: each condition alone, the rank, and the reasons for those not chosen."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.assignment import (
    ELIGIBILITY,
    QUALIFICATIONS,
    Candidate,
    Job,
    active,
    assign,
    available,
    can_be_there,
    certified,
    free_in_slot,
    local_day,
    may_go,
    not_engaged,
    not_on_leave,
    of_provider,
    qualified,
    rank,
    serves_district,
    verified,
)
from catalog.model import Engagement, Gps, Rating
from tests.support.catalog_builders import LUCKNOW, LUCKNOW_DISTRICT, a_worker

DAY = date(2026, 11, 23)
JOB = Job(provider_id="P1", service_ids=frozenset({"SM-PLB"}), district=LUCKNOW_DISTRICT, gps=LUCKNOW, day=DAY)
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)
EVE = DAY - timedelta(days=1)
MORROW = DAY + timedelta(days=1)


def a_candidate(*, free=True, jobs_today=0, jobs_before=0, idle_since=None, **worker):
    return Candidate(
        worker=a_worker(**worker), free=free, jobs_today=jobs_today, jobs_before=jobs_before, idle_since=idle_since
    )


def engaged(first, last, ended=None):
    one = Engagement(id="E1", mode="industry", employer="Demo Mills", first=first, last=last, ended=ended)
    return {"engagements": (one,)}


def test_a_worker_of_the_provider_with_papers_and_time_meets_every_condition():
    assert assign(JOB, [a_candidate()]).rejected == {}
    assert qualified(a_worker(), JOB)


FAILURES = [
    (of_provider, {"provider_id": "P2"}),
    (active, {"active": False}),
    (verified, {"verified_until": None}),
    (verified, {"verified_until": EVE}),
    (certified, {"skills": {}}),
    (certified, {"skills": {"SM-ELC": MORROW}}),
    (certified, {"skills": {"SM-PLB": EVE}}),
    (serves_district, {"districts": ("1",)}),
    (serves_district, {"districts": ()}),
    (not_on_leave, {"leaves": ((EVE, MORROW),)}),
    (not_on_leave, {"leaves": ((DAY, DAY),)}),
    (available, {"available": False}),
    (not_engaged, engaged(EVE, MORROW)),
    (not_engaged, engaged(DAY, DAY)),
    (not_engaged, engaged(EVE, MORROW, ended=DAY)),
    (free_in_slot, {"free": False}),
]


@pytest.mark.parametrize(("predicate", "changes"), FAILURES)
def test_each_condition_fails_alone_and_is_named(predicate, changes):
    one = a_candidate(**changes)

    assert [other for other in ELIGIBILITY if not other(one, JOB)] == [predicate]
    assert assign(JOB, [one]).rejected == {"W1": (predicate.__name__,)}
    assert assign(JOB, [one]).ranked == ()


@pytest.mark.parametrize(("predicate", "changes"), FAILURES)
def test_who_is_qualified_does_not_depend_on_the_time_of_day(predicate, changes):
    changes = {name: value for name, value in changes.items() if name != "free"}

    assert qualified(a_worker(**changes), JOB) is (predicate not in QUALIFICATIONS)


@pytest.mark.parametrize(
    "changes",
    [
        {"verified_until": DAY},
        {"skills": {"SM-PLB": DAY}},
        {"skills": {"SM-PLB": DAY, "SM-ELC": EVE}},
        {"leaves": ((EVE, EVE), (MORROW, MORROW))},
        engaged(EVE, EVE),
        engaged(MORROW, MORROW),
        engaged(EVE, MORROW, ended=EVE),
    ],
)
def test_the_last_day_of_a_paper_counts_and_other_days_of_leave_do_not(changes):
    assert [one.worker.id for one in assign(JOB, [a_candidate(**changes)]).ranked] == ["W1"]


def test_every_service_of_the_job_needs_its_certificate():
    both = replace(JOB, service_ids=frozenset({"SM-PLB", "SM-ELC"}))

    assert not certified(a_candidate(), both)
    assert certified(a_candidate(skills={"SM-PLB": DAY, "SM-ELC": DAY}), both)
    assert certified(a_candidate(skills={}), replace(JOB, service_ids=frozenset()))


def test_where_the_district_is_unknown_any_worker_serves_it():
    assert serves_district(a_candidate(districts=()), replace(JOB, district=None))


def test_every_failed_condition_is_told():
    nobody = a_candidate(
        free=False,
        provider_id="P2",
        active=False,
        verified_until=None,
        skills={},
        districts=(),
        leaves=((DAY, DAY),),
        available=False,
        **engaged(DAY, DAY),
        gps=north(400),
    )
    job = replace(
        JOB, gender="female", without=frozenset({"W1"}), leaves_at=NOON, there_by=NOON + timedelta(minutes=30)
    )

    assert assign(job, [nobody]).rejected == {"W1": tuple(predicate.__name__ for predicate in ELIGIBILITY)}


def north(km):
    return Gps(LUCKNOW.lat + km / 111.195, LUCKNOW.lon)


GOOD, POOR = Rating(sum=50, count=10), Rating(sum=10, count=10)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"gps": north(1.9), "jobs_today": 9}, {"gps": north(2.1)}),
        ({"gps": north(4.9), "jobs_today": 9}, {"gps": north(5.1)}),
        ({"gps": north(9.9), "jobs_today": 9}, {"gps": north(10.1)}),
        ({"gps": north(1.9)}, {"gps": north(0.1), "jobs_today": 1}),  # one band: jobs today decide
        ({"jobs_today": 1, "rating": POOR}, {"jobs_today": 2, "rating": GOOD}),
        ({"rating": GOOD, "idle_since": NOON}, {"rating": POOR, "idle_since": None}),
        ({"jobs_before": 2, "rating": GOOD}, {"jobs_before": 0, "rating": POOR}),  # not yet a step ahead
        ({"jobs_before": 2, "rating": POOR}, {"jobs_before": 3, "rating": GOOD}),
        ({"jobs_today": 0, "jobs_before": 9}, {"jobs_today": 1}),
        ({"idle_since": NOON - timedelta(hours=1)}, {"idle_since": NOON}),
        ({"idle_since": None}, {"idle_since": NOON}),  # never sent is idle longest
    ],
)
def test_the_rank_is_band_then_jobs_of_the_day_and_the_week_then_rating_then_idleness(first, second):
    # the ids speak for the other order, so that only the rank can decide
    candidates = [a_candidate(id="W2", **first), a_candidate(id="W1", **second)]

    assert [one.worker.id for one in assign(JOB, candidates).ranked] == ["W2", "W1"]


def test_equal_workers_are_ranked_by_their_ids():
    ids = [one.worker.id for one in assign(JOB, [a_candidate(id=name) for name in ("W3", "W1", "W2")]).ranked]

    assert ids == ["W1", "W2", "W3"]


def test_without_a_position_of_the_job_distance_does_not_count():
    assert rank(a_candidate(gps=north(400)), replace(JOB, gps=None))[1] == 0
    assert rank(a_candidate(gps=north(400)), JOB)[1] == 3


def test_a_gender_insisted_on_is_a_condition_and_a_wish_comes_first_in_the_rank():
    near_man = a_candidate(id="W1", gender="male")
    far_woman = a_candidate(id="W2", gender="female", gps=north(9))
    unknown = a_candidate(id="W3", gender="")
    insisted = assign(replace(JOB, gender="female"), [near_man, far_woman, unknown])
    wished = assign(replace(JOB, gender="female", gender_required=False), [near_man, far_woman, unknown])

    assert [one.worker.id for one in insisted.ranked] == ["W2"]
    assert insisted.rejected == {"W1": ("of_gender",), "W3": ("of_gender",)}
    assert [one.worker.id for one in wished.ranked] == ["W2", "W1", "W3"]


def test_who_dropped_out_of_a_job_is_not_chosen_for_it_again():
    chosen = assign(replace(JOB, without=frozenset({"W1"})), [a_candidate(id="W1"), a_candidate(id="W2")])

    assert [one.worker.id for one in chosen.ranked] == ["W2"]
    assert chosen.rejected == {"W1": ("did_not_drop_out",)}


@pytest.mark.parametrize(("minutes", "there"), [(22, True), (21, False)])
def test_who_sets_off_now_must_be_there_in_time(minutes, there):
    job = replace(JOB, leaves_at=NOON, there_by=NOON + timedelta(minutes=minutes))

    assert can_be_there(a_candidate(gps=north(2.9)), job) is there  # ten minutes, and four for each kilometre


@pytest.mark.parametrize(("predicate", "changes"), FAILURES)
def test_who_has_a_job_may_still_go_until_any_condition_but_a_free_slot_fails(predicate, changes):
    changes = {name: value for name, value in changes.items() if name != "free"}

    assert may_go(a_worker(**changes), JOB) is (predicate is free_in_slot)


candidates_of_many = st.lists(
    st.builds(
        lambda number, free, provider, jobs, km: a_candidate(
            id=f"W{number}", free=free, provider_id=provider, jobs_today=jobs, gps=north(km)
        ),
        st.integers(0, 99),
        st.booleans(),
        st.sampled_from(["P1", "P2"]),
        st.integers(0, 2),
        st.sampled_from([0, 3, 7, 20]),
    ),
    max_size=8,
    unique_by=lambda one: one.worker.id,
)


@given(candidates_of_many, st.randoms())
def test_the_choice_is_the_same_whatever_the_order_of_the_candidates(candidates, random):
    mixed = list(candidates)
    random.shuffle(mixed)

    assert assign(JOB, mixed) == assign(JOB, candidates)


@given(candidates_of_many)
def test_every_candidate_is_ranked_or_rejected_with_a_reason(candidates):
    chosen = assign(JOB, candidates)
    ranked = {one.worker.id for one in chosen.ranked}

    assert ranked | set(chosen.rejected) == {one.worker.id for one in candidates}
    assert not ranked & set(chosen.rejected)
    assert all(chosen.rejected.values())


def test_the_day_of_a_job_is_the_date_in_lucknow():
    assert local_day(datetime(2026, 11, 22, 18, 30, tzinfo=UTC)) == DAY
    assert local_day(datetime(2026, 11, 22, 18, 29, tzinfo=UTC)) == EVE
