"""In ten thousand random worlds nobody is sent who may not be, and the best is: a judge who knows only the rules agrees."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime
from random import Random

from bpp.orders.assignment import Candidate, Job, assign, assign_free, fitness
from bpp.orders.choice import choice_of
from catalog.model import Gps
from tests.support.brute_choice import best_of, may_be_sent
from tests.support.random_worlds import a_job, some_past, some_worker

WORLDS = 10_000
DAY = date(2026, 11, 23)
NOON = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


def told(job, assignment):
    """What is kept of a choice."""
    chosen = [one.worker.id for one in assignment.ranked[:1]]
    return choice_of(job, assignment, chosen, at=NOON, slot_ref="R1", order_ref="R1", trigger="select")


def test_in_ten_thousand_random_worlds_only_who_may_be_is_sent_and_the_judge_names_the_same():
    random = Random(27)
    seen: Counter[int | str] = Counter()
    for number in range(WORLDS):
        out = ("W1",) if random.random() < 0.1 else ()
        wanted = a_job(random, DAY, out=out)
        found = [(some_worker(random, one, DAY), some_past(random, DAY)) for one in range(random.randint(0, 7))]
        job = Job(
            provider_id=wanted.provider,
            service_ids=frozenset(wanted.services),
            district=wanted.district,
            gps=Gps(wanted.lat, wanted.lon) if wanted.lat is not None and wanted.lon is not None else None,
            day=wanted.on,
            gender=wanted.gender,
            gender_required=wanted.insisted,
            without=frozenset(out),
        )
        candidates = [
            Candidate(worker=one, free=past.free, jobs_today=past.today, jobs_before=past.week, idle_since=past.idle)
            for one, past in found
        ]

        chosen = assign(job, candidates)

        fit = {one.id for one, past in found if may_be_sent(one, past, wanted)}
        assert {one.worker.id for one in chosen.ranked} == fit, number
        assert set(chosen.rejected) == {one.id for one, _ in found} - fit, number
        first = chosen.ranked[0].worker.id if chosen.ranked else None
        assert first == best_of(found, wanted), number
        seen[min(len(fit), 3)] += 1
        seen.update(name for names in chosen.rejected.values() for name in names)

        standing = fitness([one for one, _ in found], job)
        free = [one for one in candidates if one.free and one.worker.id in standing.able]
        assert told(job, assign_free(job, free, standing)) == told(job, chosen), number

    assert min(seen[few] for few in range(4)) > WORLDS / 100, "worlds without a choice, with one and with several"
    reasons = {"of_provider", "active", "verified", "certified", "serves_district", "of_gender", "did_not_drop_out"}
    reasons |= {"available", "not_on_leave", "not_engaged", "free_in_slot"}
    assert all(seen[name] > WORLDS / 100 for name in reasons), seen
