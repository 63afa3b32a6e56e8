"""The fields of the calls for bookings that a person fills: telephone, pincode, place, money, tax number."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from bpp.orders.phones import normalised
from catalog.load_fields import amount, email, gps, gstin

OwnChannel = Literal["portal", "app", "call_centre", "csc", "department"]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=500)]
_LEAST_DIGITS, _MOST_DIGITS = 10, 15  # of India, or with a country's code (ITU-T E.164)


def _phone(text: str) -> str:
    digits = normalised(text)
    if not _LEAST_DIGITS <= len(digits) <= _MOST_DIGITS or any(one.isalpha() for one in text):
        raise ValueError("expected a telephone number of ten digits, with or without +91 or 0")
    return digits


def _gps(text: str) -> str:
    gps(text)
    return text


def _email(text: str) -> str:
    return text and str(email(text))


def _amount(text: str) -> str:
    return text and str(amount(text))


def _gstin(text: str) -> str:
    return str(gstin(text))


def _pincode(text: str) -> str:
    digits = "".join(str(int(one)) for one in text if one.isdecimal())
    if len(digits) != PINCODE or digits.startswith("0") or any(one.isalpha() for one in text):
        raise ValueError("expected a pincode of six digits")
    return digits


PINCODE = 6
Pincode = Annotated[str, AfterValidator(_pincode)]
Coordinates = Annotated[str, AfterValidator(_gps)]
Phone = Annotated[str, AfterValidator(_phone)]
Email = Annotated[str, AfterValidator(_email)]
Amount = Annotated[str, AfterValidator(_amount)]
Gstin = Annotated[str, AfterValidator(_gstin)]
PINCODE_FIELD = Field(default=None, description="where it is wanted, six digits", examples=["226010"])
GPS_FIELD = Field(default=None, description="latitude,longitude; without it the district decides", max_length=64)


class InWords(BaseModel):
    """A text in both languages."""

    en: str
    hi: str
