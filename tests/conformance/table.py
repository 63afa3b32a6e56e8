"""The whole table of faults."""

from __future__ import annotations

from tests.conformance import (
    faults_agreeing,
    faults_asking,
    faults_changing,
    faults_choosing,
    faults_context,
    faults_grievances,
    faults_rules_catalog,
    faults_rules_order,
    faults_rules_state,
    faults_search,
    faults_shape,
    faults_visits,
    faults_wire,
)
from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = (
    *faults_agreeing.PLANTED,
    *faults_asking.PLANTED,
    *faults_changing.PLANTED,
    *faults_choosing.PLANTED,
    *faults_context.PLANTED,
    *faults_grievances.PLANTED,
    *faults_rules_catalog.PLANTED,
    *faults_rules_order.PLANTED,
    *faults_rules_state.PLANTED,
    *faults_search.PLANTED,
    *faults_shape.PLANTED,
    *faults_visits.PLANTED,
    *faults_wire.PLANTED,
)
