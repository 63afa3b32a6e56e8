"""The rates that an order keeps: those of the day, as they apply to its provider and its services. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from bpp.ledger.rates import Rates
from bpp.orders.rates import OrderRates
from catalog.money import ZERO, Money
from catalog.taxes import house_keeping

APRIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Payee:
    """What the tax office asks of a provider. ``registered``: it has a GSTIN. ``has_pan``: a permanent account number.

    ``worker_share`` is the part of its earnings, per cent, that it leaves to the worker.
    """

    individual: bool = False
    registered: bool = True
    has_pan: bool = True
    worker_share: Decimal = Decimal(0)


def order_rates(rates: Rates, payee: Payee, service_ids: Iterable[str], turnover: Money) -> OrderRates:
    """The rates of an order of these services; ``turnover`` is the provider's of the financial year before it.

    Section 194-O: dearer without a permanent account number, nothing for an individual with little turnover.
    """
    return OrderRates(
        day=rates.day,
        commission=rates.rate("commission"),
        tcs=rates.rate("tcs"),
        tds=rates.rate("tds_194o" if payee.has_pan else "tds_194o_no_pan"),
        tds_above=max(rates.amount("tds_194o_exempt") - turnover, ZERO) if asks_turnover(payee) else ZERO,
        gst_on_commission=rates.percent("gst_on_commission"),
        gst_on_finder_fee=rates.percent("gst_on_finder_fee"),
        gst_9_5=rates.percent("gst_9_5"),
        operator_pays=() if payee.registered else tuple(sorted(house_keeping().intersection(service_ids))),
        network_fee=rates.amount("network_fee"),
        network_fee_above=rates.amount("network_fee_above"),
        gst_on_network_fee=rates.percent("gst_on_network_fee"),
        worker_share=payee.worker_share,
    )


def asks_turnover(payee: Payee) -> bool:
    """Whether the income tax deducted depends on what a provider has turned over in the year."""
    return payee.individual and payee.has_pan


def financial_year(day: date) -> date:
    """The first of April with which the financial year of a day began."""
    return date(day.year if day.month >= APRIL else day.year - 1, APRIL, 1)
