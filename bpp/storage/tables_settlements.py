"""The tables of settlement: settlements, what was filed, runs; documents with the columns that queries need."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text, text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

OPEN = "state <> 'SETTLED' OR recon = 'SENT_PENDING'"
"""What is still to be gone on with. A query says it in these words, or its index is not used."""

settlements = Table(
    "settlements",
    metadata,
    Column("id", Text, primary_key=True),
    Column("order_ref", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("bap_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("recon", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("recon_message_id", Text, nullable=False),
    Column("ready_at", UtcMicros, nullable=False),
    Column("updated_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_settlements_order", "order_ref", "number"),
    Index("ix_settlements_open", "bap_id", "id", sqlite_where=text(OPEN), postgresql_where=text(OPEN)),
    Index("ix_settlements_ready", "ready_at", "id"),
    Index("ix_settlements_message", "message_id"),
    Index("ix_settlements_recon", "recon_message_id"),
)

filings = Table(
    "filings",
    metadata,
    Column("message_id", Text, primary_key=True),
    Column("transaction_id", Text, nullable=False),
    Column("agency", Text, nullable=False),  # empty: in a file
    Column("kind", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("answered_at", UtcMicros),
    Column("answer", Text, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_filings_transaction", "transaction_id"),
    Index("ix_filings_at", "at"),
)

settlement_runs = Table(
    "settlement_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("began_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_settlement_runs_began", "began_at"),
)
