"""Tickets as the API shows them, and the steps that may be made in one, told apart by ``step``."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from beckn_schemas.base import MAX_ID
from bpp.core.tickets import LONGEST_SHORT, LONGEST_WORDS
from bpp.issues.model import Code, Level, Status
from bpp.issues.words import Language
from bpp.operator.order_events import Price
from bpp.operator.routes import Body, Query

Short = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_SHORT)]
Long = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_WORDS)]
Named = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_ID)]
Number = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_ID)]
Remedy = Literal["REFUND", "REPLACEMENT", "CANCEL", "NO_ACTION"]
Wanted = Literal["INFO001", "INFO002"]
Says = Literal[
    "INFO_PROVIDED", "INFO_NOT_AVAILABLE", "RESOLUTION_ACCEPTED", "RESOLUTION_REJECTED", "ESCALATED", "CLOSED"
]
IN_LANGUAGE: Language = Field(default="hi", description="of the words that are ours")


class TicketSummary(BaseModel):
    """A ticket in a list. ``ours``: it is we who complain. ``overdue``: it is the grievance officer's now."""

    ref: str = Field(examples=["482-719-360"])
    issue_id: str
    order_ref: str
    peer: str
    ours: bool
    status: Status
    level: Level
    code: str
    category: str
    category_hi: str
    provider_id: str
    district: str
    created_at: datetime
    updated_at: datetime
    resolution_due: datetime
    overdue: bool


class TicketPage(BaseModel):
    """Tickets in order, and the cursor of those that follow."""

    items: list[TicketSummary]
    next: str | None


class TicketAction(BaseModel):
    """One step of either side."""

    at: datetime
    side: Literal["complainant", "respondent"]
    code: Code
    by: str
    text: str
    name: str
    resolution_id: str
    images: list[str]


class TicketResolution(BaseModel):
    """A remedy that was offered or imposed; ``done``: it was carried out."""

    id: str
    code: str
    text: str
    amount: str | None
    item_id: str
    waits: bool = Field(description="whether it waits for the complainant's word")
    done: bool


class TicketNote(BaseModel):
    """What somebody noted; never sent."""

    at: datetime
    by: str
    text: str


class TicketDetail(TicketSummary):
    """One ticket with all that happened."""

    version: str
    channel: str
    response_due: datetime
    short_desc: str
    long_desc: str
    images: list[str]
    complainant: str
    complainant_phone: str
    complainant_email: str
    actions: list[TicketAction]
    resolutions: list[TicketResolution]
    notes: list[TicketNote]
    allowed: list[Code] = Field(description="what our side may do now")
    customer_may: list[Code] = Field(description="what a customer of ours may say now, at our desk")


class TicketQuery(Query):
    """Which tickets; what is left out does not filter."""

    number: Number | None = Field(default=None, description="only that one; however its number was said or typed")
    status: Status | None = None
    open: bool | None = Field(default=None, description="only those whose clock runs, the first due before others")
    overdue: bool | None = Field(default=None, description="only those whose time is over and whose clock runs")
    officers: bool | None = Field(
        default=None,
        description="only those that are the grievance officer's by now; with `open` those still to be resolved",
    )
    level: Level | None = None
    ours: bool | None = None
    provider_id: str | None = None
    district: str | None = None
    limit: Annotated[int, Field(ge=1, le=500, description="most items of a page")] = 50
    cursor: str | None = Field(default=None, description="`next` of the page before")


class NewTicket(Body):
    """A complaint about an order: a customer's, by telephone or at a window; or ours, to the buyer app."""

    against: Literal["us", "buyer_app"] = "us"
    code: Named = Field(description="what is complained of, as IGM 2.0.0 names it", examples=["ITM004"])
    short_desc: Short = Field(description="in the complainant's words", examples=["The tap still drips"])
    long_desc: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)] = ""
    fulfillment_id: Number = Field(default="", description="the visit; empty: the last")
    item_id: Number = ""
    language: Language = IN_LANGUAGE


class Option(Body):
    """A remedy to be offered or imposed; ``text`` in the place of our own words."""

    code: Remedy
    amount: Price | None = Field(default=None, description="of a refund, in rupees", examples=["100.00"])
    item_id: Number = ""
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=LONGEST_WORDS)] = Field(
        default="", description="in our words where it is empty; why, where nothing is done"
    )


class Ask(Body):
    """More is wanted of the complainant: a picture or the invoice, asked for in ``text`` or in our own words."""

    step: Literal["ask"]
    wanted: tuple[Wanted, ...] = Field(min_length=1, max_length=2)
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    language: Language = IN_LANGUAGE


class Propose(Body):
    """Remedies from which the complainant chooses one; 1.0.0 knows none, there a remedy is imposed."""

    step: Literal["propose"]
    options: tuple[Option, ...] = Field(min_length=1, max_length=4)
    language: Language = IN_LANGUAGE


class Resolve(Body):
    """A remedy without asking, carried out at once."""

    step: Literal["resolve"]
    option: Option
    language: Language = IN_LANGUAGE


class Note(Body):
    """A note for the others of us."""

    step: Literal["note"]
    text: Long


class Customer(Body):
    """What a customer of our own channels says, at our desk."""

    step: Literal["customer"]
    says: Says
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    resolution_id: Number = ""
    language: Language = IN_LANGUAGE


class Answer(Body):
    """What we say in a complaint of ours: what was asked for, yes or no to a proposal, escalation, that it is over."""

    step: Literal["answer"]
    says: Says
    text: Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)] = ""
    resolution_id: Number = ""
    language: Language = IN_LANGUAGE


TicketStep = Annotated[Ask | Propose | Resolve | Note | Customer | Answer, Field(discriminator="step")]
