"""Faults of transport, signatures and repetition."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
