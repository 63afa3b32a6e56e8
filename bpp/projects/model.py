"""Project work as frozen values: a requirement, bids on it, the MOU with the one selected, and its milestones.

A project is stored whole as one document and changed only by ``replace``, like an order. Amounts include tax unless
they say otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from bpp.orders.rates import OrderRates
from bpp.projects.states import DONE, MilestoneStage, Side, Stage
from catalog.money import Money

ConsumerKind = Literal["citizen", "department", "company"]
BidState = Literal["open", "withdrawn", "selected", "declined"]
Collector = Literal["samiti", "provider"]


class Unacceptable(Exception):
    """A requirement or a bid that is understood, but not acceptable; ``path`` is the field, as the API spells it."""

    def __init__(self, message: str, path: str) -> None:
        super().__init__(message)
        self.message = message
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumer:
    """Who wants the work: a citizen, or a person for a department or a company, which ``organization`` names."""

    kind: ConsumerKind
    name: str
    phone: str
    email: str = ""
    organization: str = ""
    gstin: str = ""

    @property
    def party(self) -> str:
        """Who is bound by the MOU."""
        return self.organization or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """What is wanted (rule R12): in words, the service, where, for how much, when. ``attachments`` are links.

    ``district`` is an LGD code. Bids are taken before ``bids_until``; without an MOU by ``decide_by`` it lapses.
    """

    consumer: Consumer
    title: str
    details: str
    service_id: str
    district: str
    place: str
    budget: Money
    start: date
    finish_by: date
    bids_until: datetime
    decide_by: datetime
    attachments: tuple[str, ...] = ()

    @property
    def sealed(self) -> bool:
        """Whether nobody sees the bids before the time for them is over: so for departments (rule R16)."""
        return self.consumer.kind == "department"


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A milestone as a bid proposes it: ``share`` of the charge, per cent."""

    title: str
    due: date
    share: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Bid:
    """A willing provider's answer (rule R13). ``base`` is the charge without tax, ``tax`` the tax on it."""

    id: str
    provider_id: str
    provider_name: str
    base: Money
    tax: Money
    tax_rate: Decimal
    finish_by: date
    details: str
    milestones: tuple[Planned, ...]
    made_at: datetime
    changed_at: datetime
    state: BidState = "open"

    @property
    def charge(self) -> Money:
        """What the consumer pays, tax included."""
        return self.base + self.tax


@dataclass(frozen=True, slots=True, kw_only=True)
class Contractor:
    """The provider as it was when its bid was selected."""

    provider_id: str
    name: str
    name_hi: str
    phone: str
    email: str
    gstin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """A side's yes to the MOU: the person who said it, through which caller, when."""

    side: Side
    name: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Mou:
    """The memorandum of understanding (rule R14): its text as HTML, kept as it was drawn up, and its SHA-256."""

    text: str
    digest: str
    drawn_at: datetime
    acceptances: tuple[Acceptance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A milestone that was agreed on. ``amount`` is its part of the charge, ``tax`` the tax in it."""

    number: int
    title: str
    due: date
    amount: Money
    tax: Money
    stage: MilestoneStage = MilestoneStage.PLANNED
    accepted_at: datetime | None = None
    dispute: str = ""
    collected_by: Collector | None = None
    transaction_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """A requirement and what became of it. ``bid_id`` is the bid selected, as long as it is.

    ``rates`` are those of fees and taxes on the day of the agreement, by which all its milestones are booked.
    """

    id: str
    requirement: Requirement
    created_at: datetime
    updated_at: datetime
    stage: Stage = Stage.OPEN
    bids: tuple[Bid, ...] = ()
    bid_id: str = ""
    contractor: Contractor | None = None
    mou: Mou | None = None
    milestones: tuple[Milestone, ...] = ()
    rates: OrderRates | None = None
    completed_at: datetime | None = None
    version: int = 0

    @property
    def open_bids(self) -> tuple[Bid, ...]:
        """The bids that can be selected."""
        return tuple(one for one in self.bids if one.state == "open")

    @property
    def bid(self) -> Bid | None:
        """The bid selected, or None."""
        return next((one for one in self.bids if one.id == self.bid_id), None)

    @property
    def done(self) -> bool:
        """Whether every milestone is accepted."""
        return bool(self.milestones) and all(one.stage in DONE for one in self.milestones)

    @property
    def forgotten(self) -> bool:
        """Whether nothing personal is left in it: whoever wants work gives a telephone number."""
        return not self.requirement.consumer.phone

    def bids_hidden(self, now: datetime) -> bool:
        """Whether bids are still sealed."""
        return self.requirement.sealed and now < self.requirement.bids_until
