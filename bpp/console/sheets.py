"""Tables as files for spreadsheets: CSV and XLSX. Nothing in them is a formula, whoever wrote it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font

from bpp.ledger.export import BEGINS_A_FORMULA
from bpp.operator.files import CSV, XLSX, File
from catalog.availability import KOLKATA

Cell = str | int | Decimal | date | datetime | None
Rows = Iterable[Sequence[Cell]]
BOM = "\ufeff"
"""By it spreadsheet programs know that a CSV file is UTF-8, and show Hindi."""
_NO_TEXT = re.compile(f"{ILLEGAL_CHARACTERS_RE.pattern}|[\ufffe\uffff]")
"""What XML, and so XLSX, cannot hold."""


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    clean = _writable(text)
    return f"'{clean}" if clean.startswith(BEGINS_A_FORMULA) else clean


def csv_file(name: str, header: Sequence[str], rows: Rows) -> File:
    """A CSV file; ``name`` is without its ending."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(map(harmless, header))
    for row in rows:
        writer.writerow([_text(cell) for cell in row])
    return File(content=f"{BOM}{out.getvalue()}".encode(), media_type=CSV, name=f"{name}.csv")


def xlsx_file(name: str, header: Sequence[str], rows: Rows) -> File:
    """A spreadsheet; amounts are numbers, moments are in India's time; ``name`` is without its ending."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(name[:31])
    titles = [WriteOnlyCell(sheet, value=text) for text in header]
    for one in titles:
        one.font = Font(bold=True)
    sheet.append(titles)
    for row in rows:
        sheet.append([_cell(sheet, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return File(content=out.getvalue(), media_type=XLSX, name=f"{name}.xlsx")


def _writable(text: str) -> str:
    """A text without the characters that no file can hold: buyer apps make ids of any."""
    return _NO_TEXT.sub("", text)


def _text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return f"{cell.astimezone(KOLKATA):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, str):
        return harmless(cell)
    return "" if cell is None else str(cell)


def _cell(sheet: object, cell: Cell) -> WriteOnlyCell:
    if isinstance(cell, datetime):
        cell = cell.astimezone(KOLKATA).replace(tzinfo=None)
    if isinstance(cell, str):
        cell = _writable(cell)
    found = WriteOnlyCell(sheet, value=cell)
    if isinstance(cell, str):
        found.data_type = "s"  # a text, also where it begins like a formula
    return found
