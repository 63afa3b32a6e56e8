"""The tables of network observability: how far the log was told, how much of each day, and what was refused."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

observability_cursor = Table(
    "observability_cursor",
    metadata,
    Column("reader", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("holder", Text, nullable=False),
    Column("leased_until", UtcMicros),
    Column("failures", Integer, nullable=False),
    Column("not_before", UtcMicros),
    Column("reason", Text, nullable=False),
    Column("moved_at", UtcMicros),
)

observability_days = Table(
    "observability_days",
    metadata,
    Column("day", Text, primary_key=True),
    Column("pushed", BigInteger, nullable=False),
    Column("warned", BigInteger, nullable=False),
    Column("refused", BigInteger, nullable=False),
)

observability_refusals = Table(
    "observability_refusals",
    metadata,
    Column("seq", BigInteger, nullable=False),
    Column("part", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("type", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("refused_at", UtcMicros, nullable=False),
    Column("again", Boolean, nullable=False),
    PrimaryKeyConstraint("seq", "part", name="pk_observability_refusals"),
    Index("ix_observability_refusals_at", "at"),
    Index("ix_observability_refusals_again", "again", "seq"),
)
