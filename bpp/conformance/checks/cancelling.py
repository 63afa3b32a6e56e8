"""Cancellation by either side. Source: protocol 1.8; assertions 49 to 53."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
