"""Payout runs, receipts and settlements of the ledger, on a database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlPayouts:
    """See ``bpp.storage.ports_payouts.Payouts``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection
