"""Acknowledgements, refusals, addresses and signatures. Source: assertions 1, 2, 6, 58; security 1; protocol 7."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
