"""Statements of one account and the trial balance, as people read them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bpp.ledger.booked import MILESTONE
from bpp.ledger.model import Account, Posting
from bpp.ledger.payouts import PAYOUT
from bpp.ledger.receipts import RECEIPT, ReceiptKind
from catalog.money import ZERO, Money, total

WORDS: Mapping[str, tuple[str, str]] = {
    "visit": ("Work done", "काम पूरा हुआ"),
    "payment": ("Payment of the customer", "ग्राहक का भुगतान"),
    "share": ("The worker's share", "सेवामित्र का हिस्सा"),
    "cancellation": ("Fee for a cancelled booking", "रद्द बुकिंग का शुल्क"),
    "refund": ("Given back by the buyer app", "ऐप द्वारा वापस"),
    "redress": ("Given back after a complaint", "शिकायत पर वापस"),
    "given_back": ("Given back by the buyer app", "ऐप द्वारा वापस"),
    MILESTONE: ("Milestone accepted", "चरण स्वीकृत"),
    "penalty": ("Penalty for giving up late", "देर से छोड़ने का दंड"),
    "network_fee": ("Network fee", "नेटवर्क शुल्क"),
    "paid_back": ("Refunded", "वापस किया गया"),
    PAYOUT: ("Paid to the bank account", "बैंक खाते में भुगतान"),
    ReceiptKind.BUYER_APP_SETTLEMENT: ("Settled by the buyer app", "ऐप से प्राप्त"),
    ReceiptKind.PROVIDER_PAYMENT: ("Paid by the provider", "सेवाप्रदाता से प्राप्त"),
    ReceiptKind.CASH_HANDOVER: ("Cash handed over", "नकद सौंपा गया"),
    ReceiptKind.TAX_PAYMENT: ("Tax paid", "कर जमा"),
    ReceiptKind.NETWORK_FEE_PAYMENT: ("Network fee paid", "नेटवर्क शुल्क जमा"),
}
"""What a part is called, in English and Hindi."""
REVERSED = ("Taken back", "वापसी")
OTHER = ("Other", "अन्य")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a statement; ``balance`` is what the holder is owed after it, negative: what the holder owes."""

    at: datetime
    posting_id: str
    ref: str
    part: str
    words: str
    words_hi: str
    memo: str
    debit: Money
    credit: Money
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """An account from a moment to another; balances are positive where the holder is owed."""

    account: Account
    opening: Money
    entries: tuple[Entry, ...]

    @property
    def closing(self) -> Money:
        """The balance after the last entry."""
        return self.entries[-1].balance if self.entries else self.opening


def statement(account: Account, before: Money, moved: Iterable[tuple[Posting, Money]]) -> Statement:
    """The statement from the balance before (debit positive, as in the books) and what moved it, oldest first."""
    opening = balance = -before
    entries = []
    for posting, amount in moved:
        balance = balance - amount
        english, hindi = words_of(posting)
        entries.append(
            Entry(
                at=posting.at,
                posting_id=posting.id,
                ref=posting.ref,
                part=posting.part,
                words=english,
                words_hi=hindi,
                memo=posting.memo,
                debit=max(amount, ZERO),
                credit=max(-amount, ZERO),
                balance=balance,
            )
        )
    return Statement(account=account, opening=opening, entries=tuple(entries))


def words_of(posting: Posting) -> tuple[str, str]:
    """What a posting is called, in English and Hindi."""
    kind, _, rest = posting.part.partition(":")
    name = rest.partition(":")[0] if kind == RECEIPT else kind
    english, hindi = WORDS.get(name, OTHER)
    if posting.reverses:
        return f"{REVERSED[0]}: {english}", f"{REVERSED[1]}: {hindi}"
    return english, hindi


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialBalance:
    """Every account on its side. The sides are equal, since every posting balances."""

    rows: Sequence[tuple[Account, Money]]

    @property
    def debit(self) -> Money:
        """The sum of the accounts that are in debit."""
        return total(amount for _, amount in self.rows if amount > ZERO)

    @property
    def credit(self) -> Money:
        """The sum of the accounts that are in credit, as a positive amount."""
        return total(-amount for _, amount in self.rows if amount < ZERO)


def trial_balance(balances: Mapping[Account, Money]) -> TrialBalance:
    """The trial balance of some balances, debit positive."""
    return TrialBalance(rows=tuple(sorted(balances.items())))
