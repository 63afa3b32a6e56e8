"""Who gets what of a price: the finder fee, the Samiti's commission, taxes, and the rest to the provider. Pure.

Every amount is rounded half up to the paisa by itself and the provider gets the rest, so that the parts add up to the
price exactly. Source: sewamitra's taxes and fees with the worked splits A, B, C and cash.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bpp.orders.rates import OrderRates, Rate
from catalog.money import ZERO, Money, total
from catalog.quote import base_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A part of a price with one rate of tax, tax included. ``operator_pays``: section 9(5) applies to it."""

    gross: Money
    tax_rate: Decimal
    operator_pays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A price and its parts. ``gross`` = ``base`` + ``gst``; it is also the sum of all the others.

    ``gst`` is within ``provider``, who pays it, but for what of it is ``gst_9_5``, which the operator pays.
    """

    gross: Money
    base: Money
    gst: Money
    finder_fee: Money
    finder_fee_gst: Money
    commission: Money
    commission_gst: Money
    tcs: Money
    tds: Money
    gst_9_5: Money
    provider: Money


def split(charges: Sequence[Charge], rates: OrderRates, *, finder_fee: Money = ZERO, cash: Money = ZERO) -> Split:
    """Divide what is charged for a piece of work. ``cash`` is what of it the worker collects in the Samiti's stead.

    Rates with the scope ``released`` are taken of the rest in proportion: tax is collected and deducted by whoever
    releases the money (CBIC circular 194/06/2023; CBDT circular 20/2023).
    """
    gross = total(one.gross for one in charges)
    bases = [(one, base_of(one.gross, rates.gst_9_5 if one.operator_pays else one.tax_rate)) for one in charges]
    base = total(net for _, net in bases)
    taxable = [(one, net) for one, net in bases if not one.operator_pays and net != one.gross]
    released = gross - min(max(cash, ZERO), gross)

    def taken(rate: Rate, net: Money, whole: Money, share: Decimal = Decimal(1)) -> Money:
        of = net if rate.base == "net" else whole
        if rate.scope == "released" and released != gross:
            of = of.times(Decimal(released.paise) / gross.paise)
        return of.percent(rate.value * share)

    half_tcs = taken(
        rates.tcs, total(net for _, net in taxable), total(one.gross for one, _ in taxable), Decimal("0.5")
    )
    commission = taken(rates.commission, base, gross)
    parts = {
        "finder_fee": finder_fee,
        "finder_fee_gst": finder_fee.percent(rates.gst_on_finder_fee),
        "commission": commission,
        "commission_gst": commission.percent(rates.gst_on_commission),
        "tcs": half_tcs + half_tcs,  # a central and a state half, each rounded by itself
        "tds": taken(rates.tds, base, gross),
        "gst_9_5": total(one.gross - net for one, net in bases if one.operator_pays),
    }
    return Split(gross=gross, base=base, gst=gross - base, provider=gross - total(parts.values()), **parts)
