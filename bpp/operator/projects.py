"""Project work."""

from __future__ import annotations

from bpp.operator.routes import Route

ROUTES: tuple[Route, ...] = ()
