"""Shapes as msgspec's types: whether a value has its shape, and no word of what is wrong.

Pydantic makes a new object of each that it checks, and most of a check is the memory for them. What msgspec makes is a
third of it: of a callback it is thrown away, of a request's items, which it has many of, it is what is read. Both are
compiled from the same fields, bounds and patterns, so there is one description of each shape; what has not its form is
read again by pydantic, which alone says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Final, Literal, NotRequired, Required, Union, get_args, get_origin

from msgspec import Meta, convert, defstruct
from pydantic import BaseModel, WrapValidator
from pydantic import Strict as StrictType
from pydantic.fields import FieldInfo
from typing_extensions import TypedDict, get_type_hints, is_typeddict

from beckn_schemas.strict_base import Shape, Text

_BOUNDS: Final = ("ge", "le", "min_length", "max_length")


class _NoForm(Exception):
    """A type that asks for more than types, bounds and patterns: what a function finds in the value."""


def fits(model: type[BaseModel], value: object) -> bool:
    """Whether a value certainly has the shape of a model; where not, or where nobody can say so, ask the model."""
    form = _form(model)
    if form is None:
        return False
    try:
        convert(value, form)
    except ValueError:
        return False
    return True


def quickly(kind: Any) -> WrapValidator:
    """A mark on a type of JSON's own values, objects as ``TypedDict``: msgspec reads what fits, pydantic the rest.

    Either makes the same of a value, but for the order of an object's keys; pydantic alone says what is wrong.
    """
    form = _type(kind, objects=True)

    def read(value: object, otherwise: Callable[[object], object]) -> object:
        try:
            return convert(value, form)
        except ValueError:
            return otherwise(value)

    return WrapValidator(read)


@cache
def _form(model: type[BaseModel]) -> Any:
    try:
        return _object(model)
    except _NoForm:
        return None


def _object(model: type[BaseModel], tag: str = "") -> Any:
    """The form of an object; ``tag``: of those that it may be it is the one whose key of that name says so."""
    fields = model.__pydantic_fields__
    named = get_args(fields[tag].annotation)[0] if tag else None
    keys: list[tuple[str, Any] | tuple[str, Any, Any]] = []
    for name, field in fields.items():
        kind = _type(field.rebuild_annotation())
        keys.append((name, kind) if field.is_required() else (name, kind, None))
    return defstruct(
        model.__name__,
        [key for key in keys if key[0] != tag],
        kw_only=True,
        gc=False,
        forbid_unknown_fields=model.model_config.get("extra") == "forbid",
        tag_field=tag or None,
        tag=named,
    )


def _type(annotation: Any, *, objects: bool = False) -> Any:
    """``objects``: ones that stay such have a form. Inside of a shape they have none: it may forbid keys in them."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _bounded(inner[0], tuple(_flat(inner[1:])), objects=objects)
    if origin is tuple:
        return tuple[_type(inner[0], objects=objects), ...]  # type: ignore[misc]
    if origin in (Union, UnionType):
        return Union[tuple(_type(one, objects=objects) for one in inner)]  # noqa: UP007  of types that are known when it runs
    if origin is Literal or annotation in (str, int, bool, type(None), Any):
        return annotation
    if objects and is_typeddict(annotation):
        return _keys(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Shape):
        return _object(annotation)
    raise _NoForm(annotation)


def _keys(kind: Any) -> Any:
    """Keys that an object does not name are passed over, as pydantic does."""
    keys = {}
    for name, hint in get_type_hints(kind, include_extras=True).items():
        said: Any = get_origin(hint)  # __required_keys__ does not know what an annotation in quotes says
        needed = said is Required or (name in kind.__required_keys__ and said is not NotRequired)
        inner = get_args(hint)[0] if said in (Required, NotRequired) else hint
        keys[name] = (Required if needed else NotRequired)[_type(inner, objects=True)]
    return TypedDict(kind.__name__, keys)  # type: ignore[operator]


def _flat(marks: tuple[Any, ...]) -> Iterator[Any]:
    for mark in marks:
        if isinstance(mark, FieldInfo):
            yield from mark.metadata
            if mark.discriminator is not None:
                yield mark.discriminator
        else:
            yield mark


def _bounded(annotation: Any, marks: tuple[Any, ...], *, objects: bool) -> Any:
    """A type with its bounds; a text among the marks is the key that says which of several objects it is."""
    if marks and isinstance(marks[0], str):
        return Union[tuple(_object(one, marks[0]) for one in get_args(annotation))]  # noqa: UP007
    bounds = {name: value for mark in marks for name, value in _bounds_of(mark).items()}
    kind = _type(annotation, objects=objects)
    return Annotated[kind, Meta(**bounds)] if bounds else kind


def _bounds_of(mark: Any) -> dict[str, Any]:
    if isinstance(mark, StrictType):
        return {}  # nothing is read here as what it is not
    if isinstance(mark, Text):
        return {"pattern": _whole(mark.pattern)}
    if isinstance(pattern := getattr(mark, "pattern", None), str):
        return {"pattern": _whole(pattern.removeprefix("^").removesuffix("$"))}
    if bounds := {name: getattr(mark, name) for name in _BOUNDS if hasattr(mark, name)}:
        return bounds
    raise _NoForm


def _whole(pattern: str) -> str:
    """For an engine in which a dollar is also before the end of the last line."""
    return rf"^(?:{pattern})\Z"
