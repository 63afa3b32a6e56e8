"""The events of ``POST /orders/{ref}/events`` as models, told apart by ``event``, and what each asks of the core."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from beckn_schemas.base import MAX_ID, parse_duration
from bpp.operator.routes import Body
from catalog.load_fields import amount, duration, percentage, price
from catalog.model import PaymentType

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


Side = Literal["seller", "buyer"]
By = Literal["consumer", "seller"]


def _tax_rate(text: str) -> str:
    percentage(text)
    return text


def _valid_for(text: str) -> str:
    if parse_duration(duration(text)) <= timedelta():
        raise ValueError("expected a duration of more than nothing")
    return text


def _price(text: str) -> str:
    price(text)
    return text


def _amount(text: str) -> str:
    amount(text)
    return text


Price = Annotated[str, AfterValidator(_price)]
"""Rupees above zero, as much as an order may cost."""
ExpectedFee = Annotated[str, AfterValidator(_amount)] | None
EXPECT_FEE: ExpectedFee = Field(
    default=None, description="rupees, as they were said; nothing is done where the charge is another by now"
)


class Assign(Body):
    """Send a worker: the one named, or the best free one."""

    event: Literal["assign"]
    worker_id: str = Field(
        default="", description="id of a worker of the order's provider; empty: choose", max_length=64
    )
    fulfillment_id: str = Field(default="", description="the visit; empty: the one under way or next", max_length=64)


class Depart(Body):
    """The worker sets off."""

    event: Literal["depart"]


class Arrive(Body):
    """The worker is at the customer's door; the customer gets an OTP."""

    event: Literal["arrive"]


class Start(Body):
    """The job begins, with the customer's OTP; or without it, on a supervisor's word."""

    event: Literal["start"]
    otp: str = Field(default="", description="what the customer tells the worker", max_length=16, examples=["1234"])
    override: str = Field(
        default="",
        description="a supervisor's reason for starting without the OTP",
        max_length=500,
        examples=["customer identified by telephone"],
    )


class Complete(Body):
    """The job is done."""

    event: Literal["complete"]


class Cancel(Body):
    """The order is given up: by the seller, for nothing, or on the buyer's behalf, at the fee of the terms."""

    event: Literal["cancel"]
    reason: Reason = Field(
        description="reason code, or words that are kept beside code 005 (012 for the buyer)", examples=["011"]
    )
    on_behalf_of: Side = Field(default="seller", description="who gives it up")
    by: By | None = Field(default=None, description="the same as the `cancellation` of an order asks for it")
    expect_fee: ExpectedFee = EXPECT_FEE


class Accept(Body):
    """The provider takes an order that waits for its word."""

    event: Literal["accept"]


class Decline(Body):
    """The provider refuses an order that waits for its word."""

    event: Literal["decline"]
    reason: Reason = Field(description="reason code, or words that are kept beside code 005", examples=["011"])


class Reschedule(Body):
    """Another slot: for nothing where the seller moves it, by the terms on the buyer's behalf."""

    event: Literal["reschedule"]
    start: AwareDatetime = Field(description="a start that is offered", examples=["2026-12-01T04:30:00.000Z"])
    fulfillment_id: str = Field(default="", description="the visit; empty: the one under way", max_length=64)
    on_behalf_of: Side = Field(default="seller", description="who wants it")
    by: By | None = Field(default=None, description="the same as the `slots` of an order ask for it")
    expect_fee: ExpectedFee = EXPECT_FEE


class RequoteLine(Body):
    """A line of a new price, tax included."""

    title: str = Field(min_length=1, max_length=200, examples=["Putty and primer"])
    price: Price = Field(description="rupees, tax included", examples=["1500.00"])
    count: int = Field(default=1, ge=1, le=999)
    tax_rate: Annotated[str, AfterValidator(_tax_rate)] | None = Field(
        default=None, description="per cent, within the price; left out: as the order's first item", examples=["18"]
    )


