"""Money that comes in, is handed over or is paid to an office: one table of kinds, one posting each.

The law: nothing takes an account past zero. A buyer app cannot settle more than it collected, a worker cannot hand over
more than he holds, a refund cannot exceed the consumer's credit. Two accounts are exempt: the bank, and the wallet of a
provider, who may pay ahead.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bpp.ledger import chart
from bpp.ledger.model import Account, Line, Party, Posting, Purpose
from bpp.ledger.paid_out import refund_posting
from catalog.money import ZERO, Money

RECEIPT = "receipt"
TAXES = (Purpose.GST_ON_COMMISSION, Purpose.GST_9_5, Purpose.TCS, Purpose.TDS)


class ReceiptKind(StrEnum):
    """What was paid; the meaning of ``payer`` with it."""

    BUYER_APP_SETTLEMENT = "buyer_app_settlement"
    """A buyer app (payer: its subscriber id) paid what it collected, its finder fee kept back."""
    PROVIDER_PAYMENT = "provider_payment"
    """A provider (payer: its id) paid what it owes, or ahead."""
    CASH_HANDOVER = "cash_handover"
    """A worker (payer: the id) gave its provider the cash taken at the door."""
    TAX_PAYMENT = "tax_payment"
    """The Samiti paid the tax office (payer: which tax)."""
    NETWORK_FEE_PAYMENT = "network_fee_payment"
    """The Samiti paid the network's fee (payer: the network)."""
    CONSUMER_REFUND = "consumer_refund"
    """The Samiti paid a consumer back (payer: the order's ref)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One payment as somebody recorded it.

    ``reference`` is the bank's or the receipt book's, once per kind and payer. ``provider_id`` is to whom cash was
    handed; ``finder_fee`` and ``finder_fee_gst`` are what a buyer app kept back, beside ``amount``, and ``tcs`` and
    ``tds`` what it pays the tax office in our stead. An amount below zero is what we paid to the buyer app.
    """

    kind: ReceiptKind
    payer: str
    reference: str
    amount: Money
    at: datetime
    recorded_by: str
    posting_id: str
    provider_id: str = ""
    finder_fee: Money = ZERO
    finder_fee_gst: Money = ZERO
    tcs: Money = ZERO
    tds: Money = ZERO
    note: str = ""


class ReceiptRefused(Exception):
    """A receipt that the books cannot take; ``path`` names the field. The text is safe to show."""

    def __init__(self, message: str, *, path: str) -> None:
        super().__init__(message)
        self.path = path


def posting_of(receipt: Receipt) -> Posting:
    """The posting of a receipt; a refund's belongs to its order."""
    if receipt.kind is ReceiptKind.CONSUMER_REFUND:
        return refund_posting(receipt.payer, receipt.amount, refund_id=receipt.posting_id, at=receipt.at)
    return Posting(
        id=receipt.posting_id,
        at=receipt.at,
        ref="",
        part=f"{RECEIPT}:{receipt.kind}:{receipt.payer}:{receipt.reference}",
        memo=receipt.note,
        lines=tuple(line for line in LINES[receipt.kind](receipt) if line.amount != ZERO),
    )


def check_covered(posting: Posting, balances: Mapping[Account, Money]) -> None:
    """Raise ReceiptRefused where a posting would take an account past zero; ``balances`` are those before it."""
    for line in posting.lines:
        there = balances.get(line.account, ZERO)
        if (
            not _unbounded(line.account)
            and there + line.amount != ZERO
            and _same_sign(there + line.amount, line.amount)
        ):
            most = ZERO if _same_sign(there, line.amount) else Money(abs(there.paise))
            text = f"{line.account.party} {line.account.purpose}: {most} at most, not {Money(abs(line.amount.paise))}"
            raise ReceiptRefused(text, path=_FIELDS.get(line.account.purpose, "amount"))


def same_payment(one: Receipt, other: Receipt) -> bool:
    """Whether two records of one reference say the same; by whom and when does not matter."""
    return _said(one) == _said(other)


def _said(one: Receipt) -> tuple[object, ...]:
    return one.kind, one.payer, one.amount, one.provider_id, one.finder_fee, one.finder_fee_gst, one.tcs, one.tds


def _settlement(one: Receipt) -> tuple[Line, ...]:
    app, kept = one.payer, one.finder_fee + one.finder_fee_gst + one.tcs + one.tds
    return (
        Line(chart.BANK, one.amount),
        Line(chart.finder_fee(app), one.finder_fee),
        Line(chart.finder_fee_gst(app), one.finder_fee_gst),
        Line(chart.TCS, one.tcs),
        Line(chart.TDS, one.tds),
        Line(chart.collected(app), -(one.amount + kept)),
    )


def _provider(one: Receipt) -> tuple[Line, ...]:
    return Line(chart.BANK, one.amount), Line(chart.provider_wallet(one.payer), -one.amount)


def _handover(one: Receipt) -> tuple[Line, ...]:
    return (
        Line(chart.cash_with_workers(one.provider_id), one.amount),
        Line(chart.cash_in_hand(one.payer), -one.amount),
    )


def _tax(one: Receipt) -> tuple[Line, ...]:
    return Line(Account(Party.TAX, "", Purpose(one.payer)), one.amount), Line(chart.BANK, -one.amount)


def _network(one: Receipt) -> tuple[Line, ...]:
    return Line(chart.NETWORK_DUE, one.amount), Line(chart.BANK, -one.amount)


LINES: Mapping[ReceiptKind, Callable[[Receipt], tuple[Line, ...]]] = {
    ReceiptKind.BUYER_APP_SETTLEMENT: _settlement,
    ReceiptKind.PROVIDER_PAYMENT: _provider,
    ReceiptKind.CASH_HANDOVER: _handover,
    ReceiptKind.TAX_PAYMENT: _tax,
    ReceiptKind.NETWORK_FEE_PAYMENT: _network,
}
_FIELDS = {Purpose.FINDER_FEE: "finder_fee", Purpose.FINDER_FEE_GST: "finder_fee_gst"}


def _unbounded(account: Account) -> bool:
    return account == chart.BANK or account.purpose is Purpose.WALLET


def _same_sign(one: Money, other: Money) -> bool:
    return (one > ZERO) == (other > ZERO) and ZERO not in (one, other)
