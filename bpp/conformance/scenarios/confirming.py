"""Agreeing: what is left out, altered, lost or taken twice. Source: protocol 1.5, 1.6; assertions 25 to 35."""

from __future__ import annotations

from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = ()