class RequotePayment(Body):
    """A part of the price and when it falls due."""

    type: PaymentType
    amount: Price = Field(description="rupees", examples=["500.00"])


class Requote(Body):
    """A further quotation, for extra work or parts, after a look at the job."""

    event: Literal["requote"]
    lines: tuple[RequoteLine, ...] = Field(min_length=1, max_length=100)
    valid_for: Annotated[str, AfterValidator(_valid_for)] = Field(default="P1D", description="an ISO-8601 duration")
    minutes: int = Field(
        default=0, ge=0, le=60 * 24 * 30, description="length of another visit; 0: in this one, while it lasts"
    )
    start: AwareDatetime | None = Field(
        default=None, description="when the other visit begins; first free after valid_for"
    )
    payments: tuple[RequotePayment, ...] = Field(default=(), max_length=20, description="left out: one, as the order's")


class AcceptQuote(Body):
    """The buyer said yes by telephone or at the door."""

    event: Literal["accept_quote"]
    quote_id: str = Field(default="", description="empty: the newest open one", max_length=64)


class RejectQuote(Body):
    """The buyer said no by telephone or at the door."""

    event: Literal["reject_quote"]
    quote_id: str = Field(default="", description="empty: the newest open one", max_length=64)
    reason: str = Field(default="", max_length=500)


class Pay(Body):
    """Money that we or the worker collect has come in."""

    event: Literal["pay"]
    payment_id: str = Field(min_length=1, max_length=MAX_ID)
    transaction_id: str = Field(
        min_length=1, max_length=MAX_ID, description="of the bank or UPI, or a receipt's number; told to the buyer app"
    )


class RenewOtp(Body):
    """The customer gets another OTP."""

    event: Literal["renew_otp"]


DropOut = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""Why a worker cannot go, as it stands in the timeline: a word, nothing about health or family."""


class Reassign(Body):
    """The worker cannot go: the next best one does, or nobody, and then an operator is wanted."""

    event: Literal["reassign"]
    reason: DropOut = Field(description="why", examples=["declined", "late", "ill"])
    worker_id: str = Field(default="", description="who drops out; empty: the one who leads", max_length=64)
    fulfillment_id: str = Field(default="", description="the visit; empty: the one under way or next", max_length=64)


class Unassign(Body):
    """The worker cannot go, and nobody is chosen yet."""

    event: Literal["unassign"]
    reason: DropOut = Field(description="why", examples=["declined"])
    worker_id: str = Field(default="", description="who drops out; empty: the one who leads", max_length=64)
    fulfillment_id: str = Field(default="", description="the visit; empty: the one under way or next", max_length=64)


IssueId = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_ID)]


class Refund(Body):
    """Money goes back to the customer for work that was done badly."""

    event: Literal["refund"]
    amount: Annotated[str, AfterValidator(_price)] = Field(description="rupees, tax included", examples=["100.00"])
    reason: Reason = Field(description="why", examples=["the tap still drips"])
    item_id: str = Field(default="", description="of an item that was done; empty: the first", max_length=MAX_ID)
    issue_id: IssueId = Field(default="", description="the complaint that it answers, if there is one")


class Redo(Body):
    """Work that was done badly is done again, without charge."""

    event: Literal["redo"]
    reason: Reason = Field(description="why", examples=["the tap still drips"])
    start: AwareDatetime | None = Field(default=None, description="when; left out: the first free time")
    fulfillment_id: str = Field(default="", description="the visit that was done; empty: the last", max_length=64)
    issue_id: IssueId = Field(default="", description="the complaint that it answers, if there is one")


EventRequest = Annotated[
    Assign
    | Depart
    | Arrive
    | Start
    | Complete
    | Cancel
    | Accept
    | Decline
    | Reschedule
    | Requote
    | AcceptQuote
    | RejectQuote
    | Pay
    | RenewOtp
    | Reassign
    | Unassign
    | Refund
    | Redo,
    Field(discriminator="event"),
]
