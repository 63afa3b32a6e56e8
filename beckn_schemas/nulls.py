"""Nulls in messages: a key without a value says as little as no key."""

from __future__ import annotations

import re
from typing import Any

Json = Any
_NULL = re.compile(b"null")  # finds a word faster than ``in``


def says_null(body: bytes) -> bool:
    """Whether the JSON of a message may have a null; False only where there is none for certain."""
    return _NULL.search(body) is not None


def without_null_members(value: Json) -> Json:
    """A JSON value whose objects have no nulls; those of lists stay, since each stands in a place."""
    if isinstance(value, dict):
        return {key: without_null_members(part) for key, part in value.items() if part is not None}
    if isinstance(value, list):
        return [without_null_members(part) for part in value]
    return value


def without_nulls(value: Json) -> Json:
    """A JSON value as it is echoed: no nulls in it, in objects or lists (assertion 59)."""
    if isinstance(value, dict):
        return {key: without_nulls(part) for key, part in value.items() if part is not None}
    if isinstance(value, (list, tuple)):
        return [without_nulls(part) for part in value if part is not None]
    return value
