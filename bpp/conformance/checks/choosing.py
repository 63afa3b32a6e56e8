"""Select and its answer. Source: protocol 1.3, 1.4; assertions 16 to 24."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
