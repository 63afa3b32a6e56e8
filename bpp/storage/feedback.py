"""Ratings and feedback, on a database."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection


class SqlFeedback:
    """See ``bpp.storage.ports_feedback.Feedback``."""

    def __init__(self, connection: AsyncConnection) -> None:
        """On the unit's connection."""
        self._connection = connection
