"""Cells of a rate list as values: prices, counts, districts, yes and no, as people write them in Hindi and English.

Each reader takes a filled cell and gives its value, or raises CellFault with the kind of fault and what was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any

from catalog import load_fields as fields
from catalog.money import Money
from catalog.places import districts as known_districts
from catalog.ratelist.sheet import Cell
from catalog.ratelist.texts import in_figures, plain, words

MOST_RUPEES = 500_000
MOST_COUNT = 999
LONGEST: Mapping[str, int] = MappingProxyType({"name": 255, "name_hi": 255, "unit": 255, "short_desc": 4_000})
"""Most characters of a text; where nothing is said as many as of a description."""

_ERROR = re.compile(r"#(REF|N/A|DIV/0|VALUE|NAME|NULL|NUM)[!?]?|#+")
_RUPEES = r"₹|rs\b\.?|inr\b|रुपये|रुपए|रु\.?|रू\.?"
_MONEY_WORDS = re.compile(rf"^({_RUPEES})|(/-|{_RUPEES}|only|मात्र)$", re.IGNORECASE)
AMOUNT = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PER = re.compile(r"\s*(?:/(?!-)|\bper\b|प्रति)\s*(?P<unit>[^0-9/]+)$", re.IGNORECASE)
_RANGE = re.compile(r"[0-9]\s*(-|–|—|to|से)\s*(₹|rs\.?)?\s*[0-9]", re.IGNORECASE)
_LIST = re.compile(r"[;,|\n]|\s/\s|\s(?:and|और|एवं|व)\s")
_FORMULA = re.compile(r"[=@]|[+-][\w(]")
_ESCAPED = re.compile(r"'(?='*[=@+\t\r-])")
_MARKUP = re.compile(r"<\s*[a-zA-Z/!?]|&#?\w+;|javascript:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DISTRICT_WORDS = re.compile(r"^(जिला|जनपद|district)\s+|\s+(जिला|जनपद|district)\s*$", re.IGNORECASE)


class CellFault(Exception):
    """A cell that cannot be read, or holds what it may not; ``values`` are what the words about it need."""

    def __init__(self, kind: str, **values: Any) -> None:
        super().__init__(kind)
        self.kind = kind
        self.values = values


def text_of(cell: Cell) -> str:
    """A cell as text; dates year first."""
    return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)


def checked_text(cell: Cell) -> str:
    """A text; an apostrophe before what a spreadsheet would take for a formula is a spreadsheet's own, and left out."""
    text = text_of(cell)
    if _CONTROL.search(text):
        raise CellFault("control")
    if found := _MARKUP.search(text):
        raise CellFault("markup", found=found.group())
    if _FORMULA.match(text) and isinstance(cell, str):
        raise CellFault("formula", found=text[:20])
    return text[1:] if _ESCAPED.match(text) else text


def price(cell: Cell) -> Money:
    """Rupees above zero, as ``₹1,299/-``, ``१२९९ रुपये`` or a number."""
    return _rupees(_PER.sub("", in_figures(text_of(cell))), cell)


def unit_in_price(cell: Cell) -> str:
    """The unit that a rate names itself, as ``₹150 प्रति नग``; empty where it names none."""
    found = _PER.search(in_figures(text_of(cell)))
    return unit(found["unit"]) if found else ""


def without_unit(heading: str) -> str:
    """A heading without the unit that it names: ``Rate per hour`` is ``Rate``."""
    return _PER.sub("", heading)


def unit_in_heading(heading: str) -> str:
    """The unit that a heading of rates names, as ``Rate (Rs. per hour)``; empty where it names none that is known."""
    found = _PER.search(heading.strip(" )"))
    return words("unit").get(plain(found["unit"]), "") if found else ""


def _rupees(text: str, cell: Cell) -> Money:
    said = text_of(cell)
    if isinstance(cell, bool | date | time | timedelta):
        raise CellFault("not_a_price", found=said)
    bare = text.replace(",", "").strip()
    while (less := _MONEY_WORDS.sub("", bare).strip()) != bare:
        bare = less
    if not AMOUNT.fullmatch(bare):
        raise CellFault("price_range" if _RANGE.search(bare) else "not_a_price", found=said)
    amount = Decimal(bare)
    if amount <= 0:
        raise CellFault("price_zero", found=said)
    if amount > MOST_RUPEES:
        raise CellFault("price_absurd", found=said, most=MOST_RUPEES)
    try:
        return Money.parse(f"{amount.normalize():f}")
    except ValueError as problem:
        raise CellFault("not_a_price", found=said) from problem


