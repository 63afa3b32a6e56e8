"""Rating, tracking, support. Source: protocol 1.10; assertions 54 and 55."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
