"""The catalog's values as JSON: models made from the frozen dataclasses of ``catalog.model``.

The theory. Fields and types come from the dataclasses, meaning, defaults and forms from the columns of the CSV import
(``catalog.load_schema``), so that both doors of the catalog take the same and neither can drift. Money is text in
rupees (``"499.00"``), a percentage is text, a point is ``"lat,lon"``.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from functools import cache, partial
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, WithJsonSchema, create_model

from catalog import load_fields as read
from catalog import load_schema as schema
from catalog import load_schema_choices as of_choices
from catalog import load_schema_workers as of_workers
from catalog.customization import Customization, CustomizationCategory, Offer
from catalog.load_columns import Column, Table
from catalog.load_fields import Reader
from catalog.model import (
    Area,
    CancellationTerm,
    Credential,
    Engagement,
    Gps,
    Hours,
    Location,
    Offering,
    Provider,
    RescheduleTerm,
    Worker,
)
from catalog.money import Money

T = TypeVar("T")
Json = dict[str, Any]

TABLES: Mapping[type, Table] = {
    Provider: schema.PROVIDERS,
    Hours: of_workers.WORKERS,
    Location: schema.LOCATIONS,
    Area: schema.AREAS,
    CancellationTerm: schema.CANCELLATION,
    RescheduleTerm: schema.RESCHEDULE,
    Credential: schema.CREDS,
    Offering: schema.OFFERINGS,
    CustomizationCategory: of_choices.CATEGORIES,
    Customization: of_choices.CUSTOMIZATIONS,
    Offer: of_choices.OFFERS,
    Worker: of_workers.WORKERS,
    Engagement: of_workers.ENGAGEMENTS,
}
ANSWERED_ONLY = {Provider: ("rating",), Worker: ("rating",), Offering: ("domain",)}
"""What buyers or the taxonomy decide: shown, never taken."""

_TEXTS: Mapping[type, tuple[Reader, str]] = {
    Money: (read.amount, "rupees, exact to the paisa"),
    Decimal: (read.percentage, "per cent"),
    Gps: (read.gps, "latitude,longitude in degrees"),
}
_KEYS: Mapping[str, tuple[Reader, Reader | None]] = {
    "district_prices": (read.one_district, read.price),
    "skills": (read.identifier, None),
    "services": (read.one_district, None),
    "attributes": (read.word, None),
}


@cache
def input_model(kind: Any) -> type[BaseModel]:
    """The body that makes a new value: what its table requires is required."""
    name = f"New{kind.__name__}" if kind in ANSWERED_ONLY else kind.__name__
    return _model(kind, name, skipped=ANSWERED_ONLY.get(kind, ()))


@cache
def change_model(kind: Any) -> type[BaseModel]:
    """The body that changes a value: every field may be left out, none may be taken away."""
    return _model(kind, f"{kind.__name__}Change", skipped=ANSWERED_ONLY.get(kind, ()), complete=False)


@cache
def answer_model(kind: Any) -> type[BaseModel]:
    """A value as it is shown."""
    return _model(kind, kind.__name__, skipped=())


@cache
def page_model(kind: Any) -> type[BaseModel]:
    """A page of values with the cursor of the next."""
    member: Any = answer_model(kind)
    fields: dict[str, Any] = {
        "items": (list[member], Field()),
        "next": (str | None, Field(description="cursor of the next page")),
    }
    return create_model(f"{kind.__name__}Page", __doc__="One page, by id.", **fields)


def shown(value: Any) -> Any:
    """A value of the catalog as JSON: what ``answer_model`` of its class describes."""
    if isinstance(value, Money | Gps):
        return str(value)
    if dataclasses.is_dataclass(value):
        return {one.name: shown(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: shown(one) for key, one in value.items()}
    if isinstance(value, tuple):
        return [shown(one) for one in value]
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, date | time):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else value


def given(body: BaseModel) -> dict[str, Any]:
    """The fields that a body named, as the values of their dataclass."""
    return {name: getattr(body, name) for name in type(body).model_fields if name in body.model_fields_set}


def made(kind: type[T], body: BaseModel, **derived: Any) -> T:
    """The dataclass that a complete body stands for; ``derived`` are fields that no body holds."""
    return kind(**{name: getattr(body, name) for name in type(body).model_fields}, **derived)


def _model(kind: type, name: str, *, skipped: tuple[str, ...], complete: bool = True) -> type[BaseModel]:
    hints = get_type_hints(kind)
    columns = {column.name: column for column in TABLES[kind].columns} if kind in TABLES else {}
    fields: dict[str, Any] = {}
    for one in dataclasses.fields(kind):
        if one.name not in skipped:
            column = columns.get(one.name)
            annotation = _annotation(hints[one.name], one.name, column)
            fields[one.name] = (annotation, _field(one, column, complete=complete))
    doc = (kind.__doc__ or "").split("\n", 1)[0]
    return create_model(name, __config__=ConfigDict(extra="forbid", frozen=True), __doc__=doc, **fields)


def _field(one: dataclasses.Field[Any], column: Column | None, *, complete: bool) -> Any:
    described: Json = {"description": column.description} if column else {}
    if not complete:
        return Field(default_factory=lambda: None, **described)  # never read: ``given`` takes the named fields alone
    if column is not None and not column.required:
        return Field(default=column.default, **described)
    if column is None and one.default_factory is not dataclasses.MISSING:
        return Field(default_factory=one.default_factory, **described)
    if column is None and one.default is not dataclasses.MISSING:
        return Field(default=one.default, **described)
    return Field(**described)


def _annotation(hint: Any, name: str, column: Column | None) -> Any:
    """The type of a field in a model: the dataclass's, read as its column reads a cell."""
    if get_origin(hint) is types.UnionType:
        return _annotation(get_args(hint)[0], name, column) | None
    if get_origin(hint) is not None and get_origin(hint) is not Literal:
        return _container(hint, name, column)
    if hint in _TEXTS:
        reader, expected = _TEXTS[hint]
        return _text(hint, column.read if column else reader, expected)
    if column is not None and hint in (str, int, time):
        return Annotated[hint, AfterValidator(partial(_cell, column))]
    return _nested(hint) if dataclasses.is_dataclass(hint) else hint


