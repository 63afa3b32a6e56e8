"""What is known of storing payout runs, receipts and settlements of the ledger; a part of ``bpp.storage.ports``."""

from __future__ import annotations

from typing import Protocol


class Payouts(Protocol):
    """Money that left and came in."""
