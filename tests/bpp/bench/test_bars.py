"""How a row is judged."""

from __future__ import annotations

import pytest

from bpp.bench.bars import ROWS, Result, Row, Verdict, judged

AT_MOST = Row(key="a", what="a", bar=9, aim=5)
AT_LEAST = Row(key="b", what="b", side="at least", bar=3, aim=4)


@pytest.mark.parametrize(
    ("row", "values", "verdict"),
    [
        (AT_MOST, (8.0, 9.0, 20.0), Verdict.PASS),
        (AT_MOST, (9.1,), Verdict.FAIL),
        (AT_MOST, (8.0, 8.0, 9.5, 10.0, 10.0), Verdict.UNSURE),
        (AT_MOST, (8.0, 9.5, 9.5, 9.6, 10.0), Verdict.FAIL),
        (AT_LEAST, (3.0, 2.0, 4.0), Verdict.PASS),
        (AT_LEAST, (2.9,), Verdict.FAIL),
        (AT_LEAST, (2.0, 2.0, 2.5, 3.5, 3.5), Verdict.UNSURE),
        (AT_LEAST, (1.0, 2.0, 2.5, 2.9, 9.0), Verdict.FAIL),
    ],
)
def test_the_median_decides_and_the_middle_half_makes_unsure(row, values, verdict):
    assert Result(row=row, values=values).verdict is verdict


def test_an_aim_is_reached_by_the_median_alone():
    assert Result(row=AT_MOST, values=(5.0, 5.0, 30.0)).reached
    assert not Result(row=AT_MOST, values=(1.0, 5.1, 6.0)).reached
    assert Result(row=AT_LEAST, values=(4.0,)).reached
    assert not Result(row=AT_LEAST, values=(3.9,)).reached


def test_the_best_round_is_the_least_or_the_most_as_the_row_asks():
    assert Result(row=AT_MOST, values=(7.0, 5.0, 6.0)).best == 5.0
    assert Result(row=AT_LEAST, values=(7.0, 5.0, 6.0)).best == 7.0


def test_a_row_without_a_bar_is_reported_and_neither_passes_nor_fails():
    assert Result(row=Row(key="c", what="c"), values=(1e9,)).verdict is Verdict.REPORTED


def test_what_was_not_measured_is_no_result():
    found = judged({"select.pairs": [4.0, 5.0], "select.postgres_pairs": []})
    assert list(found) == ["select.pairs"]
    assert found["select.pairs"].median == 4.5


def test_every_demand_of_the_table_has_an_aim_beyond_its_bar():
    for row in ROWS.values():
        if row.bar is not None:
            assert row.aim is not None
            assert row.aim < row.bar if row.side == "at most" else row.aim > row.bar
