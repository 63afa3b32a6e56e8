"""One row read: its cells as values, the sub-service it means, and what is wrong with any of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from catalog.model import Hours, Provider, SubService
from catalog.ratelist import cells, times
from catalog.ratelist.cells import CellFault
from catalog.ratelist.outcome import Fault
from catalog.ratelist.read import RateList, RateRow
from catalog.ratelist.services import NoService, sub_service_of
from catalog.ratelist.sheet import Cell
from catalog.ratelist.texts import Language, language_of, plain, say

_READERS: Mapping[str, Callable[[Cell], Any]] = {
    "id": cells.identifier,
    "service": cells.prose("service"),
    "sub_service": cells.prose("sub_service"),
    "name": cells.prose("name"),
    "name_hi": cells.prose("name_hi"),
    "category": cells.prose("category"),
    "price": cells.price,
    "max_price": cells.price,
    "unit": cells.unit,
    "max_count": cells.count,
    "district": cells.districts,
    "tax_rate": cells.tax,
    "sac": cells.sac,
    "short_desc": cells.prose("short_desc"),
    "long_desc": cells.prose("long_desc"),
    "payment_types": cells.payments,
    "advance": cells.percentage,
    "parallel": cells.flag,
    "image": cells.image,
    "valid_from": times.day,
    "valid_until": times.day,
    "active": cells.flag,
}


@dataclass(slots=True, kw_only=True)
class Reading:
    """A row with its values by column and its faults so far; ``wording`` is how it calls what no name calls."""

    number: int
    values: dict[str, Any]
    faults: list[Fault] = field(default_factory=list)
    sub_service: SubService | None = None
    wording: str = ""
    offering_id: str = ""

    def has(self, column: str) -> bool:
        """Whether the row says something in a column, and it could be read."""
        return column in self.values


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What rows are read with: the list they stand in, and whose it is."""

    rates: RateList
    provider: Provider

    @property
    def language(self) -> Language:
        """The language in which its faults are told."""
        return self.rates.language

    @property
    def unit(self) -> str:
        """The unit that stands above all rates; empty where none does."""
        return cells.unit_in_heading(self.rates.heading("price"))

    def note(
        self, reading: Reading, column: str, kind: str, values: Mapping[str, Any], candidates: tuple[str, ...] = ()
    ) -> None:
        """Add a fault of a cell; ``values`` are what the words about it need."""
        reading.faults.append(
            Fault(
                row=reading.number,
                column=self.rates.heading(column),
                field=column,
                kind=kind,
                text=say(kind, self.language, values),
                candidates=candidates,
            )
        )

    def name_of(self, one: SubService) -> str:
        """A sub-service in the language of the list, with its id."""
        return f"{one.name_hi if self.language == 'hi' else one.name_en} ({one.id})"


def read_row(row: RateRow, desk: Desk) -> Reading:
    """A row's cells as values; those that cannot be read are faults."""
    reading = Reading(number=row.number, values={})
    for column, cell in row.cells.items():
        try:
            cells.refuse_error(cell)
            reading.values[column] = _read(column, cell, desk)
        except CellFault as fault:
            desk.note(reading, column, fault.kind, fault.values)
    if "price" not in row.cells:
        desk.note(reading, "price", "missing", {})
    elif "unit" not in row.cells and (unit := cells.unit_in_price(row["price"]) or desk.unit):
        reading.values["unit"] = unit
    return reading


def name_service(reading: Reading, row: RateRow, known: SubService | None, desk: Desk) -> None:
    """Settle which sub-service a row means; ``known`` is that of the offering whose id it gives."""
    if any(name in row.cells and not reading.has(name) for name in ("service", "sub_service")):
        return  # what could not be read is noted already
    said = _said(reading)
    if not said:
        if known is None:
            desk.note(reading, _naming_column(desk.rates), "missing", {})
        reading.sub_service = known
        return
    faults: list[tuple[str, NoService]] = []
    for column, service, work in said:
        try:
            reading.sub_service = sub_service_of(service, work)
        except NoService as fault:
            faults.append((column, fault))
            continue
        if column in ("service", "sub_service") and plain(work) not in _own_names(reading.sub_service):
            reading.wording = work
        return
    column, doubt = faults[0]
    names = ", ".join(desk.name_of(one) for one in doubt.candidates)
    ids = tuple(one.id for one in doubt.candidates)
    desk.note(reading, column, doubt.kind, {"found": doubt.found, "candidates": names}, ids)


def names_of(reading: Reading) -> tuple[str, str]:
    """The English and the Hindi name that a row gives; empty where it gives none."""
    name, name_hi = reading.values.get("name", ""), reading.values.get("name_hi", "")
    if reading.wording and not name and not name_hi:
        return ("", reading.wording) if language_of(reading.wording) == "hi" else (reading.wording, "")
    return name, name_hi


def _own_names(sub: SubService) -> tuple[str, ...]:
    """Plain forms of what is no name of the provider's own."""
    return tuple(plain(text) for text in (sub.id, sub.code or "", sub.name_en, sub.name_hi))


def working_day(hours: Hours) -> int:
    """The minutes of a working day."""
    opens, closes = (datetime.combine(date.min, one) for one in (hours.opens, hours.closes))
    return int((closes - opens).total_seconds()) // 60


def _read(column: str, cell: Cell, desk: Desk) -> Any:
    if column == "duration":
        day = working_day(desk.provider.hours)
        return times.minutes(cell, day, each=times.unit_of(desk.rates.heading(column), day))
    return _READERS[column](cell)


def _said(reading: Reading) -> list[tuple[str, str, str]]:
    """How a row says what it sells, in the order in which it is tried: the column, the trade, and what is done.

    A name decides only where the service alone leaves a doubt: ``Plumber``, called ``Tap repair``.
    """
    service = reading.values.get("service", "")
    if work := reading.values.get("sub_service", ""):
        return [("sub_service", service, work)]
    alone = [("service", "", service)] if service else []
    names = ((column, reading.values.get(column, "")) for column in ("name", "name_hi"))
    return [*alone, *((column, service, name) for column, name in names if name)]


def _naming_column(rates: RateList) -> str:
    named = (column for column in ("sub_service", "service", "name", "name_hi") if column in rates.headings)
    return next(named, "sub_service")
