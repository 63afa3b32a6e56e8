"""Reconciling a period of the books: what the store says of it, given to ``bpp.ledger.recon``."""

from __future__ import annotations

from datetime import datetime

from bpp.ledger.model import Account, Purpose
from bpp.ledger.recon import Reconciliation, reconcile
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import Money

OWED = (Purpose.WALLET, Purpose.COLLECTED, Purpose.CASH_IN_HAND)


async def reconciled(first: datetime, last: datetime, work: Work) -> Reconciliation:
    """The bookings completed from ``first`` on and before ``last``, against the books as they stood then."""
    balances: dict[Account, Money] = {}
    for purpose in OWED:
        balances.update(await work.ledger.balances(AccountFilter(purpose=purpose), last))
    return reconcile(
        await work.payouts.completed(first, last),
        balances,
        stray=await work.payouts.stray_credits(first, last),
        topped_up=await work.payouts.topped_up(first, last),
    )
