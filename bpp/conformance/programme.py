"""Every scenario, in the order in which they are played."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.conformance.scenarios import (
    complaints,
    complaints_refused,
    confirming,
    filing,
    flows,
    reconciling,
    searching,
    selecting,
    serving,
    wire,
)
from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *flows.SCENARIOS,
    *selecting.SCENARIOS,
    *searching.SCENARIOS,
    *confirming.SCENARIOS,
    *serving.SCENARIOS,
    *wire.SCENARIOS,
    *complaints.SCENARIOS,
    *complaints_refused.SCENARIOS,
    *reconciling.SCENARIOS,
    *filing.SCENARIOS,
)

CORE: tuple[Scenario, ...] = tuple(one for one in SCENARIOS if one.core)
"""The flows of ONDC's ``flows.md``."""
_FURTHER = sorted({one.apis for one in SCENARIOS} - {""})
GROUPS: Mapping[str, tuple[Scenario, ...]] = {
    "all": SCENARIOS,
    "core": CORE,
    **{apis: tuple(one for one in SCENARIOS if one.apis == apis) for apis in _FURTHER},
}
"""Flows that go by one name: all, the core ones, and those of a further specification."""


def chosen(names: str) -> tuple[Scenario, ...]:
    """The scenarios of a comma-separated list, or of one of ``GROUPS``.

    Raises ``LookupError`` for a name that is none.
    """
    known = {one.name: one for one in SCENARIOS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if len(wanted) == 1 and wanted[0] in GROUPS:
        return GROUPS[wanted[0]]
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise LookupError(f"no such flow: {', '.join(unknown) or 'none is named'}; there are {', '.join(known)}")
    return tuple(known[name] for name in wanted)
