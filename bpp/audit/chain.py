"""Seals: each covers the next rows of one table, and names the seal before it. Pure; SHA-256 throughout.

The theory. A seal lists of each row its number, the digest of its facts, and the digest of its words under a salt that
only this row has. The root is the digest of that list, and the seal's hash covers root, range, time and the hash of the
seal before. When words are forgotten their salt is thrown away: the list still proves what the row was called, and
nobody can try out names and numbers against it.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import orjson

from bpp.audit.sources import Record, Source

_ENTRY = struct.Struct(">q32s32s")
SALT = 16
NO_SALT = bytes(SALT)
NO_WORDS = bytes(32)
_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
BEFORE_ALL = ""
"""The hash that the first seal names as the one before it."""

Randomness = Callable[[int], bytes]
"""So many random bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """One link: the rows ``first`` to ``last`` of a source, ``rows`` in number, dated ``oldest`` to ``newest``.

    Numbers may be missing from the range: not every number that was given became a row. ``root`` and the hashes are
    hexadecimal.
    """

    number: int
    at: datetime
    source: str
    first: int
    last: int
    rows: int
    oldest: datetime
    newest: datetime
    root: str
    previous: str
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A seal with its list: ``entries`` as the root covers them, ``salts`` beside them, of which each may go."""

    seal: Seal
    entries: bytes
    salts: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """What a seal says of a row. No words: ``words`` and ``salt`` are zeros; words forgotten: ``salt`` is."""

    number: int
    facts: bytes
    words: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The newest seal, as it is kept elsewhere: ``17:2f0c...``."""

    number: int
    hash: str

    def __str__(self) -> str:
        return f"{self.number}:{self.hash}"


def head_of(text: str) -> Head:
    """The head that was written so. Raises ValueError for anything else."""
    number, _, digest = text.strip().partition(":")
    if not number.isdecimal() or len(digest) != hashlib.sha256().digest_size * 2:
        raise ValueError("the number of a seal, a colon and its hash are expected")
    return Head(int(number), digest)


def sealed(
    source: Source,
    span: tuple[int, int],
    records: Sequence[Record],
    *,
    before: Head | None,
    at: datetime,
    random: Randomness,
) -> Sealed:
    """The next seal: over all rows of a source with numbers in ``span``, first and last, in order.

    ``before`` is the head of the chain. Without rows it is dated by the moment of the sealing.
    """
    entries, salts = [], []
    for one in records:
        salt = random(SALT) if source.words else NO_SALT
        words = words_digest(one.words, salt) if source.words else NO_WORDS
        entries.append(_ENTRY.pack(one.number, facts_digest(one.facts), words))
        salts.append(salt)
    moments = [one.at for one in records] or [at]
    listed = b"".join(entries)
    seal = Seal(
        number=before.number + 1 if before else 1,
        at=at,
        source=source.table,
        first=span[0],
        last=span[1],
        rows=len(records),
        oldest=min(moments),
        newest=max(moments),
        root=root_of(listed),
        previous=before.hash if before else BEFORE_ALL,
        hash="",
    )
    return Sealed(
        seal=replace(seal, hash=hash_of(seal)), entries=listed, salts=b"".join(salts) if source.words else b""
    )


def hash_of(seal: Seal) -> str:
    """The hash that a seal must have."""
    moments = [(one - _EPOCH) // _MICROSECOND for one in (seal.at, seal.oldest, seal.newest)]
    said = [seal.number, seal.source, seal.first, seal.last, seal.rows, *moments, seal.root, seal.previous]
    return hashlib.sha256(orjson.dumps(said)).hexdigest()


def root_of(entries: bytes) -> str:
    """The root of a seal's list."""
    return hashlib.sha256(entries).hexdigest()


def entries_of(one: Sealed) -> Iterator[Entry]:
    """What a seal says of its rows, in order. Raises ValueError where the list is not as long as it says."""
    salted = bool(one.salts)
    count = one.seal.rows
    if len(one.entries) != count * _ENTRY.size or (salted and len(one.salts) != count * SALT):
        raise ValueError("the list of a seal is not as long as the seal says")
    for index, (number, facts, words) in enumerate(_ENTRY.iter_unpack(one.entries)):
        salt = one.salts[index * SALT : (index + 1) * SALT] if salted else NO_SALT
        yield Entry(number, facts, words, salt)


def facts_digest(facts: bytes) -> bytes:
    """What a seal lists of a row's facts."""
    return hashlib.sha256(facts).digest()


def words_digest(words: bytes, salt: bytes) -> bytes:
    """What a seal lists of a row's words: without the salt nobody can try out what they were."""
    return hmac.digest(salt, words, "sha256")


def without_salts(one: Sealed, numbers: frozenset[int]) -> bytes:
    """The salts of a seal without those of some rows, whose words have been forgotten."""
    if not one.salts:
        return one.salts
    return b"".join(NO_SALT if entry.number in numbers else entry.salt for entry in entries_of(one))
