"""A buyer app that settles: it keeps a few numbers for each order, in paise, and speaks only the messages of RSF.

It knows nothing of ``bpp``: what it owes is what it collected, less its fee, less what it paid back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.support.settlements import buyers_recon, buyers_settle

Json = dict[str, Any]


def rupees(paise: int) -> str:
    """Paise as text of the wire."""
    return f"{paise // 100}.{paise % 100:02d}"


def paise(amount: Json) -> int:
    """An amount of the wire in paise."""
    whole, _, part = amount["value"].partition(".")
    return int(whole) * 100 + int(f"{part:0<2}"[:2])


@dataclass
class Account:
    """One order: what was collected, the fee, what was paid back, and what has been settled of it with the seller."""

    total: int
    fee: int
    back: int = 0
    paid: int = 0
    settlements: int = 0
    bound: tuple[int, int] | None = None

    @property
    def owed(self) -> int:
        """What the seller is still to get; below zero, what the seller is to pay."""
        return self.total - self.fee - self.back - self.paid

    @property
    def figures(self) -> tuple[int, int]:
        """What the next settlement moves, without a sign, and the fee that is kept of it."""
        if self.bound is not None:
            return self.bound
        return abs(self.owed), self.fee if not self.settlements and self.owed >= 0 else 0


@dataclass
class BuyerAppBooks:
    """The orders of a buyer app by their id."""

    orders: dict[str, Account] = field(default_factory=dict)
    messages: int = 0

    def files(self, order_id: str, at: datetime) -> Json:
        """What it files of an order today."""
        moves, keeps = self.orders[order_id].figures
        self.messages += 1
        return buyers_settle(order_id, rupees(moves), rupees(keeps), at, ids=f"B{self.messages}")

    def moved(self, order_id: str, amount: int) -> None:
        """The agency moved money to the seller, or (below zero) from it."""
        one = self.orders[order_id]
        one.paid += amount
        one.settlements += 1
        one.bound = None

    def recon(self, order_id: str, at: datetime) -> Json:
        """Its own recon about an order."""
        moves, keeps = self.orders[order_id].figures
        self.messages += 1
        line = {"amount": rupees(moves), "commission": rupees(keeps)}
        return buyers_recon(order_id, rupees(moves), [line], at, ids=f"B{self.messages}")

    def answered(self, on_recon: Json) -> None:
        """The seller's answer to its recon: what is agreed upon is filed, whatever comes."""
        for order in on_recon["message"]["orders"]:
            if order["recon_accord"]:
                one = self.orders[order["id"]]
                one.bound = one.figures

    def answers(self, recon: Json, at: datetime) -> Json:
        """Its answer to the seller's recon: yes, and tomorrow, where it is at most a paisa away; or no, with its own numbers."""
        orders = [self._answer(order, at.date() + timedelta(days=1)) for order in recon["message"]["orders"]]
        context = {**recon["context"], "action": "on_recon", "timestamp": at.isoformat().replace("+00:00", "Z")}
        return {"context": context, "message": {"orders": orders}}

    def _answer(self, order: Json, day: date) -> Json:
        one = self.orders[order["id"]]
        *before, asked = order["settlements"]
        moves, keeps = one.figures
        mine = {"amount": moves, "commission": keeps, "withholding_amount": 0, "tcs": 0, "tds": 0}
        apart = {name: abs(paise(asked[name]) - value) for name, value in mine.items()}
        if max(apart.values()) <= 1:
            one.bound = one.figures
            bound = {name: {"currency": "INR", "value": rupees(value)} for name, value in mine.items()}
            yes = {**asked, **bound, "due_date": day.isoformat()}
            return {**order, "recon_accord": True, "settlements": [*before, yes]}
        told = {
            name: {"currency": "INR", "value": rupees(value), "diff_value": rupees(apart[name])}
            for name, value in mine.items()
        }
        return {**order, "recon_accord": False, "settlements": [*before, {**asked, **told}]}
