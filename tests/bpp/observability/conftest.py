"""The pusher is tested on both databases."""

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
