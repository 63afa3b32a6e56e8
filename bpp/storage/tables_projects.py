"""The tables of project work: projects as documents with the columns that queries need, and their history."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from bpp.storage.tables import metadata
from bpp.storage.types import UtcMicros

projects = Table(
    "projects",
    metadata,
    Column("id", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("district", Text, nullable=False),
    Column("service_id", Text, nullable=False),
    Column("provider_id", Text, nullable=False),  # of the bid selected, else empty
    Column("phone", Text, nullable=False),
    Column("created_at", UtcMicros, nullable=False),
    Column("updated_at", UtcMicros, nullable=False),
    Column("doc", Text, nullable=False),
    Index("ix_projects_stage", "stage", "created_at"),
    Index("ix_projects_kind", "kind", "updated_at"),
)

project_events = Table(
    "project_events",
    metadata,
    Column("seq", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True, autoincrement=True),
    Column("project_id", Text, nullable=False),
    Column("at", UtcMicros, nullable=False),
    Column("event", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Index("ix_project_events_project", "project_id", "seq"),
)
