"""Empanelment and bank details of providers and workers, on a database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlParties:
    """See ``bpp.storage.ports_parties.Parties``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection
