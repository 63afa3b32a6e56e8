"""Everything that is wrong with a request at once, for whoever mends it; a receiver stops at the first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from beckn_schemas.base import SchemaViolation, faults
from beckn_schemas.context import Context
from beckn_schemas.requests import MESSAGES, part_of


def request_faults(action: str, payload: Mapping[str, Any]) -> tuple[SchemaViolation, ...]:
    """Everything for which ``parse_request`` would refuse a payload after normalisation; it raises the first."""
    model = MESSAGES.get(action)
    if model is None:
        return (SchemaViolation("context.action", f"one of {', '.join(MESSAGES)}"),)
    found: list[SchemaViolation] = []
    for key, shape in (("context", Context), ("message", model)):
        try:
            found += faults(shape, part_of(payload, key), key)
        except SchemaViolation as missing:
            found.append(missing)
    return tuple(found)
