"""Providers and workers beyond their catalog rows: empanelment, papers, engagements, bank details."""

from __future__ import annotations

from bpp.operator.routes import Route

ROUTES: tuple[Route, ...] = ()
