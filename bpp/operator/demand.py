"""Unserved demand, by district, pincode, service and hour."""

from __future__ import annotations

from bpp.operator.routes import Route

ROUTES: tuple[Route, ...] = ()
