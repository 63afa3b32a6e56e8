"""What happens after the order beside the flows: refusals, ratings, tracking, support. Source: assertions 36 to 55."""

from __future__ import annotations

from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = ()
