"""Our references: as the network wants them, and in the order in which they are made."""

from __future__ import annotations

import time

from beckn_schemas.invariants_base import is_uuid4
from bpp.app import new_uuid


def test_a_reference_is_a_version_4_uuid_and_no_other_is_the_same():
    made = [new_uuid() for _ in range(2_000)]

    assert all(is_uuid4(one) for one in made)
    assert len(set(made)) == len({one[14:] for one in made}) == len(made)


def test_a_reference_begins_with_the_millisecond_at_which_it_was_made():
    before = time.time_ns() // 1_000_000
    moment = int(new_uuid().replace("-", "")[:12], 16)

    assert before <= moment <= time.time_ns() // 1_000_000
