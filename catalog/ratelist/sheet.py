"""A file as rows of cells: CSV in the encodings and separators that spreadsheets write, and XLSX.

A cell is text, a number (int or Decimal), a date, a time of day, a span of time, a truth value, or None where empty. A
number shown as a percentage is text: ``18%``. Nothing is computed: of a formula the value last stored is read.
"""

from __future__ import annotations

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from xml.etree.ElementTree import ParseError

from catalog.ratelist.texts import Language, column_by_heading, plain, say

Cell = str | int | Decimal | date | time | timedelta | bool | None

_UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RuntimeError,
    EOFError,
    OSError,
)
"""What a reader of XLSX says of bytes that are none, besides its own ``InvalidFileException``."""

MOST_BYTES = 8 * 1024 * 1024
MOST_ROWS = 20_000
_MOST_COLUMNS = 100
_MOST_UNPACKED = 64 * 1024 * 1024
_MOST_PARTS = 1_000
_MOST_SHEETS = 10
_LONGEST_CELL = 32_767  # XLSX has no longer ones
_ZIP = b"PK\x03\x04"
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_SEPARATORS = ",;\t"
_LAST_ROW = 1_048_576  # of any XLSX sheet
_FIRST_LINES = 30  # one of them has the headings
_EXACT = Decimal("0.000001")


class RateListError(Exception):
    """A list that cannot be read as a whole; ``kind`` is a word for programs, the text is in the list's language."""

    def __init__(self, kind: str, language: Language = "en", **values: Any) -> None:
        self.kind = kind
        self.language = language
        super().__init__(say(kind, language, values))


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not empty, under the number that the sheet shows."""

    number: int
    cells: tuple[Cell, ...]


def read_sheets(content: bytes) -> Iterator[tuple[str, Sequence[SheetRow]]]:
    """The sheets of a file that can be seen, each with its name; a CSV file is one without. Its first bytes tell which.

    Raises RateListError for what cannot be read, and for what is larger than it may be.
    """
    if len(content) > MOST_BYTES:
        raise RateListError("too_big", what=f"{len(content)} bytes", most=MOST_BYTES)
    if content.startswith(_ZIP):
        yield from _xlsx(content)
    else:
        yield "", _csv(_decoded(content))


def _decoded(content: bytes) -> str:
    """The text of a CSV file: by its byte order mark, else UTF-8, UTF-16 where bytes are 0, Windows-1252."""
    known = [encoding for mark, encoding in _BOMS if content.startswith(mark)]
    if not known and b"\0" in (first := content[:2_000]):
        known = ["utf-16-be" if first[::2].count(0) > first[1::2].count(0) else "utf-16-le"]
    for encoding in known or ["utf-8", "cp1252"]:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RateListError("not_text")


def _csv(text: str) -> list[SheetRow]:
    lines = list(io.StringIO(text, newline=""))
    if lines and lines[0].lower().startswith("sep="):  # how some programs name the separator
        separator, lines[0] = lines[0].strip()[4:5] or ",", "\n"
    else:
        separator = _separator(lines[:_FIRST_LINES])
    reader = csv.reader(lines, delimiter=separator)
    rows: list[SheetRow] = []
    before = 0
    try:
        for cells in reader:
            number, before = before + 1, reader.line_num
            rows += _kept(number, [cell.strip() or None for cell in cells])
            _count(rows)
    except csv.Error as problem:
        raise RateListError("too_big", what=str(problem), most=csv.field_size_limit()) from problem
    return rows


def _separator(lines: Sequence[str]) -> str:
    """The separator by which one of the first lines reads as the most headings."""

    def headings(separator: str) -> int:
        known = column_by_heading()
        cells = (line.strip().split(separator) for line in lines)
        return max((sum(plain(cell) in known for cell in row) for row in cells), default=0)

    return max(_SEPARATORS, key=headings)


def _xlsx(content: bytes) -> Iterator[tuple[str, Sequence[SheetRow]]]:
    from openpyxl import load_workbook  # noqa: PLC0415  heavy: who serves need not wait for it
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        _guard(content)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        for sheet in shown[:_MOST_SHEETS]:
            yield sheet.title, _sheet_rows(sheet)
    except (InvalidFileException, *_UNREADABLE) as problem:
        raise RateListError("not_xlsx", reason=type(problem).__name__) from problem


def _guard(content: bytes) -> None:
    """Refuse what would unpack to far more than a rate list is: a few kilobytes can hold gigabytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sizes = [one.file_size for one in parts.infolist()]
    if len(sizes) > _MOST_PARTS:
        raise RateListError("too_big", what=f"{len(sizes)} parts", most=_MOST_PARTS)
    if sum(sizes) > _MOST_UNPACKED:
        raise RateListError("too_big", what=f"{sum(sizes)} bytes unpacked", most=_MOST_UNPACKED)


def _sheet_rows(sheet: Any) -> list[SheetRow]:
    from openpyxl.cell.read_only import EMPTY_CELL  # noqa: PLC0415  as above

    sheet.reset_dimensions()  # what the file says of its size may be wrong
    rows: list[SheetRow] = []
    gap: object = None  # a few bytes can claim a million empty rows; they are all the same tuple
    for number, cells in enumerate(sheet.iter_rows(max_col=_MOST_COLUMNS, max_row=_LAST_ROW), start=1):
        if cells is gap:
            continue
        kept = _kept(number, [None if cell is EMPTY_CELL else _value(cell) for cell in cells])
        if not kept:
            gap = cells
        rows += kept
        _count(rows)
    return rows


def _kept(number: int, cells: list[Cell]) -> list[SheetRow]:
    """The row, if anything is in it; without the empty cells at its end."""
    while cells and cells[-1] is None:
        cells.pop()
    for cell in cells:
        if isinstance(cell, str) and len(cell) > _LONGEST_CELL:
            raise RateListError("too_big", what=f"{len(cell)} characters in a cell", most=_LONGEST_CELL)
    return [SheetRow(number, tuple(cells[:_MOST_COLUMNS]))] if cells else []


def _count(rows: Sequence[SheetRow]) -> None:
    if len(rows) > MOST_ROWS:
        raise RateListError("too_big", what="rows", most=MOST_ROWS)


def _value(cell: Any) -> Cell:
    value = cell.value
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, bool) or not isinstance(value, int | float):
        found: Cell = value
        return found
    exact = Decimal(repr(value))
    if "%" in cell.number_format:
        return f"{(exact * 100).quantize(_EXACT).normalize():f}%"
    return value if isinstance(value, int) else exact.quantize(_EXACT).normalize()
