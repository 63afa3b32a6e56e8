"""How an order ended that was given up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from catalog.money import ZERO, Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """Who cancelled, for which reason code, and what became of the money.

    ``fee`` is kept of the price, ``refund`` is what the buyer gets back of what was paid, ``penalty`` is what the
    provider owes for giving up late. ``note`` is an operator's own text of the reason.
    """

    cancelled_by: Literal["CONSUMER", "SELLER"]
    reason: str
    fee: Money
    refund: Money = ZERO
    penalty: Money = ZERO
    note: str = ""
