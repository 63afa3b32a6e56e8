"""The one-time password with which a customer lets a worker start: derived, never stored (decision 14)."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Otp:
    """Which token is in force: its serial, from when until when, and the wrong tries so far."""

    serial: int
    valid_from: datetime
    valid_to: datetime
    tries: int = 0


def token(secret: bytes, ref: str, fulfillment_id: str, serial: int) -> str:
    """The token of a serial: ``DIGITS`` decimal digits out of an HMAC over order, fulfillment and serial."""
    mac = hmac.new(secret, f"{ref}\n{fulfillment_id}\n{serial}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(mac[:8], 'big') % 10**DIGITS:0{DIGITS}d}"


def next_serial(secret: bytes, ref: str, fulfillment_id: str, serial: int) -> int:
    """The serial after one, whose token is another: of ten thousand tokens the next is sometimes the same by chance."""
    before, after = token(secret, ref, fulfillment_id, serial), serial + 1
    while token(secret, ref, fulfillment_id, after) == before:
        after += 1
    return after


def matches(expected: str, given: str) -> bool:
    """Compare tokens in constant time."""
    return hmac.compare_digest(expected.encode(), given.strip().encode())


def document_key(secret: bytes, ref: str, which: str = "documents") -> str:
    """The unguessable part of the address of an order's documents; ``which`` tells those apart that have their own."""
    return hmac.new(secret, f"{ref}\n{which}".encode(), hashlib.sha256).hexdigest()[:32]
