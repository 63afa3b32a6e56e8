"""Choosing: another time, no time, choices, what cannot be had. Source: protocol 1.3, 1.4; assertions 16 to 24."""

from __future__ import annotations

from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = ()
