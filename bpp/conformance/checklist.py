"""Every check."""

from __future__ import annotations

from bpp.conformance.check import Check
from bpp.conformance.checks import context, rules

CHECKS: tuple[Check, ...] = (*context.CHECKS, *rules.CHECKS)
