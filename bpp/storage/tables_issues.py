"""The table of tickets: issues as documents, with the columns that queries need."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, Table, Text, UniqueConstraint, text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

RUNNING = "status IN ('OPEN', 'PROCESSING')"
"""Whose clock runs. A query says it in these words, or its index is not used."""

tickets = Table(
    "tickets",
    metadata,
    Column("ref", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("peer", Text, nullable=False),  # empty: a channel of ours
    Column("issue_id", Text, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("ours", Boolean, nullable=False),
    Column("status", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Column("updated_at", UtcMicros, nullable=False),
    Column("resolution_due", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    UniqueConstraint("peer", "issue_id", name="uq_tickets_network_id"),
    Index("ix_tickets_issue", "issue_id"),
    Index("ix_tickets_order", "order_ref"),
    Index("ix_tickets_due", "resolution_due", "ref", sqlite_where=text(RUNNING), postgresql_where=text(RUNNING)),
    Index("ix_tickets_created", "created_at", "ref"),
    Index("ix_tickets_provider", "provider_id", "created_at"),
    Index("ix_tickets_district", "district", "created_at"),
)
