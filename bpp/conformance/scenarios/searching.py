"""Searches of every kind, and what they must and must not find. Source: protocol 1.1, 3; assertions 7 to 11, 60."""

from __future__ import annotations

from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = ()
