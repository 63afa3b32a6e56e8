"""What the calls take and give that look an order up for a caller, or say what a change of it would cost."""

from __future__ import annotations

from pydantic import BaseModel, Field

from bpp.operator.bookings_fields import InWords, Phone
from bpp.operator.order_events import By
from bpp.operator.order_models import Moment, OrderDetail, OrderSummary
from bpp.operator.routes import Query


class NextStep(BaseModel):
    """Something that may happen to an order now."""

    event: str
    words: InWords


class Told(BaseModel):
    """An order in words."""

    state: InWords = Field(description="how it stands", examples=[{"en": "The plumber is on the way.", "hi": "…"}])
    next_steps: list[NextStep]


class BookingSummary(OrderSummary):
    """An order as a caller is told; telephone and name in part."""

    name: str
    phone: str
    told: Told


class BookingPage(BaseModel):
    """Orders, newest first."""

    items: list[BookingSummary]
    next: str | None = Field(description="cursor of the next page")


class Booking(OrderDetail):
    """One order with everything, in words too."""

    told: Told
    confirmation: InWords = Field(description="to be read out or sent to who has booked")


class BookingQuery(Query):
    """Whose orders: by one of these."""

    phone: Phone | None = Field(default=None, description="however it is written")
    order_id: str | None = Field(default=None, description="a number of ours however it is said, or a buyer app's id")
    transaction_id: str | None = Field(default=None, description="of the network")
    limit: int = Field(default=20, ge=1, le=500)
    cursor: str | None = Field(default=None, description="`next` of the page before")


class CancellationQuery(Query):
    """Who would give the order up."""

    by: By = "consumer"


class CancellationQuote(BaseModel):
    """What cancelling would cost now."""

    by: str
    fee: str = Field(description="kept of the price; `expect_fee` of the event `cancel`")
    refund: str = Field(description="what the consumer gets back of what was paid")
    penalty: str = Field(description="what the provider owes for giving up late")
    term: str = Field(description="state whose term counts, on the wire")
    reason_required: bool
    valid_until: Moment | None = Field(
        description="the charge is another from then on; null: time alone changes nothing"
    )
    words: InWords


class SlotsQuery(CancellationQuery):
    """Who would move a visit, and which."""

    fulfillment_id: str = Field(default="", max_length=64, description="empty: the visit under way")
    limit: int = Field(default=20, ge=1, le=60)


class SlotsAnswer(BaseModel):
    """When a visit could be instead, and what that costs."""

    by: str
    fee: str = Field(description="`expect_fee` of the event `reschedule`")
    valid_until: Moment | None = Field(description="until when it can be moved; null: no term bounds it")
    starts: list[Moment]
    words: InWords


class OtpTold(BaseModel):
    """The customer's token, for whom no buyer app shows it."""

    otp: str
    valid_until: Moment
    words: InWords
