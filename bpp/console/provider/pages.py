"""What this part of the console has: its pages, what its forms do, and its entries of the menu."""

from __future__ import annotations

from bpp.console.language import msg
from bpp.console.menu import Entry, own_provider
from bpp.console.page import Deed, Page
from bpp.console.provider import (
    areas,
    board,
    board_deeds,
    coverage,
    hour_deeds,
    hours,
    money,
    rate_deeds,
    rates,
    ratings,
    worker_deeds,
    workers,
)
from bpp.people.model import Role

PAGES: tuple[Page, ...] = tuple(
    page for part in (board, workers, rates, coverage, areas, hours, money, ratings) for page in part.PAGES
)
DEEDS: tuple[Deed, ...] = tuple(
    deed for part in (board_deeds, worker_deeds, rate_deeds, coverage, areas, hour_deeds) for deed in part.DEEDS
)
ENTRIES: tuple[Entry, ...] = tuple(
    Entry(page=name, title=title, roles=frozenset({Role.PROVIDER}), path=own_provider)
    for name, title in (
        ("provider-orders", msg("Orders")),
        ("provider-workers", msg("Workers")),
        ("provider-rates", msg("Rate list")),
        ("provider-coverage", msg("Where we work")),
        ("provider-hours", msg("Hours and terms")),
        ("provider-money", msg("Money")),
        ("provider-ratings", msg("Ratings")),
    )
)
"""A provider's day begins with its orders."""
