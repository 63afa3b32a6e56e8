"""What an order is to be settled for, the settlements that it takes, what was filed, and what differs.

All values are frozen, and storage keeps them whole as JSON documents by their fields (as ``bpp.storage.types`` does):
numbers, texts, dates and one another, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Literal

from bpp.settlement.states import OrderState, ReconState, SettlementState
from catalog.money import ZERO, Money


class Side(StrEnum):
    """Which participant; of an order, who collected its money."""

    BAP = "BAP"
    BPP = "BPP"


class Kind(StrEnum):
    """What a settle is about."""

    NP_NP = "NP-NP"
    MISC = "MISC"
    NIL = "NIL"


ReconStatus = Literal["PENDING", "SETTLED", "TO_BE_INITIATED"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What the books say that lies between a buyer app and us for an order, or for a change of it.

    ``charged`` is what the consumer owes for work and fees; ``collected`` what the buyer app holds of his money. Of
    that it keeps its finder fee with the GST on it; ``tcs`` and ``tds`` where it is the one to take them; and
    ``withheld`` for a time. All signed: what a refund takes back is below zero.
    """

    collected_by: Side
    charged: Money = ZERO
    collected: Money = ZERO
    finder_fee: Money = ZERO
    finder_fee_gst: Money = ZERO
    tcs: Money = ZERO
    tds: Money = ZERO
    withheld: Money = ZERO

    @property
    def commission(self) -> Money:
        """The finder fee with its tax."""
        return self.finder_fee + self.finder_fee_gst

    @property
    def kept(self) -> Money:
        """What is the buyer app's for good, or the tax office's through it."""
        return self.commission + self.tcs + self.tds

    @property
    def balance(self) -> Money:
        """What the buyer app owes us; below zero, what we owe it."""
        return self.collected - self.kept - self.withheld

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to be settled."""
        return self.balance == ZERO and self.kept == ZERO

    def __add__(self, other: Due) -> Due:
        return self.each(other, Money.__add__)

    def __sub__(self, other: Due) -> Due:
        return self.each(other, Money.__sub__)

    def each(self, other: Due, combined: Callable[[Money, Money], Money]) -> Due:
        """Its amounts, each combined with the other's of the same name."""
        parts = {name: combined(getattr(self, name), getattr(other, name)) for name in _PARTS}
        return Due(collected_by=self.collected_by, **parts)


_PARTS = ("charged", "collected", "finder_fee", "finder_fee_gst", "tcs", "tds", "withheld")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """An order in a settle: what moves between the participants, what the collector keeps, what is ours of both."""

    inter_participant: Money
    collector: Money
    own: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The five amounts of a settlement in a reconciliation, none below zero."""

    amount: Money
    commission: Money = ZERO
    withholding_amount: Money = ZERO
    tcs: Money = ZERO
    tds: Money = ZERO


Cause = Literal[
    "conceded",
    "settled_amount",
    "altered",
    "late",
    "recorded",
    "leg",
    "status",
    "order_amount",
    "false_accord",
    "recon",
    "unknown",
    "unanswered",
]
"""Why two sides differ: see ``codes.CAUSES``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference that has a name: of which order, in what, our value and theirs, and the published code, if any.

    ``of`` is the settlement of ours that it is about, where a recon spoke of several: each bears what is said of all.
    """

    cause: Cause
    order_id: str
    of: str = ""
    field: str = ""
    ours: Money = ZERO
    theirs: Money = ZERO
    code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One settlement of an order: of its sale, or (``number`` above 1) of a later refund or correction.

    ``ref`` is our order, ``order_id`` the network's; ``ready_at`` the end of the settlement window. ``wire_id``,
    ``transaction_id`` and ``message_id`` are those of the settle filed last: a corrected one keeps the first two.
    ``agreed`` are figures that are filed whatever the books come to say, ``counter`` the counterparty's that ours were
    refused with, ``disputed_at`` since when, ``due_date`` the day agreed upon; ``filed_due`` and ``filed_agreed`` are
    those of its last filing. ``settled`` and ``reference_no`` are what moved between the participants, and ``code`` is
    the last error. ``attempts`` counts settles, ``reports`` and ``recons`` what was asked of the agency and of the
    counterparty, and ``issue_id`` is the grievance that was raised about it.
    """

    id: str
    ref: str
    order_id: str
    bap_id: str
    payment_id: str
    number: int
    due: Due
    ready_at: datetime
    updated_at: datetime
    order: OrderState = OrderState.READY
    state: SettlementState = SettlementState.PREPARED
    recon: ReconState = ReconState.INACTIVE
    wire_id: str = ""
    transaction_id: str = ""
    message_id: str = ""
    recon_message_id: str = ""
    filed_at: datetime | None = None
    reported_at: datetime | None = None
    reports: int = 0
    recon_at: datetime | None = None
    disputed_at: datetime | None = None
    recons: int = 0
    agreed: Figures | None = None
    counter: Figures | None = None
    filed_due: Due | None = None
    filed_agreed: Figures | None = None
    due_date: date | None = None
    settled: Money = ZERO
    reference_no: str = ""
    code: str = ""
    attempts: int = 0
    issue_id: str = ""
    differences: tuple[Difference, ...] = ()

    @property
    def shown_id(self) -> str:
        """Its id on the wire; before it is filed, its own."""
        return self.wire_id or self.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An order as it was filed; ``settlement`` is the id of its Settlement. A MISC entry has neither."""

    own: Money
    settlement: str = ""
    order_id: str = ""
    inter_participant: Money = ZERO
    collector: Money = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One settle as we send it. ``bap_id`` and ``collected_by`` are of NP-NP alone; NIL has neither id nor entries.

    ``reports`` are the message ids of the reports that asked for it.
    """

    kind: Kind
    transaction_id: str
    message_id: str
    at: datetime
    wire_id: str = ""
    bap_id: str = ""
    collected_by: Side = Side.BAP
    entries: tuple[Entry, ...] = ()
    reports: tuple[str, ...] = ()

    def apps(self, our_id: str) -> tuple[str, str]:
        """The collector and the receiver: the one who took the consumer's money, also where a refund goes back."""
        return (self.bap_id, our_id) if self.collected_by is Side.BAP else (our_id, self.bap_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconLine:
    """One settlement of an order in a recon or an on_recon, whoever wrote it; ``id`` is the one it has there."""

    id: str
    payment_id: str
    status: ReconStatus
    figures: Figures
    reference_no: str = ""
    due_date: date | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconOrder:
    """An order in a recon or an on_recon. ``accord`` is None where nothing is said of it."""

    order_id: str
    amount: Money
    lines: tuple[ReconLine, ...]
    accord: bool | None = None


class Refused(Exception):
    """A message of the family that is refused; nothing was changed.

    ``code`` is published, ``path`` the place in the JSON, ``expected`` what should be there. All are safe to send.
    """

    def __init__(self, code: str, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.code = code
        self.path = path
        self.expected = expected
