"""Nulls in messages: a key without a value says as little as no key."""

from __future__ import annotations

from typing import Any

Json = Any


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
