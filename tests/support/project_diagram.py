"""The state tables of project work drawn: `docs/project-states.md` is what `project_states_page` returns.

Write it anew with `python -m tests.support.project_diagram > docs/project-states.md`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeVar

from bpp.projects.states import MILESTONE, OVER, PROJECT, MilestoneStage, Rule, Stage

StageT = TypeVar("StageT", bound=StrEnum)


def project_states_page() -> str:
    """A page of Markdown: both tables, each as a diagram and as rows."""
    return "\n".join(
        [
            "# The states of project work",
            "",
            "Drawn from `bpp/projects/states.py` by `tests/support/project_diagram.py`; a test compares the two.",
            "What is not listed here is refused. `agree` follows when both sides have accepted the MOU, `complete` when",
            "every milestone is accepted, `lapse` when there is no bid or no MOU in time.",
            "",
            "## A project",
            "",
            *_drawn(PROJECT, Stage.OPEN, [stage for stage in Stage if stage in OVER]),
            "",
            "## A milestone",
            "",
            *_drawn(MILESTONE, MilestoneStage.PLANNED, [MilestoneStage.PAID]),
            "",
        ]
    )


def _drawn(rules: tuple[Rule[StageT], ...], first: StageT, ends: Iterable[StageT]) -> list[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for rule in rules:
        arrows.setdefault((rule.source, rule.target), []).append(rule.event)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {source} --> {target}: {', '.join(events)}" for (source, target), events in arrows.items()]
    lines += [*(f"    {stage} --> [*]" for stage in ends), "```", ""]
    rows = [f"| {rule.source} | {rule.event} | {rule.target} | {', '.join(sorted(rule.sides))} |" for rule in rules]
    return [*lines, "| From | Event | To | Who |", "|---|---|---|---|", *rows]


if __name__ == "__main__":
    sys.stdout.write(project_states_page())
