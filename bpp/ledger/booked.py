"""What the books say of one booking: its charge, the money seen for it and how, the shares that were taken of it.

Read off the lines of its parts (``bpp.ledger.standing``): what ``CHARGES`` made the consumer owe is the charge, what
any other part took off that is money seen.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bpp.ledger.model import Account, Party, Purpose
from catalog.money import ZERO, Money, total

Mode = Literal["online", "cash", "mixed", "none"]
CollectedBy = Literal["BAP", "BPP", "both", "none"]
MILESTONE = "milestone"
"""The part of project work that a milestone accepted is; see ``bpp.core.project_money``."""
CHARGES = frozenset({"visit", "redress", "cancellation", MILESTONE})
"""The parts that divide a price."""


@dataclass(frozen=True, slots=True)
class PartLine:
    """What one part of an order moved one account by, all its postings together; debit positive."""

    part: str
    account: Account
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """A booking, or project work, with its lines in the books.

    ``total`` is an order's price, ``rate`` the Samiti's share that day.

    ``day`` and ``rate`` (per cent) are those that the order was made with; None for one that never came to the books.
    """

    ref: str
    provider_id: str
    channel: str
    total: Money
    completed_at: datetime
    lines: Sequence[PartLine]
    day: date | None = None
    rate: Decimal | None = None
    gstin: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The money of one booking, all amounts positive but for what was given back.

    ``commission_due`` is without, ``commission_gst`` the GST on it. ``tax`` is all that goes to the tax office through
    us. ``wallet_credit`` is what the booking left in wallets, ``debt`` what it left the provider owing, and
    ``collected`` what the buyer app took for it, settled since or not.
    """

    gross: Money
    online: Money
    cash: Money
    collected_by: CollectedBy
    mode: Mode
    tax: Money
    commission_due: Money
    commission_gst: Money
    wallet_credit: Money
    debt: Money
    collected: Money
    buyer_app: str

    @property
    def seen(self) -> Money:
        """All money seen for the booking."""
        return self.online + self.cash


def figures(lines: Iterable[PartLine]) -> Figures:
    """Read the figures of a booking off its lines."""
    charged: dict[Purpose, Money] = defaultdict(lambda: ZERO)
    moved: dict[Purpose, Money] = defaultdict(lambda: ZERO)
    wallets: dict[Account, Money] = defaultdict(lambda: ZERO)
    apps, tax = set(), ZERO
    for line in lines:
        account = line.account
        (charged if is_charge(line) else moved)[account.purpose] += line.amount
        if account.purpose is Purpose.WALLET:
            wallets[account] += line.amount
        elif account.purpose is Purpose.COLLECTED:
            apps.add(account.party_id)
        elif account.party is Party.TAX:
            tax -= line.amount
    gross, seen = charged[Purpose.DUE], -moved[Purpose.DUE]
    collected = moved[Purpose.COLLECTED]
    online = collected + moved[Purpose.BANK]
    cash = seen - online
    return Figures(
        gross=gross,
        online=online,
        cash=cash,
        collected_by=_collected_by(collected, seen),
        mode=_mode(online, cash),
        tax=tax,
        commission_due=-charged[Purpose.COMMISSION],
        commission_gst=-charged[Purpose.GST_ON_COMMISSION],
        wallet_credit=total(max(-amount, ZERO) for amount in wallets.values()),
        debt=total(max(amount, ZERO) for account, amount in wallets.items() if account.party is Party.PROVIDER),
        collected=max(collected, ZERO),
        buyer_app=min(apps, default=""),
    )


def is_charge(line: PartLine) -> bool:
    """Whether a line belongs to a part that divides a price."""
    return line.part.partition(":")[0] in CHARGES


def sums(lines: Iterable[PartLine]) -> Mapping[Account, Money]:
    """What lines moved each account by."""
    found: dict[Account, Money] = {}
    for line in lines:
        found[line.account] = found.get(line.account, ZERO) + line.amount
    return found


def _collected_by(collected: Money, seen: Money) -> CollectedBy:
    if seen == ZERO:
        return "none"
    if collected == ZERO:
        return "BPP"
    return "BAP" if collected == seen else "both"


def _mode(online: Money, cash: Money) -> Mode:
    if online == ZERO:
        return "none" if cash == ZERO else "cash"
    return "online" if cash == ZERO else "mixed"
