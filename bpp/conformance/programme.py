"""Every scenario, in the order in which they are played."""

from __future__ import annotations

from bpp.conformance.scenarios import confirming, flows, searching, selecting, serving, wire
from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *flows.SCENARIOS,
    *selecting.SCENARIOS,
    *searching.SCENARIOS,
    *confirming.SCENARIOS,
    *serving.SCENARIOS,
    *wire.SCENARIOS,
)

CORE: tuple[Scenario, ...] = tuple(one for one in SCENARIOS if one.core)
"""The flows of ONDC's ``flows.md``."""


def chosen(names: str) -> tuple[Scenario, ...]:
    """The scenarios of a comma-separated list; ``all`` of them, or the ``core`` ones.

    Raises ``LookupError`` for a name that is none.
    """
    known = {one.name: one for one in SCENARIOS}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if wanted in (["all"], ["core"]):
        return SCENARIOS if wanted == ["all"] else CORE
    unknown = [name for name in wanted if name not in known]
    if unknown or not wanted:
        raise LookupError(f"no such flow: {', '.join(unknown) or 'none is named'}; there are {', '.join(known)}")
    return tuple(known[name] for name in wanted)
