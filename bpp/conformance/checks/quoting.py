"""Further quotations and the buyer's word on them. Source: protocol 1.9, 4.14; assertions 47 and 48."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
