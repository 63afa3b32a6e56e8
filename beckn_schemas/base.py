"""What every wire model rests on: the base class, the scalar types, and the one error of reading.

Values are refused, never coerced: a number is not an id and ``true`` is not a count. Messages of refusals say what was
expected and where, and never repeat the value, which may be somebody's name, address or telephone number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

T = TypeVar("T")

MAX_ID = 255
MAX_TEXT = 10_000
MAX_COUNT = 1_000_000
MAX_PARTS = 50
LONGEST_TTL = timedelta(days=366)
FIRST_YEAR, LAST_YEAR = 2000, 2099

_TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DURATION = re.compile(
    r"P(?:([0-9]{1,6})Y)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})W)?(?:([0-9]{1,6})D)?"
    r"(?:T(?:([0-9]{1,6})D)?(?:([0-9]{1,6})H)?(?:([0-9]{1,6})M)?(?:([0-9]{1,6})(\.[0-9]{1,6})?S)?)?",
)
_SECONDS_WITHOUT_T = re.compile(r"P([0-9]{1,6})S")
_GPS = re.compile(r"\s*(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]{1,20})?)\s*")
_AMOUNT = re.compile(r"-?[0-9]{1,12}(\.[0-9]{1,6})?")


class SchemaViolation(Exception):
    """A message that does not have the shape it must have.

    ``path`` is the place, such as ``message.order.items[0].id``; ``expected`` says in plain words what was expected.
    Both are safe to send to the peer.
    """

    def __init__(self, path: str, expected: str) -> None:
        super().__init__(f"{path}: expected {expected}")
        self.path = path
        self.expected = expected


class Wire(BaseModel):
    """A part of a message as received: frozen; keys that we do not know are ignored (protocol, 1.0).

    What is echoed comes from the JSON itself, which keeps them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True, protected_namespaces=())


def parse_timestamp(text: str) -> datetime:
    """Read an RFC 3339 time with a zone, with or without fractions, as an aware datetime in UTC.

    Digits finer than a microsecond are cut off. Raises ValueError for anything else, also for naive times.
    Source: protocol 1.0, row "timestamps": accept with and without ms, ``Z`` or ``+05:30``.
    """
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError("not an RFC 3339 time with a zone")
    try:
        when = datetime.fromisoformat(text)
        return when if when.tzinfo is UTC else when.astimezone(UTC)
    except OverflowError as problem:  # year 1 or 9999 moved over the edge by its zone
        raise ValueError("a time outside the calendar") from problem


@lru_cache(maxsize=1024)  # of lifetimes there are few, and none that is read is long
def parse_duration(text: str) -> timedelta:
    """Read an ISO-8601 duration; a month counts 30 days and a year 365.

    ``P30S`` is thirty seconds and ``PT1D`` one day: both occur in the examples although ISO-8601 does not know them
    (protocol 1.0, row "ttl", and 4.1, 4.2). Raises ValueError for anything else.
    """
    if bare := _SECONDS_WITHOUT_T.fullmatch(text):
        return timedelta(seconds=int(bare[1]))
    found = _DURATION.fullmatch(text)
    if found is None or text.endswith(("P", "T")):
        raise ValueError("not an ISO-8601 duration")
    years, months, weeks, days, odd_days, hours, minutes, seconds = (int(part or 0) for part in found.groups()[:8])
    fraction = float(found[9] or 0)
    return timedelta(
        days=years * 365 + months * 30 + weeks * 7 + days + odd_days,
        hours=hours,
        minutes=minutes,
        seconds=seconds + fraction,
    )


def parse_gps(text: str) -> tuple[float, float]:
    """Read ``"lat,lon"`` in degrees, spaces allowed. Raises ValueError for text or degrees that are no such point."""
    found = _GPS.fullmatch(text)
    if found is None:
        raise ValueError("not a pair lat,lon")
    lat, lon = float(found[1]), float(found[2])
    if abs(lat) > 90 or abs(lon) > 180:  # noqa: PLR2004 - degrees on the globe
        raise ValueError("outside the globe")
    return lat, lon


def _timestamp(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC)
    try:
        return parse_timestamp(value if isinstance(value, str) else "")
    except ValueError:
        raise PydanticCustomError(
            "timestamp", "an RFC 3339 time with a zone, such as 2026-01-31T09:30:00.000Z"
        ) from None


def _moment(value: object) -> datetime:
    """A time that can be reckoned with: far from both ends of the calendar."""
    when = _timestamp(value)
    if not FIRST_YEAR <= when.year <= LAST_YEAR:
        raise PydanticCustomError("timestamp", "a time in the years 2000 to 2099")
    return when


