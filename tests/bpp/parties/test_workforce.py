"""Papers, leave and engagements of a worker, and why a worker cannot do a job."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.assignment import Job
from bpp.parties.empanel import check_dates, renewed
from bpp.parties.expiry import lapsing
from bpp.parties.model import Agreement
from bpp.parties.states import NotPossible
from bpp.parties.workforce import (
    back_from_leave,
    engaged_by,
    engagement_ended,
    hindrances,
    on_leave_from,
    police_verified,
    skilled,
)
from catalog.availability import engaged
from catalog.model import Credential, Engagement
from catalog.snapshot import Catalog
from tests.support.catalog_builders import BARABANKI_DISTRICT, LUCKNOW_DISTRICT, a_provider, a_worker

TODAY = date(2026, 11, 23)
PAPER = Credential(id="PV-1", type="", desc="Paper", url="")
JOB = Job(
    provider_id="P1", service_ids=frozenset({"SM-PLB"}), district=LUCKNOW_DISTRICT, gps=None, day=TODAY + timedelta(1)
)
days = st.integers(-5, 12).map(lambda number: TODAY + timedelta(number))


def contract(first=TODAY, last=TODAY + timedelta(6), key="E1", **more):
    return Engagement(id=key, mode="industry", employer="Demo Works", first=first, last=last, **more)


@pytest.mark.parametrize(
    ("changes", "reasons"),
    [
        ({}, ()),
        ({"active": False}, ("suspended",)),
        ({"verified_until": None}, ("unverified",)),
        ({"verified_until": TODAY}, ("unverified",)),
        ({"skills": {"SM-PLB": TODAY}}, ("uncertified",)),
        ({"skills": {}}, ("uncertified",)),
        ({"districts": (BARABANKI_DISTRICT,)}, ("other_district",)),
        ({"leaves": ((JOB.day, JOB.day),)}, ("on_leave",)),
        ({"leaves": ((TODAY, TODAY),)}, ()),
        ({"engagements": (contract(),)}, ("engaged",)),
        ({"engagements": (contract(ended=TODAY, ended_by="worker"),)}, ()),
        ({"available": False}, ("not_available",)),
        ({"active": False, "available": False}, ("suspended", "not_available")),
    ],
)
def test_each_reason_why_a_worker_cannot_do_a_job_is_told(changes, reasons):
    assert hindrances(a_worker(**changes), JOB) == reasons


def test_a_new_paper_takes_the_place_of_the_one_before_it():
    worker = police_verified(a_worker(), PAPER, TODAY)
    worker = skilled(worker, "SM-PLB", replace(PAPER, id="CT-1"), TODAY)
    worker = police_verified(worker, replace(PAPER, id="PV-2"), TODAY + timedelta(400))

    assert (worker.verification, worker.verified_until) == ("PV-2", TODAY + timedelta(400))
    assert worker.skills["SM-PLB"] == TODAY
    assert [one.id for one in worker.creds] == ["CT-1", "PV-2"]


def test_nobody_is_certified_in_what_does_not_exist():
    with pytest.raises(NotPossible, match="SM-NONE"):
        skilled(a_worker(), "SM-NONE", PAPER, TODAY)


@given(st.lists(st.tuples(days, days), max_size=6))
def test_leaves_never_overlap_and_each_can_be_given_up(wanted):
    worker = a_worker()
    for first, last in wanted:
        taken = any(first <= end and begin <= last for begin, end in worker.leaves)
        if last < first or taken:
            with pytest.raises(NotPossible):
                on_leave_from(worker, first, last)
        else:
            worker = on_leave_from(worker, first, last)
    for first, _ in worker.leaves:
        worker = back_from_leave(worker, first)

    assert worker.leaves == ()
    with pytest.raises(NotPossible):
        back_from_leave(worker, TODAY)


@given(days, days, days)
def test_an_engagement_that_ended_early_keeps_the_worker_away_until_its_last_day_and_not_longer(first, last, end):
    if last < first:
        with pytest.raises(NotPossible, match="before it begins"):
            engaged_by(a_worker(), contract(first, last))
        return
    worker = engaged_by(a_worker(), contract(first, last))
    if end >= last:
        with pytest.raises(NotPossible, match="anyway"):
            engagement_ended(worker, "E1", end, "worker")
        return
    worker = engagement_ended(worker, "E1", end, "worker")

    span = [TODAY + timedelta(number) for number in range(-10, 20)]
    assert [day for day in span if engaged(worker, day)] == [day for day in span if first <= day <= end]


@pytest.mark.parametrize(
    ("other", "text"),
    [
        (contract(key="E1", first=TODAY + timedelta(30), last=TODAY + timedelta(31)), "already"),
        (contract(key="E2", first=TODAY + timedelta(6), last=TODAY + timedelta(9)), "engaged by 'E1'"),
    ],
)
def test_nobody_is_engaged_twice_at_once(other, text):
    with pytest.raises(NotPossible, match=text):
        engaged_by(engaged_by(a_worker(), contract()), other)


def test_an_engagement_that_ended_early_makes_room_for_the_next_and_cannot_end_again():
    worker = engagement_ended(engaged_by(a_worker(), contract()), "E1", TODAY, "employer")

    engaged_by(worker, contract(key="E2", first=TODAY + timedelta(1)))
    with pytest.raises(NotPossible, match="anyway"):
        engagement_ended(worker, "E1", TODAY, "worker")
    with pytest.raises(NotPossible, match="no engagement 'E9'"):
        engagement_ended(worker, "E9", TODAY, "worker")


def agreement(first, last):
    return Agreement(number="A-2", provider_id="P1", first=first, last=last)


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2027, 1, 1), date(2029, 12, 31), (date(2024, 1, 1), date(2029, 12, 31))),
        (date(2026, 6, 1), date(2028, 5, 31), (date(2024, 1, 1), date(2028, 5, 31))),
        (date(2027, 1, 2), date(2029, 12, 31), "without an agreement"),
        (date(2026, 1, 1), date(2026, 12, 31), "already"),
        (date(2028, 1, 1), date(2027, 12, 31), "before it begins"),
    ],
)
def test_a_renewal_extends_an_agreement_in_force_without_a_gap(first, last, expected):
    provider = a_provider(agreement_from=date(2024, 1, 1), agreement_until=date(2026, 12, 31))
    if isinstance(expected, str):
        with pytest.raises(NotPossible, match=expected):
            renewed(provider, agreement(first, last), TODAY)
    else:
        after = renewed(provider, agreement(first, last), TODAY)
        assert (after.agreement_from, after.agreement_until) == expected


def test_after_an_agreement_has_lapsed_the_next_begins_on_its_own_day():
    provider = a_provider(agreement_from=date(2024, 1, 1), agreement_until=date(2026, 6, 30))
    after = renewed(provider, agreement(date(2026, 12, 1), date(2027, 11, 30)), TODAY)

    assert (after.agreement_from, after.agreement_until) == (date(2026, 12, 1), date(2027, 11, 30))
    with pytest.raises(NotPossible):
        check_dates(agreement(TODAY, TODAY - timedelta(1)))


def test_what_is_about_to_lapse_is_listed_by_district_and_day():
    soon, later, gone = TODAY + timedelta(10), TODAY + timedelta(31), TODAY - timedelta(1)
    catalog = Catalog.build(
        version=1,
        providers=[
            a_provider(agreement_until=soon, districts=(LUCKNOW_DISTRICT, BARABANKI_DISTRICT)),
            a_provider(id="P2", agreement_until=soon, status="suspended"),
        ],
        offerings=[],
        workers=[
            a_worker(verified_until=TODAY, skills={"SM-PLB": soon, "SM-ELC": later, "SM-ACT": gone}),
            a_worker(id="W2", active=False, verified_until=TODAY),
            a_worker(id="W3", provider_id="P2", verified_until=TODAY),
            a_worker(id="W4", verified_until=None),
        ],
    )

    found = [(one.district, one.until, one.kind, one.worker_id) for one in lapsing(catalog, TODAY, 30)]

    assert found == [
        (BARABANKI_DISTRICT, soon, "agreement", ""),
        (LUCKNOW_DISTRICT, TODAY, "verification", "W1"),
        (LUCKNOW_DISTRICT, soon, "agreement", ""),
        (LUCKNOW_DISTRICT, soon, "certificate", "W1"),
    ]
    assert [one.service_id for one in lapsing(catalog, TODAY, 0, lapsed=True)] == ["SM-ACT", ""]
