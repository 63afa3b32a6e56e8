"""Every check."""

from __future__ import annotations

from bpp.conformance.check import Check
from bpp.conformance.checks import (
    agreeing,
    asking,
    cancelling,
    catalog,
    changing,
    choosing,
    context,
    delivery,
    grievances,
    habits,
    ids,
    refusing,
    repetition,
    rules,
    shape,
    signed,
    taking,
    transport,
    visits,
)

CHECKS: tuple[Check, ...] = (
    *context.CHECKS,
    *ids.CHECKS,
    *transport.CHECKS,
    *signed.CHECKS,
    *refusing.CHECKS,
    *taking.CHECKS,
    *repetition.CHECKS,
    *delivery.CHECKS,
    *grievances.CHECKS,
    *habits.CHECKS,
    *shape.CHECKS,
    *rules.CHECKS,
    *catalog.CHECKS,
    *choosing.CHECKS,
    *agreeing.CHECKS,
    *visits.CHECKS,
    *changing.CHECKS,
    *cancelling.CHECKS,
    *asking.CHECKS,
)
