"""The table of unserved demand: counts, never a search."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bpp.storage.tables import metadata

unserved_demand = Table(
    "unserved_demand",
    metadata,
    Column("day", Text, nullable=False),
    Column("hour", Integer, nullable=False),
    Column("channel", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("searches", Integer, nullable=False),
    PrimaryKeyConstraint(
        "day", "hour", "channel", "district", "area_code", "service_id", "reason", name="pk_unserved_demand"
    ),
    Index("ix_unserved_demand_district", "district", "day"),
)
