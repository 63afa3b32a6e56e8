"""What copies of either database have in common."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

NOT_COUNTED = "alembic_version"
"""The one table that is none of ours, and says what the others are like."""

NEWEST_SEAL = "SELECT number || ':' || hash FROM audit_seals ORDER BY number DESC LIMIT 1"
"""The head of the audit chain, as ``bpp audit head`` tells it."""
AFTER_RESTORE = (
    "UPDATE outbox SET leased_until = NULL",
    "UPDATE timers SET leased_until = NULL",
    "DELETE FROM peers",
)
"""Leases belong to processes that are no more, and a peer that failed then may be well."""
NOT_RESTORED = frozenset({"sessions", "sign_in_codes", "audit_lease"})
"""Tables of which nothing comes back, where a copy has them: who signed out since stays outside, and nobody seals."""


class BackupRefused(Exception):
    """A backup that cannot be made, is not whole, or may not be restored here; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """Of a copy: the revision of its schema, how many rows it has of each table, and the head of its audit chain."""

    revision: str
    counts: Mapping[str, int]
    head: str = ""

    def is_as(self, other: Copied) -> bool:
        """Whether it is what another program said of it, which may have known fewer tables than there are."""
        return self.revision == other.revision and other.counts.items() <= self.counts.items()


def on_disk(path: Path) -> None:
    """What was written to a file, or happened to the names in a folder, survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
