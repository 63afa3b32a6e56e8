"""Shapes."""
from __future__ import annotations
from bpp.conformance.check import Check
from bpp.conformance.checks import required
CHECKS: tuple[Check, ...] = (*required.CHECKS,)
