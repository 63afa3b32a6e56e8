"""Rescheduling and further quotations. Source: protocol 1.9; assertions 44 to 48."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
