"""Dated rates: what commission, fees and taxes were, are and will be. Data, never constants.

The table in ``bpp/ledger/data`` is what is known; a database adds rows to it, for days to come only. A rate is in force
from its day until the next one of its name; of two for one day the later added counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Literal, cast, get_args

from bpp.orders.rates import Rate, RateBase, RateScope
from catalog.load_tables import read_table
from catalog.money import Money

Unit = Literal["percent", "rupees"]
DATA = Path(__file__).parent / "data"
MOST = {"percent": Decimal(100), "rupees": Decimal(10_000_000)}


class RateRefused(ValueError):
    """A rate that cannot be added. ``field`` is which of its values is wrong."""

    def __init__(self, message: str, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRate:
    """A rate from a day on, in Asia/Kolkata. ``note`` is its source or the decision it comes of."""

    name: str
    valid_from: date
    value: Decimal
    base: RateBase
    scope: RateScope
    note: str = ""

    @property
    def rate(self) -> Rate:
        """As it is kept with an order."""
        return Rate(value=self.value, base=self.base, scope=self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The rates in force on a day, by name. What no row speaks of yet is nothing."""

    day: date
    rows: Mapping[str, DatedRate]

    def rate(self, name: str) -> Rate:
        """A percentage with its base and scope."""
        row = self.rows.get(name)
        return Rate(value=Decimal(0)) if row is None else row.rate

    def percent(self, name: str) -> Decimal:
        """A percentage alone."""
        return self.rate(name).value

    def amount(self, name: str) -> Money:
        """An amount of rupees."""
        return Money(100).times(self.rate(name).value)


@dataclass(frozen=True, slots=True)
class RateTable:
    """All rates that are known, oldest first and those of a day in the order in which they were added."""

    rows: tuple[DatedRate, ...]

    def on(self, day: date) -> Rates:
        """The rates in force on a day."""
        return Rates(day=day, rows={row.name: row for row in self.rows if row.valid_from <= day})

    def with_added(self, rows: Iterable[DatedRate]) -> RateTable:
        """The table with further rows, as they were added."""
        return RateTable(tuple(sorted((*self.rows, *rows), key=lambda row: row.valid_from)))


@cache
def published() -> RateTable:
    """The table of the package."""
    return RateTable(()).with_added(
        DatedRate(
            name=row["name"],
            valid_from=date.fromisoformat(row["valid_from"]),
            value=Decimal(row["value"]),
            base=cast("RateBase", row["base"]),
            scope=cast("RateScope", row["scope"]),
            note=row["source"],
        )
        for row in read_table("rates", DATA)
    )


@cache
def units() -> Mapping[str, Unit]:
    """The names of all rates, each with what its value is."""
    return {row["name"]: cast("Unit", row["unit"]) for row in read_table("rates", DATA)}


def new_rate(table: RateTable, today: date, *, name: str, valid_from: date, value: str, **more: str) -> DatedRate:
    """A rate to be added: ``more`` are ``base`` and ``scope``, as the one before where they are empty, and ``note``.

    Raises RateRefused for an unknown name, a day that is over and a value that cannot be.
    """
    if name not in units():
        raise RateRefused(f"one of {', '.join(sorted(units()))} is expected", "name")
    if valid_from < today:
        raise RateRefused(f"{today} or later is expected: what was booked before keeps its rate", "valid_from")
    before = table.on(valid_from).rate(name)
    base, scope = more.get("base") or before.base, more.get("scope") or before.scope
    if base not in get_args(RateBase):
        raise RateRefused(f"one of {', '.join(get_args(RateBase))} is expected", "base")
    if scope not in get_args(RateScope):
        raise RateRefused(f"one of {', '.join(get_args(RateScope))} is expected", "scope")
    return DatedRate(
        name=name,
        valid_from=valid_from,
        value=_value(value, units()[name]),
        base=cast("RateBase", base),
        scope=cast("RateScope", scope),
        note=more.get("note", ""),
    )


def _value(text: str, unit: Unit) -> Decimal:
    problem = f"a number from 0 to {MOST[unit]} with at most four decimals is expected"
    try:
        value = Decimal(text)
    except InvalidOperation as wrong:
        raise RateRefused(problem, "value") from wrong
    exponent = value.as_tuple().exponent
    if not value.is_finite() or not 0 <= value <= MOST[unit] or (isinstance(exponent, int) and exponent < -4):  # noqa: PLR2004
        raise RateRefused(problem, "value")
    return value
