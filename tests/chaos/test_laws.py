"""The reconciler sees what it is there to see: a fault planted in a sound run breaks the law that names it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.chaos.laws import LAWS, Evidence, reconcile, slot_once
from tests.chaos.planted import EXCUSED, PLANTED, a_run


def test_a_sound_run_breaks_no_law():
    assert reconcile(*a_run()) == []


@pytest.mark.parametrize(("law", "plant"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_breaks_its_law(law, plant):
    broken = reconcile(*plant(a_run()))

    assert law in {one.law for one in broken}


@pytest.mark.parametrize("excused", EXCUSED.values(), ids=EXCUSED)
def test_what_the_recording_explains_breaks_no_law(excused):
    assert reconcile(*excused(a_run())) == []


def test_each_law_is_seen_to_fail():
    assert {law for law, _ in PLANTED.values()} == {law.__name__ for law in LAWS}


def test_an_order_that_was_cancelled_takes_nobodys_time_though_its_refused_on_confirm_comes_again():
    recording, books = a_run()
    confirmed, other, *_ = recording.told
    assert confirmed.shown is not None
    refused = replace(confirmed, taken="refused")
    gone = replace(confirmed, number=2, at=2.0, action="on_cancel", message_id="M-9", shown=cancelled(confirmed.shown))
    again = replace(confirmed, number=3, at=3.0)
    sold = replace(other, number=4, at=4.0, shown=replace(confirmed.shown, order_id="O-2"))

    def found(*told):
        return [*slot_once(Evidence(replace(recording, told=[*told], acts=[]), books))]

    assert found(refused, again, sold) != []
    assert found(refused, gone, again, sold) == []


def cancelled(shown):
    assert shown is not None
    return replace(shown, status="CANCELLED")
