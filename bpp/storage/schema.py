"""All tables together: what a migrated database has."""

from __future__ import annotations

from bpp.storage import (
    tables,
    tables_assignments,
    tables_audit,
    tables_changes,
    tables_demand,
    tables_feedback,
    tables_issues,
    tables_ledger,
    tables_observability,
    tables_parties,
    tables_payouts,
    tables_people,
    tables_projects,
    tables_sealing,
    tables_settlements,
    tables_support,
)

__all__ = ["TABLES", "metadata"]

metadata = tables.metadata
TABLES = (
    tables,
    tables_assignments,
    tables_audit,
    tables_changes,
    tables_demand,
    tables_feedback,
    tables_issues,
    tables_ledger,
    tables_observability,
    tables_parties,
    tables_payouts,
    tables_people,
    tables_projects,
    tables_sealing,
    tables_settlements,
    tables_support,
)
"""The modules that declare tables; importing them is what puts their tables into ``metadata``."""
