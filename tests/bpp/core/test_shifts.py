"""What a search shows of free time is what the calendars of a visit say, worked out worker by worker."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from bpp.core.roster import Visit, open_starts, qualified_workers, roster
from bpp.core.shifts import Shifts
from bpp.core.world import World
from catalog.availability import CELL, between_mask, cells_mask, horizon
from catalog.choices import earliest_hours, least_minutes
from catalog.customization import CustomizationCategory
from catalog.model import Engagement, Hours
from catalog.search import Place
from catalog.snapshot import Catalog, service_id_of
from tests.support.catalog_builders import (
    BARABANKI_DISTRICT,
    EVERY_DAY,
    LUCKNOW_DISTRICT,
    OFFICE_HOURS,
    a_customization,
    a_provider,
    a_worker,
    an_offering,
)
from tests.support.couriers import IDENTITY, OTP_SECRET, RULES
from tests.support.ids import IdSource

TODAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 22, 18, 30, tzinfo=UTC)
HALF_DAYS = Hours(days=(1, 3, 5), opens=time(10, 10), closes=time(14))
LATER = date(2031, 3, 31)
EVENING = CustomizationCategory(
    id="G", name="Dinner", name_hi="Dinner", code="Dinner", mandatory=True, starts=time(15), ends=time(18)
)
OFFERINGS = (
    an_offering(id="SHORT", duration=30),
    an_offering(id="LONG", duration=20 * 60),
    an_offering(id="FAN", sub_service_id="SM-ELC-FAN", category="SRV11-1030", duration=75),
    an_offering(id="DINNER", categories=(EVENING,), customizations=(a_customization("D", "G", minutes=45),)),
)

workers = st.builds(
    a_worker,
    id=st.sampled_from([f"W{number}" for number in range(5)]),
    hours=st.sampled_from((OFFICE_HOURS, OFFICE_HOURS, HALF_DAYS)),
    skills=st.sampled_from(({"SM-PLB": LATER}, {"SM-PLB": date(2026, 11, 25), "SM-ELC": LATER}, {})),
    verified_until=st.sampled_from((LATER, LATER, date(2026, 11, 24), None)),
    districts=st.sampled_from(((LUCKNOW_DISTRICT,), (BARABANKI_DISTRICT,))),
    leaves=st.sampled_from(((), ((date(2026, 11, 24), date(2026, 11, 25)),))),
    engagements=st.sampled_from(
        ((), (Engagement(id="E", mode="industry", employer="X", first=date(2026, 11, 26), last=date(2026, 12, 1)),))
    ),
    available=st.sampled_from((True, True, True, False)),
    active=st.sampled_from((True, True, True, False)),
)
taken_cells = st.dictionaries(
    st.sampled_from([f"W{number}" for number in range(5)]),
    st.lists(st.integers(0, 6 * 96).map(lambda cell: MIDNIGHT + cell * CELL), max_size=40),
)
moments = st.integers(0, 24 * 60).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes))
bounds = st.one_of(st.none(), st.integers(0, 7 * 24 * 60).map(lambda minutes: MIDNIGHT + timedelta(minutes=minutes)))


def a_world(catalog: Catalog, now: datetime, ahead: int) -> World:
    said_at = now + timedelta(seconds=ahead)
    return World(
        now=now, new_id=IdSource(3), catalog=catalog, rules=RULES, identity=IDENTITY, otp_secret=OTP_SECRET,
        said_at=said_at,
    )  # fmt: skip


@given(
    st.lists(workers, max_size=5, unique_by=lambda one: one.id),
    st.lists(taken_cells, min_size=1, max_size=2),
    moments,
    st.sampled_from((-30, 0, 59)),
    bounds,
    bounds,
    st.sampled_from((None, LUCKNOW_DISTRICT, BARABANKI_DISTRICT)),
)
@settings(max_examples=100)
def test_the_starts_of_a_search_are_those_of_each_visit_by_itself(team, bookings, now, ahead, earliest, latest, where):
    """Whatever was worked out for the same people before, and however much of their time was taken then."""
    provider = replace(a_provider(), hours=Hours(days=EVERY_DAY, opens=time(8, 30), closes=time(17)))
    catalog = Catalog.build(version=1, providers=[provider], offerings=OFFERINGS, workers=team)
    world = a_world(catalog, now, ahead)
    span = horizon(now, RULES.horizon_days)
    for taken in bookings:
        busy = {worker: mask for worker, cells in taken.items() if (mask := cells_mask(cells, span))}
        shown = Shifts(provider, where, world).open(busy, between_mask(earliest, latest, span))
        for offering in OFFERINGS:
            visit = Visit(
                provider=provider,
                service_ids=frozenset({service_id_of(offering)}),
                place=Place(district=where),
                minutes=least_minutes(offering),
                hours=earliest_hours(offering),
            )
            assert list(shown(offering)) == [
                start
                for start in open_starts(visit, roster(visit, taken, world), world)
                if (earliest is None or start >= earliest) and (latest is None or start < latest)
            ]


def test_a_worker_who_is_gone_is_shown_no_more_whatever_was_worked_out_before():
    provider, offering = a_provider(), an_offering()
    catalog = Catalog.build(version=1, providers=[provider], offerings=[offering], workers=[a_worker()])
    gone = catalog.with_changes(version=2, providers=[], offerings=[], workers=[a_worker(active=False)])
    every = between_mask(None, None, horizon(MIDNIGHT, RULES.horizon_days))

    def starts(one: Catalog) -> tuple[datetime, ...]:
        return Shifts(provider, LUCKNOW_DISTRICT, a_world(one, MIDNIGHT, 0)).open({}, every)(offering)

    assert starts(catalog)
    assert starts(gone) == ()


def test_a_worker_whose_papers_have_lapsed_is_shown_no_more_on_the_next_day_with_the_same_catalog():
    provider, offering = a_provider(), an_offering()
    lapsing = a_worker(verified_until=TODAY)
    catalog = Catalog.build(version=1, providers=[provider], offerings=[offering], workers=[lapsing])

    def qualified(days: int) -> list[str]:
        visit = Visit(provider=provider, service_ids=frozenset({service_id_of(offering)}), place=Place(), minutes=60)
        return qualified_workers(visit, a_world(catalog, MIDNIGHT + timedelta(days=days), 0))

    assert [qualified(days) for days in (0, 1, 0)] == [["W1"], [], ["W1"]]
