"""Accounts and postings: double entry in whole paise, append-only. A posting that does not balance cannot be made.

Signs: a debit is positive, a credit negative, so that the lines of a posting and all balances together sum to zero.
A wallet's balance as people say it is therefore the negative of its account's: what the Samiti owes its holder.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.money import ZERO, Money, total


class Party(StrEnum):
    """Whose account it is. A consumer is known by the order's ref alone: the ledger holds no personal data."""

    CONSUMER = "consumer"
    BUYER_APP = "buyer_app"
    PROVIDER = "provider"
    WORKER = "worker"
    SAMITI = "samiti"
    TAX = "tax"
    NETWORK = "network"


class Purpose(StrEnum):
    """What an account is kept for."""

    DUE = "due"
    """Of a consumer: debit, what is still to be paid for work done; credit, money held for work to come or refund."""
    COLLECTED = "collected"
    """Of a buyer app: money it took from consumers and has not settled with us (debit)."""
    FINDER_FEE = "finder_fee"
    """Of a buyer app: its finder fee (credit)."""
    FINDER_FEE_GST = "finder_fee_gst"
    """Of a buyer app: GST on its finder fee (credit)."""
    WALLET = "wallet"
    """Of a provider or a worker: credit, what the Samiti owes; debit, what is owed to it."""
    CASH_IN_HAND = "cash_in_hand"
    """Of a worker: cash taken at the door and not handed to the provider yet (debit)."""
    CASH_WITH_WORKERS = "cash_with_workers"
    """Of a provider: the other side of its workers' cash in hand (credit)."""
    BANK = "bank"
    """Of the Samiti: money in its account (debit)."""
    COMMISSION = "commission"
    """Of the Samiti: its share of fees, without tax (credit)."""
    PENALTY = "penalty"
    """Of the Samiti: what providers owe for giving up late (credit)."""
    NETWORK_FEE = "network_fee"
    """Of the Samiti: what the network charges, with tax (debit); of the network: the same, unpaid (credit)."""
    GST_ON_COMMISSION = "gst_on_commission"
    """Of the tax office: GST on the commission (credit)."""
    GST_9_5 = "gst_9_5"
    """Of the tax office: GST that the operator pays under section 9(5) (credit)."""
    TCS = "tcs"
    """Of the tax office: tax collected at source, section 52 of the CGST Act (credit)."""
    TDS = "tds"
    """Of the tax office: income tax deducted at source, section 194-O (credit)."""


@dataclass(frozen=True, slots=True, order=True)
class Account:
    """One account: a party, its id (empty for the Samiti, the tax office and the network) and a purpose."""

    party: Party
    party_id: str
    purpose: Purpose

    def __str__(self) -> str:
        return f"{self.party}:{self.party_id}:{self.purpose}"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: an account, and the amount debited (positive) or credited (negative)."""

    account: Account
    amount: Money


class Unbalanced(Exception):
    """A posting whose lines do not sum to zero, or that has none: our fault, so the unit of work is rolled back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """One fact in the books: balanced lines, written once and never changed.

    ``ref`` is the order it belongs to, empty for payouts and the like; ``part`` names what of it (``visit:<id>``,
    ``payment:<id>``); ``reverses`` is the id of the posting that this one undoes. Raises Unbalanced.
    """

    id: str
    at: datetime
    ref: str
    part: str
    memo: str
    lines: tuple[Line, ...]
    reverses: str = ""

    def __post_init__(self) -> None:
        """Refuse what does not balance."""
        if not self.lines or total(line.amount for line in self.lines) != ZERO:
            raise Unbalanced(f"{self.part} of {self.ref or 'no order'} does not balance")


def balances(lines: Iterable[Line]) -> Mapping[Account, Money]:
    """The sum of lines by account, without those that come to nothing."""
    sums: dict[Account, Money] = {}
    for line in lines:
        sums[line.account] = sums.get(line.account, ZERO) + line.amount
    return {account: amount for account, amount in sorted(sums.items()) if amount != ZERO}
