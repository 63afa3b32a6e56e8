"""Plots: ticks that read well, labels that do not meet, and bars that say what the table says."""

from __future__ import annotations

import itertools

import pytest

from bpp.console.plots import LETTER, Series, plot


def ticks(*values):
    return [one.text for one in plot("", ["a"] * len(values), [Series(name="s", values=values)]).drawings[0].across]


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ((0, 3), ["0", "1", "2", "3"]),
        ((0, 1), ["0", "1"]),
        ((0, 17), ["0", "5", "10", "15", "20"]),
        ((-250, 900), ["-500", "0", "500", "1,000"]),
        ((0.0, 0.3), ["0", "0.1", "0.2", "0.3"]),
        ((0, 0), ["0", "1"]),
    ],
)
def test_ticks_are_round_numbers_and_counts_have_no_parts(values, found):
    assert ticks(*values) == found


@pytest.mark.parametrize("days", [1, 7, 31, 366])
def test_labels_below_do_not_meet_in_any_size(days):
    labels = [f"{day % 30 + 1} Nov" for day in range(days)]
    for drawing in plot("", labels, [Series(name="s", values=range(days))]).drawings:
        room = max(map(len, labels)) * LETTER
        at = [one.at for one in drawing.below]
        assert all(right - left >= room for left, right in itertools.pairwise(at))
        assert not at or at[-1] + room / 2 <= drawing.size.width


def test_stacked_bars_stand_on_one_another_and_reach_the_sum():
    series = [Series(name="a", values=[1]), Series(name="b", values=[3])]
    drawing = plot("", ["day"], series, kind="stacked").drawings[0]
    low, high = drawing.bars

    assert [one.text for one in drawing.across] == ["0", "1", "2", "3", "4"]
    assert high.y + high.height == pytest.approx(low.y)
    assert low.y + low.height == pytest.approx(drawing.floor)
    assert high.y == pytest.approx(drawing.across[-1].at)


def test_lying_bars_are_as_long_as_their_values_and_none_leaves_the_drawing():
    for drawing in plot("", ["one", "two"], [Series(name="s", values=[400, 100])], kind="rows").drawings:
        first, second = drawing.bars
        assert first.width == pytest.approx(4 * second.width, abs=0.2)
        assert max(one.x + len(one.text) * LETTER for one in drawing.texts) <= drawing.size.width


def test_bars_below_nought_hang_from_it():
    drawing = plot("", ["a"], [Series(name="s", values=[-5])]).drawings[0]
    nought = next(one.at for one in drawing.across if one.text == "0")

    assert drawing.bars[0].y == nought


def test_the_table_has_every_value_and_nothing_to_show_is_said():
    drawn = plot("", ["a", "b"], [Series(name="s", values=[1, 2]), Series(name="t", values=[3, 4])])

    assert drawn.rows == [("a", ["1", "3"]), ("b", ["2", "4"])]
    assert plot("", ["a"], [Series(name="s", values=[0])]).empty
