"""The whole table of faults."""

from __future__ import annotations

from tests.conformance import (
    faults_agreeing,
    faults_asking,
    faults_changing,
    faults_choosing,
    faults_context,
    faults_filing,
    faults_grievances,
    faults_habits,
    faults_reconciling,
    faults_refusing,
    faults_repetition,
    faults_rules_catalog,
    faults_rules_order,
    faults_rules_state,
    faults_search,
    faults_shape,
    faults_taking,
    faults_transport,
    faults_visits,
)
from tests.conformance.altered import Altered
from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = (
    *faults_agreeing.PLANTED,
    *faults_asking.PLANTED,
    *faults_changing.PLANTED,
    *faults_choosing.PLANTED,
    *faults_context.PLANTED,
    *faults_habits.PLANTED,
    *faults_refusing.PLANTED,
    *faults_repetition.PLANTED,
    *faults_rules_catalog.PLANTED,
    *faults_rules_order.PLANTED,
    *faults_rules_state.PLANTED,
    *faults_search.PLANTED,
    *faults_shape.PLANTED,
    *faults_taking.PLANTED,
    *faults_transport.PLANTED,
    *faults_visits.PLANTED,
)

ALTERED: tuple[Altered, ...] = (
    *faults_grievances.ALTERED,
    *faults_reconciling.ALTERED,
    *faults_filing.ALTERED,
)
"""Faults in conversations that were played honestly."""
