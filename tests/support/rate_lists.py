"""A large rate list with planted faults, and what must be said of each: row, column, kind."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl import Workbook

from catalog.model import SubService
from catalog.ratelist.texts import Language
from catalog.services import SERVICES, SUB_SERVICES

HEADINGS: dict[Language, dict[str, str]] = {
    "hi": {
        "serial": "क्र.सं.",
        "id": "आईडी",
        "service": "सेवा",
        "sub_service": "काम",
        "name": "नाम (अंग्रेजी)",
        "name_hi": "नाम (हिन्दी)",
        "category": "ओएनडीसी कोड",
        "price": "दर (₹)",
        "max_price": "अंकित मूल्य",
        "unit": "इकाई",
        "duration": "समय",
        "max_count": "अधिकतम मात्रा",
        "district": "ज़िला",
        "tax_rate": "जीएसटी %",
        "sac": "एसएसी कोड",
        "short_desc": "विवरण",
        "payment_types": "भुगतान",
        "image": "चित्र",
        "valid_from": "कब से",
        "valid_until": "कब तक",
        "active": "चालू",
    },
    "en": {
        "serial": "S.No.",
        "id": "Offering ID",
        "service": "Service",
        "sub_service": "Sub-service",
        "name": "Name",
        "name_hi": "Name in Hindi",
        "category": "ONDC code",
        "price": "Rate (Rs.)",
        "max_price": "MRP",
        "unit": "Unit",
        "duration": "Duration",
        "max_count": "Max quantity",
        "district": "District",
        "tax_rate": "GST %",
        "sac": "SAC",
        "short_desc": "Description",
        "payment_types": "Payment",
        "image": "Image",
        "valid_from": "Valid from",
        "valid_until": "Valid until",
        "active": "Active",
    },
}
TITLE: dict[Language, str] = {"hi": "सेवा दर सूची", "en": "Rate list"}
FIRST_ROW = 4  # a title, an empty row, the headings

TRADES = ("SM-PLB", "SM-ELC", "SM-ACT", "SM-GYR")
LONG = "ल" * 4_001

FAULTS: tuple[tuple[str, str, Any], ...] = (
    ("price", "missing", None),
    ("price", "not_a_price", "पूछकर"),
    ("price", "not_a_price", "199.999"),
    ("price", "price_range", "150-200"),
    ("price", "price_zero", 0),
    ("price", "price_zero", "-50"),
    ("price", "price_absurd", "₹9,99,999"),
    ("price", "error_cell", "#REF!"),
    ("max_price", "below_price", "₹1"),
    ("duration", "not_a_duration", "थोड़ी देर"),
    ("duration", "odd_duration", "2 मिनट"),
    ("max_count", "not_a_count", "ढेर"),
    ("district", "unknown_district", "पटना"),
    ("district", "foreign_district", "वाराणसी"),
    ("tax_rate", "tax_rate", "19%"),
    ("tax_rate", "not_a_tax", "अठारह"),
    ("sac", "not_a_sac", "1234"),
    ("sub_service", "unknown_service", "यूनिकॉर्न चमकाना"),
    ("sub_service", "other_service", "Haircut"),
    ("sub_service", "ambiguous_service", None),  # the trade alone, which is what is told of
    ("id", "foreign_id", "AMIN-BATH"),
    ("id", "not_an_id", "नल/१"),
    ("category", "other_code", "SRV11-1099"),
    ("short_desc", "too_long", LONG),
    ("short_desc", "formula", "@SUM(A1)"),
    ("short_desc", "markup", "<script>alert(1)</script>"),
    ("payment_types", "not_a_payment", "जब चाहें"),
    ("image", "not_an_address", "tap.png"),
    ("valid_from", "not_a_date", "31.02.2027"),
    ("valid_until", "reversed", "01.01.2020"),
    ("active", "not_a_flag", "शायद"),
)


@dataclass(frozen=True)
class Planted:
    """A list as rows of cells by column, and the faults in it."""

    rows: tuple[Mapping[str, Any], ...]
    faults: frozenset[tuple[int, str, str]]
    language: Language

    @property
    def sound(self) -> int:
        """How many rows have no fault."""
        return len(self.rows) - len({row for row, _, _ in self.faults})


def planted(language: Language, *, rows: int, faults: int, seed: int = 1) -> Planted:
    """A list of so many rows with so many faults, one to a row, of every kind there is and of duplicates."""
    chance = random.Random(seed)
    subs = [sub for sub in SUB_SERVICES.values() if sub.service_id in TRADES]
    table = [_row(number, subs[number % len(subs)], language) for number in range(rows)]
    places = chance.sample(range(1, rows), faults)
    found = set()
    for turn, number in enumerate(places):
        kind_at = turn % (len(FAULTS) + 1)
        if kind_at == len(FAULTS):
            sound = next(one for one in range(number - 1, -1, -1) if one not in places)
            table[number] = {**table[sound], "serial": number}
            column, kind = "sub_service", "duplicate"
        else:
            column, kind, value = FAULTS[kind_at]
            table[number] = {**table[number], column: value}
        told = "service" if kind == "ambiguous_service" else column
        found.add((number + FIRST_ROW, HEADINGS[language][told], kind))
    return Planted(rows=tuple(table), faults=frozenset(found), language=language)


def _row(number: int, sub: SubService, language: Language) -> dict[str, Any]:
    service, hindi = SERVICES[sub.service_id], language == "hi"
    price = 100 + number % 900 + number // 1000
    return {
        "serial": number,
        "service": service.name_hi if hindi else service.name_en,
        "sub_service": sub.name_hi if hindi else sub.name_en,
        "name": f"{sub.name_en}, type {number}",
        "name_hi": f"{sub.name_hi}, प्रकार {number}",
        "price": (price, f"₹{price}/-", f"{price}.00", _devanagari(price))[number % 4],
        "unit": ("प्रति नग", "काम", "यूनिट")[number % 3] if hindi else ("per piece", "job", "Unit")[number % 3],
        "duration": (45, "४५ मिनट" if hindi else "45 min", "1 घंटा" if hindi else "1 hour", "1:30")[number % 4],
        "district": "",
        "tax_rate": (18, "18%")[number % 2],
        "valid_from": ("01.04.2026", "2026-04-01")[number % 2],
        "valid_until": "31 मार्च 2030" if hindi else "31 March 2030",
    }


def _devanagari(number: int) -> str:
    return str(number).translate({ord("0") + figure: chr(ord("०") + figure) for figure in range(10)})


def as_xlsx(one: Planted) -> bytes:
    """With a title above the headings, as people's sheets are."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("दरें")
    for row in _table(one):
        sheet.append(row)
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


def as_csv(one: Planted, *, separator: str = ",", encoding: str = "utf-8-sig") -> bytes:
    """The same as text."""
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows(_table(one))
    return text.getvalue().encode(encoding)


def _table(one: Planted) -> Iterator[Sequence[Any]]:
    headings = HEADINGS[one.language]
    yield [TITLE[one.language]]
    yield []
    yield list(headings.values())
    for row in one.rows:
        yield [row.get(name) for name in headings]
