"""What the calls about money share: periods of days, amounts as text, and the two forms of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    Field,
    PlainValidator,
    StringConstraints,
    WithJsonSchema,
)

from bpp.ledger.export import csv_of
from bpp.operator.auth import ACCOUNTANT
from bpp.operator.files import CSV, File
from bpp.operator.problems import invalid
from bpp.operator.routes import Answer, Query
from catalog.availability import Horizon
from catalog.load_fields import day, rupees
from catalog.money import ZERO

MONEY_ROLES = frozenset({ACCOUNTANT})
_RUPEES = WithJsonSchema({"type": "string", "description": "rupees, exact to the paisa", "examples": ["499.00"]})


def _price(text: str) -> str:
    value = rupees(text)
    if value == ZERO:
        raise ValueError("expected an amount above zero")
    return str(value)


def _amount(text: str) -> str:
    return str(rupees(text))


def _day(value: object) -> date:
    if isinstance(value, date):
        return value
    return day(str(value))


Price = Annotated[str, AfterValidator(_price), _RUPEES]
"""Rupees above zero."""
Amount = Annotated[str, AfterValidator(_amount), _RUPEES]
"""Rupees, zero or more."""
Rupees = Annotated[str, BeforeValidator(str), _RUPEES]
"""An amount that is shown; negative where the other side owes."""
Day = Annotated[date, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
"""An id or a reference as somebody types it."""
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class Period(Query):
    """Days in Asia/Kolkata, both included."""

    from_: Day = Field(alias="from", description="first day, in Asia/Kolkata")
    until: Day = Field(description="last day, included")


class PeriodView(BaseModel):
    """Something of a period, as it is shown; ``wire`` gives it its names."""

    from_: date = Field(serialization_alias="from")
    until: date


def wire(view: BaseModel) -> dict[str, Any]:
    """A view as JSON, with the names that it has outside."""
    return view.model_dump(mode="json", by_alias=True)


def bounds(period: Period) -> tuple[datetime, datetime]:
    """The moment with which a period begins, and the one before which it ends. Raises ApiProblem 422."""
    if period.until < period.from_:
        raise invalid(f"{period.from_} or later is expected", path="until")
    return Horizon(period.from_, 1).start, Horizon(period.until, 1).end


def as_file(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], name: str) -> Answer:
    """A table as a CSV file; ``name`` without its ending."""
    return Answer(content=File(content=csv_of(rows, columns).encode(), media_type=CSV, name=f"{name}.csv"))
