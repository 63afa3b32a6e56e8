"""Numbers, money, moments and texts of two languages as a reader in India writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Protocol

from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup

from bpp.console.language import ngettext, spoken
from catalog.availability import KOLKATA

_LOCALES = {"en": "en_IN", "hi": "hi_IN"}
HOUR = 60
DAY = 24 * HOUR
_INDENTED = re.compile(r"\n\s+")
MOST_KEPT = 2_000
"""Days and times of day as they are written: lists have the same few again and again, and each takes a while."""


class InBoth(Protocol):
    """A text in both languages."""

    @property
    def en(self) -> str:
        """In English."""
        ...

    @property
    def hi(self) -> str:
        """In Hindi."""
        ...


def _locale() -> str:
    return _LOCALES[spoken()]


def rupees(amount: object) -> str:
    """An amount of money with lakh and crore: ``₹1,23,456.50``."""
    return format_currency(Decimal(str(amount)), "INR", locale=_locale())


def number(value: float | Decimal | str) -> str:
    """A number with lakh and crore."""
    return format_decimal(Decimal(str(value)), locale=_locale())


def day(value: date | datetime) -> str:
    """A day: ``26 Nov 2026``; of a moment the day in India."""
    return _day(_local(value), _locale())


def day_and_month(value: date) -> str:
    """A day without its year: ``26 Nov``."""
    return format_date(value, "d MMM", locale=_locale())


def month(value: date) -> str:
    """A month: ``November 2026``."""
    return format_date(value, "LLLL y", locale=_locale())


def moment(value: datetime) -> str:
    """A moment in India: ``26 Nov, 4:30 pm``."""
    return format_datetime(value, "d MMM y, h:mm a", tzinfo=KOLKATA, locale=_locale())


def clock(value: datetime | time) -> str:
    """The time of day in India."""
    if isinstance(value, datetime):
        value = value.astimezone(KOLKATA).time()
    return _clock(value, _locale())


def iso(value: date | datetime) -> str:
    """A day or moment for programs, as the attribute of a ``time`` element."""
    return value.isoformat()


def minutes(value: int) -> str:
    """A duration in minutes, in words; from two days on in days and hours."""
    days = value // DAY if value >= 2 * DAY else 0
    hours, rest = divmod(value - days * DAY, HOUR)
    parts = []
    if days:
        parts.append(ngettext("%(num)d day", "%(num)d days", days) % {"num": days})
    if hours:
        parts.append(ngettext("%(num)d hour", "%(num)d hours", hours) % {"num": hours})
    if not days and (rest or not hours):
        parts.append(ngettext("%(num)d minute", "%(num)d minutes", rest) % {"num": rest})
    return " ".join(parts)


def said(text: InBoth | Mapping[str, str]) -> str:
    """A text that we have in both languages, in the one spoken."""
    if isinstance(text, Mapping):
        return text[spoken()]
    return text.hi if spoken() == "hi" else text.en


def named(one: Any) -> str:
    """The name of a provider, an offering, a service or a district in the language spoken, else the one it has."""
    english = str(getattr(one, "name_en", "") or getattr(one, "name", ""))
    return str(getattr(one, "name_hi", "") or english) if spoken() == "hi" else english


@lru_cache(MOST_KEPT)
def _day(value: date, locale: str) -> str:
    return format_date(value, "EEE, d MMM y", locale=locale)


@lru_cache(MOST_KEPT)
def _clock(value: time, locale: str) -> str:
    return format_time(value, "h:mm a", locale=locale)


def _local(value: date | datetime) -> date:
    return value.astimezone(KOLKATA).date() if isinstance(value, datetime) else value


def dense(markup: str) -> str:
    """Markup of a template that holds no text area, without the indentation of lines, which weighs on slow networks."""
    return Markup(_INDENTED.sub("\n", markup))  # noqa: S704  what the template has made, escaped as it was


FILTERS: Mapping[str, Callable[..., str]] = {
    "rupees": rupees,
    "number": number,
    "day": day,
    "day_and_month": day_and_month,
    "month": month,
    "moment": moment,
    "clock": clock,
    "iso": iso,
    "minutes": minutes,
    "said": said,
    "named": named,
    "dense": dense,
}
"""What templates may call on a value, by name."""
