"""The flows of the services specification: see ``flows.md`` of ONDC's services 2.0.0."""

from __future__ import annotations

from bpp.conformance.scenarios.booking import booked, carried_out, status
from bpp.conformance.scenarios.steps import Scenario

SCENARIOS: tuple[Scenario, ...] = (
    Scenario(
        name="service_completion",
        title="Booking of a home service, to its invoice",
        steps=(*booked(), status(), *carried_out()),
    ),
)
