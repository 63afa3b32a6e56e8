"""A refund: what of the price of work done was given back.

It lessens what was charged for one item, and stands in the order and as a line of its quote; payments stay as they
were made (assertion 50).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalog.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """An amount, tax included, given back of the price of an item; ``issue_id`` names the complaint, if any."""

    id: str
    at: datetime
    item_id: str
    amount: Money
    issue_id: str = ""
