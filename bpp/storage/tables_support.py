"""The table that says which programs may run on this schema (docs/scaling.md, "Old and new side by side")."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text

from bpp.storage.tables import metadata

schema_support = Table(
    "schema_support",
    metadata,
    # One row: a program whose newest revision is older than this must not run here. A revision that takes something
    # away moves it.
    Column("oldest_revision", Text, primary_key=True),
)
