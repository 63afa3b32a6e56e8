"""Faults of rating, tracking and support."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
