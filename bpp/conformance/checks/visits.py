"""Status and fulfillment. Source: protocol 1.7; assertions 36 to 43."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
