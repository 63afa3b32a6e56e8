"""Repeated, late and overtaking messages, and callbacks that are told again. Source: assertions 5 and 58; network 5."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
