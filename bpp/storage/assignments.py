"""The choices of workers, with their reasons, on a database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlAssignments:
    """See ``bpp.storage.ports_assignments.Assignments``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection
