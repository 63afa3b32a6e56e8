"""Init, confirm and their answers. Source: protocol 1.5, 1.6; assertions 25 to 35."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
