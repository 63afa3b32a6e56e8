"""A provider's offerings as a rate list that ``check`` takes for unchanged: CSV or XLSX, in either language."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from catalog.model import Offering
from catalog.money import Money
from catalog.places import districts
from catalog.ratelist.texts import Language, columns, word_for
from catalog.services import SERVICES, SUB_SERVICES

Form = Literal["csv", "xlsx"]
Cells = Mapping[str, str | int | Decimal | date]

_LIKE_FORMULA = re.compile(r"'*[=@+\t\r-]")
_WIDTHS = {"short_desc": 40, "long_desc": 60, "name": 28, "name_hi": 28, "service": 24, "sub_service": 28}
_WIDTH = 14


def write_rate_list(offerings: Iterable[Offering], form: Form, language: Language) -> bytes:
    """The offerings by their ids, each with as many rows as it has prices."""
    names = [name for name in columns() if name != "serial"]
    rows = [row for one in sorted(offerings, key=lambda one: one.id) for row in rows_of(one, language)]
    headings = [columns()[name].heading[language] for name in names]
    if form == "csv":
        return _csv(headings, ([_written(row.get(name, "")) for name in names] for row in rows))
    return _xlsx(names, headings, [[row.get(name) for name in names] for row in rows])


def rows_of(one: Offering, language: Language) -> Iterator[Cells]:
    """An offering as rows: the general price first, then the districts of each other price."""
    common = _common(one, language)
    by_price: dict[Money, list[str]] = {}
    if not one.districts:
        yield {**common, "price": _rupees(one.price)}
    for lgd in one.districts or one.district_prices:
        by_price.setdefault(one.price_in(lgd), []).append(lgd)
    for price, places in by_price.items():
        yield {**common, "price": _rupees(price), "district": "; ".join(_district(lgd, language) for lgd in places)}


def _common(one: Offering, language: Language) -> Cells:
    sub = SUB_SERVICES[one.sub_service_id]
    service = SERVICES[sub.service_id]
    hindi = language == "hi"
    cells: dict[str, str | int | Decimal | date] = {
        "id": one.id,
        "service": service.name_hi if hindi else service.name_en,
        "sub_service": sub.name_hi if hindi else sub.name_en,
        "name": _escaped(one.name),
        "name_hi": _escaped(one.name_hi),
        "category": one.category,
        "unit": _escaped(word_for("unit", one.unit, language)),
        "duration": one.duration,
        "max_count": one.max_count,
        "tax_rate": one.tax_rate,
        "sac": one.sac,
        "short_desc": _escaped(one.short_desc),
        "long_desc": _escaped(one.long_desc),
        "payment_types": "; ".join(word_for("payment", kind, language) for kind in one.payment_types),
        "advance": one.advance,
        "parallel": word_for("flag", "yes" if one.parallel else "no", language),
        "image": one.image,
        "valid_from": one.valid_from,
        "valid_until": one.valid_until,
        "active": word_for("flag", "yes" if one.active else "no", language),
    }
    if one.max_price is not None:
        cells["max_price"] = _rupees(one.max_price)
    return cells


def _rupees(amount: Money) -> Decimal:
    return Decimal(str(amount))


def _district(lgd: str, language: Language) -> str:
    place = districts()[lgd]
    return place.name_hi if language == "hi" else place.name_en


def _escaped(text: str) -> str:
    """A text that no spreadsheet takes for a formula, nor XLSX for anything but text."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415  heavy: who serves need not wait for it

    clean = ILLEGAL_CHARACTERS_RE.sub("", text)
    return f"'{clean}" if _LIKE_FORMULA.match(clean) else clean


def _written(cell: str | int | Decimal | date) -> str:
    return f"{cell:f}" if isinstance(cell, Decimal) else cell.isoformat() if isinstance(cell, date) else str(cell)


def _csv(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """With a byte order mark, without which spreadsheets misread Hindi."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _xlsx(names: Sequence[str], headings: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415  as above
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.styles import Font  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("rates")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(names):
        sheet.column_dimensions[_letter(number)].width = _WIDTHS.get(name, _WIDTH)
    head = [WriteOnlyCell(sheet, value=text) for text in headings]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def _letter(number: int) -> str:
    """The name of a column, A to Z: a rate list has fewer."""
    return chr(ord("A") + number)
