"""The unit of the benchmark: the CPU of what no signed round trip can do without.

A pair is {BLAKE2b of a 3 KB request and its Ed25519 verification} and {BLAKE2b of a 3 KB callback and its signature}.
It is measured in every round while the other core works as well, so that what slows the machine slows both.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from signing.keys import SigningKey
from signing.signature import made

BODY = bytes(range(256)) * 12
"""3,072 bytes, as long as the select of the load."""

_KEY = SigningKey(hashlib.sha256(b"bench").digest())
_TEXT = b"(created): 1700000000\n(expires): 1700000300\ndigest: BLAKE-512=" + b"A" * 86 + b"=="
_SIGNATURE = _KEY.sign(_TEXT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """How often something was done, and the CPU and the time by the clock that it took, in seconds."""

    count: int
    cpu: float
    seconds: float

    @property
    def each(self) -> float:
        """CPU seconds of one."""
        return self.cpu / self.count


def one_signature_check() -> None:
    """The Ed25519 verification alone."""
    if not made(_TEXT, _SIGNATURE, _KEY.public_key):
        raise AssertionError("the benchmark's own signature does not hold")


def one_verify() -> None:
    """The incoming half."""
    hashlib.blake2b(BODY, digest_size=64).digest()
    one_signature_check()


def one_sign() -> None:
    """The outgoing half."""
    hashlib.blake2b(BODY, digest_size=64).digest()
    _KEY.sign(_TEXT)


def one_pair() -> None:
    """Both halves."""
    one_verify()
    one_sign()


def repeat(what: Callable[[], object], seconds: float) -> Measured:
    """Do something over and over for so long by the clock; at least once."""
    started, used, count = time.perf_counter(), time.thread_time(), 0
    while True:
        what()
        count += 1
        passed = time.perf_counter() - started
        if passed >= seconds:
            return Measured(count=count, cpu=time.thread_time() - used, seconds=passed)
