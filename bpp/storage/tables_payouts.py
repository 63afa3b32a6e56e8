"""The tables of money that left and came in: payout runs with their lines, and receipts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

payout_runs = Table(
    "payout_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("until", UtcMicros, nullable=False),
    Column("minimum_paise", BigInteger, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Index("ix_payout_runs_at", "at"),
)

payout_lines = Table(
    "payout_lines",
    metadata,
    Column("run_id", Text, nullable=False),
    Column("party", Text, nullable=False),
    Column("party_id", Text, nullable=False),
    Column("paise", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("posting_id", Text, nullable=False),
    Column("reversal_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    PrimaryKeyConstraint("run_id", "party", "party_id", name="pk_payout_lines"),
    Index("ix_payout_lines_party", "party", "party_id"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("kind", Text, nullable=False),
    Column("payer", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("posting_id", Text, nullable=False),
    Column("recorded_by", Text, nullable=False),
    Column("doc", Text, nullable=False),
    PrimaryKeyConstraint("kind", "payer", "reference", name="pk_receipts"),
    Index("ix_receipts_at", "at", "posting_id"),
)
