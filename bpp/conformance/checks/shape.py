"""The shape of every callback: required paths, types, enumerations, formats."""

from __future__ import annotations

from bpp.conformance.check import Check

CHECKS: tuple[Check, ...] = ()
