"""Faults of rescheduling, quotations and cancellation."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
