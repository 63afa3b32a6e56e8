"""Scalars and small parts of what we send. Strict: exact spelling, required keys, no keys beyond these.

Where a part is the buyer's own and only echoed, ``Echo`` keeps what we do not know.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StrictBool,
    StrictInt,
    StrictStr,
)
from pydantic_core import CoreSchema, core_schema

from beckn_schemas.base import MAX_COUNT


class Shape(BaseModel):
    """A part of a callback by its keys. Only ever a form to check JSON against: nobody takes an instance.

    So what pydantic compiles is the form of an object, without the making of instances, which is half of the work.
    """

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        """The fields as keys of an object; one with a default may be absent."""
        del source
        return core_schema.typed_dict_schema(
            {
                name: core_schema.typed_dict_field(
                    handler.generate_schema(field.rebuild_annotation()), required=field.is_required()
                )
                for name, field in cls.__pydantic_fields__.items()
            },
            extra_behavior=cls.model_config.get("extra"),
        )


class Strict(Shape):
    """A part whose shape is ours: any other key is a fault."""

    model_config = ConfigDict(extra="forbid")


class Echo(Shape):
    """A part that came from the buyer and goes back as it came, with the keys that we need checked."""

    model_config = ConfigDict(extra="allow")


MONEY = re.compile(r"-?(0|[1-9][0-9]{0,11})\.[0-9]{2}")
_SECONDS = r"[0-9]+(?:\.[0-9]+)?S"
_HOURS = rf"T(?:[0-9]+H(?:[0-9]+M)?(?:{_SECONDS})?|[0-9]+M(?:{_SECONDS})?|{_SECONDS})"
_DATES = r"(?:[0-9]+Y(?:[0-9]+M)?(?:[0-9]+W)?(?:[0-9]+D)?|[0-9]+M(?:[0-9]+W)?(?:[0-9]+D)?|[0-9]+W(?:[0-9]+D)?|[0-9]+D)"
DURATION = re.compile(rf"P(?:{_DATES}(?:{_HOURS})?|{_HOURS})")
_AMOUNT = r"-?(?:[1-9][0-9]{0,11}\.[0-9]{2}|0\.(?:0[1-9]|[1-9][0-9]))|0\.00"
"""MONEY without -0.00."""
_YEAR = r"(?:[1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
_FOURTH = r"(?:0[48]|[2468][048]|[13579][26])"
_DAY = (
    rf"(?:{_YEAR}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
    rf"|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9][0-9]{_FOURTH}|{_FOURTH}00)-02-29)"
)
_TIMESTAMP = _DAY + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z"
"""Times of the calendar, leap years and all."""
_GPS = (
    r"-?(?:(?:0{0,2}[0-9]|0?[1-8][0-9])\.[0-9]{6}|0?90\.0{6}),"
    r"-?(?:(?:[0-9]{1,2}|0[0-9]{2}|1[0-7][0-9])\.[0-9]{6}|180\.0{6})"
)
"""Points of the globe."""
_DAYS = r"(?=.{1,13}\Z)(?!.*([1-7]).*\1)[1-7](?:,[1-7])*"
"""Weekdays, each once."""


@dataclass(frozen=True)
class Text:
    """Text of a form.

    ``pattern`` is of the whole text; ``kind`` and ``expected`` are the error for another text. Pydantic's own engine
    matches it, so that no word of Python runs for what is right; a pattern ``looking_around`` only Python's can.
    """

    pattern: str
    kind: str
    expected: str
    looking_around: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A text, and then of that form: what is no text is said to be none."""
        del source, handler
        form = (
            core_schema.str_schema(pattern=rf"^(?:{self.pattern})\Z", regex_engine="python-re")
            if self.looking_around
            else core_schema.str_schema(pattern=f"^(?:{self.pattern})$")
        )
        error = core_schema.custom_error_schema(form, custom_error_type=self.kind, custom_error_message=self.expected)
        return core_schema.chain_schema([core_schema.str_schema(strict=True), error])


Word = Annotated[StrictStr, Field(min_length=1, max_length=255)]
Prose = Annotated[StrictStr, Field(min_length=1, max_length=10_000)]
Flag = StrictBool
Units = Annotated[StrictInt, Field(ge=0, le=MAX_COUNT)]
Money = Annotated[str, Text(_AMOUNT, "money", "an amount with two decimals, such as 499.00, and never -0.00")]
Instant = Annotated[
    str, Text(_TIMESTAMP, "timestamp", "a time in UTC with milliseconds, such as 2026-01-31T09:30:00.000Z")
]
Span = Annotated[str, Text(DURATION.pattern, "duration", "an ISO-8601 duration such as PT30M or P1D")]
Gps = Annotated[str, Text(_GPS, "gps", "lat,lon with six decimals each, such as 26.846708,80.946159")]
Days = Annotated[str, Text(_DAYS, "days", "ISO weekdays such as 1,2,3, each once", looking_around=True)]
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
