"""What a slice says, and when it says nothing."""

from __future__ import annotations

import math

import pytest

from bpp.bench.rounds import Round, Slice
from bpp.bench.run import Found, account, ratios


def slice_of(completed=100, cpu=0.5, loader=0.2, stolen=0.0, **traffic):
    counts = dict.fromkeys(("lost", "refused", "errors", "repeated", "strange", "broken", "faulty"), 0)
    told = {**counts, "refusals": [], "faults": [], "completed": completed, "seconds": 1.0, "loader_cpu": loader}
    return Slice(server="durable", cpu=cpu, beside=0.0, stolen=stolen, traffic={**told, **traffic})


def test_cpu_is_shared_out_over_completed_round_trips():
    assert slice_of(completed=100, cpu=0.5).cpu_each == pytest.approx(0.005)
    assert slice_of(completed=0).cpu_each == math.inf


@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        (slice_of(loader=0.95), "load generator"),
        (slice_of(stolen=0.06), "another machine"),
        (slice_of(completed=0), "no round trip"),
    ],
)
def test_a_slice_that_measured_something_else_is_left_out_and_told_of(spoilt, why):
    rounds = [Round(pair=0.0001, slices={"durable": one}) for one in (slice_of(), spoilt, slice_of(cpu=1.0))]
    found = Found()
    ratios(rounds, lambda one: one.slices["durable"].cpu_each / one.pair, "durable", found=found, row="select.pairs")
    account(rounds, found)
    assert found.values["select.pairs"] == pytest.approx([50.0, 100.0])
    assert len(found.notes) == 1
    assert "1 of 3 slices left out" in found.notes[0]
    assert why in found.notes[0]


def test_a_row_needs_every_server_that_it_compares_in_the_same_round():
    rounds = [Round(pair=0.0001, slices={"durable": slice_of()})]
    found = Found()
    ratios(rounds, lambda _: 1.0, "durable", "storeless", found=found, row="select.durability")
    assert found.values == {}


def test_whatever_went_wrong_with_a_round_trip_is_told_with_an_example():
    bad = slice_of(lost=2, refused=1, refusals=["HTTP/1.1 503 busy"])
    found = Found()
    account([Round(pair=0.0001, slices={"durable": bad})], found)
    assert found.notes == [
        "durable: 2 lost, such as HTTP/1.1 503 busy",
        "durable: 1 refused, such as HTTP/1.1 503 busy",
    ]


def test_a_scenario_played_once_more_adds_its_rounds():
    found = Found(values={"select.pairs": [1.0]}, raw={"select": [{"pair_s": 1}]}, notes=["a"])
    found.add(Found(values={"select.pairs": [2.0]}, raw={"select": [{"pair_s": 2}]}, notes=["a", "b"]))
    assert found.values == {"select.pairs": [1.0, 2.0]}
    assert found.raw == {"select": [{"pair_s": 1}, {"pair_s": 2}]}
    assert found.notes == ["a", "b"]
