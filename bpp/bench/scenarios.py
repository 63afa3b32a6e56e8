"""The scenarios by name, in the order in which a whole run plays them, and the document that a run makes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bpp.app import utc_now
from bpp.bench.assembly import assembly
from bpp.bench.bars import Verdict, judged
from bpp.bench.cockpit import console
from bpp.bench.latency import latency, memory
from bpp.bench.report import environment
from bpp.bench.run import Found, Run
from bpp.bench.scaling import scaling
from bpp.bench.search import search
from bpp.bench.select import select
from bpp.bench.stored import stored
from bpp.bench.validation import validation

SCENARIOS: Mapping[str, Callable[[Run], Found]] = {
    "select": select,
    "scaling": scaling,
    "validation": validation,
    "search": search,
    "assembly": assembly,
    "stored": stored,
    "console": console,
    "latency": latency,
    "memory": memory,
}


def play(names: Sequence[str], run: Run) -> dict[str, Any]:
    """Play scenarios; one with an unsure row once more with twice the rounds. The whole run as a document."""
    again = replace(run, rounds=2 * run.rounds)
    env = environment(run.folder, utc_now())
    total = Found()
    for name in names:
        run.told(f"scenario {name}")
        found = SCENARIOS[name](run)
        if not run.quick and any(one.verdict is Verdict.UNSURE for one in judged(found.values).values()):
            run.told(f"scenario {name} once more, with twice the rounds: it is unsure")
            found = SCENARIOS[name](again)
        total.add(found)
    return {
        "environment": {**env, "rounds": run.rounds, "slice_s": run.load.seconds, "quick": run.quick},
        "results": {key: one.document() for key, one in judged(total.values).items()},
        "notes": total.notes,
        "raw": total.raw,
    }
