"""A row of the log of messages as what is told of it: the message, and its synchronous answer. Pure.

Each is exactly ``{"type": T, "data": {context, message, error?}}`` (network.md 3.1). Every attempt of a callback is
told as it ended, for each was a request that crossed the network; a repetition that we merely acknowledged again is in
no row, and so is not told again (ADR 55).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final

import orjson

from beckn_schemas.ack import ack
from bpp.observability.masking import Masker
from bpp.observability.outcome import Ended, Failure, domain, ended
from bpp.observability.types import answer_to
from bpp.storage.ports_observability import Exchange, Part

_IDENTITY_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is pushed at once. ``lane``: of one transaction one is pushed after the other.

    ``identity`` is the same whenever the same is pushed again, by whatever process: it says so to who can tell. ``at``
    is the message's time, which decides the day that it counts for.
    """

    seq: int
    part: Part
    at: datetime
    type: str
    lane: str
    identity: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries of the log in order, and the row up to which there are no others; ``more`` rows wait behind it."""

    entries: Sequence[Entry]
    end: int
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """How rows become entries: the actions that are told, the masker, and whose log it is."""

    actions: Collection[str]
    masker: Masker
    subscriber_id: str


def entries_of(row: Exchange, telling: Telling) -> tuple[Entry, ...]:
    """What is told of a row, in order; nothing of other actions, of strangers, and of what was no message.

    Of a stranger's message, which our door refused unread, there is no body; neither is there of one that was erased.
    """
    if row.action not in telling.actions:
        return ()
    document = _json(row.body)
    how = ended(row.http_status, row.answer, row.outcome)
    if how is None or not isinstance(document, dict) or not isinstance(document.get("context"), dict):
        return ()
    return tuple(_entry(row, part, data, telling) for part, data in _parts(document, how))


def _parts(document: Mapping[str, Any], how: Ended) -> Iterator[tuple[Part, dict[str, Any]]]:
    """The data of the message and, where there was one, of its answer."""
    context, message, error = (document.get(name) for name in ("context", "message", "error"))
    request: dict[str, Any] = {"context": context, "message": message if message is not None else {}}
    if how.acknowledged is None:
        yield "request", request | _error(how.failure)
        return
    yield "request", request | (_error(domain(_code(error))) if isinstance(error, dict) and error else {})
    answer = ack() if how.acknowledged else {"message": {"ack": {"status": "NACK"}}}
    yield "response", {"context": context, **answer, **_error(how.failure)}


def _error(failure: Failure | None) -> dict[str, Any]:
    return {} if failure is None else {"error": asdict(failure)}


def _code(error: Mapping[str, Any]) -> str:
    code = error.get("code")
    return str(code) if isinstance(code, str | int) else ""


def _entry(row: Exchange, part: Part, data: dict[str, Any], telling: Telling) -> Entry:
    error = {"error": data.pop("error")} if "error" in data else {}  # ours, with published words
    masked = telling.masker.message(data, row.transaction_id) | error
    name = row.action if part == "request" else answer_to(row.action)
    return Entry(
        seq=row.seq,
        part=part,
        at=row.at,
        type=name,
        lane=row.transaction_id,
        identity=_identity(telling.subscriber_id, row, part),
        body=orjson.dumps({"type": name, "data": masked}),
    )


def _identity(subscriber_id: str, row: Exchange, part: Part) -> str:
    """With the time, since a database that came back from a backup gives its numbers a second time."""
    said = f"{subscriber_id}\n{row.seq}\n{row.at.isoformat()}\n{part}"
    return blake2b(said.encode(), digest_size=_IDENTITY_BYTES).hexdigest()


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
