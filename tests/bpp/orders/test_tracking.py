"""Where a worker on the way is: told by consent alone, and no more exactly than to a cell of about 500 metres."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bpp.orders.states import Stage
from bpp.orders.tracking import FRESH_FOR, coarse, followed, told, unfollowed
from bpp.orders.whereabouts import Whereabouts
from catalog.geo import distance_km
from catalog.model import Gps
from tests.support.catalog_builders import LUCKNOW
from tests.support.clock import MONDAY_MORNING as NOW
from tests.support.order_builders import a_seller, a_visit

SELLER = a_seller(tracking=True)
WORKER = a_visit().assignee


def on_the_way(**changes):
    assert WORKER is not None
    worker = replace(WORKER, shares_location=True)
    seen = Whereabouts(gps=coarse(LUCKNOW), at=NOW)
    return a_visit(**{"stage": Stage.EN_ROUTE, "assignee": worker, "whereabouts": seen, **changes})


@pytest.mark.parametrize("stage", Stage)
def test_a_worker_is_followed_on_the_way_and_at_no_other_time(stage):
    visit = on_the_way(stage=stage)

    assert followed(SELLER, visit) is (stage is Stage.EN_ROUTE)
    assert (told(SELLER, visit, NOW) is not None) is (stage is Stage.EN_ROUTE)


@pytest.mark.parametrize(
    ("seller", "visit", "word"),
    [
        (a_seller(), on_the_way(), "provider"),
        (SELLER, on_the_way(assignee=WORKER), "worker"),
        (SELLER, on_the_way(assignee=None), "worker"),
    ],
)
def test_both_must_agree(seller, visit, word):
    assert word in unfollowed(seller, visit)
    assert told(seller, visit, NOW) is None


def test_a_position_is_told_while_it_is_fresh():
    visit = on_the_way()

    assert told(SELLER, visit, NOW + FRESH_FOR) == visit.whereabouts
    assert told(SELLER, visit, NOW + FRESH_FOR + timedelta(microseconds=1)) is None
    assert told(SELLER, on_the_way(whereabouts=None), NOW) is None


POINTS = st.builds(Gps, st.floats(23.8, 30.5), st.floats(77.0, 84.7))  # Uttar Pradesh


@given(POINTS)
def test_a_coarse_point_is_near_and_stays_where_it_is(point):
    rough = coarse(point)

    assert distance_km(point, rough) < 0.4
    assert coarse(rough) == rough
    assert len(str(rough).split(",")[0].rstrip("0").partition(".")[2]) <= 4


@given(POINTS, st.floats(-0.00249, 0.00249), st.floats(-0.00249, 0.00249))
def test_everybody_in_a_cell_is_told_at_one_place(point, north, east):
    middle = coarse(point)

    assert coarse(Gps(middle.lat + north, middle.lon + east)) == middle
