"""What a catalog offers, and what searches find. Source: protocol 1.1, 1.2, 3; assertions 7 to 15 and 60."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
