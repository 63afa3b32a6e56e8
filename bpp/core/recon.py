"""Reconciling a period of the books: what the store says of it, given to ``bpp.ledger.recon``."""

from __future__ import annotations

from datetime import datetime

from bpp.ledger.model import Account, Purpose
from bpp.ledger.recon import Reconciliation, reconcile
from bpp.storage.ports import Work
from bpp.storage.ports_ledger import AccountFilter
from catalog.money import ZERO, Money

OWED = (Purpose.WALLET, Purpose.COLLECTED, Purpose.CASH_IN_HAND)


async def reconciled(first: datetime, last: datetime, work: Work) -> Reconciliation:
    """The bookings completed from ``first`` on and before ``last``, against the books as they stood then."""
    return reconcile(
        await work.payouts.completed(first, last),
        await _owed(work, last),
        stray=await work.payouts.stray_credits(first, last),
        topped_up=await work.payouts.topped_up(first, last),
    )


async def still_open(first: datetime, last: datetime, work: Work) -> Reconciliation:
    """The same bookings against the books as they stand today: what of them is open still, in its lists.

    Of what is owed today the newest bookings make up as much as they can, so what later ones moved comes off first.
    """
    later = await work.payouts.moved_later(first, last, OWED)
    left = {account: amount - max(later.get(account, ZERO), ZERO) for account, amount in (await _owed(work)).items()}
    return reconcile(await work.payouts.completed(first, last, to_date=True), left)


async def _owed(work: Work, until: datetime | None = None) -> dict[Account, Money]:
    found: dict[Account, Money] = {}
    for purpose in OWED:
        found.update(await work.ledger.balances(AccountFilter(purpose=purpose), until))
    return found
