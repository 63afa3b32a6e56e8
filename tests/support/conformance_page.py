"""What is proven of a seller app, drawn: `docs/conformance.md` is what `conformance_page` returns.

Write it anew with `python -m tests.support.conformance_page > docs/conformance.md`.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping

from bpp.conformance.check import Check, Severity
from bpp.conformance.checklist import CHECKS
from bpp.conformance.checks.required_paths import REQUIRED
from tests.conformance.faults_evidence import TAMPERED
from tests.conformance.lost_paths import KILLED_TOGETHER
from tests.conformance.table import ALTERED, PLANTED

REQUIREMENTS: tuple[str, ...] = (
    *(f"assertion {number}" for number in range(1, 61)),
    *(f"protocol 1.{number}" for number in range(11)),
    *(f"protocol 4.{number}" for number in range(1, 41)),
    "protocol 7",
    *(f"network 1.{number}" for number in range(1, 10)),
    *(f"network 2.{number}" for number in range(1, 8)),
)
"""What must be proven or listed: the assertions, the sections on messages, the contradictions, what others expect, and
the sections on grievances and on settlement."""

NOT_PROVEN: Mapping[str, str] = {
    "protocol 4.32": "says what to ignore in the schema; the order's status is judged by 4.18",
    "protocol 4.37": "the ids of the specification's examples; those of callbacks are assertion 4",
    "network 1.6": "categories of complaints: unknown ones must be taken, and none is published for services",
    "network 2.7": "who collects is agreed upon in payments: assertions 27 and 42",
}
"""Requirements that no check cites, and why."""


def proofs() -> dict[str, list[str]]:
    """The checks that cite each requirement, those of required paths together."""
    cited: dict[str, list[str]] = {one: [] for one in REQUIREMENTS}
    for check in CHECKS:
        for source in check.sources:
            if source in cited:
                cited[source].append(_shown(check))
    return {one: list(dict.fromkeys(names)) for one, names in cited.items()}


def _shown(check: Check) -> str:
    return "required paths" if check.name in KILLED_TOGETHER else f"`{check.name}`"


def conformance_page() -> str:
    """A page of Markdown: each check with its fault, the required paths by action, each requirement with its checks."""
    return "\n".join(
        [
            "# What is proven of a seller app",
            "",
            "Drawn from `bpp/conformance` and `tests/conformance` by `tests/support/conformance_page.py`; a test compares",
            "them. Assertions, protocol, security and network are parts of the reference that this program was built",
            "from; the specification is that of ONDC's services 2.0.0. What is an error and what a warning is decided in",
            "[ADR 0033](adr/0033-what-is-demanded-of-other-sellers.md).",
            "",
            "## Checks, and the fault that kills each",
            "",
            "| Check | Requirement | Source | Severity | Fault |",
            "|---|---|---|---|---|",
            *_checks(),
            "",
            "## Required paths",
            "",
            "One check for each path that a callback must have, `required_<action>_<path>`; a path is demanded where its",
            "parent is there. All are killed by one seller that loses them, and each by a recorded conversation that",
            "loses this path alone.",
            "",
            "| Callback | Errors | Warnings |",
            "|---|---|---|",
            *_paths(),
            "",
            "## Requirements, and what proves each",
            "",
            "| Requirement | Proven by |",
            "|---|---|",
            *(f"| {one} | {', '.join(names) or NOT_PROVEN.get(one, '')} |" for one, names in proofs().items()),
            "",
        ]
    )


def _checks() -> Iterator[str]:
    faults: dict[str, list[str]] = {}
    planted = [(one.check, one.name) for table in (PLANTED, ALTERED, TAMPERED) for one in table]
    for check, name in planted:
        faults.setdefault(check, []).append(name)
    for one in CHECKS:
        if one.name not in KILLED_TOGETHER:
            cells = (
                f"`{one.name}`",
                one.title,
                ", ".join(one.sources),
                one.severity.value,
                "; ".join(faults.get(one.name, ())),
            )
            yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _paths() -> Iterator[str]:
    counts = Counter((row.action, row.severity) for row in REQUIRED)
    for action in dict.fromkeys(row.action for row in REQUIRED):
        errors, warnings = counts[action, Severity.ERROR], counts[action, Severity.WARNING]
        yield f"| {action or 'every callback'} | {errors} | {warnings} |"


if __name__ == "__main__":
    sys.stdout.write(conformance_page())
