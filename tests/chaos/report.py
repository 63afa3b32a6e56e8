"""What a run came to, as text and as JSON; and how to play again what broke a law."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chaos.laws import LAWS

Json = dict[str, Any]


def summary(episodes: Sequence[Json], wanted: Json) -> Json:
    """The sums of the episodes that were played."""
    by_fault: dict[str, Json] = {}
    counts: Counter[str] = Counter()
    for one in episodes:
        counts.update(one["counts"])
        for kind, found in one["faults"].items():
            sums = by_fault.setdefault(kind, {"times": 0, "kills": 0, "worst_recovery": 0.0})
            sums["times"] += found["times"]
            sums["kills"] += found["kills"]
            sums["worst_recovery"] = max(sums["worst_recovery"], found["worst_recovery"])
    broken = [{**law, "seed": one["seed"]} for one in episodes for law in one["broken"]]
    return {
        **wanted,
        "episodes": len(episodes),
        "kills": sum(one["kills"] for one in episodes),
        "orders": sum(one["orders"] for one in episodes),
        "hours": round(sum(one["seconds"] for one in episodes) / 3600, 2),
        "faults": by_fault,
        "counts": dict(counts),
        "laws": {law.__name__: sum(one["law"] == law.__name__ for one in broken) for law in LAWS},
        "broken": broken,
    }


def text(found: Json) -> str:
    """For people."""
    lines = [
        f"chaos, seed {found['seed']}: {found['episodes']} episodes in {found['hours']} hours",
        f"kills: {found['kills']} of {found['wanted_kills']}; orders: {found['orders']} of {found['wanted_orders']}",
        "",
        f"{'fault':<18}{'times':>7}{'kills':>7}{'worst recovery, s':>20}",
    ]
    for kind, one in sorted(found["faults"].items()):
        lines.append(f"{kind:<18}{one['times']:>7}{one['kills']:>7}{one['worst_recovery']:>20.2f}")
    lines += ["", f"{'law':<18}{'broken':>7}"]
    lines += [f"{law:<18}{times:>7}" for law, times in found["laws"].items()]
    lines += ["", *(f"{name}: {count}" for name, count in found["counts"].items())]
    for one in found["broken"][:50]:
        lines.append(f"BROKEN {one['law']}: {one['what']}")
    for seed in dict.fromkeys(one["seed"] for one in found["broken"]):
        lines.append(f"again: make chaos CHAOS_ARGS='--episode {seed}'")
    return "\n".join(lines) + "\n"


def write(folder: Path, found: Json) -> None:
    """``report.json`` and ``report.txt``."""
    (folder / "report.json").write_text(json.dumps(found, indent=1))
    (folder / "report.txt").write_text(text(found))
