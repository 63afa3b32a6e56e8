"""What the books must contain for an order as it stands: its postings by part, each balanced. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from bpp.ledger.model import Line
from bpp.orders.model import Order


def standing(order: Order) -> Mapping[str, tuple[Line, ...]]:
    """The lines of each part of an order in its present state; none for an order without rates."""
    del order
    return {}
