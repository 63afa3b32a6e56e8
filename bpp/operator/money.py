"""Money: wallets, statements, payouts, receipts, rates, reports, reconciliation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bpp.core.world import World
from bpp.ledger.model import Account
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
from bpp.storage.ports import Work


async def no_beneficiaries(wallets: Sequence[Account], work: Work, world: World) -> Mapping[Account, Mapping[str, str]]:
    """Nobody's bank details are known: the bank's file names wallets and amounts alone."""
    del wallets, work, world
    return {}


ROUTES: tuple[Route, ...] = (
    *money_wallets.ROUTES,
    *money_books.ROUTES,
    *money_payouts.routes(no_beneficiaries),
    *money_receipts.ROUTES,
    *money_reports.ROUTES,
    *money_recon.ROUTES,
    *money_rates.ROUTES,
)
