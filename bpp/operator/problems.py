"""What an operator is told when something cannot be done: one class, one JSON shape, one mapping from our errors.

Every answer of 400 and more is ``{"error": {"code", "message", "path", "allowed"}}``: ``path`` is where in the body
or query, ``allowed`` what could have been said instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bpp.core.slots import TOO_MANY_HELD
from bpp.errors import BppError, BusinessError, OrderBusy, Unavailable
from bpp.parties.states import NotPossible

UNPROCESSABLE = 422
CONFLICT = 409


class ErrorObject(BaseModel):
    """What was wrong."""

    model_config = ConfigDict(title="Error")

    code: str = Field(description="a stable word for programs", examples=["not_allowed"])
    message: str = Field(description="a sentence for people")
    path: str = Field(default="", description="the field of the body, or the parameter, that is meant")
    allowed: list[str] = Field(default=[], description="what would be possible instead: events, starts, ids")


class ErrorAnswer(BaseModel):
    """The body of every answer of 400 and more."""

    error: ErrorObject


class ApiProblem(Exception):
    """A request that is not carried out; ``status`` is the HTTP status. The text is safe to show."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        path: str = "",
        allowed: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.answer = ErrorAnswer(error=ErrorObject(code=code, message=message, path=path, allowed=list(allowed)))


def not_found(what: str, key: str) -> ApiProblem:
    """404: nothing of that id."""
    return ApiProblem(404, "not_found", f"no {what} {key!r}")


def invalid(message: str, *, path: str, allowed: Iterable[str] = ()) -> ApiProblem:
    """422: understood, but not acceptable."""
    return ApiProblem(UNPROCESSABLE, "invalid", message, path=path, allowed=allowed)


def of_error(error: BppError, *, allowed: Iterable[str] = (), path: str = "") -> ApiProblem:
    """How an error of the core leaves here, under the word for it.

    503 where we ourselves cannot work, 409 for what the order or the calendar forbids, else 422.
    """
    status = UNPROCESSABLE
    if isinstance(error, Unavailable):
        status = 503
    elif isinstance(error, BusinessError | OrderBusy):
        status = CONFLICT
    return ApiProblem(status, word_of(error), error.message, path=path or error.path, allowed=allowed)


def word_of(error: BppError) -> str:
    """The stable word for an error: its class in small letters, or a reason that asks for another step."""
    return error.reason if error.reason == TOO_MANY_HELD else snake_case(type(error).__name__)


def of_refusal(refusal: NotPossible) -> ApiProblem:
    """What providers and workers cannot do as things stand: 422 where a field is at fault, else 409."""
    status, code = (UNPROCESSABLE, "invalid") if refusal.path else (CONFLICT, "not_allowed")
    return ApiProblem(status, code, str(refusal), path=refusal.path, allowed=refusal.allowed)


def of_validation(error: ValidationError, *, tagged: bool = False) -> ApiProblem:
    """422 with every problem that was found; ``path`` is the first one's.

    ``tagged``: the model is a union told apart by a field, whose value leads each location.
    """
    faults = error.errors(include_url=False)
    found = [_problem(dict(one), tagged=tagged) for one in faults if not _follows(one["loc"], one["type"], faults)]
    (path, message, allowed), *others = found
    more = "".join(f"; {where}: {text}" for where, text, _ in others)
    return invalid(f"{message}{more}", path=path, allowed=allowed)


def _follows(location: Sequence[int | str], kind: str, faults: Sequence[Any]) -> bool:
    """Whether a list is called too short only because its elements, which are there, have faults of their own."""
    inside = (one["loc"] for one in faults if len(one["loc"]) > len(location))
    return kind == "too_short" and any(one[: len(location)] == location for one in inside)


def path_of(location: Sequence[int | str]) -> str:
    """``("lines", 0, "price")`` as ``lines[0].price``."""
    parts = (part for part in location if part != "[key]")  # pydantic's mark for the key of a mapping, not its value
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")


def snake_case(name: str) -> str:
    """``SlotUnavailable`` as ``slot_unavailable``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _problem(one: Mapping[str, Any], *, tagged: bool) -> tuple[str, str, list[str]]:
    location, context = one["loc"], one.get("ctx", {})
    if one["type"] in {"union_tag_invalid", "union_tag_not_found"}:
        field = str(context["discriminator"]).strip("'")
        tags = re.findall(r"'([^']*)'", str(context.get("expected_tags", "")))
        return field, "unknown " + field if tags else f"{field} is missing", tags
    if tagged:
        location = location[1:]
    if one["type"] == "extra_forbidden":
        return path_of(location), "there is no such field", []
    if one["type"] == "literal_error":
        return path_of(location), one["msg"], re.findall(r"'([^']*)'", str(context.get("expected", "")))
    return path_of(location), one["msg"].removeprefix("Value error, "), []
