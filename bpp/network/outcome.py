"""What became of one attempt to deliver a message, and how a peer's synchronous answer is read.

Peers answer 401 with bodies that are no NACK, and 200 with bodies that are one; so both the status and the body count.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import orjson

MAX_MESSAGE = 500
"""Longest error text of a peer that is kept, in characters; the whole answer is kept beside it."""
OK, REDIRECTION, SERVER_ERROR = 200, 300, 500
TRANSIENT = frozenset({408, 429})
"""Request Timeout, Too Many Requests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """``answer`` is the body as far as it was read, ``duration`` how long the attempt took."""

    status: int | None = None
    answer: bytes = b""
    duration: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acked(_Attempt):
    """The peer took the message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nacked(_Attempt):
    """The peer read the message and refused it. ``code`` is the published code, or empty if it named none."""

    code: str
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered(_Attempt):
    """Some HTTP answer that neither takes nor refuses the message. ``retry_after`` is what the peer asked for."""

    status: int
    retry_after: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable(_Attempt):
    """No complete answer.

    ``reason`` is one word: ``forbidden_url``, ``forbidden_address``, ``dns``, ``connection``, ``tls``, ``timeout``,
    ``disconnected``, ``stopped`` (by ourselves). ``detail`` is for the operator. After the two forbidden ones another
    attempt is pointless.
    """

    reason: str
    detail: str = ""


Outcome = Acked | Nacked | Answered | Unreachable


def read_answer(
    status: int, answer: bytes, *, retry_after: timedelta | None = None, duration: timedelta = timedelta()
) -> Outcome:
    """Judge a complete HTTP answer.

    A readable ACK counts with a 2xx only. A readable NACK counts with any status but 408, 429 and 5xx: there the peer
    speaks of itself and not of the message, so the status decides. Read tolerantly, as peers write it: the answer may
    be wrapped in ``sync``, the word in any case, the code a number, further keys anywhere.
    """
    acknowledgement, code, message = _acknowledgement(answer)
    transient = status in TRANSIENT or status >= SERVER_ERROR
    if acknowledgement == "NACK" and not transient:
        return Nacked(status=status, answer=answer, duration=duration, code=code, message=message)
    if acknowledgement == "ACK" and OK <= status < REDIRECTION:
        return Acked(status=status, answer=answer, duration=duration)
    return Answered(status=status, answer=answer, duration=duration, retry_after=retry_after)


def _acknowledgement(answer: bytes) -> tuple[str, str, str]:
    """ACK, NACK or nothing; the error's code; its text."""
    try:
        body = orjson.loads(answer)
    except orjson.JSONDecodeError:
        return "", "", ""
    outer = body if isinstance(body, dict) else {}
    wrapped = outer.get("sync")
    inner = wrapped if isinstance(wrapped, dict) else outer
    word = _dict(_dict(inner.get("message")).get("ack")).get("status")
    error = _dict(inner.get("error")) or _dict(outer.get("error")) or _dict(_dict(inner.get("message")).get("error"))
    code, message = error.get("code"), error.get("message")
    return (
        word.strip().upper() if isinstance(word, str) else "",
        str(code) if isinstance(code, (str, int)) else "",
        message[:MAX_MESSAGE] if isinstance(message, str) else "",
    )


def _dict(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}
