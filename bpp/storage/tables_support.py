"""The table that says which programs may run on this schema (docs/scaling.md, "Old and new side by side")."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bpp.storage.tables import metadata

schema_support = Table(
    "schema_support",
    metadata,
    # A program whose newest revision is older than the newest of these must not run here. A revision that takes
    # something away adds its own; as long as none has, there are none.
    Column("oldest_revision", Text, primary_key=True),
)
