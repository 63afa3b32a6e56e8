"""Where a worker on the way is: whether it may be told, and how roughly. Pure.

Told while the worker is on the way, the provider lets its workers be followed, and this worker agreed to it; and then
no more exactly than a customer at the window needs. Source: protocol.md 6 (BRD, "Enroute (with tracking)"), 1.10.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bpp.orders.model import Fulfillment, Seller
from bpp.orders.states import Stage
from bpp.orders.whereabouts import Whereabouts
from catalog.model import Gps

CELL = 0.005
"""Degrees; in Uttar Pradesh about 550 m north to south and 500 m east to west."""
DECIMALS = 4
FRESH_FOR = timedelta(minutes=10)
"""How long a position is told: afterwards it says nothing of where the worker is."""


def unfollowed(seller: Seller, visit: Fulfillment) -> str:
    """Why a worker may not be followed now; empty where he or she may."""
    if visit.stage is not Stage.EN_ROUTE:
        return "a worker is followed only on the way to the customer"
    if not seller.tracking:
        return "the provider does not let its workers be followed"
    if visit.assignee is None or not visit.assignee.shares_location:
        return "the worker does not share where he or she is"
    return ""


def followed(seller: Seller, visit: Fulfillment) -> bool:
    """Whether a buyer may ask where the worker of a visit is: ``tracking`` on the wire."""
    return not unfollowed(seller, visit)


def coarse(gps: Gps) -> Gps:
    """The middle of the cell of the grid in which a point lies.

    The grid's lines are ``CELL`` degrees apart, so that all points of about 500 m by 500 m are told as one: which
    house or which shop cannot be seen, whether it takes two minutes or twenty can.
    """
    return Gps(_middle(gps.lat), _middle(gps.lon))


def told(seller: Seller, visit: Fulfillment, now: datetime) -> Whereabouts | None:
    """The position of a worker that a buyer is told at a moment, or None."""
    seen = visit.whereabouts
    if seen is None or not followed(seller, visit) or now - seen.at > FRESH_FOR:
        return None
    return seen


def _middle(degrees: float) -> float:
    return round((degrees // CELL + 0.5) * CELL, DECIMALS)
