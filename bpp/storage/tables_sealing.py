"""The tables of the audit chain: seals, what was lawfully changed since, who seals, and the numbers of postings."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from bpp.storage.tables import SERIAL, metadata
from bpp.storage.types import UtcMicros

audit_seals = Table(
    "audit_seals",
    metadata,
    Column("number", BigInteger, primary_key=True, autoincrement=False),  # two cannot follow one: the chain is one line
    Column("at", UtcMicros, nullable=False),
    Column("source", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("oldest", UtcMicros, nullable=False),
    Column("newest", UtcMicros, nullable=False),
    Column("root", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Column("entries", LargeBinary, nullable=False),
    Column("salts", LargeBinary, nullable=False),
    Index("ix_audit_seals_source", "source", "last"),
)

audit_changes = Table(
    "audit_changes",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("at", UtcMicros, nullable=False),
    Column("kind", Text, nullable=False),  # words, rows or body
    Column("source", Text, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("left", Text, nullable=False),  # the digest of what is left of the words
    Column("salt", Text, nullable=False),  # its salt; empty once it was overtaken by another change
    Index("ix_audit_changes_source", "source", "first"),
)

audit_lease = Table(
    "audit_lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcMicros, nullable=False),
    Column("sealed_at", UtcMicros),  # all that was final then is sealed
)

ledger_numbers = Table(  # a trigger numbers each posting, whichever program makes it
    "ledger_numbers",
    metadata,
    Column("number", SERIAL, primary_key=True, autoincrement=True),
    Column("posting_id", Text, nullable=False),
    Index("ix_ledger_numbers_posting", "posting_id"),
)
