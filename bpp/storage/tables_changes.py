"""The table of what was changed in the catalog of late, so that nobody has to read all of it for one worker."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, Text

from bpp.storage.tables import metadata

catalog_changes = Table(
    "catalog_changes",
    metadata,
    Column(
        "seq", BigInteger, primary_key=True, autoincrement=False
    ),  # given under the catalog's lock: no gaps, in order
    Column("version", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),  # the table; empty: nothing that has a row here, or all there is
    Column("id", Text, nullable=False),
    Index("ix_catalog_changes_version", "version"),
)
