"""Scalars and small parts of what we send. Strict: exact spelling, required keys, no keys beyond these.

Where a part is the buyer's own and only echoed, ``Echo`` keeps what we do not know.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

from beckn_schemas.base import MAX_COUNT, parse_gps


class Strict(BaseModel):
    """A part whose shape is ours: frozen, and any other key is a fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=())


class Echo(BaseModel):
    """A part that came from the buyer and goes back as it came, with the keys that we need checked."""

    model_config = ConfigDict(frozen=True, extra="allow", hide_input_in_errors=True, protected_namespaces=())


MONEY = re.compile(r"-?(0|[1-9][0-9]{0,11})\.[0-9]{2}")
_TIMESTAMP = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z")
DURATION = re.compile(
    r"P(?=.)([0-9]+Y)?([0-9]+M)?([0-9]+W)?([0-9]+D)?(T(?=.)([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
_GPS = re.compile(r"-?[0-9]{1,3}\.[0-9]{6},-?[0-9]{1,3}\.[0-9]{6}")
_DAYS = re.compile(r"[1-7](,[1-7])*")


def _money(text: str) -> str:
    if not MONEY.fullmatch(text) or text == "-0.00":
        raise PydanticCustomError("money", "an amount with two decimals, such as 499.00, and never -0.00")
    return text


def _timestamp(text: str) -> str:
    if _TIMESTAMP.fullmatch(text):
        try:
            datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return text
    raise PydanticCustomError("timestamp", "a time in UTC with milliseconds, such as 2026-01-31T09:30:00.000Z")


def _duration(text: str) -> str:
    if not DURATION.fullmatch(text):
        raise PydanticCustomError("duration", "an ISO-8601 duration such as PT30M or P1D")
    return text


def _gps(text: str) -> str:
    if _GPS.fullmatch(text):
        try:
            parse_gps(text)
        except ValueError:
            pass
        else:
            return text
    raise PydanticCustomError("gps", "lat,lon with six decimals each, such as 26.846708,80.946159")


def _days(text: str) -> str:
    named = text.split(",")
    if not _DAYS.fullmatch(text) or len(set(named)) != len(named):
        raise PydanticCustomError("days", "ISO weekdays such as 1,2,3, each once")
    return text


Word = Annotated[StrictStr, Field(min_length=1, max_length=255)]
Prose = Annotated[StrictStr, Field(min_length=1, max_length=10_000)]
Flag = StrictBool
Units = Annotated[StrictInt, Field(ge=0, le=MAX_COUNT)]
Money = Annotated[StrictStr, AfterValidator(_money)]
Instant = Annotated[StrictStr, AfterValidator(_timestamp)]
Span = Annotated[StrictStr, AfterValidator(_duration)]
Gps = Annotated[StrictStr, AfterValidator(_gps)]
Days = Annotated[StrictStr, AfterValidator(_days)]
Url = Annotated[StrictStr, Field(pattern=r"^https?://[^\s]+$", max_length=2048)]
Percent = Annotated[StrictStr, Field(pattern=r"^(100|[0-9]{1,2})(\.[0-9]{1,2})?$")]
Pincode = Annotated[StrictStr, Field(pattern=r"^[0-9]{6}$")]

FulfillmentCode = Literal["Pending", "In-Transit", "At-Location", "Completed", "Cancelled"]
FulfillmentType = Literal["Home-Service", "Store-Service"]
PaymentType = Literal["PRE-FULFILLMENT", "ON-FULFILLMENT", "POST-FULFILLMENT"]
Collector = Literal["BAP", "BPP", "SOR"]


class Coded(Strict):
    """``{code}``."""

    code: Word


class TagEntry(Strict):
    """One coded value; values are text."""

    descriptor: Coded
    value: StrictStr


class TagList(Strict):
    """A coded list of coded values; which codes belong together is a rule, not a shape."""

    descriptor: Coded
    list: Annotated[tuple[TagEntry, ...], Field(min_length=1)]


class Picture(Strict):
    """An image by its address."""

    url: Url


class Price(Strict):
    """An amount in rupees."""

    currency: Literal["INR"]
    value: Money


class Range(Strict):
    """From when until when."""

    start: Instant
    end: Instant


class Schedule(Strict):
    """Slots: their length, the dates without service, and the starts offered."""

    frequency: Span
    holidays: Annotated[tuple[Instant, ...], Field(min_length=1)] | None = None
    times: tuple[Instant, ...]


class Availability(Strict):
    """When an item or provider can be had (protocol 3, "Availability")."""

    label: Literal["validity"]
    range: Range
    days: Days
    schedule: Schedule


class StateCode(Strict):
    """``{code}`` of a fulfillment state."""

    code: FulfillmentCode


class StateRef(Strict):
    """A fulfillment state inside terms."""

    descriptor: StateCode


class Lead(Strict):
    """``{duration}``."""

    duration: Span


class FeeAmount(Strict):
    """A fixed fee."""

    currency: Literal["INR"] | None = None
    value: Money


class Fee(Strict):
    """An amount or a percentage; not both is a rule."""

    amount: FeeAmount | None = None
    percentage: Percent | None = None


class CancellationTerm(Strict):
    """What cancelling costs in one state, and until when before the slot."""

    fulfillment_state: StateRef
    cancel_by: Lead
    cancellation_fee: Fee
    reason_required: Flag


class Form(Strict):
    """A form, such as the checklist of things to keep ready."""

    url: Url
    mimetype: Word
    submission_id: Word | None = None
    status: Word | None = None


class XInput(Strict):
    """A form to be filled in."""

    form: Form
    required: Flag | None = None


class CityCode(Echo):
    """``{code}``, echoed."""

    code: Word


class Place(Echo):
    """The request's city and country, echoed."""

    city: CityCode
    country: CityCode


class Context(Strict):
    """The context of a callback (assertion 3). ``location`` is absent only where the request had none."""

    domain: Annotated[StrictStr, Field(pattern=r"^ONDC:SRV[0-9]{2}$")]
    location: Place | None = None
    action: Word
    version: Literal["2.0.0"]
    bap_id: Word
    bap_uri: Url
    bpp_id: Word
    bpp_uri: Url
    transaction_id: Word
    message_id: Word
    timestamp: Instant
    ttl: Literal["PT30S"]


class Error(Strict):
    """A business error beside the message."""

    code: Annotated[StrictStr, Field(pattern=r"^[0-9]{5}$")]
    message: Prose
