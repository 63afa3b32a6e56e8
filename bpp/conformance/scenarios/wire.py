"""Forged, broken, odd, repeated and overtaking messages. Source: assertions 1 to 6, 58; security 1."""

from __future__ import annotations

from bpp.conformance.scenarios import delivering, forging, repeating, spelling
from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    *spelling.SCENARIOS,
    *forging.SCENARIOS,
    *repeating.SCENARIOS,
    *delivering.SCENARIOS,
)
