"""From trusted JSON to a typed message: known odd spellings first, then the schema, then domain and version.

``READERS`` has those of the specifications beside the transaction's own, which spell and refuse in ways of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from beckn_schemas.base import SchemaViolation, read
from beckn_schemas.context import Context, Envelope
from beckn_schemas.igm import parse_igm
from beckn_schemas.igm_codes import IGM_ACTIONS
from beckn_schemas.requests import parse_request
from beckn_schemas.rsf_codes import RSF_RECEIVED
from beckn_schemas.rsf_received import parse_rsf
from beckn_schemas.rsf_sent import DOMAIN, VERSION
from bpp.actions.contract import Request
from bpp.domains.dialect import Dialect
from bpp.domains.normalize import normalize
from bpp.domains.profile import PROFILES
from bpp.domains.sightings import sightings
from bpp.errors import InvalidRequest
from bpp.issues.errors import IssueInvalid
from bpp.settlement.errors import SettlementInvalid

Reader = Callable[[str, dict[str, Any], Dialect], Request]


def decode(action: str, payload: dict[str, Any], dialect: Dialect, *, nulls: bool = True) -> Request:
    """Read a message as its peer spells it; ``nulls`` is False where its text has none, which spares a copy.

    Raises InvalidRequest (30000) with the JSON path and what was expected: for the schema, and for a domain or version
    that we do not serve, where ``search`` alone is silent instead (decision 3). Another specification's message is
    refused with that one's own codes.
    """
    reader = READERS.get(action)
    return _read(action, payload, dialect, nulls=nulls) if reader is None else reader(action, payload, dialect)


def _read(action: str, payload: dict[str, Any], dialect: Dialect, *, nulls: bool) -> Request:
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


def _read_issue(action: str, payload: dict[str, Any], dialect: Dialect) -> Request:
    """A message of grievances; raises IssueInvalid (IGM001)."""
    try:
        envelope = parse_igm(action, payload)
    except SchemaViolation as problem:
        raise IssueInvalid(f"{problem.expected} is expected", path=problem.path) from problem
    if envelope.context.domain not in PROFILES:
        raise IssueInvalid(f"one of {', '.join(PROFILES)} is expected", path="context.domain")
    return Request(envelope=envelope, raw=payload, original=payload, dialect=dialect)


def _read_settlement(action: str, payload: dict[str, Any], dialect: Dialect) -> Request:
    """A message of settlement; raises SettlementInvalid (70002)."""
    try:
        context = read(Context, payload["context"], "context")
        said = parse_rsf(action, payload)
    except SchemaViolation as problem:
        raise SettlementInvalid(f"{problem.expected} is expected", path=problem.path) from problem
    for name, expected in (("domain", DOMAIN), ("version", VERSION)):
        if getattr(context, name) != expected:
            raise SettlementInvalid(f'"{expected}" is expected', path=f"context.{name}")
    return Request(envelope=Envelope(context, said), raw=payload, original=payload, dialect=dialect)


READERS: Mapping[str, Reader] = {
    **dict.fromkeys(IGM_ACTIONS, _read_issue),
    **dict.fromkeys(RSF_RECEIVED, _read_settlement),
}
