"""What the calls take and give that find a service, price it and book it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from beckn_schemas.base import MAX_ID
from bpp.operator.bookings_fields import (
    GPS_FIELD,
    PINCODE_FIELD,
    Amount,
    Coordinates,
    Email,
    Gstin,
    InWords,
    OwnChannel,
    Phone,
    Pincode,
    Text,
)
from bpp.operator.order_models import Line, Moment
from bpp.operator.routes import Body, Query
from catalog.model import PaymentType


class FindQuery(Query):
    """What is wanted, in the caller's words, and where."""

    q: str = Field(
        description="spoken words: Hindi, English, Roman Hindi", max_length=200, examples=["nal theek karna"]
    )
    pincode: Pincode | None = PINCODE_FIELD
    gps: Coordinates | None = GPS_FIELD
    provider_id: str | None = Field(default=None, description="of this provider only")
    day: date | None = Field(default=None, description="with a free start on this day, in Kolkata")
    channel: OwnChannel = Field(default="call_centre", description="through which door the wish came")
    starts: int = Field(default=5, ge=1, le=60, description="most free starts told of each service")


class Understood(BaseModel):
    """A service that the words mean."""

    id: str
    name: InWords


class PlaceFound(BaseModel):
    """The place as it was understood."""

    pincode: str
    district: str | None = Field(description="LGD code; null outside Uttar Pradesh")
    district_name: InWords | None


class Choice(BaseModel):
    """One thing that may be chosen with a service."""

    item_id: str
    name: str
    price: str = Field(description="rupees, tax included")


class ChoiceGroup(BaseModel):
    """A group of choices."""

    id: str
    name: str
    mandatory: bool
    min: int | None
    max: int | None
    choices: list[Choice]


class ServiceFound(BaseModel):
    """A service of a provider with its fee at the place and the next free starts."""

    item_id: str
    name: InWords
    description: str
    price: str = Field(description="rupees for one unit at this place, tax included")
    unit: str
    minutes: int
    payment_types: list[str]
    starts: list[Moment]
    choices: list[ChoiceGroup]


class OfferFound(BaseModel):
    """An offer in force."""

    id: str
    name: InWords
    description: str


class ProviderFound(BaseModel):
    """A provider who can come, best first: as a buyer app is told (rule R7)."""

    provider_id: str
    name: InWords
    phone: str
    rating: str | None = Field(description="mean of 1 to 5; null without ratings", examples=["4.6"])
    ratings: int
    km: float | None = Field(description="from the nearest place of the provider; null without gps")
    services: list[ServiceFound]
    offers: list[OfferFound]


class NothingFound(BaseModel):
    """Why nobody can come."""

    reason: Literal["not_understood", "outside", "no_provider", "out_of_reach", "no_free_slot"]
    words: InWords


class FindAnswer(BaseModel):
    """Who can do it, or why nobody can."""

    understood: list[Understood]
    place: PlaceFound
    items: list[ProviderFound]
    nothing: NothingFound | None


class QuoteItem(Body):
    """One item, or a choice that goes with one."""

    item_id: str = Field(min_length=1, max_length=MAX_ID)
    count: int = Field(default=1, ge=1, le=999)
    category_ids: tuple[str, ...] = Field(default=(), max_length=20, description="of a choice: the groups it is for")


class QuoteRequest(Body):
    """What is to be done, where and when."""

    provider_id: str = Field(min_length=1, max_length=MAX_ID)
    items: tuple[QuoteItem, ...] = Field(min_length=1, max_length=50)
    pincode: Pincode | None = PINCODE_FIELD
    gps: Coordinates | None = GPS_FIELD
    start: AwareDatetime | None = Field(
        default=None,
        description="a free start; left out: only the price and the free starts are told, nothing is held",
        examples=["2026-12-01T10:00:00+05:30"],
    )
    payment_type: PaymentType | None = Field(default=None, description="left out: at the door where it is sold so")
    offers: tuple[str, ...] = Field(default=(), max_length=20, description="ids of offers to be applied")
    gender: Literal["female", "male", ""] = Field(default="", description="of the worker that is asked for")
    gender_required: bool = Field(default=True, description="false: another may come where none of that gender can")
    channel: OwnChannel = Field(default="call_centre", description="through which door the wish came")
    session: str = Field(
        default="", max_length=64, description="who asks for others at once: a seat, a visitor of the portal"
    )
    replaces: str = Field(
        default="", max_length=64, description="an earlier quote for the same caller, let go for this"
    )


class Against(BaseModel):
    """What stands against a booking."""

    code: str
    message: str


class QuoteAnswer(BaseModel):
    """A price; with a slot held where nothing stands against it."""

    ref: str | None = Field(description="names the quote in a booking; null where nothing is kept to be booked")
    channel: str
    provider_id: str
    provider: str
    held: bool = Field(description="whether the slot is held for the caller")
    held_until: Moment | None = Field(description="until when; a booking later asks for the slot anew")
    start: Moment | None
    end: Moment | None
    worker: str | None = Field(description="who would come")
    total: str = Field(description="rupees, tax included")
    valid_until: Moment = Field(description="until when the price holds")
    lines: list[Line]
    payment_type: str
    against: Against | None
    alternatives: list[Moment] = Field(description="starts that can be booked, where the slot cannot")
    words: InWords = Field(description="to be read out")


class DepartmentBuyer(Body):
    """A government buyer (rule R16)."""

    name: Text
    gstin: Gstin = Field(examples=["09AAAAA0000A1Z5"])
    purchase_order: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class BookingRequest(Body):
    """Five fields for a caller: quote, name, telephone, address, payment."""

    quote: str = Field(min_length=1, max_length=64, description="`ref` of a quote")
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
    phone: Phone = Field(examples=["+91 98000 00000"])
    address: Text
    payment_type: PaymentType | None = Field(default=None, description="left out: as quoted")
    email: Email = Field(default="", max_length=200)
    pincode: Pincode | None = Field(default=None, description="left out: as quoted")
    gps: Coordinates | None = Field(default=None, description="left out: as quoted", max_length=64)
    instructions: str = Field(default="", max_length=500, description="for the worker")
    total: Amount = Field(default="", max_length=20, description="the price that was said; another is refused")
    channel: OwnChannel | None = Field(default=None, description="left out: as quoted")
    department: DepartmentBuyer | None = Field(default=None, description="expected in the channel `department`")
