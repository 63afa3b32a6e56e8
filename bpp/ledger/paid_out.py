"""Postings of money that leaves the Samiti's bank: payouts of wallets, refunds of consumers."""

from __future__ import annotations

from datetime import datetime

from bpp.ledger.chart import BANK, consumer_due
from bpp.ledger.model import Account, Line, Posting
from catalog.money import Money


def payout_posting(account: Account, amount: Money, *, payout_id: str, at: datetime, memo: str = "payout") -> Posting:
    """What a wallet was paid out: debit the wallet, credit the bank. It belongs to no order."""
    lines = (Line(account, amount), Line(BANK, -amount))
    return Posting(id=payout_id, at=at, ref="", part=f"payout:{payout_id}", memo=memo, lines=lines)


def refund_posting(ref: str, amount: Money, *, refund_id: str, at: datetime, memo: str = "refund") -> Posting:
    """What we paid back of an order that we had collected for: debit what is due of its consumer, credit the bank.

    What a buyer app collected it pays back itself; that is part of the order's own postings.
    """
    lines = (Line(consumer_due(ref), amount), Line(BANK, -amount))
    return Posting(id=refund_id, at=at, ref=ref, part=f"paid_back:{refund_id}", memo=memo, lines=lines)
