"""The table of full reads: who saw which record with the personal data in it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Table, Text

from bpp.storage.tables import SERIAL, metadata
from bpp.storage.types import UtcMicros

full_reads = Table(
    "full_reads",
    metadata,
    Column("seq", SERIAL, primary_key=True, autoincrement=True),
    Column("at", UtcMicros, nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Index("ix_full_reads_subject", "kind", "subject"),
    Index("ix_full_reads_at", "at"),
    Index("ix_full_reads_who", "who", "seq"),
)