def unit(cell: Cell) -> str:
    """What one unit is: a known word in English (``प्रति नग`` is ``piece``), any other as it is written."""
    return unit_word(checked_text(cell))


def unit_word(text: str) -> str:
    """The word that is kept for a unit."""
    bare = re.sub(r"^(per|प्रति|एक)\s+|\s+(पर|प्रति)$", "", plain(text))
    return words("unit").get(plain(text)) or words("unit").get(bare) or text


def count(cell: Cell) -> int:
    """A whole number from 1 on."""
    text = in_figures(text_of(cell)).replace(",", "")
    if isinstance(cell, bool) or not text.isdecimal() or not 1 <= int(text[:9]) <= MOST_COUNT:
        raise CellFault("not_a_count", found=text_of(cell), least=1, most=MOST_COUNT)
    return int(text)


def tax(cell: Cell) -> Decimal:
    """Per cent: ``18%``, ``18`` or a word for none."""
    said = plain(text_of(cell))
    return _percent(words("nil").get(said, text_of(cell)), cell, "not_a_tax")


def percentage(cell: Cell) -> Decimal:
    """Per cent from 0 to 100."""
    return _percent(text_of(cell), cell, "not_a_percentage")


def _percent(text: str, cell: Cell, kind: str) -> Decimal:
    bare = re.sub(r"(%|percent|प्रतिशत)?\s*(gst|जीएसटी)?$", "", in_figures(text), flags=re.IGNORECASE).strip()
    try:
        if isinstance(cell, bool | date):
            raise CellFault(kind, found=text_of(cell))
        return fields.percentage(bare)
    except ValueError as problem:
        raise CellFault(kind, found=text_of(cell)) from problem


def sac(cell: Cell) -> str:
    """A service accounting code."""
    try:
        found: str = fields.sac(in_figures(text_of(cell)))
    except ValueError as problem:
        raise CellFault("not_a_sac", found=text_of(cell)) from problem
    return found


def image(cell: Cell) -> str:
    """The address of a picture."""
    try:
        found: str = fields.url(text_of(cell))
    except ValueError as problem:
        raise CellFault("not_an_address", found=text_of(cell)[:80]) from problem
    return found


def flag(cell: Cell) -> bool:
    """Whether yes, or no."""
    known = words("flag").get(plain(text_of(cell))) or {"1": "yes", "0": "no"}.get(text_of(cell))
    if known is None:
        raise CellFault("not_a_flag", found=text_of(cell))
    return known == "yes"


def payments(cell: Cell) -> tuple[str, ...]:
    """When it is paid, as the wire's words."""
    found = [words("payment").get(plain(part)) for part in _parts(text_of(cell))]
    if not found or None in found:
        raise CellFault("not_a_payment", found=text_of(cell))
    return tuple(dict.fromkeys(one for one in found if one))


def districts(cell: Cell) -> tuple[str, ...]:
    """LGD codes of the districts named; none where all are meant."""
    text = in_figures(text_of(cell))
    if plain(text) in words("all"):
        return ()
    found = []
    for part in _parts(text):
        lgd = _districts().get(plain(_DISTRICT_WORDS.sub("", part.partition("(")[0])))
        if lgd is None:
            raise CellFault("unknown_district", found=part)
        found.append(lgd)
    return tuple(dict.fromkeys(found))


@cache
def _districts() -> Mapping[str, str]:
    """LGD codes by themselves and by every name."""
    return MappingProxyType(
        {
            plain(name): place.lgd
            for place in known_districts().values()
            for name in (*place.aliases, place.lgd, place.name_en, place.name_hi)
        }
    )


def identifier(cell: Cell) -> str:
    """The id of an offering."""
    try:
        found: str = fields.identifier(text_of(cell))
    except ValueError as problem:
        raise CellFault("not_an_id", found=text_of(cell)[:80]) from problem
    return found


def prose(column: str) -> Callable[[Cell], str]:
    """A reader of a text of the column's length."""
    most = LONGEST.get(column, LONGEST["short_desc"])

    def read(cell: Cell) -> str:
        text = checked_text(cell)
        if len(text) > most:
            raise CellFault("too_long", found=len(text), most=most)
        return text

    return read


def refuse_error(cell: Cell) -> None:
    """Raise CellFault for what a spreadsheet shows where it could not compute a value."""
    if isinstance(cell, str) and _ERROR.fullmatch(cell):
        raise CellFault("error_cell", found=cell)


def _parts(text: str) -> list[str]:
    return [part for piece in _LIST.split(text) if (part := piece.strip())]
