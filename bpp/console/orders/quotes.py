"""How the price of an order came about: what was quoted at each stage, line by line, with what changed in between."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bpp.console.language import gettext, msg
from bpp.console.orders.words import LINE_KINDS
from bpp.orders.model import Order
from catalog.money import Money
from catalog.quote import Quote

SENT: Mapping[str, str] = {"on_select": msg("When the time was chosen"), "on_init": msg("When the address was given")}
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Cell:
    """An amount at a stage, empty where the line was not there; ``changed``: another one than at the stage before."""

    amount: Money | None
    changed: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the price through all stages."""

    label: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """All stages side by side; the last row is the sum."""

    stages: Sequence[str]
    rows: Sequence[Row]
    total: Row

    @property
    def changed(self) -> bool:
        """Whether anything differs from one stage to the next."""
        return any(cell.changed for row in (*self.rows, self.total) for cell in row.cells)


def prices(order: Order, sent: Mapping[str, Any], called: Callable[[str], str]) -> Prices:
    """The price as it was sent before the order, by action, when it was booked, and after each change since.

    ``called`` says a name that the order keeps in the language spoken.
    """
    stages = [(gettext(SENT[action]), _of_wire(sent[action])) for action in SENT if action in sent]
    stages += [(_stage(place), _of_quote(one)) for place, one in enumerate(order.quotes)]
    keys = list(dict.fromkeys(key for _, (lines, _) in stages for key in lines))
    names = {one.item_id: called(one.name) for one in order.items}
    return Prices(
        stages=[title for title, _ in stages],
        rows=[Row(_label(key, names, called), _cells([lines.get(key) for _, (lines, _) in stages])) for key in keys],
        total=Row(gettext("Total"), _cells([total for _, (_, total) in stages])),
    )


def _stage(place: int) -> str:
    return gettext("When it was booked") if place == 0 else gettext("After change %(number)s") % {"number": place}


def _label(key: Key, names: Mapping[str, str], called: Callable[[str], str]) -> str:
    item_id, kind, title = key
    word = gettext(LINE_KINDS[kind]) if kind in LINE_KINDS else ""
    name = names.get(item_id, "")
    if kind in {"item", "customization"}:
        return called(title)
    return f"{word or title} ({name})" if name and name != called(title) else word or title


def _cells(amounts: Sequence[Money | None]) -> list[Cell]:
    return [Cell(one, place > 0 and one != amounts[place - 1]) for place, one in enumerate(amounts)]


def _of_quote(one: Quote) -> tuple[dict[Key, Money], Money]:
    lines: dict[Key, Money] = {}
    for line in one.lines:
        _add(lines, (line.item_id, line.kind, line.title), line.amount)
    return lines, one.total


def _of_wire(one: Mapping[str, Any]) -> tuple[dict[Key, Money], Money]:
    """The same of a quote in one of our own messages."""
    lines: dict[Key, Money] = {}
    for line in one.get("breakup", ()):
        key = (str(line.get("item", {}).get("id", "")), _kind(line), str(line.get("title", "")))
        _add(lines, key, Money.parse(line["price"]["value"]))
    return lines, Money.parse(one["price"]["value"])


def _add(lines: dict[Key, Money], key: Key, amount: Money) -> None:
    lines[key] = lines[key] + amount if key in lines else amount


def _kind(line: Mapping[str, Any]) -> str:
    values = (each.get("value", "") for tag in line.get("tags", ()) for each in tag.get("list", ()))
    return next((str(one) for one in values if one in LINE_KINDS), "")
