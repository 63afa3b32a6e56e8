"""Faults of init and confirm."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
