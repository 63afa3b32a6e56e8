"""From trusted JSON to a typed message: known odd spellings first, then the schema, then domain and version."""

from __future__ import annotations

from typing import Any

from beckn_schemas.base import SchemaViolation
from beckn_schemas.requests import parse_request
from bpp.actions.contract import Request
from bpp.domains.dialect import Dialect
from bpp.domains.normalize import normalize
from bpp.domains.profile import PROFILES
from bpp.domains.sightings import sightings
from bpp.errors import InvalidRequest


def decode(action: str, payload: dict[str, Any], dialect: Dialect, *, nulls: bool = True) -> Request:
    """Read a message as its peer spells it; ``nulls`` is False where its text has none, which spares a copy.

    Raises InvalidRequest (30000) with the JSON path and what was expected: for the schema, and for a domain or version
    that we do not serve, where ``search`` alone is silent instead (decision 3).
    """
    try:
        raw = normalize(action, payload, dialect, nulls=nulls)
        envelope = parse_request(action, raw)
    except SchemaViolation as problem:
        raise InvalidRequest(f"{problem.expected} is expected", path=problem.path) from problem
    context = envelope.context
    profile = PROFILES.get(context.domain)
    if action != "search":
        if profile is None:
            raise InvalidRequest(f"one of {', '.join(PROFILES)} is expected", path="context.domain")
        if context.version != profile.version:
            raise InvalidRequest(f'"{profile.version}" is expected', path="context.version")
    shown = sightings(action, payload)
    return Request(envelope=envelope, raw=raw, original=payload, dialect=dialect, shown=shown, nulls=nulls)
