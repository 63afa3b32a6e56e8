"""Cells of the catalog's CSV files: each reader takes the text of a filled cell and gives its value or a ValueError.

The text of the error goes to the person who keeps the file, so it says what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from beckn_schemas.base import parse_duration
from beckn_schemas.strict_base import Percent, Span, Url, Word
from catalog.codes import is_wildcard, ondc_codes, to_decimal
from catalog.load_tables import listed
from catalog.model import Gps
from catalog.money import Money
from catalog.places import district, districts, districts_of_pincode, find_district

Reader = Callable[[str], Any]

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_PHONE = re.compile(r"\+?[0-9][0-9 -]{1,18}[0-9]")  # helplines such as 155330 are phones too
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://[^\s]+")
_GSTIN = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]Z[0-9A-Z]")
_STD = re.compile(r"0[1-9][0-9]{1,4}")
_SAC = re.compile(r"99[0-9]{2,4}")
_DAY_SPAN = re.compile(r"([1-7])-([1-7])")
_NUMBER = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,4})?")


MOST_RUPEES = 10_000_000  # so that no order comes to more than the network's amounts can say
_LONGEST_TEXT = 4_000  # two of them make one text of the wire
_LONGEST_LEAD = timedelta(days=366)


def as_sent(form: Any) -> Callable[[str], bool]:
    """Whether a text has a form in which we send it: a catalog holds nothing that its own on_search would refuse."""
    adapter = TypeAdapter(form)

    def fits(text: str) -> bool:
        try:
            adapter.validate_python(text)
        except ValidationError:
            return False
        return True

    return fits


_is_word, _is_url, _is_percent, _is_span = as_sent(Word), as_sent(Url), as_sent(Percent), as_sent(Span)


def words(text: str) -> str:
    """Any text of bounded length."""
    if len(text) > _LONGEST_TEXT:
        raise ValueError(f"expected at most {_LONGEST_TEXT} characters, found {len(text)}")
    return text


def word(text: str) -> str:
    """A short text: a code, a unit, a kind."""
    if not _is_word(text):
        raise ValueError(f"expected at most 255 characters, found {len(text)}")
    return text


def matching(pattern: re.Pattern[str], expected: str, fits: Callable[[str], bool] = _is_word) -> Reader:
    """A reader of text of one form, which is also one in which we send it."""

    def read(text: str) -> str:
        if not pattern.fullmatch(text) or not fits(text):
            raise ValueError(f"expected {expected}, found {text!r}")
        return text

    return read


identifier = matching(_ID, "an id of letters, figures, dot, dash and underscore, up to 64")
phone = matching(_PHONE, "a telephone number")
email = matching(_EMAIL, "an e-mail address")
url = matching(_URL, "an http or https address", _is_url)
gstin = matching(_GSTIN, "a GSTIN of 15 characters")
std = matching(_STD, "a telephone code with its leading 0")
sac = matching(_SAC, "a service accounting code beginning with 99")


def one_of(*choices: str) -> Reader:
    """A reader of a closed set."""

    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"expected one of {', '.join(choices)}, found {text!r}")
        return text

    return read


def flag(text: str) -> bool:
    """Whether yes, or no."""
    return bool(one_of("yes", "no")(text) == "yes")


def whole(minimum: int, maximum: int) -> Reader:
    """A reader of whole numbers within bounds."""

    def read(text: str) -> int:
        if not _NUMBER.fullmatch(text) or not minimum <= int(text) <= maximum:
            raise ValueError(f"expected a whole number from {minimum} to {maximum}, found {text!r}")
        return int(text)

    return read


def percentage(text: str) -> Decimal:
    """A percentage from 0 to 100, with two decimals at most."""
    if not _DECIMAL.fullmatch(text) or Decimal(text) > 100 or not _is_percent(f"{Decimal(text):f}"):  # noqa: PLR2004
        raise ValueError(f"expected a percentage from 0 to 100 with at most two decimals, found {text!r}")
    return Decimal(text)


def rupees(text: str) -> Money:
    """Rupees of the books, not negative, to the paisa: sums of many orders, so bounded by no price."""
    try:
        value = Money.parse(text)
    except ValueError as problem:
        raise ValueError(f"expected rupees such as 499 or 499.00, found {text!r}") from problem
    if value < Money(0):
        raise ValueError(f"expected an amount that is not negative, found {text!r}")
    return value


def amount(text: str) -> Money:
    """Rupees of a price, not negative, to the paisa."""
    value = rupees(text)
    if value > Money(MOST_RUPEES * 100):
        raise ValueError(f"expected at most {MOST_RUPEES} rupees, found {text!r}")
    return value


def price(text: str) -> Money:
    """Rupees above zero."""
    value = amount(text)
    if value == Money(0):
        raise ValueError("expected a price above zero")
    return value


def day(text: str) -> date:
    """A date, year first."""
    try:
        return date.fromisoformat(text)
    except ValueError as problem:
        raise ValueError(f"expected a date such as 2026-04-01, found {text!r}") from problem


def days(text: str) -> tuple[date, ...]:
    """Dates, separated by semicolons, in order."""
    return tuple(sorted({day(part) for part in listed(text)}))


def clock(text: str) -> time:
    """A time of day in Asia/Kolkata, without offset."""
    try:
        value = time.fromisoformat(text)
    except ValueError as problem:
        raise ValueError(f"expected a time such as 09:00, found {text!r}") from problem
    if value.tzinfo is not None:
        raise ValueError(f"expected a time without offset, found {text!r}")
    return value


def weekdays(text: str) -> tuple[int, ...]:
    """ISO weekdays, 1 Monday to 7 Sunday: ``1-6``, or ``1; 3; 5``."""
    found: set[int] = set()
    for part in listed(text):
        span = _DAY_SPAN.fullmatch(part)
        first, last = (span[1], span[2]) if span else (part, part)
        if first not in "1234567" or len(first) != 1 or first > last:
            raise ValueError(f"expected weekdays such as 1-6 or 1; 3; 5, found {text!r}")
        found.update(range(int(first), int(last) + 1))
    if not found:
        raise ValueError("expected at least one weekday")
    return tuple(sorted(found))


def duration(text: str) -> str:
    """An ISO-8601 duration of at most a year, kept as written; only seconds may have decimals."""
    try:
        sound = _is_span(text) and parse_duration(text) <= _LONGEST_LEAD
    except ValueError:
        sound = False
    if not sound:
        raise ValueError(f"expected an ISO-8601 duration such as PT4H or P1D, a year at most, found {text!r}")
    return text


def gps(text: str) -> Gps:
    """``lat,lon`` within India; a swapped pair is refused here, since a file can be put right."""
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError as problem:
        raise ValueError(f"expected 'lat,lon' in degrees, found {text!r}") from problem
    if not (6 <= lat <= 38 and 68 <= lon <= 98):  # noqa: PLR2004 - India
        raise ValueError(f"expected a point in India, latitude first, found {text!r}")
    return Gps(lat, lon)


def pincode(text: str) -> str:
    """A pincode of Uttar Pradesh."""
    if not districts_of_pincode(text):
        raise ValueError(f"expected a pincode of Uttar Pradesh, found {text!r}")
    return text


def one_district(text: str) -> str:
    """A district by LGD code or name; the LGD code."""
    found = district(text) or find_district(text)
    if not found:
        raise ValueError(f"expected a district of Uttar Pradesh (LGD code or name), found {text!r}")
    return found.lgd


def many_districts(text: str) -> tuple[str, ...]:
    """Districts separated by semicolons, each an LGD code or a name; ``all`` for the whole state."""
    if text == "all":
        return tuple(districts())
    return tuple(dict.fromkeys(one_district(part) for part in listed(text)))


def category(text: str) -> str:
    """A decimal ONDC code or the wildcard of a domain."""
    code = to_decimal(text)
    if code not in ondc_codes() and (not is_wildcard(code) or code[:5] not in {"SRV10", "SRV11", "SRV12"}):
        raise ValueError(f"expected a decimal ONDC code of SRV10, SRV11 or SRV12, or a wildcard, found {text!r}")
    return code


def several(reader: Reader) -> Reader:
    """A reader of several cells' worth, separated by semicolons."""

    def read(text: str) -> tuple[Any, ...]:
        return tuple(reader(part) for part in listed(text))

    return read


def pairs(text: str) -> dict[str, str]:
    """Codes with values, separated by semicolons: ``dish_type=Starter; cuisine=Awadhi``."""
    found: dict[str, str] = {}
    for part in listed(text):
        code, separator, value = (piece.strip() for piece in part.partition("="))
        if not separator or not code or not value or code in found:
            raise ValueError(f"expected code=value, each code once, found {part!r}")
        found[word(code)] = word(value)
    return found
