"""The events of ``POST /orders/{ref}/events`` as models, told apart by ``event``, and what each asks of the core."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints

from bpp.operator.routes import Body
from catalog.load_fields import duration, price

Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]


def _price(text: str) -> str:
    price(text)
    return text


class Assign(Body):
    """Send a worker: the one named, or the best free one."""

    event: Literal["assign"]
    worker_id: str = Field(
        default="", description="id of a worker of the order's provider; empty: choose", max_length=64
    )


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
    """The seller gives the order up; nothing is kept of the price."""

    event: Literal["cancel"]
    reason: Reason = Field(description="reason code or text, as the buyer app is told", examples=["011"])


class Accept(Body):
    """The provider takes an order that waits for its word."""

    event: Literal["accept"]


class Decline(Body):
    """The provider refuses an order that waits for its word."""

    event: Literal["decline"]
    reason: Reason = Field(description="reason code or text, as the buyer app is told", examples=["011"])


class RequoteLine(Body):
    """A line of a new price, tax included."""

    title: str = Field(min_length=1, max_length=200, examples=["Putty and primer"])
    price: Annotated[str, AfterValidator(_price)] = Field(description="rupees, tax included", examples=["1500.00"])
    count: int = Field(default=1, ge=1, le=999)


class Requote(Body):
    """Another price after a look at the job. Not offered yet: answered with 409."""

    event: Literal["requote"]
    lines: tuple[RequoteLine, ...] = Field(min_length=1, max_length=100)
    valid_for: Annotated[str, AfterValidator(duration)] = Field(default="P1D", description="an ISO-8601 duration")


EventRequest = Annotated[
    Assign | Depart | Arrive | Start | Complete | Cancel | Accept | Decline | Requote, Field(discriminator="event")
]
