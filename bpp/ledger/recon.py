"""Reconciliation: bookings against money, over rows from wherever they come.

Three lists. Completed but no money seen: what was charged is more than what was seen. Wallet credit without booking: a
credit that no booking of ours explains, receipts and returned payouts excepted. Commission due but not received: the
Samiti's share reaches it with the money, so it is missing where the consumer has not paid, the provider that took cash
still owes, or the buyer app that collected has not settled. Debts are laid to bookings newest first, since what is paid
pays the oldest first; and within a booking what is missing is the Samiti's share before taxes and the fees of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from bpp.ledger import chart
from bpp.ledger.booked import Booked, Figures, figures
from bpp.ledger.model import Account, Party, Purpose
from catalog.money import ZERO, Money, total

WaitsFor = Literal["consumer", "provider", "buyer_app"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One booking of the report. ``commission_received`` is with the GST on it, as ``commission_due`` is here."""

    booked: Booked
    figures: Figures
    commission_due: Money
    commission_received: Money
    waits_for: tuple[WaitsFor, ...]

    @property
    def gross(self) -> Money:
        """What was charged; the order's own price where the books know nothing of it."""
        return self.figures.gross if self.booked.lines else self.booked.total

    @property
    def missing(self) -> Money:
        """What was charged and not seen."""
        return max(self.gross - self.figures.seen, ZERO)

    @property
    def held(self) -> Money:
        """What of the wallets' credit is not paid out, since the money for it was not seen."""
        return self.figures.wallet_credit if self.missing > ZERO else ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class StrayCredit:
    """A credit of a wallet that no booking explains, and why not."""

    at: datetime
    posting_id: str
    ref: str
    part: str
    wallet: Account
    amount: Money
    reason: Literal["no booking", "work not done"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The sums of all bookings of a report.

    ``wallet_held`` is what of ``wallet_credit`` waits for the consumers' money, ``cash_in_hand`` what workers hold in
    the end, ``owed_by_providers`` what wallets of providers are short of then, for whatever reason, ``topped_up`` what
    providers paid into their wallets meanwhile.
    """

    bookings: int
    gross: Money
    online: Money
    cash: Money
    missing: Money
    tax: Money
    commission: Money
    commission_gst: Money
    commission_received: Money
    wallet_credit: Money
    wallet_held: Money
    cash_in_hand: Money
    owed_by_providers: Money
    topped_up: Money

    @property
    def commission_with_gst(self) -> Money:
        """The Samiti's share that is due, with the GST on it."""
        return self.commission + self.commission_gst

    @property
    def into_wallets(self) -> Money:
        """The money that came into wallets: earnings whose money was seen, and what providers paid in."""
        return self.wallet_credit - self.wallet_held + self.topped_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """A period's bookings with their totals and the three lists."""

    rows: tuple[Row, ...]
    totals: Totals
    no_money_seen: tuple[Row, ...]
    credit_without_booking: tuple[StrayCredit, ...]
    commission_not_received: tuple[Row, ...]


def reconcile(
    bookings: Iterable[Booked],
    balances: Mapping[Account, Money],
    *,
    stray: Sequence[StrayCredit] = (),
    topped_up: Money = ZERO,
) -> Reconciliation:
    """Reconcile the bookings completed in a period.

    ``balances`` are those of wallets, of what buyer apps collected and of cash in hand at its end, debit positive.
    """
    left = dict(balances)
    rows = [_row(one, figures(one.lines), left) for one in sorted(bookings, key=_newest_first, reverse=True)]
    rows.reverse()
    unpaid = tuple(row for row in rows if row.missing > ZERO)
    owing = tuple(row for row in rows if row.commission_due > row.commission_received)
    in_hand = total(amount for account, amount in balances.items() if account.purpose is Purpose.CASH_IN_HAND)
    short = total(
        max(amount, ZERO)
        for account, amount in balances.items()
        if account.party is Party.PROVIDER and account.purpose is Purpose.WALLET
    )
    return Reconciliation(
        rows=tuple(rows),
        totals=_totals(rows, cash_in_hand=in_hand, owed_by_providers=short, topped_up=topped_up),
        no_money_seen=unpaid,
        credit_without_booking=tuple(stray),
        commission_not_received=owing,
    )


def _newest_first(one: Booked) -> tuple[datetime, str]:
    return one.completed_at, one.ref


def _row(booked: Booked, found: Figures, left: dict[Account, Money]) -> Row:
    """A booking's row; what it makes up of the debts ``left`` is taken off them."""
    due = found.commission_due + found.commission_gst
    debts: dict[WaitsFor, Money] = {
        "consumer": max(found.gross - found.seen, ZERO),
        "provider": _taken(chart.provider_wallet(booked.provider_id), found.debt, left),
        "buyer_app": _taken(chart.collected(found.buyer_app), found.collected, left),
    }
    missing = min(due, total(debts.values()))
    waits = tuple(name for name, debt in debts.items() if debt > ZERO)
    return Row(
        booked=booked,
        figures=found,
        commission_due=due,
        commission_received=due - missing,
        waits_for=waits if missing > ZERO else (),
    )


def _taken(account: Account, most: Money, left: dict[Account, Money]) -> Money:
    share = max(min(left.get(account, ZERO), most), ZERO)
    if share > ZERO:
        left[account] -= share
    return share


def _totals(rows: Sequence[Row], *, cash_in_hand: Money, owed_by_providers: Money, topped_up: Money) -> Totals:
    return Totals(
        bookings=len(rows),
        gross=total(row.gross for row in rows),
        online=total(row.figures.online for row in rows),
        cash=total(row.figures.cash for row in rows),
        missing=total(row.missing for row in rows),
        tax=total(row.figures.tax for row in rows),
        commission=total(row.figures.commission_due for row in rows),
        commission_gst=total(row.figures.commission_gst for row in rows),
        commission_received=total(row.commission_received for row in rows),
        wallet_credit=total(row.figures.wallet_credit for row in rows),
        wallet_held=total(row.held for row in rows),
        cash_in_hand=cash_in_hand,
        owed_by_providers=owed_by_providers,
        topped_up=topped_up,
    )
