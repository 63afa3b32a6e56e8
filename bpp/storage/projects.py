"""Project work: requirements, bids, agreements, milestones, on a database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlProjects:
    """See ``bpp.storage.ports_projects.Projects``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection
