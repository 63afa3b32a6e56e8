"""What the books say, as the API shows it: with an order, and for whoever keeps them."""

from __future__ import annotations

from bpp.ledger.model import Account, Posting
from bpp.ledger.statement import words_of
from bpp.operator.auth import ACCOUNTANT, OPERATOR
from bpp.operator.order_models import LedgerLine, LedgerPosting
from catalog.money import ZERO, Money

BOOKS_ROLES = frozenset({ACCOUNTANT, OPERATOR})
"""Who may look at the lines of one order: also whoever is asked by a caller where a rupee went."""


def posting_view(one: Posting) -> LedgerPosting:
    """One posting with its lines."""
    english, hindi = words_of(one)
    return LedgerPosting(
        id=one.id,
        at=one.at,
        part=one.part,
        words=english,
        words_hi=hindi,
        memo=one.memo,
        reverses=one.reverses or None,
        lines=[line_view(line.account, line.amount) for line in one.lines],
    )


def line_view(account: Account, amount: Money) -> LedgerLine:
    """An account with an amount, debit positive, on its side."""
    return LedgerLine(
        party=account.party,
        id=account.party_id,
        purpose=account.purpose,
        debit=str(max(amount, ZERO)),
        credit=str(max(-amount, ZERO)),
    )
