"""Times and dates of a rate list, as people write them in Hindi and English."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal

from beckn_schemas.base import parse_duration
from catalog.ratelist.cells import AMOUNT, CellFault, text_of
from catalog.ratelist.sheet import Cell
from catalog.ratelist.texts import in_figures, plain, words

LEAST_MINUTES, MOST_MINUTES = 5, 43_200

_SPAN = re.compile(r"(?P<number>[0-9]+(?:\.[0-9]+)?|[^0-9\s]+)\s+(?P<unit>[^0-9\s]+)")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9])(?::00)?")
_GLUED = re.compile(r"(?<=[0-9])(?=[^0-9.\s:])")
_DAY_FIRST = re.compile(r"(\d{1,2})[./ -](\d{1,2}|[^\W\d_][^\d./-]*)[./ ,-]+(\d{4}|\d{2})")
_CENTURY = 2000
_LONG_YEAR = 100


def unit_of(heading: str, day: int) -> int:
    """The minutes of the unit that a heading names, as ``Time (hours)``; those of a minute where it names none."""
    for word in plain(heading).split():
        if word in words("days"):
            return day
        if word in words("minutes"):
            return int(words("minutes")[word])
    return 1


def minutes(cell: Cell, day: int, *, each: int = 1) -> int:
    """Minutes; a figure alone is ``each`` of them, a day ``day``: the working day of the provider."""
    found = _minutes(cell, day, each)
    if found is None or found != int(found):
        raise CellFault("not_a_duration", found=text_of(cell))
    if not LEAST_MINUTES <= found <= MOST_MINUTES:
        raise CellFault("odd_duration", found=text_of(cell), least=LEAST_MINUTES, most=MOST_MINUTES)
    return int(found)


def _minutes(cell: Cell, day: int, each: int) -> Decimal | None:
    match cell:
        case bool() | date() | None:
            return None
        case int() | Decimal():
            return Decimal(cell) * each
        case time():
            return Decimal(cell.hour * 60 + cell.minute)
        case timedelta():
            return Decimal(cell // timedelta(minutes=1))
        case str():
            text = in_figures(cell)
            return Decimal(text) * each if AMOUNT.fullmatch(text) else _written(text, day)


def _written(text: str, day: int) -> Decimal | None:
    """Minutes in words, as a clock shows them, or as ISO 8601."""
    if clock := _CLOCK.fullmatch(text):
        return Decimal(int(clock[1]) * 60 + int(clock[2]))
    if text[:1] in "Pp":
        try:
            return Decimal(parse_duration(text.upper()) // timedelta(minutes=1))
        except ValueError:
            return None
    return _spans(" ".join(_GLUED.sub(" ", text.replace("-", " ")).split()), day)


def _spans(text: str, day: int) -> Decimal | None:
    """``1 घंटा 30 मिनट``: the sum of its parts; None where anything else is in it."""
    whole, rest = Decimal(0), text
    while rest:
        found = _SPAN.match(rest)
        if not found:
            return None
        amount = _number(found["number"])
        name = plain(found["unit"])
        each = words("minutes").get(name) or (str(day) if name in words("days") else None)
        if amount is None or each is None:
            return None
        whole += amount * int(each)
        rest = rest[found.end() :].lstrip(" ,&").removeprefix("and ").removeprefix("और ").lstrip()
    return whole


def _number(text: str) -> Decimal | None:
    if AMOUNT.fullmatch(text):
        return Decimal(text)
    known = words("number").get(plain(text))
    return Decimal(known) if known else None


def day(cell: Cell) -> date:
    """A date: day first as in India, or year first; months in figures or words."""
    if isinstance(cell, date):
        return cell
    text = in_figures(text_of(cell))
    try:
        if found := _DAY_FIRST.fullmatch(text):
            month = found[2] if found[2].isdecimal() else words("month").get(plain(found[2]), "0")
            year = int(found[3]) + (_CENTURY if int(found[3]) < _LONG_YEAR else 0)
            return date(year, int(month), int(found[1]))
        return date.fromisoformat(text.partition(" ")[0])
    except ValueError as problem:
        raise CellFault("not_a_date", found=text_of(cell)) from problem
