"""What goes back and forth, as it was: what was sent, its synchronous answer, and the callbacks that came."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from beckn_schemas.ack import ack, nack

Json = dict[str, Any]
TO_AGENCY = frozenset({"settle", "report"})
"""What a participant says to the settlement agency."""


def parsed(body: bytes) -> Json:
    """A body as a JSON object; an empty one where it is none."""
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return document if isinstance(document, dict) else {}


def part(document: Mapping[str, Any], key: str) -> Json:
    """An object inside an object; an empty one where there is none."""
    value = document.get(key)
    return value if isinstance(value, dict) else {}


def sellers_key(action: str) -> str:
    """Which key of the context names a seller app as the sender: the bap of what goes to an agency (network 2.1)."""
    return "bap_id" if action in TO_AGENCY else "bpp_id"


class Spoken:
    """What any message says, read from its ``document``: the parts that are not there are empty."""

    __slots__ = ()
    document: Json

    @property
    def context(self) -> Json:
        """Who, to whom, when."""
        return part(self.document, "context")

    @property
    def message(self) -> Json:
        """What is said."""
        return part(self.document, "message")

    @property
    def order(self) -> Json:
        """``message.order``, empty where there is none."""
        return part(self.message, "order")

    @property
    def error(self) -> Json:
        """``error`` beside the message, empty where there is none."""
        return part(self.document, "error")

    @property
    def error_code(self) -> str:
        """The code of the error, or an empty text."""
        return str(self.error.get("code", ""))

    @property
    def transaction_id(self) -> str:
        """The conversation it belongs to."""
        return str(self.context.get("transaction_id", ""))

    @property
    def message_id(self) -> str:
        """A callback that answers has its request's."""
        return str(self.context.get("message_id", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Message(Spoken):
    """A message either way: ``body`` are the exact bytes, ``document`` the same as JSON (empty if it is none)."""

    action: str
    url: str
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    at: datetime
    document: Json = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent(Message):
    """A message that we sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncAnswer:
    """What came back on the same connection.

    ``left`` is when the request was sent and ``arrived`` when the headers of the answer came, in seconds of the event
    loop's time.
    """

    request: Sent
    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    left: float
    arrived: float

    @property
    def document(self) -> Json:
        """The answer as JSON; the wrapping in ``sync`` that some participants use is taken off (protocol 7)."""
        document = parsed(self.body)
        return part(document, "sync") or document

    @property
    def acked(self) -> bool:
        """Whether the message was taken in: an HTTP 200 whose body is a NACK is a refusal."""
        wanted = part(part(self.document, "message"), "ack").get("status")
        return self.status == 200 and wanted == "ACK"  # noqa: PLR2004  # HTTP's own number

    @property
    def error(self) -> Json:
        """The error of a NACK, empty where there is none."""
        return part(self.document, "error")

    @property
    def error_code(self) -> str:
        """The code of the error, or an empty text."""
        return str(self.error.get("code", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """How a buyer answers a callback: the scripted behaviours of a peer.

    It waits for the event ``until`` and then ``delay`` seconds, and answers ``status`` and ``body``; with ``hangs`` it
    never answers, with ``drops`` it closes the connection instead.
    """

    status: int = 200
    body: bytes = orjson.dumps(ack())
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    until: asyncio.Event | None = None
    hangs: bool = False
    drops: bool = False


ACKED = Answer()


def nacked(code: str, message: str = "", *, status: int = 200) -> Answer:
    """A refusal with one of the published codes."""
    return Answer(status=status, body=orjson.dumps(nack(code, message)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback(Message):
    """A message that came to us. Every delivery is one, a repeated one too.

    ``number`` is the order of arrival, from 1; ``arrived`` the event loop's time in seconds. ``problem`` says why it
    was refused (a reason of ``SignatureError``, ``sender``, ``action`` or ``not_json``), empty where the signature
    held. ``answer`` is how we answered.
    """

    number: int
    arrived: float
    problem: str
    answer: Answer = field(repr=False)
