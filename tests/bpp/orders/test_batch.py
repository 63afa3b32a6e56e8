"""Many jobs at once: nobody twice at a time, each job its best, and a district's day without looking at everybody."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from random import Random

from bpp.orders.assignment import Candidate, Job, assign
from bpp.orders.batch import OpenJob, Pool, Standing, assign_many
from catalog.availability import CELL, Horizon, calendar
from catalog.model import Gps
from tests.support.catalog_builders import LUCKNOW, LUCKNOW_DISTRICT, OFFICE_HOURS, a_worker
from tests.support.order_builders import after

DAY = date(2026, 11, 23)
SPAN = Horizon(DAY, 2)
TYPICAL = a_worker()


def a_job(ref, *, provider="P1", services=("SM-PLB",), district=LUCKNOW_DISTRICT, hour=1, needed=4, crew=1, **more):
    job = Job(
        provider_id=provider,
        service_ids=frozenset(services),
        district=district,
        gps=more.pop("gps", LUCKNOW),
        day=DAY,
        **more,
    )
    return OpenJob(ref=ref, job=job, start=after(hours=hour), needed=needed, crew=crew)


def idle(worker):
    return Standing(calendar=calendar(OFFICE_HOURS, worker, (), SPAN))


def given(jobs, workers, standing_of=idle):
    batch = assign_many(jobs, Pool.of(workers), standing_of, SPAN)
    return {one.job.ref: sorted(one.workers) for one in batch.given}


def test_jobs_at_one_time_go_to_different_workers_and_the_last_to_nobody_with_the_reasons():
    jobs = [a_job(f"R{number}") for number in range(3)]
    batch = assign_many(jobs, Pool.of([a_worker(), a_worker(id="W2")]), idle, SPAN)

    assert [(one.job.ref, list(one.workers)) for one in batch.given] == [("R0", ["W1"]), ("R1", ["W2"]), ("R2", [])]
    assert batch.given[-1].assignment.rejected == {"W1": ("free_in_slot",), "W2": ("free_in_slot",)}
    assert batch.given[0].workers["W1"] == tuple(after(hours=1) + step * CELL for step in range(4))


def test_the_work_of_a_day_is_spread_over_workers_who_are_as_near():
    jobs = [a_job(f"R{hour}", hour=hour) for hour in range(1, 9)]
    spread = Counter(name for (name,) in given(jobs, [a_worker(id=f"W{one}") for one in range(4)]).values())

    assert set(spread.values()) == {2}


def test_of_jobs_at_one_time_the_one_with_the_least_choice_comes_first():
    both = a_worker(id="W1", skills={"SM-PLB": date.max, "SM-ELC": date.max})
    plumber = a_worker(id="W2")

    assert given([a_job("R1"), a_job("R2", services=("SM-ELC",))], [both, plumber]) == {"R1": ["W2"], "R2": ["W1"]}


def test_a_job_for_several_goes_to_so_many_or_to_nobody():
    team = [a_worker(id=f"W{one}") for one in range(3)]

    assert given([a_job("R1", crew=2), a_job("R2", crew=2)], team) == {"R1": ["W0", "W1"], "R2": []}


def test_papers_end_before_a_later_day_of_a_long_job():
    short = a_worker(skills={"SM-PLB": DAY})

    assert given([a_job("R1", hour=8, needed=40)], [short]) == {"R1": []}
    assert given([a_job("R1", hour=8, needed=40)], [a_worker()]) == {"R1": ["W1"]}


def test_where_the_district_is_unknown_all_workers_of_the_provider_are_looked_at():
    assert given([a_job("R1", district=None)], [a_worker(districts=())]) == {"R1": ["W1"]}


def random_day(random):
    workers = [
        replace(
            TYPICAL,
            id=f"W{number}",
            provider_id=random.choice(("P1", "P2")),
            gps=Gps(LUCKNOW.lat + random.choice((0, 0.03, 0.07)), LUCKNOW.lon),
            skills={one: date.max for one in ("SM-PLB", "SM-ELC") if random.random() < 0.7},
            available=random.random() < 0.9,
        )
        for number in range(random.randint(1, 8))
    ]
    jobs = [
        a_job(
            f"R{number}",
            provider=random.choice(("P1", "P2")),
            services=random.choice((("SM-PLB",), ("SM-ELC",), ("SM-PLB", "SM-ELC"))),
            hour=random.randint(0, 6),
            needed=random.choice((2, 4, 8)),
            crew=random.choice((1, 1, 1, 2)),
        )
        for number in range(random.randint(0, 12))
    ]
    return jobs, workers


def test_in_random_days_each_job_gets_whom_one_booked_after_the_other_would_get():
    random = Random(4)
    for _ in range(300):
        jobs, workers = random_day(random)
        batch = assign_many(jobs, Pool.of(workers), idle, SPAN)
        taken: Counter[tuple[str, datetime]] = Counter()
        loads: Counter[str] = Counter()
        last: dict[str, datetime] = {}
        assert sorted(one.job.ref for one in batch.given) == sorted(one.ref for one in jobs)
        for one in batch.given:
            wanted = {one.job.start + step * CELL for step in range(one.job.needed)}
            candidates = [
                Candidate(
                    worker=each,
                    free=not any(taken[each.id, cell] for cell in wanted),
                    jobs_today=loads[each.id],
                    idle_since=last.get(each.id),
                )
                for each in workers
            ]
            ranked = [each.worker.id for each in assign(one.job.job, candidates).ranked]
            expected = ranked[: one.job.crew] if len(ranked) >= one.job.crew else []
            assert list(one.workers) == expected
            for worker, cells in one.workers.items():
                assert set(cells) == wanted
                taken.update((worker, cell) for cell in cells)
                loads[worker] += 1
                last[worker] = max(last.get(worker, cells[-1]), cells[-1])
        assert set(taken.values()) <= {1}, "somebody was sent to two places at once"
        assert [one.job.start for one in batch.given] == sorted(one.start for one in jobs)


def a_state(*, workers, providers, districts):
    """Workers of providers that serve a district each."""
    return [
        replace(
            TYPICAL,
            id=f"W{number}",
            provider_id=f"P{number % providers}",
            districts=(str(number % providers % districts),),
            gps=Gps(LUCKNOW.lat + number % 97 / 1000, LUCKNOW.lon + number % 89 / 1000),
            skills={("SM-PLB", "SM-ELC", "SM-ACT")[number // providers % 3]: date.max},
        )
        for number in range(workers)
    ]


def test_a_districts_day_of_two_thousand_jobs_looks_at_few_of_sixty_thousand_workers():
    workers = a_state(workers=60_000, providers=1_000, districts=75)
    own = [f"P{number}" for number in range(1_000) if number % 75 == 7]
    jobs = [
        a_job(
            f"R{number:04}",
            provider=own[number % len(own)],
            services=(("SM-PLB", "SM-ELC", "SM-ACT")[number % 3],),
            district="7",
            hour=number % 8,
        )
        for number in range(2_000)
    ]

    batch = assign_many(jobs, Pool.of(workers), idle, SPAN)

    assert sum(bool(one.workers) for one in batch.given) == 2_000
    assert batch.evaluations == 2_000 * 20, "the provider's workers of the trade in the district, and nobody else"
    cells = [(worker, cell) for one in batch.given for worker, found in one.workers.items() for cell in found]
    assert len(cells) == len(set(cells)) == 2_000 * 4
