"""Payout runs: which wallets are paid how much, and the postings that pay them and take a failed payment back.

A wallet is paid what the Samiti owed its holder at a moment, and never more than it still owes now: what was paid or
taken back since is not paid again. So a run made twice, or two runs of one moment, pay once. What a wallet earned by
work that its consumer has not paid yet is held back: nobody is paid with the money of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from catalog.money import ZERO, Money

PAYOUT = "payout"
PAID_PARTIES = frozenset({Party.PROVIDER, Party.WORKER})
BANK = Account(Party.SAMITI, "", Purpose.BANK)
LineState = Literal["paid", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutLine:
    """What one wallet is paid by a run. ``failed``: the bank did not take it, and ``reversal_id`` undid it."""

    party: Party
    party_id: str
    amount: Money
    posting_id: str
    state: LineState = "paid"
    reversal_id: str = ""
    reason: str = ""

    @property
    def wallet(self) -> Account:
        """The account that is paid."""
        return wallet_of(self.party, self.party_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutRun:
    """A run: the credit of wallets before ``until``, of at least ``minimum``, made at ``at`` by somebody."""

    id: str
    until: datetime
    minimum: Money
    at: datetime
    recorded_by: str
    lines: tuple[PayoutLine, ...] = ()


class PayoutRefused(Exception):
    """A run that cannot be made, or a line that cannot fail; ``path`` names the field. The text is safe to show."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def wallet_of(party: Party, party_id: str) -> Account:
    """The wallet of a provider or a worker."""
    return Account(party, party_id, Purpose.WALLET)


def owed(then: Mapping[Account, Money], now: Mapping[Account, Money], minimum: Money) -> Mapping[Account, Money]:
    """What each wallet is to be paid, from the balances of wallets then and now, both without what is held back."""
    amounts = {
        account: min(-balance, -now.get(account, ZERO))
        for account, balance in then.items()
        if account.purpose is Purpose.WALLET and account.party in PAID_PARTIES
    }
    return {account: amount for account, amount in amounts.items() if amount > ZERO and amount >= minimum}


def released(balances: Mapping[Account, Money], unpaid: Mapping[Account, Money]) -> Mapping[Account, Money]:
    """Balances of wallets without what they earned (credit, so negative) by work that is not paid yet."""
    return {account: balance - min(unpaid.get(account, ZERO), ZERO) for account, balance in balances.items()}


def payout_of(line: PayoutLine, run: PayoutRun) -> Posting:
    """The wallet's credit leaves through the Samiti's bank account."""
    return Posting(
        id=line.posting_id,
        at=run.at,
        ref="",
        part=_part(line, run),
        memo=f"payout {run.id}",
        lines=_transfer(line, line.amount),
    )


def taken_back(line: PayoutLine, run: PayoutRun, *, id_: str, at: datetime, reason: str) -> Posting:
    """A payment that did not arrive: the same lines the other way round."""
    return Posting(
        id=id_,
        at=at,
        ref="",
        part=_part(line, run),
        memo=f"payout {run.id} failed: {reason}",
        lines=_transfer(line, -line.amount),
        reverses=line.posting_id,
    )


def same_request(run: PayoutRun, until: datetime, minimum: Money) -> bool:
    """Whether a run under this id was asked for in the same words."""
    return (run.until, run.minimum) == (until, minimum)


def _part(line: PayoutLine, run: PayoutRun) -> str:
    return f"{PAYOUT}:{run.id}:{line.party}:{line.party_id}"


def _transfer(line: PayoutLine, amount: Money) -> tuple[Line, ...]:
    return Line(line.wallet, amount), Line(BANK, -amount)


def bank_rows(run: PayoutRun, beneficiaries: Mapping[Account, Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """The lines of a run that are to be transferred, as the bank's file has them.

    ``beneficiaries`` gives name, account number and IFSC of wallets; what is not known stays empty, so that a line is
    seen to lack it.
    """
    rows = []
    for line in run.lines:
        if line.state == "paid":
            known = beneficiaries.get(line.wallet, {})
            rows.append(
                {
                    "reference": f"{run.id}/{line.party}/{line.party_id}",
                    "beneficiary": known.get("beneficiary", ""),
                    "account": known.get("account", ""),
                    "ifsc": known.get("ifsc", ""),
                    "amount": str(line.amount),
                }
            )
    return rows
