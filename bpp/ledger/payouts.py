"""Payout runs: which wallets are paid how much, and the postings that pay them and take a failed payment back.

A wallet is paid what the Samiti owed its holder at a moment, and never more than it still owes now: what was paid or
taken back since is not paid again. So a run made twice, or two runs of one moment, pay once. What a wallet earned by
work that its consumer has not paid yet is held back: nobody is paid with the money of others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.ledger.paid_out import payout_posting
from catalog.money import ZERO, Money

PAYOUT = "payout"
PAID_PARTIES = frozenset({Party.PROVIDER, Party.WORKER})
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
        return Account(self.party, self.party_id, Purpose.WALLET)


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
    """A run that cannot be made, or a line that is not there (``unknown``); ``path`` names the field.

    The text is safe to show.
    """

    def __init__(self, message: str, *, path: str, unknown: bool = False) -> None:
        super().__init__(message)
        self.path = path
        self.unknown = unknown


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


def backed(
    amounts: Mapping[Account, Money], balances: Mapping[Account, Money], provider_of: Mapping[str, str]
) -> Mapping[Account, Money]:
    """What is owed, without the shares of workers whose provider owes the Samiti: the cash for them is at the door.

    ``provider_of`` names the provider of each worker by ids. A worker of nobody is paid: nobody's debt is in the way.
    """
    debtors = {one.party_id for one, balance in balances.items() if one.party is Party.PROVIDER and balance > ZERO}
    return {
        one: amount
        for one, amount in amounts.items()
        if one.party is not Party.WORKER or provider_of.get(one.party_id) not in debtors
    }


def payout_of(line: PayoutLine, run: PayoutRun) -> Posting:
    """The posting that pays a line of a run."""
    return payout_posting(line.wallet, line.amount, payout_id=line.posting_id, at=run.at, memo=f"payout {run.id}")


def taken_back(line: PayoutLine, run: PayoutRun, *, id_: str, at: datetime, reason: str) -> Posting:
    """A payment that did not arrive: the same lines the other way round."""
    paid = payout_of(line, run)
    undone = tuple(Line(one.account, -one.amount) for one in paid.lines)
    return replace(paid, id=id_, at=at, memo=f"{paid.memo} failed: {reason}", lines=undone, reverses=paid.id)


def same_request(run: PayoutRun, until: datetime | None, minimum: Money) -> bool:
    """Whether a run under this id was asked for in the same words; None stands for the moment that it was made at."""
    return run.minimum == minimum and until in (None, run.until)


BANK_COLUMNS = ("reference", "party", "party_id", "beneficiary", "account", "ifsc", "upi", "amount")


def bank_rows(run: PayoutRun, beneficiaries: Mapping[Account, Mapping[str, str]]) -> Sequence[Mapping[str, str]]:
    """The lines of a run that are to be transferred, by ``BANK_COLUMNS``, as the bank's file has them.

    ``beneficiaries`` gives beneficiary, account, ifsc and upi of wallets; what is not known stays empty, so that the
    line is seen to lack it.
    """
    return [
        {
            **beneficiaries.get(line.wallet, {}),
            "reference": f"{run.id}/{line.party}/{line.party_id}",
            "party": line.party,
            "party_id": line.party_id,
            "amount": str(line.amount),
        }
        for line in run.lines
        if line.state == "paid"
    ]
