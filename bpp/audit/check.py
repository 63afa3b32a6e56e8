"""What of a chain and of what it covers no longer holds. Pure: rows and seals come in, faults come out."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bpp.audit.chain import (
    BEFORE_ALL,
    NO_SALT,
    Entry,
    Head,
    Seal,
    Sealed,
    entries_of,
    facts_digest,
    hash_of,
    root_of,
    words_digest,
)
from bpp.audit.sources import MESSAGES, SOURCES, Record


@dataclass(frozen=True, slots=True)
class Fault:
    """What does not hold: of a table, or of the seals themselves, and the number of the row."""

    table: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.table} {self.number}: {self.text}"


SEALS = "audit_seals"


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a row's words since some were taken out, as a digest under a salt."""

    digest: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows that were dropped as a whole, and when that was sealed."""

    first: int
    last: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Lawful:
    """What the chain says was done to a part of a source since it was sealed."""

    left: Mapping[int, Left] = field(default_factory=dict)
    dropped: Sequence[Dropped] = ()
    emptied: frozenset[int] = frozenset()
    """Messages whose bodies were erased before their time, for the one whom they speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptBody:
    """A body that the log names: the digest under which it is kept, and the digest of what is there now.

    ``actual`` is None where nothing is; ``changed_at`` says when it was masked or erased.
    """

    number: int
    at: datetime
    digest: str
    actual: str | None
    changed_at: datetime | None


@dataclass(slots=True)
class Walk:
    """Where a walk along the chain stands: the last seal, and of each source the last number that is sealed."""

    head: Head | None = None
    last: dict[str, int] = field(default_factory=dict)
    rows: int = 0


def check_seal(one: Sealed, walk: Walk) -> Iterator[Fault]:
    """A seal against the one before it and against itself; the walk goes on to it."""
    seal, before = one.seal, walk.head
    expected = before.number + 1 if before else 1
    if seal.number != expected:
        yield Fault(SEALS, expected, "is missing")
    if seal.previous != (before.hash if before else BEFORE_ALL):
        yield Fault(SEALS, seal.number, "does not follow the seal before it")
    if seal.hash != hash_of(seal):
        yield Fault(SEALS, seal.number, "was changed: its hash is another")
    if seal.root != root_of(one.entries):
        yield Fault(SEALS, seal.number, "its list of rows was changed")
    if seal.source not in SOURCES:
        yield Fault(SEALS, seal.number, f"seals {seal.source!r}, which is not known here")
    elif seal.first != walk.last.get(seal.source, 0) + 1 or seal.last < seal.first:
        yield Fault(SEALS, seal.number, f"leaves out rows of {seal.source}, or seals some twice")
    walk.head = Head(seal.number, seal.hash)
    walk.last[seal.source] = seal.last
    walk.rows += seal.rows


def check_rows(
    one: Sealed, records: Sequence[Record], lawful: Lawful, least_kept: timedelta, now: datetime
) -> Iterator[Fault]:
    """The rows that are there now, in order, against what a seal says of them.

    ``least_kept`` is how old a row must be before it may be dropped.
    """
    try:
        entries = list(entries_of(one))
    except ValueError as problem:
        yield Fault(SEALS, one.seal.number, str(problem))
        return
    source = SOURCES[one.seal.source]
    salted = bool(one.salts)
    if salted != bool(source.words and entries):
        yield Fault(SEALS, one.seal.number, "its salts are gone")
    there = {record.number: record for record in records}
    known = {entry.number for entry in entries}
    for number in sorted(known | there.keys()):
        if number not in known:
            yield Fault(source.table, number, "was added after its range was sealed")
    for entry in entries:
        record = there.get(entry.number)
        if record is None:
            fault = _missing(entry, one.seal, lawful, least_kept, now) if source.drops else "is missing"
        else:
            fault = _changed(entry, record, lawful) if source.words else _facts(entry, record)
        if fault:
            yield Fault(source.table, entry.number, fault)


def check_bodies(
    bodies: Sequence[KeptBody], emptied: frozenset[int], least_kept: timedelta, now: datetime
) -> Iterator[Fault]:
    """Bodies that are still whole against the digests of the log, and those that are not against their time."""
    for one in bodies:
        if one.changed_at is not None:
            age = one.changed_at - one.at  # negative: it had been erased before somebody said it again
            early = timedelta() <= age < least_kept and one.number not in emptied
            if early or one.changed_at > now:
                yield Fault(MESSAGES, one.number, "its body was masked or erased before its time")
        elif one.actual is None:
            yield Fault(MESSAGES, one.number, "its body is gone")
        elif one.actual != one.digest:
            yield Fault(MESSAGES, one.number, "its body was changed: its digest is another")


def check_head(kept: Head, seal: Seal | None) -> Fault | None:
    """The seal of a number against the head that was kept elsewhere."""
    if seal is None:
        return Fault(SEALS, kept.number, "is missing: the head that was kept elsewhere names it")
    if not hmac.compare_digest(seal.hash, kept.hash):
        return Fault(SEALS, kept.number, "is another than the head that was kept elsewhere: the chain was written anew")
    return None


def _missing(entry: Entry, seal: Seal, lawful: Lawful, least_kept: timedelta, now: datetime) -> str:
    """Nothing where a row was dropped in its time. A seal covers minutes, so its oldest row speaks for all."""
    for one in lawful.dropped:
        if one.first <= entry.number <= one.last:
            return "" if seal.oldest + least_kept <= one.at <= now else "was dropped before its time"
    return "is missing"


def _facts(entry: Entry, record: Record) -> str:
    return "" if entry.facts == facts_digest(record.facts) else "was changed"


def _changed(entry: Entry, record: Record, lawful: Lawful) -> str:
    if fault := _facts(entry, record):
        return fault
    left = lawful.left.get(entry.number)
    if left is not None:
        return "" if words_digest(record.words, left.salt) == left.digest else "what was left of its words was changed"
    if entry.salt == NO_SALT:
        return "its words cannot be checked: their salt is gone, and nothing says that they were taken out"
    return "" if words_digest(record.words, entry.salt) == entry.words else "its words were changed"
