"""A sheet as a rate list: the row of headings found, each column known by its name, each row by its number.

The headings need not come first, since a title often stands above them, and may be repeated on every page. A row with
nothing but a trade in it heads the rows below it; so does a service that is written only once for several rows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.ratelist.cells import without_unit
from catalog.ratelist.services import trade_of
from catalog.ratelist.sheet import Cell, RateListError, SheetRow, read_sheets
from catalog.ratelist.texts import Language, column_by_heading, columns, language_of, plain

_FIRST_ROWS = 30  # one of them has the headings
_NAMING = ("sub_service", "service", "name_hi", "name", "id")
"""Columns that can say which service it is."""


_PRICES = ("price", "max_price")
_TAX, _LEFT_OUT = r"(gst|tax(es)?|जीएसटी|कर)", r"(excl\w*|extra|plus|without|before|अतिरिक्त|छोड़कर|छोडकर|रहित|बिना|अलग)"
_UNTAXED = re.compile(rf"\b{_LEFT_OUT}( of)? {_TAX}\b|\b{_TAX} {_LEFT_OUT}\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class RateRow:
    """A row: its number in the sheet and its filled cells by column."""

    number: int
    cells: Mapping[str, Cell]

    def __getitem__(self, column: str) -> Cell:
        return self.cells.get(column)


@dataclass(frozen=True, slots=True, kw_only=True)
class RateList:
    """A list that was read: its language, its headings by column as they stand, its rows, and the headings not used."""

    language: Language
    headings: Mapping[str, str]
    rows: tuple[RateRow, ...]
    unused: tuple[str, ...] = field(default=())

    def heading(self, column: str) -> str:
        """How a column is headed in the sheet; one that it does not have as it would be."""
        return self.headings.get(column) or columns()[column].heading[self.language]


def read_rate_list(content: bytes) -> RateList:
    """The sheet of a file that has headings of a rate list.

    Raises RateListError for a file that cannot be read, has no such sheet or more than one, two columns of one meaning,
    or rates to which the tax is still added.
    """
    language: Language = "en"
    anything = False
    found: tuple[str, RateList] | None = None
    for name, rows in read_sheets(content):
        anything = anything or bool(rows)
        rates = _in_sheet(rows)
        if rates is not None and found is not None:
            raise RateListError("several_sheets", rates.language, first=found[0], second=name)
        found = (name, rates) if rates is not None else found
        texts = (str(cell) for row in rows[:_FIRST_ROWS] for cell in row.cells)
        language = "hi" if any(language_of(text) == "hi" for text in texts) else language
    if found is None:
        raise RateListError("no_headings" if anything else "empty", language)
    return found[1]


def _in_sheet(rows: Sequence[SheetRow]) -> RateList | None:
    """The rate list of a sheet; None where no row has its headings."""
    for at, row in enumerate(rows[:_FIRST_ROWS]):
        found = _headings(row)
        if "price" in found.values() and any(name in found.values() for name in _NAMING):
            return _rate_list(row, found, rows[at + 1 :])
    return None


def column_of(heading: str) -> str | None:
    """The column that a heading means: as it stands, without brackets or a unit, or one of its two languages."""
    known = column_by_heading()
    for text in (heading, heading.partition("(")[0], without_unit(heading), *heading.replace("\n", "/").split("/")):
        if name := known.get(plain(text)):
            return name
    return None


def _headings(row: SheetRow) -> Mapping[int, str]:
    """The columns of a row taken as headings, by their places."""
    found = ((at, column_of(cell)) for at, cell in enumerate(row.cells) if isinstance(cell, str))
    return {at: name for at, name in found if name}


def _rate_list(headings: SheetRow, found: Mapping[int, str], below: Sequence[SheetRow]) -> RateList:
    texts = {at: str(cell) for at, cell in enumerate(headings.cells) if cell is not None}
    hindi = sum(language_of(texts[at]) == "hi" for at in found)
    language: Language = "hi" if 2 * hindi >= len(found) else "en"
    named: dict[str, str] = {}
    for at, name in found.items():
        if name in named:
            meaning = columns()[name].heading[language]
            raise RateListError("heading_twice", language, first=named[name], second=texts[at], meaning=meaning)
        if name in _PRICES and _UNTAXED.search(plain(texts[at].replace("+", " plus "))):
            raise RateListError("untaxed", language, heading=texts[at])
        named[name] = texts[at]
    rows = [
        RateRow(number=row.number, cells={name: row.cells[at] for at, name in found.items() if _filled(row, at)})
        for row in below
        if row.cells != headings.cells
    ]
    return RateList(
        language=language,
        headings={name: text for name, text in named.items() if name != "serial"},
        rows=tuple(_under_services(rows)),
        unused=tuple(text for at, text in texts.items() if at not in found),
    )


def _filled(row: SheetRow, at: int) -> bool:
    return at < len(row.cells) and row.cells[at] is not None


def _under_services(rows: Sequence[RateRow]) -> list[RateRow]:
    """The rows that say something; those that name only what is done stand under the service written above them."""
    kept = []
    service: Cell = None
    for row in rows:
        said = {name: cell for name, cell in row.cells.items() if name != "serial"}
        service = said.get("service", service)
        if not said or (set(said) == {"service"} and trade_of(str(service))):
            continue
        if service is not None and any(name in said for name in ("sub_service", "name", "name_hi")):
            said["service"] = service
        kept.append(RateRow(number=row.number, cells=said))
    return kept
