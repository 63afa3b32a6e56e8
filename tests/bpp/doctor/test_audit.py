"""The doctor says when nothing was sealed for an hour."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bpp.audit.chain import Head
from bpp.doctor.audit import judge
from bpp.doctor.finding import State
from bpp.storage.ports_sealing import Standing
from tests.support.clock import MONDAY_MORNING as NOW

HEAD = Head(7, "0" * 64)


@pytest.mark.parametrize(
    ("sealed", "state"),
    [
        (NOW - timedelta(minutes=1), State.OK),
        (NOW - timedelta(hours=1), State.OK),
        (NOW - timedelta(hours=1, seconds=1), State.FAILURE),
        (None, State.OK),
    ],
)
def test_a_chain_that_stands_still_is_a_failure_and_one_that_never_began_is_told(sealed, state):
    found = judge(Standing(sealed_at=sealed, head=HEAD if sealed else None), NOW)

    assert found.state is state
    assert bool(found.advice) is (state is State.FAILURE)
