"""The reconciler sees what it is there to see: a fault planted in a sound run breaks the law that names it."""

from __future__ import annotations

import pytest

from tests.chaos.laws import LAWS, reconcile
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
