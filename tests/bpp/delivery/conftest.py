"""The delivery loop runs on real databases of both kinds."""

from __future__ import annotations

from tests.support.storages import (
    database,
    logs,
    postgres_database,
    postgres_template,
    sqlite_database,
    sqlite_template,
    storage,
    storages,
)

__all__ = [
    "database",
    "logs",
    "postgres_database",
    "postgres_template",
    "sqlite_database",
    "sqlite_template",
    "storage",
    "storages",
]
