"""The tables of the ledger: postings and their lines, to which nothing is ever done but adding."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
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
