"""How an exchange ended, as network observability has it: taken, DOMAIN-ERROR or TECH-ERROR. Pure.

Source: network.md 3.1. A NACK is a DOMAIN-ERROR with its code, told with the answer. An HTTP status of 400 and more
(whatever its body says), an answer that is neither yes nor no, and none at all are a TECH-ERROR, told with the message:
there was no answer of the protocol's. A timeout has no status; we say the one that HTTP has for it (ADR 55).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal

from beckn_schemas.ack import ERROR_CODES
from bpp.network.outcome import Acked, Nacked, read_answer

ErrorType = Literal["DOMAIN-ERROR", "TECH-ERROR"]
LEAST_ERROR: Final = 400
NEVER_SENT: Final = frozenset({"forbidden_url", "forbidden_address", "stopped"})
"""Why an attempt of ours ended that says nothing of the network: it did not begin, or we broke it off."""
NO_ANSWER: Final[Mapping[str, int]] = {"timeout": HTTPStatus.GATEWAY_TIMEOUT.value}
"""The status that is said where there was none, by the reason; for any other reason ``UNREACHABLE``."""
UNREACHABLE: Final = HTTPStatus.SERVICE_UNAVAILABLE.value
PHRASES: Final[Mapping[int, str]] = {one.value: one.phrase for one in HTTPStatus if one >= LEAST_ERROR}
NEITHER: Final = "neither ACK nor NACK"


@dataclass(frozen=True, slots=True)
class Failure:
    """``error`` of what is told. ``message`` has no words but those that HTTP or the network publish for the code."""

    type: ErrorType
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """How an exchange ended. ``acknowledged`` is None where there was no answer of the protocol's to tell."""

    acknowledged: bool | None
    failure: Failure | None = None


def ended(status: int | None, answer: bytes, word: str) -> Ended | None:
    """What is told of an exchange; None where the message never went out.

    ``status`` is HTTP's, None where no whole answer came; ``answer`` is its body; ``word`` is what the log says of the
    attempt, as ``timeout: …``.
    """
    if status is None:
        reason = word.partition(":")[0]
        return None if reason in NEVER_SENT else Ended(None, technical(NO_ANSWER.get(reason, UNREACHABLE)))
    match read_answer(status, answer):
        case Acked():
            return Ended(acknowledged=True)
        case Nacked(code=code) if status < LEAST_ERROR:
            return Ended(acknowledged=False, failure=domain(code))
        case _:
            return Ended(None, technical(status))


def domain(code: str) -> Failure:
    """A refusal or a business error by its code, in a NACK or in a callback."""
    known = ERROR_CODES.get(code)
    return Failure("DOMAIN-ERROR", code, known.message if known else "")


def technical(status: int) -> Failure:
    """What an HTTP status means that took a message neither in nor away."""
    return Failure("TECH-ERROR", str(status), PHRASES.get(status, NEITHER))
