"""Bookings in every channel: find, quote, book, look up."""

from __future__ import annotations

from bpp.operator.routes import Route

ROUTES: tuple[Route, ...] = ()
