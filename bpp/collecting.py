"""How seldom cycles among objects are looked for."""

from __future__ import annotations

import gc

COLLECTED_AFTER = (50_000, 20, 100)
"""How many objects, and times of that, before cycles among them are looked for. A message makes thousands, few of them
in cycles: with Python's own 700 the search was a third of its time (docs/benchmark.md), and a sixth of a start's."""


def collect_seldom() -> None:
    """For this process, from now on."""
    gc.set_threshold(*COLLECTED_AFTER)
