"""Faults of status and fulfillment."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
