"""Money: wallets, statements, payouts, receipts, rates, reports, reconciliation."""

from __future__ import annotations

from bpp.operator import (
    money_books,
    money_payouts,
    money_rates,
    money_receipts,
    money_recon,
    money_reports,
    money_wallets,
)
from bpp.operator.routes import Route

ROUTES: tuple[Route, ...] = (
    *money_wallets.ROUTES,
    *money_books.ROUTES,
    *money_payouts.ROUTES,
    *money_receipts.ROUTES,
    *money_reports.ROUTES,
    *money_recon.ROUTES,
    *money_rates.ROUTES,
)
