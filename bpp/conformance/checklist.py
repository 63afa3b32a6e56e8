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
    evidence,
    passwords,
    quoting,
    refunding,
    repetition,
    rules,
    shape,
    standing,
    transport,
    visits,
)

CHECKS: tuple[Check, ...] = (
    *context.CHECKS,
    *transport.CHECKS,
    *repetition.CHECKS,
    *shape.CHECKS,
    *rules.CHECKS,
    *catalog.CHECKS,
    *choosing.CHECKS,
    *agreeing.CHECKS,
    *visits.CHECKS,
    *passwords.CHECKS,
    *standing.CHECKS,
    *changing.CHECKS,
    *quoting.CHECKS,
    *cancelling.CHECKS,
    *refunding.CHECKS,
    *asking.CHECKS,
    *evidence.CHECKS,
)