def _container(hint: Any, name: str, column: Column | None) -> Any:
    """A mapping, a list, or a fixed tuple such as an interval of days."""
    member, last = get_args(hint)
    if name in _KEYS:
        keys, values = _KEYS[name]
        value = _text(Money, values, "rupees") if values else last
        return dict[Annotated[str, AfterValidator(keys)], value]  # type: ignore[valid-type]
    if last is not Ellipsis:
        return hint
    if column is not None and (member in (str, int) or get_origin(member) is Literal):
        return Annotated[hint, AfterValidator(partial(_cells, column))]
    return tuple[_annotation(member, name, None), ...]  # type: ignore[misc]


def _nested(kind: Any) -> Any:
    return Annotated[input_model(kind), AfterValidator(partial(made, kind))]


def _text(kind: Any, reader: Reader, expected: str) -> Any:
    """A value that stands as text; what it is read from must be text, never a number."""

    def parse(value: object) -> Any:
        if isinstance(value, kind):
            return value
        if not isinstance(value, str):
            raise ValueError(f"expected text: {expected}")  # noqa: TRY004  pydantic turns a ValueError into an answer
        return reader(value)

    return Annotated[Any, PlainValidator(parse), WithJsonSchema({"type": "string", "description": expected})]


def _cell(column: Column, value: str | int | time) -> Any:
    """A text, number or time of day as its column reads it; an empty one only where the cell may be empty."""
    text = str(value).strip()
    if not text and column.required:
        raise ValueError("must be filled")
    return column.read(text) if text else column.default


def _cells(column: Column, values: tuple[Any, ...]) -> Any:
    """A list as its column reads the same list, separated by semicolons."""
    if not values and column.required:
        raise ValueError("must be filled")
    return column.read("; ".join(map(str, values))) if values else values
