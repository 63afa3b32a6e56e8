"""The rates of fees and taxes that an order was made with: a snapshot, so that no later rate changes what is owed.

Source: decision 17; sewamitra's fees and taxes are dated, and an order is settled by those of the day of its booking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

from catalog.money import ZERO, Money

RateBase = Literal["net", "gross"]
"""What a percentage is taken of: the price without tax, or with it."""
RateScope = Literal["all", "released"]
"""Whether a rate is due on every price, or only on what we release to the provider, not on a worker's cash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A percentage, what it is taken of, and of which money."""

    value: Decimal
    base: RateBase = "net"
    scope: RateScope = "all"


NOTHING = Rate(value=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderRates:
    """What is taken of an order's prices. ``day`` is that of the booking in Asia/Kolkata; percentages unless Money.

    ``operator_pays`` are the ids of the order's services whose GST the operator pays under section 9(5) of the CGST
    Act, at ``gst_9_5``. ``tds`` is the rate of section 194-O for this provider on that day, due where the whole order
    comes to more than ``tds_above``. The network's fee is due on a price above ``network_fee_above``. ``worker_share``
    is the part of the provider's earnings that goes on to the worker.
    """

    day: date
    commission: Rate = NOTHING
    tcs: Rate = NOTHING
    tds: Rate = NOTHING
    tds_above: Money = ZERO
    gst_on_commission: Decimal = Decimal(0)
    gst_on_finder_fee: Decimal = Decimal(0)
    gst_9_5: Decimal = Decimal(0)
    operator_pays: tuple[str, ...] = ()
    network_fee: Money = ZERO
    network_fee_above: Money = ZERO
    gst_on_network_fee: Decimal = Decimal(0)
    worker_share: Decimal = Decimal(0)

    def for_price(self, price: Money) -> OrderRates:
        """What of them counts where the whole order comes to a price, with what was quoted for since the booking."""
        return self if price > self.tds_above else replace(self, tds=NOTHING)
