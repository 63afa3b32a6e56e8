"""Periods as an accountant says them: a month, a quarter, a financial year from April to March, or any two days.

Pure: what a query says and today in, days out. Days are those of Asia/Kolkata, both included.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from babel.dates import format_date

from beckn_schemas.base import FIRST_YEAR, LAST_YEAR
from bpp.console.language import gettext, msg, spoken
from bpp.ledger.snapshot import APRIL, financial_year

MONTHS, QUARTERS, YEARS = 24, 8, 5
"""So many of each are offered."""
MOST_DAYS = 5 * 366
"""A period is read into memory; whoever asks for more asks twice."""
QUARTER = 3
MONTH_KEY = re.compile(r"(\d{4})-(\d{2})")
QUARTER_KEY = re.compile(r"(\d{4})-q([1-4])")
YEAR_KEY = re.compile(r"(\d{4})")
NOT_A_DAY = msg("Please give both days as a date, such as 2026-04-01.")
NOT_A_PERIOD = msg("There is no such period. Please choose one of the list, or two days.")
BACKWARDS = msg("The last day lies before the first one.")
TOO_LONG = msg("This period is too long: five years at most.")


class WrongPeriod(Exception):
    """What was asked for is no period; ``words`` says why in the reader's language."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.words = gettext(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from ``first`` to ``last``; ``key`` is what a query calls them, empty for any two days."""

    first: date
    last: date
    key: str = ""


def read_span(key: str, since: str, until: str, today: date) -> Span:
    """What a query asks for; nothing: the month of today. Raises WrongPeriod."""
    found = _asked(key, since, until, today)
    if found.first.year < FIRST_YEAR or found.last.year > LAST_YEAR:
        raise WrongPeriod(NOT_A_PERIOD)
    return found


def _asked(key: str, since: str, until: str, today: date) -> Span:
    if key:
        return span_of(key)
    if not since and not until:
        return month(today.year, today.month)
    try:
        first, last = date.fromisoformat(since), date.fromisoformat(until)
    except ValueError as problem:
        raise WrongPeriod(NOT_A_DAY) from problem
    if last < first:
        raise WrongPeriod(BACKWARDS)
    if (last - first).days >= MOST_DAYS:
        raise WrongPeriod(TOO_LONG)
    return Span(first=first, last=last)


def span_of(key: str) -> Span:
    """``2026-11``, ``2026-q3`` (October to December) or ``2026`` (April 2026 to March 2027). Raises WrongPeriod."""
    try:
        if found := MONTH_KEY.fullmatch(key):
            return month(int(found[1]), int(found[2]))
        if found := QUARTER_KEY.fullmatch(key):
            return quarter(int(found[1]), int(found[2]))
        if found := YEAR_KEY.fullmatch(key):
            return year(int(found[1]))
    except (ValueError, OverflowError) as problem:
        raise WrongPeriod(NOT_A_PERIOD) from problem
    raise WrongPeriod(NOT_A_PERIOD)


def month(of_year: int, number: int) -> Span:
    """A month of the calendar."""
    first = date(of_year, number, 1)
    return Span(first=first, last=_months_on(first, 1) - timedelta(days=1), key=f"{of_year:04d}-{number:02d}")


def quarter(of_year: int, number: int) -> Span:
    """A quarter, 1 to 4, of the financial year that begins in ``of_year``."""
    first = _months_on(date(of_year, APRIL, 1), QUARTER * (number - 1))
    last = _months_on(first, QUARTER) - timedelta(days=1)
    return Span(first=first, last=last, key=f"{of_year:04d}-q{number}")


def year(of_year: int) -> Span:
    """The financial year that begins in April of ``of_year``."""
    return Span(first=date(of_year, APRIL, 1), last=date(of_year + 1, APRIL, 1) - timedelta(days=1), key=f"{of_year}")


def quarter_of(day: date) -> Span:
    """The quarter in which a day lies."""
    begun = financial_year(day)
    return quarter(begun.year, (day.year * 12 + day.month - begun.year * 12 - APRIL) // QUARTER + 1)


def beside(span: Span, step: int) -> Span:
    """The period of the same kind before (-1) or after (1); of any two days as many days."""
    days = (span.last - span.first).days + 1
    try:
        near = span.first - timedelta(days=1) if step < 0 else span.last + timedelta(days=1)
        if MONTH_KEY.fullmatch(span.key):
            return month(near.year, near.month)
        if QUARTER_KEY.fullmatch(span.key):
            return quarter_of(near)
        if span.key:
            return year(financial_year(near).year)
        return Span(first=span.first + timedelta(days=days * step), last=span.last + timedelta(days=days * step))
    except (ValueError, OverflowError):
        return span  # at the end of what a calendar has


def _months_on(day: date, months: int) -> date:
    whole = day.year * 12 + day.month - 1 + months
    return date(whole // 12, whole % 12 + 1, 1)


def said(span: Span) -> str:
    """A period as people say it."""
    if MONTH_KEY.fullmatch(span.key):
        return written(span.first, "LLLL y")
    if QUARTER_KEY.fullmatch(span.key):
        return f"{written(span.first, 'LLLL')} – {written(span.last, 'LLLL y')}"
    if span.key:
        return gettext("Financial year %(first)s-%(last)s") % {
            "first": span.first.year,
            "last": f"{span.last.year % 100:02d}",
        }
    return f"{written(span.first, 'd MMM y')} – {written(span.last, 'd MMM y')}"


def written(day: date, pattern: str) -> str:
    """A day by a pattern of CLDR in the reader's language."""
    return format_date(day, pattern, locale=f"{spoken()}_IN")


def offered(today: date) -> Sequence[tuple[str, Sequence[Span]]]:
    """The periods that the chooser has, the newest first, in groups."""
    months, quarters, years = [month(today.year, today.month)], [quarter_of(today)], [year(financial_year(today).year)]
    for spans, many in ((months, MONTHS), (quarters, QUARTERS), (years, YEARS)):
        while len(spans) < many:
            spans.append(beside(spans[-1], -1))
    return (
        (gettext("Month"), months),
        (gettext("Quarter"), quarters),
        (gettext("Financial year, April to March"), years),
    )
