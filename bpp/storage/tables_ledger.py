"""The tables of the ledger: postings, their lines, added rates. Triggers let nothing be done to them but adding."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import SERIAL, metadata
from bpp.storage.types import UtcMicros

ledger_postings = Table(
    "ledger_postings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at", UtcMicros, nullable=False),
    Column("ref", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("memo", Text, nullable=False),
    Column("reverses", Text, nullable=False),
    Index("ix_ledger_postings_ref", "ref", "part"),
    Index("ix_ledger_postings_at", "at"),
)

ledger_lines = Table(
    "ledger_lines",
    metadata,
    Column("posting_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("party", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("paise", BigInteger, nullable=False),
    PrimaryKeyConstraint("posting_id", "number", name="pk_ledger_lines"),
    Index("ix_ledger_lines_account", "party", "party_id", "purpose"),
)

rates = Table(
    "rates",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("name", Text, nullable=False),
    Column("valid_from", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("base", Text, nullable=False),
    Column("scope", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("added_at", UtcMicros, nullable=False),
    Column("added_by", Text, nullable=False),
)

APPEND_ONLY = (ledger_postings, ledger_lines, rates)
"""Triggers of the migration refuse to change or remove a row of these."""