def _stamp(value: object) -> object:
    _moment(value)
    return value


def _lifetime(value: object) -> str:
    text = _duration(value)
    if parse_duration(text) > LONGEST_TTL:
        raise PydanticCustomError("duration", "a duration of at most a year, such as PT30S")
    return text


def _duration(value: object) -> str:
    if isinstance(value, str):
        try:
            parse_duration(value)
        except ValueError:
            pass
        else:
            return value
    raise PydanticCustomError("duration", "an ISO-8601 duration such as PT30S")


def _gps(value: object) -> str:
    if isinstance(value, str):
        try:
            parse_gps(value)
        except ValueError:
            pass
        else:
            return value
    raise PydanticCustomError("gps", "latitude and longitude as text, such as 26.846708,80.946159")


def _amount(value: object) -> str:
    if isinstance(value, str) and _AMOUNT.fullmatch(value):
        return value
    raise PydanticCustomError("amount", "a decimal amount as text, such as 499.00")


Id = Annotated[StrictStr, Field(min_length=1, max_length=MAX_ID)]
Text = Annotated[StrictStr, Field(max_length=MAX_TEXT)]
Label = Annotated[StrictStr, Field(max_length=MAX_ID)]
Bool = StrictBool
Timestamp = Annotated[datetime, BeforeValidator(_timestamp)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Stamp = Annotated[str, BeforeValidator(_stamp)]
"""A moment in the text that came, for what is sent back as it was said."""
Lifetime = Annotated[str, BeforeValidator(_lifetime)]
GpsText = Annotated[str, BeforeValidator(_gps)]
AmountText = Annotated[str, BeforeValidator(_amount)]
Count = Annotated[StrictInt, Field(ge=0, le=MAX_COUNT)]
PositiveCount = Annotated[StrictInt, Field(ge=1, le=MAX_COUNT)]
Few = Annotated[tuple[T, ...], Field(max_length=MAX_PARTS)]
Uri = Annotated[StrictStr, Field(pattern=r"^https?://[^\s]+$", max_length=2048)]

_WORDS: Mapping[str, str] = {
    "missing": "a value here",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "string_pattern_mismatch": "text of the prescribed form",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "model_attributes_type": "an object",
    "extra_forbidden": "no such key",
}


_TEMPLATES: Mapping[str, str] = {
    "string_too_long": "text of at most {max_length} characters",
    "too_short": "a list of at least {min_length}",
    "too_long": "a list of at most {max_length}",
    "greater_than_equal": "a number of at least {ge}",
    "less_than_equal": "a number of at most {le}",
    "literal_error": "one of {expected}",
}
_OWN = frozenset({"timestamp", "duration", "gps", "amount"})


def expected_words(error: ErrorDetails) -> str:
    """What one pydantic error says was expected, in plain words and without the value."""
    kind = error["type"]
    if kind in _OWN:
        return error["msg"]
    if kind in _TEMPLATES:
        return _TEMPLATES[kind].format_map(error.get("ctx", {}))
    return _WORDS.get(kind, "a valid value")


def json_path(prefix: str, location: tuple[int | str, ...]) -> str:
    """A pydantic location as a path such as ``message.order.items[0].id``."""
    path = prefix
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else part
    return path


M = TypeVar("M", bound=BaseModel)


def read(model: type[M], value: Any, path: str) -> M:
    """Validate ``value`` as ``model``; the first fault raises SchemaViolation with its path below ``path``."""
    try:
        # What model_validate calls after looking at options that are not given.
        right: M = model.__pydantic_validator__.validate_python(value)
    except ValidationError as problem:
        raise _violations(problem, path)[0] from None
    return right


def faults(model: type[BaseModel], value: Any, path: str) -> tuple[SchemaViolation, ...]:
    """Everything that keeps ``value`` from being a ``model``, in the order of the shape; nothing where it is one."""
    try:
        model.model_validate(value)
    except ValidationError as problem:
        return _violations(problem, path)
    return ()


def _violations(problem: ValidationError, path: str) -> tuple[SchemaViolation, ...]:
    """A list that lost an element to a fault of its own is not counted as too short beside it."""
    found = problem.errors(include_url=False, include_input=False)
    inner = {one["loc"][:length] for one in found for length in range(len(one["loc"]))}
    return tuple(
        SchemaViolation(json_path(path, one["loc"]), expected_words(one)) for one in found if one["loc"] not in inner
    )
