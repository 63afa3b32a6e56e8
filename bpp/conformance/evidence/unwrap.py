"""Messages inside documents: alone, in lists, under names, wrapped with headers and answers, as text in JSON.

Every recorder has a wrapping of its own, so none is known by name: a message is whatever has a Beckn context, and what
stands beside it under well-known names is its header, its synchronous answer and its time.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import orjson
from multidict import CIMultiDict

from beckn_schemas.base import parse_timestamp
from bpp.conformance.record import Reply
from bpp.sandbox.exchange import Json, part

DEEPEST = 12
"""Wrappings inside one another that are looked into."""

_HEADERS = frozenset({"headers", "header", "reqheader", "reqheaders", "requestheaders"})
_REPLIES = frozenset({"response", "jsonresponse", "responsebody", "reply", "res", "ack", "sync"})
_STATUSES = frozenset({"httpstatus", "status", "statuscode", "httpstatuscode"})
_TIMES = frozenset({"timestamp", "createdat", "receivedat", "at", "time", "starteddatetime", "date"})
OK = 200
"""The HTTP status of an answer whose status nobody recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message and what was recorded beside it.

    ``where`` is its place inside the file, empty for the whole file. ``name`` is the nearest name it stands under.
    ``body`` are its bytes where they can be known, which is where it stands alone or as text.
    """

    document: Json = field(repr=False)
    where: str
    name: str
    body: bytes | None = field(default=None, repr=False)
    headers: Mapping[str, str] | None = field(default=None, repr=False)
    at: datetime | None = None
    reply: Reply | None = None

    @property
    def action(self) -> str:
        """What its context says it is, in lower case; an empty text where it does not."""
        return str(part(self.document, "context").get("action") or "").strip().lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    headers: Mapping[str, str] | None = None
    at: datetime | None = None
    reply: Reply | None = None


def messages_in(document: Any, body: bytes, name: str) -> Iterator[Found]:
    """The messages of a document that stands in ``body`` in a file called ``name``; synchronous answers are none."""
    yield from _messages(document, body, "", name, _Beside(), 0)


def is_message(value: Any) -> bool:
    """Whether it has a Beckn context and is no synchronous answer."""
    return _has_context(value) and not is_ack(value)


def is_ack(value: Any) -> bool:
    """Whether it is a synchronous answer: ``message.ack.status`` is its whole message."""
    return isinstance(value, dict) and set(part(value, "message")) == {"ack"}


def reply_in(value: Any, depth: int = 0) -> Reply | None:
    """The synchronous answer in what was recorded as a response; None where there is none."""
    inner = _as_json(value)
    if is_ack(inner):
        return Reply(status=OK, document=inner, headers=CIMultiDict(), elapsed=None)
    if not isinstance(inner, dict) or depth == DEEPEST or _has_context(inner):
        return None
    found = next((one for one in (reply_in(value, depth + 1) for value in inner.values()) if one), None)
    if found is None:
        return None
    return replace(found, status=_status(inner, found.status), headers=_headers(inner) or found.headers)


def _messages(value: Any, body: bytes | None, where: str, name: str, beside: _Beside, depth: int) -> Iterator[Found]:
    if is_message(value):
        yield Found(
            document=value,
            where=where,
            name=name,
            body=body,
            headers=beside.headers,
            at=beside.at,
            reply=beside.reply,
        )
    elif depth == DEEPEST or is_ack(value):
        return
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _messages(one, None, f"{where}[{number}]", name, _Beside(), depth + 1)
    elif isinstance(value, dict):
        inside = {key: _as_json(one) for key, one in value.items()}
        alone = sum(is_message(one) for one in inside.values()) <= 1  # else nobody knows whose headers these are
        here = _beside(value, beside) if alone else _Beside()
        for key, inner in inside.items():
            one = value[key]
            text = one.encode("utf-8", "surrogatepass") if inner is not one else None
            yield from _messages(inner, text, f"{where}.{key}".lstrip("."), key, here, depth + 1)


def _beside(wrapping: Mapping[str, Any], outer: _Beside) -> _Beside:
    replies = (reply_in(value) for key, value in wrapping.items() if _plain(key) in _REPLIES)
    reply = next((one for one in replies if one is not None), None)
    if reply is not None:
        reply = replace(reply, status=_status(wrapping, reply.status))
    return _Beside(
        headers=_headers(wrapping) or outer.headers,
        at=_time(wrapping) or outer.at,
        reply=reply or outer.reply,
    )


def _headers(wrapping: Mapping[str, Any]) -> Mapping[str, str] | None:
    for key, value in wrapping.items():
        if _plain(key) in _HEADERS:
            inner = _as_json(value)
            if isinstance(inner, dict):
                return CIMultiDict((str(name), str(one)) for name, one in inner.items())
            if isinstance(inner, list):  # as browsers export them: [{"name": …, "value": …}]
                pairs = [one for one in inner if isinstance(one, dict) and "name" in one]
                return CIMultiDict((str(one["name"]), str(one.get("value", ""))) for one in pairs)
        if _plain(key) == "authorization" and isinstance(value, str):
            return CIMultiDict({"Authorization": value})
    return None


def _status(wrapping: Mapping[str, Any], otherwise: int) -> int:
    for key, value in wrapping.items():
        if _plain(key) in _STATUSES and str(value).isdecimal():
            return int(value)
    return otherwise


def _time(wrapping: Mapping[str, Any]) -> datetime | None:
    for key, value in wrapping.items():
        if _plain(key) in _TIMES and isinstance(value, str):
            try:
                return parse_timestamp(value)
            except ValueError:
                continue
    return None


def _has_context(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    context = part(value, "context")
    return any(isinstance(context.get(key), str) for key in ("action", "transaction_id", "message_id"))


def _as_json(value: Any) -> Any:
    """What a text says, where it is a JSON object or array; anything else as it is."""
    if not isinstance(value, str) or value.lstrip()[:1] not in ("{", "["):
        return value
    try:
        return orjson.loads(value)
    except (orjson.JSONDecodeError, UnicodeEncodeError):
        return value


def _plain(key: str) -> str:
    return "".join(letter for letter in key.lower() if letter.isalpha())


def written(document: Any) -> bytes:
    """Bytes for a message that was recorded inside something else; nobody knows those that were sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
