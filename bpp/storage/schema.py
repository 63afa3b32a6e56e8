"""All tables together: what a migrated database has."""

from __future__ import annotations

from bpp.storage import tables, tables_ledger, tables_payouts

__all__ = ["TABLES", "metadata"]

metadata = tables.metadata
TABLES = (tables, tables_ledger, tables_payouts)
"""The modules that declare tables; importing them is what puts their tables into ``metadata``."""
