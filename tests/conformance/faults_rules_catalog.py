"""Faults of catalogs, as the rules of beckn_schemas find them."""

from __future__ import annotations

from tests.conformance.planted import Planted

PLANTED: tuple[Planted, ...] = ()
