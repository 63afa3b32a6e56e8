"""The table of the choices of workers."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

assignments = Table(
    "assignments",
    metadata,
    Column("slot_ref", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("order_ref", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    PrimaryKeyConstraint("slot_ref", "number", name="pk_assignments"),
    Index("ix_assignments_order", "order_ref"),
    Index("ix_assignments_at", "at"),
)
